"""Which days' facts have changed, so that what is counted of them is counted anew."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain
from typing import Self

from django.db import models
from django.db.models import F, Q

MOST_STRETCHES = 20
NEAR = timedelta(7)


class ChangeQuerySet(models.QuerySet):
    def mark(self, kind: str, days: Iterable[date | None]) -> None:
        """Note, in the transaction that changes them, the days of facts that came, went or moved.

        kind: a Change.Kind or an Interaction.Kind. days: of a fact that moved, the one where it
        was too; None is skipped. Days near each other become one stretch.
        """
        known = sorted({day for day in days if day is not None})
        self.bulk_create(
            Change(kind=kind, first_on=first, last_on=last) for first, last in _stretches(known)
        )

    def mark_all(self) -> None:
        """Note that any fact may have changed: of which day is not known."""
        self.create()

    def mark_interactions(self, *facts: Iterable[tuple[str, date, date | None]]) -> None:
        """Note interactions as they were and as they are: kind, happened_on and due_on of each."""
        days = defaultdict(set)
        for kind, happened_on, due_on in chain(*facts):
            days[kind] |= {happened_on, due_on}
        for kind in sorted(days):
            self.mark(kind, days[kind])

    def taken_by(self, run: int) -> Self:
        """All changes that can be seen now, noted as this run's: those to come are the next's."""
        self.update(run=run)
        return self.filter(run=run)


class Change(models.Model):
    """Facts of one kind that changed, from one day to another. Without kind and days: all facts."""

    class Kind(models.TextChoices):
        PURCHASE = "purchase", "Order lines, orders, purchase days, rows set aside"
        CUSTOMER = "customer", "Customers that are gone, with their values"

    PURCHASE, CUSTOMER = Kind.PURCHASE, Kind.CUSTOMER

    kind = models.CharField(max_length=10, blank=True)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    run = models.PositiveBigIntegerField(
        null=True, help_text="The figure run that counts them anew."
    )

    objects = ChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="", first_on=None, last_on=None)
                | Q(
                    kind__in=[
                        *("purchase", "customer"),
                        *("dispatch", "delivery", "return", "defect", "ticket", "call", "invoice"),
                        *("survey", "offer", "referral", "visit", "install", "notice", "other"),
                    ],
                    first_on__isnull=False,
                    last_on__gte=F("first_on"),
                ),
                name="change_is_of_all_facts_or_of_one_kind_and_its_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind or 'facts'} changed (change {self.pk})"


def _stretches(days: list[date]) -> list[tuple[date, date]]:
    """The days as pairs of first and last; wider apart where there would be too many."""
    near = NEAR
    while True:
        found: list[tuple[date, date]] = []
        for day in days:
            if found and day - found[-1][1] <= near:
                found[-1] = (found[-1][0], day)
            else:
                found.append((day, day))
        if len(found) <= MOST_STRETCHES:
            return found
        near *= 2
