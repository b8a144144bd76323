"""A valuation by many workers: its plan, a round of questions at a time.

Tasks are the truth. What the rounds have found is replayed from their answers by whoever needs it,
so a worker that dies costs its task, and two workers that take the same step agree on it.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone

from customers.models import WorkMoved
from metrics.clv.learning.findings import Findings, Terms, find
from metrics.clv.learning.plans import Plan, Questions
from metrics.clv.purchases.histories import Array
from metrics.models import CustomerValue, Shard, ShardTask, Valuation
from metrics.value.together.letters import read_back, unpacked, written

READING = 0
"""The round in which shards are read; the plan's questions begin in the next."""


class ShardLost(ArithmeticError):
    """A shard's task was given up; carries the sentence for the person."""


@transaction.atomic
def begin(valuation: Valuation, terms: Terms) -> None:
    """Ask every shard to read its purchases.

    A further attempt goes on from the rounds that are there; one asked for anew starts over.
    """
    if valuation.attempt > 1 and valuation.shard_tasks.exists():
        return
    forget(valuation)
    valuation.shard_tasks.all().delete()
    CustomerValue.objects.filter(valuation=valuation).delete()
    valuation.advance(-valuation.steps_done, steps_total=0)
    _ask(valuation, ShardTask.Kind.READ, READING, [terms])


def forget(valuation: Valuation) -> None:
    """Drop the purchases that shards have kept, and what nobody has to answer any more; answers
    stay."""
    Shard.objects.filter(valuation=valuation).delete()
    valuation.shard_tasks.open().delete()


def hold(valuation: Valuation) -> Valuation:
    """The valuation as it is now, for this transaction alone. WorkMoved where it is over."""
    held = Valuation.objects.select_for_update(no_key=True).get(pk=valuation.pk)
    if held.status != Valuation.Status.RUNNING:
        raise WorkMoved(valuation.pk)
    return held


def take_step(valuation: Valuation) -> bool:
    """Ask the next questions where the last are answered; whether every customer is valued.

    For any worker at any time. Raises TooLittleData, FitFailed, ImpossibleValue or ShardLost,
    each with the sentence for the person.
    """
    tasks = _last_round(valuation)
    for task in tasks:
        if task.status == ShardTask.Status.FAILED:
            raise ShardLost(task.failure)
    if not tasks:
        return False
    if any(task.status != ShardTask.Status.DONE for task in tasks):
        # Whoever waits for others follows the plan, so as not to have to at a step of its own
        _replay(valuation).after(max(tasks[0].round - 1, READING))
        return False
    if tasks[0].kind == ShardTask.Kind.SCORE:
        return True
    _ask_next(valuation, tasks[0].round)
    return False


def scored(valuation: Valuation) -> list[list[Array]]:
    """What each shard answered when it had valued its customers."""
    tasks = valuation.shard_tasks.filter(kind=ShardTask.Kind.SCORE).order_by("shard")
    return [unpacked(task.answer) for task in tasks]


def findings_of(valuation: Valuation) -> Findings:
    """The findings of a valuation whose plan has come to its end."""
    rounds = valuation.shard_tasks.filter(kind=ShardTask.Kind.ANSWER).order_by("round")
    return _replay(valuation).ended(rounds.values_list("round", flat=True).last() or READING)


def terms_of(valuation: Valuation) -> Terms:
    """What is asked of the customers, as it was written down when the shards were read."""
    terms: Terms = read_back(_first_task(valuation).questions[0])
    return terms


def run_of(valuation: Valuation) -> tuple[int, datetime]:
    """What tells this run from one begun anew: its first task, and when that was asked."""
    first = _first_task(valuation)
    return first.pk, first.asked_at


