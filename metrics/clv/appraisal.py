"""The whole road in one call: from purchase days to what customers are worth, and how surely."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.clv.families import AUTO, FAMILIES
from metrics.clv.fit import Caution
from metrics.clv.learning.choice import Status
from metrics.clv.learning.crowd import crowd_of
from metrics.clv.learning.findings import Findings, Terms, find
from metrics.clv.learning.plans import carried_out
from metrics.clv.purchases.histories import (
    DAYS_IN,
    EARLIEST,
    Day,
    Histories,
    PurchaseDays,
    Unit,
    as_days,
)
from metrics.clv.purchases.ledger import purchase_columns
from metrics.clv.worth.cash import Horizon
from metrics.clv.worth.customers import Worth, chances, doubt_of, parameter_spread, worth_of
from metrics.clv.worth.uncertainty import Doubt

LONGEST_TEST = 182
"""Days; half a year is held out, or a third of the time known where that is less."""

MOST_TESTS = 4


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What the customers known at `histories.until` are worth. Arrays follow histories.customer.

    clv_low, clv_high: 5 and 95 % bounds of the total; None where nothing was tested or the
    doubt is so large that bounds say nothing. dropped: customers left out of a step, by reason.
    """

    histories: Histories
    findings: Findings
    worth: Worth
    horizon: Horizon
    doubt: Doubt
    clv_total: float
    clv_low: float | None
    clv_high: float | None
    dropped: dict[str, int]

    @property
    def warnings(self) -> tuple[Caution, ...]:
        return self.findings.warnings

    @property
    def status(self) -> Status:
        return Status.WITH_WARNINGS if self.warnings else Status.GOOD

    @property
    def clv_mean(self) -> float:
        return self.clv_total / len(self.histories)


def appraise(
    customer: ArrayLike,
    day: ArrayLike,
    amount: ArrayLike,
    *,
    until: Day,
    tests: tuple[tuple[Day, Day], ...] = (),
    unit: Unit = "week",
    model: str = AUTO,
    months: int = 12,
    yearly_rate: float = 0.10,
    margin: float = 0.3,
    cost: float = 0.0,
) -> Appraisal:
    """Value every customer who bought by `until`, from purchase days in any order.

    customer: whole numbers; day: datetime64[D] or whole days since 1970-01-01; amount: currency,
    zero or more; margin: share of the amount that stays; cost: to serve a purchase day. tests:
    (as-of day, last day held out), the contest's first. model: a key of FAMILIES, or "auto" for
    the one that foretells the first test best; without a test, the first that the purchases bear.
    Raises TooLittleData, FitFailed or ImpossibleValue with the sentence for the person, and
    ValueError for input that cannot be.
    """
    horizon = Horizon(months, yearly_rate)
    purchases = PurchaseDays(*purchase_columns(customer, day, amount))
    terms = terms_of(purchases, until, tests, unit, model)
    if not np.isfinite(margin) or not np.isfinite(cost):
        raise ValueError("margin and cost must be numbers")
    crowd = crowd_of(purchases, terms.tested_to, unit, terms.since)
    findings = carried_out(find(terms), crowd)
    histories = crowd.views[terms.until].histories
    chance = chances(findings, (terms.until - terms.since) / DAYS_IN[unit], horizon, unit)
    worth = worth_of(histories, findings, chance, horizon, margin, cost)
    total = float(worth.clv.sum())
    variance = 0.0 if worth.variance is None else float(worth.variance.sum())
    spread = parameter_spread(findings, horizon, unit, margin, cost)
    doubt = doubt_of(findings, total, variance, spread)
    low, high = doubt.interval(total) or (None, None)
    return Appraisal(
        histories=histories,
        findings=findings,
        worth=worth,
        horizon=horizon,
        doubt=doubt,
        clv_total=total,
        clv_low=low,
        clv_high=high,
        dropped=_dropped(purchases, histories, findings),
    )


def terms_of(
    purchases: PurchaseDays, until: Day, tests: tuple[tuple[Day, Day], ...], unit: Unit, model: str
) -> Terms:
    """The question as days since 1970-01-01; ValueError for one that cannot be asked."""
    if model not in (AUTO, *FAMILIES):
        raise ValueError(f"the model must be auto or one of {', '.join(FAMILIES)}, not {model!r}")
    if unit not in DAYS_IN:
        raise ValueError(f"the unit must be one of {', '.join(DAYS_IN)}, not {unit!r}")
    days = tuple((int(as_days(as_of)), int(as_days(last))) for as_of, last in tests)
    if any(last <= as_of for as_of, last in days):
        raise ValueError("a test must end after the day that it is known to")
    if len(dict(days)) < len(days):
        raise ValueError("two tests must not begin on the same day")
    contenders = tuple(FAMILIES) if model == AUTO else (model,)
    last_day = int(as_days(until))
    since = int(min(purchases.day.min(initial=last_day), last_day))
    if since < EARLIEST:
        raise ValueError("a purchase must not be older than 1900-01-01")
    if any(as_of < since for as_of, _ in days):
        raise ValueError("a test must not begin before the first purchase, when nobody is known")
    return Terms(last_day, since, unit, model, contenders, days)


def windows_before(since: int, until: int) -> tuple[tuple[int, int], ...]:
    """Windows to test in, the latest first: one after the other, each as long as the first.

    Half a year, or a third of the days known where that is less; a test is known from at least
    as many days as it looks ahead.
    """
    length = min(LONGEST_TEST, (until - since) // 3)
    ends = [until - number * length for number in range(MOST_TESTS)]
    return tuple((end - length, end) for end in ends if length and end - 2 * length >= since)


def _dropped(purchases: PurchaseDays, histories: Histories, findings: Findings) -> dict[str, int]:
    later = np.unique(purchases.customer[purchases.day > histories.until])
    unknown = int(np.count_nonzero(~np.isin(later, histories.customer)))
    x, mean_spend = histories.x, histories.mean_spend
    reasons = {"bought only after the as-of day": unknown}
    if findings.spend is not None:
        reasons |= {
            "not used to learn spend: no repeat purchase": int(np.count_nonzero(x == 0)),
            "not used to learn spend: repeat purchases of zero amount": int(
                np.count_nonzero((x > 0) & (mean_spend <= 0))
            ),
        }
    return {reason: count for reason, count in reasons.items() if count}
