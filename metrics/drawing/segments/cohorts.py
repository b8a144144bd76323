"""The retention triangle: of those who first bought in a month, who buys so many months later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from metrics.drawing.segments.groups import heat_of

MOST_COHORTS = 36
MOST_MONTHS = 36


class Bought(Protocol):
    """So many of a cohort bought so many months after its month; 0 months are all of it."""

    cohort: date
    months_since: int
    customers: int


@dataclass(frozen=True)
class Cell:
    """Of a cohort, in whole percent as text."""

    text: str
    heat: int


@dataclass(frozen=True)
class CohortRow:
    """A month's newcomers; cells from the first month after on, as far as whole months go."""

    cohort: date
    customers: int
    is_hidden: bool
    cells: list[Cell]


@dataclass(frozen=True)
class CohortTriangle:
    """months: 1, 2, ... for the columns. means: of all cohorts that reach so far, in percent.

    unfinished: the month that as-of lies in, where it is not over; it is left out.
    """

    months: list[int]
    rows: list[CohortRow]
    means: list[str]
    unfinished: date | None
    is_cut: bool


def cohort_triangle(
    bought: Sequence[Bought], as_of: date, smallest_group: int
) -> CohortTriangle | None:
    """The newest cohorts in order, None where no cohort has seen a whole month after its own."""
    last = _month_number(as_of) - (0 if _ends_month(as_of) else 1)
    counts = {(each.cohort, each.months_since): each.customers for each in bought}
    known = sorted({cohort for cohort, _ in counts if _month_number(cohort) <= last})
    cohorts = known[-MOST_COHORTS:]
    spans = {cohort: min(last - _month_number(cohort), MOST_MONTHS) for cohort in cohorts}
    if not any(spans.values()):
        return None
    sizes = {cohort: counts.get((cohort, 0), 0) for cohort in cohorts}
    hidden = {cohort for cohort, customers in sizes.items() if customers < smallest_group}
    shares = {
        cohort: [
            (counts.get((cohort, since), 0), counts.get((cohort, since), 0) / (sizes[cohort] or 1))
            for since in range(1, spans[cohort] + 1)
        ]
        for cohort in cohorts
    }
    shown = [line for cohort, line in shares.items() if cohort not in hidden]
    highest = max((share for line in shown for _, share in line), default=0.0)
    months = list(range(1, max(spans.values()) + 1))
    return CohortTriangle(
        months=months,
        rows=[
            CohortRow(
                cohort=cohort,
                customers=sizes[cohort],
                is_hidden=cohort in hidden,
                cells=[
                    Cell(f"{100 * share:.0f}", heat_of(share, highest))
                    for _, share in shares[cohort]
                ],
            )
            for cohort in cohorts
        ],
        means=[f"{100 * _mean(shares, sizes, since):.0f}" for since in months],
        unfinished=None if _ends_month(as_of) else as_of.replace(day=1),
        is_cut=len(known) > len(cohorts) or last - _month_number(cohorts[0]) > MOST_MONTHS,
    )


def _mean(shares: dict, sizes: dict, since: int) -> float:
    """Of all customers of the cohorts that have seen this month, the share that bought in it."""
    reached = [cohort for cohort, line in shares.items() if len(line) >= since]
    bought = sum(shares[cohort][since - 1][0] for cohort in reached)
    return bought / (sum(sizes[cohort] for cohort in reached) or 1)


def _month_number(day: date) -> int:
    return 12 * day.year + day.month


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1
