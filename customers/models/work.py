"""Work that outlives a request: claimed, leased, counted, and safe to begin again."""

import time
from typing import Any, Self

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q
from django.utils import timezone

MOST_ATTEMPTS = 5
SECONDS_WRITING = 2.0
SECONDS_OF_ROOM = 0.12  # who waits for SQLite looks again every 0.1 seconds


class WorkMoved(Exception):
    """Another worker has this piece of work, or it is over."""


class WorkQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Asked for and not over."""
        return self.filter(status__in=[Work.Status.WAITING, Work.Status.RUNNING])

    def claimable(self) -> Self:
        """Waiting, or left by a worker that gave no sign of life for longer than its lease."""
        silent = timezone.now() - settings.WORK_LEASE
        return self.filter(
            Q(status=Work.Status.WAITING) | Q(status=Work.Status.RUNNING, heartbeat_at__lt=silent)
        )

    def to_signal(self) -> list[int]:
        """Keys of what can be claimed and was not signalled within a lease, noted as signalled.

        A message may be lost, so it is sent again; not at every sweep, or the queue would fill
        with signals for work that only waits its turn.
        """
        silent = timezone.now() - settings.WORK_LEASE
        unsent = Q(signalled_at=None) | Q(signalled_at__lt=silent)
        keys = list(self.claimable().filter(unsent).order_by("pk").values_list("pk", flat=True))
        self.filter(pk__in=keys).update(signalled_at=timezone.now())
        return keys

    def claim(self, pk: int) -> Any:
        """Take this piece of work, as its next attempt. Raises WorkMoved where that is not free.

        A piece that has used up its attempts is marked as failed and not handed out.
        """
        now = timezone.now()
        free = self.claimable().filter(pk=pk)
        if free.filter(attempt__gte=MOST_ATTEMPTS).update(
            status=Work.Status.FAILED, ended_at=now, failure=GIVEN_UP
        ):
            raise WorkMoved(pk)
        if not free.update(status=Work.Status.RUNNING, attempt=F("attempt") + 1, heartbeat_at=now):
            raise WorkMoved(pk)
        return self.get(pk=pk)


GIVEN_UP = (
    f"The work stopped {MOST_ATTEMPTS} times before its end, so it is not tried again by itself."
    " Look into the worker's log, then try again."
)


class Work(models.Model):
    """A row that says what is to be done; a message to a worker is only a signal."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Not asked for yet"
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    attempt = models.PositiveSmallIntegerField(default=0)
    steps_total = models.PositiveIntegerField(default=0)
    steps_done = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    signalled_at = models.DateTimeField(null=True, help_text="When a sweep last sent a message.")
    heartbeat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = WorkQuerySet.as_manager()

    _writing_since: float | None = None

    class Meta:
        abstract = True

    @property
    def is_over(self) -> bool:
        return self.status in {self.Status.DONE, self.Status.FAILED}

    @property
    def is_going_on(self) -> bool:
        return self.status in {self.Status.WAITING, self.Status.RUNNING}

    @property
    def percent(self) -> int:
        """Steps done, in whole percent; 0 while their number is not known."""
        return 100 * self.steps_done // self.steps_total if self.steps_total else 0

    def ask(self, **values: Any) -> None:
        """Put this piece in the queue from its beginning, unless it is there already."""
        if self.is_going_on:
            raise WorkMoved(self.pk)
        self._move(
            status=self.Status.WAITING,
            attempt=0,
            steps_done=0,
            steps_total=0,
            failure="",
            signalled_at=None,
            asked_at=timezone.now(),
            ended_at=None,
            **values,
        )

    def try_again(self) -> None:
        """Put a failed piece back in the queue; it goes on where it stopped."""
        if self.status != self.Status.FAILED:
            raise WorkMoved(self.pk)
        self._move(
            status=self.Status.WAITING, attempt=0, failure="", signalled_at=None, ended_at=None
        )

    def begin(self, steps_total: int) -> None:
        self._move(steps_total=steps_total, heartbeat_at=timezone.now())

    def advance(self, steps: int, **values: Any) -> None:
        """Count steps as done; belongs in the transaction that does them."""
        self._move(steps_done=self.steps_done + steps, heartbeat_at=timezone.now(), **values)

    def show_life(self) -> None:
        """Renew the lease in the middle of a long step."""
        self._move(heartbeat_at=timezone.now())

    def let_others_write(self) -> None:
        """Pause between transactions, every few seconds, where a database has no queue of writers.

        Without it one transaction after the other finds SQLite's lock free, and whoever waits for
        it, a page or another worker, finds it taken until the database gives up.
        """
        if connection.vendor != "sqlite":
            return
        now = time.monotonic()
        if self._writing_since is None:
            self._writing_since = now
        elif now - self._writing_since >= SECONDS_WRITING:
            time.sleep(SECONDS_OF_ROOM)
            self._writing_since = time.monotonic()

    def finish(self, **values: Any) -> None:
        self._move(status=self.Status.DONE, ended_at=timezone.now(), **values)

    def fail(self, sentence: str) -> None:
        """End without a result, for a reason that somebody can read and act on."""
        self._move(status=self.Status.FAILED, ended_at=timezone.now(), failure=sentence)

    def _move(self, **values: Any) -> None:
        """Change the stored row, unless another worker changed it since we read it."""
        unmoved = type(self)._default_manager.filter(
            pk=self.pk,
            status=self.status,
            asked_at=self.asked_at,
            attempt=self.attempt,
            steps_done=self.steps_done,
        )
        if not unmoved.update(**values):
            raise WorkMoved(self.pk)
        for name, value in values.items():
            setattr(self, name, value)