def keep_alive() -> None:
    """Renew the lease of valuations that wait for shards: each task has a lease of its own.

    Of those that were given up, drop what `forget` would have.
    """
    failed = Valuation.Status.FAILED
    Shard.objects.filter(valuation__status=failed).delete()
    ShardTask.objects.open().filter(valuation__status=failed).delete()
    waiting = ShardTask.objects.open().values("valuation")
    running = Valuation.objects.filter(pk__in=waiting, status=Valuation.Status.RUNNING)
    running.update(heartbeat_at=timezone.now())


class Replay:
    """A plan in this process, brought forward by the stored answers of one round after another."""

    def __init__(self, valuation: Valuation) -> None:
        self._valuation = valuation
        self._plan: Plan[Findings] | None = None

    def after(self, answered: int) -> Questions | None:
        """What the plan asks when these rounds are answered; None where it has ended."""
        if self._plan is None or self._answered > answered:
            self._begin()
        while self._answered < answered:
            self._go_on()
        return self._asked

    def ended(self, answered: int) -> Findings:
        """What the plan has found in these rounds."""
        if self.after(answered) is not None or self._findings is None:
            raise LookupError(f"{self._valuation} has further questions to ask")
        return self._findings

    def _begin(self) -> None:
        plan = find(terms_of(self._valuation))
        self._findings: Findings | None = None
        self._asked: Questions | None = next(plan)
        self._answered = READING
        self._plan = plan

    def _go_on(self) -> None:
        # One that raises is over, so it is begun again by the next look at it
        plan, self._plan = self._plan, None
        assert plan is not None  # noqa: S101
        try:
            self._asked = plan.send(self._answers(self._answered + 1))
        except StopIteration as end:
            self._asked, self._findings = None, end.value
        self._answered += 1
        self._plan = plan

    def _answers(self, number: int) -> tuple[Array, ...]:
        """All customers' answers of one round, put together from the shards in their order."""
        tasks = self._valuation.shard_tasks.filter(round=number).order_by("shard")
        by_question = zip(*(unpacked(task.answer) for task in tasks), strict=True)
        return tuple(
            question.combine([each for each in answers if len(each)] or answers)
            for question, answers in zip(self._asked or (), by_question, strict=True)
        )


def _replay(valuation: Valuation) -> Replay:
    return _replay_from(*run_of(valuation))


@lru_cache(maxsize=2)
def _replay_from(first_task: int, asked_at: datetime) -> Replay:
    """The one replay of a run in this process; one begun anew has another first task."""
    tasks = ShardTask.objects.select_related("valuation")
    return Replay(tasks.get(pk=first_task, asked_at=asked_at).valuation)


def _first_task(valuation: Valuation) -> ShardTask:
    return valuation.shard_tasks.get(round=READING, shard=0)


def _last_round(valuation: Valuation) -> list[ShardTask]:
    last = valuation.shard_tasks.order_by("round").values_list("round", flat=True).last()
    tasks = valuation.shard_tasks.filter(round=last)
    return list(tasks.only("kind", "round", "status", "failure"))


def _ask_next(valuation: Valuation, answered: int) -> None:
    """Write the next round's tasks, unless another worker was first; the plan is asked before."""
    replay = _replay(valuation)
    asked = replay.after(answered)
    with transaction.atomic():
        held = hold(valuation)
        if held.shard_tasks.filter(round=answered + 1).exists():
            return
        if asked is None:
            held.advance(0, steps_total=replay.ended(answered).survey.customers)
            _ask(held, ShardTask.Kind.SCORE, answered + 1, [])
        else:
            held.show_life()
            _ask(held, ShardTask.Kind.ANSWER, answered + 1, asked)


def _ask(valuation: Valuation, kind: ShardTask.Kind, number: int, letters: Any) -> None:
    questions = [written(letter) for letter in letters]
    ShardTask.objects.bulk_create(
        ShardTask(
            valuation=valuation,
            kind=kind,
            round=number,
            shard=shard,
            questions=questions,
            status=ShardTask.Status.WAITING,
        )
        for shard in range(valuation.shards)
    )
