"""Metrics as what customers and sites lived through, in the metric's own unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from customers.models import Company
from metrics.effects.evidence.customers import Experiences
from metrics.effects.evidence.windows import carried_forward, months_since, ratio, totals
from metrics.indicators.counting import Counting, counting_by
from metrics.indicators.sources import SOURCES
from metrics.indicators.sources.purchases import PURCHASES
from metrics.metric_map.evidence.known_sites import known_sites
from metrics.metric_map.evidence.reading import Span, by_customer, signs_of_life
from metrics.models import MetricVersion
from metrics.value.storage.reading import PurchaseDays, read_purchase_days

Array = NDArray[np.float64]

MOST_CUSTOMERS = 30_000
"""More would only take longer: the error of a slope is far below its meaning by then."""

PERIODS_A_MONTH = {"day": 365.25 / 12, "week": 365.25 / 84, "month": 1.0, "quarter": 1 / 3}
LONGEST_MONTHS = 60
KEEPS = {"gte", "gt", "eq"}


@dataclass(frozen=True)
class Facts:
    """What the metrics of one run are read from: the months up to a day, and their customers."""

    as_of: date
    days: PurchaseDays

    @classmethod
    def until(cls, as_of: date) -> "Facts":
        return cls(as_of, read_purchase_days(as_of))

    @cached_property
    def span(self) -> Span | None:
        """The whole months that are complete; None before the second."""
        if not len(self.days.day):
            return None
        last = (self.as_of + timedelta(1)).replace(day=1) - timedelta(1)
        first = self.days.day.min().astype("datetime64[D]").item().replace(day=1)
        earliest = np.datetime64(last, "M") - LONGEST_MONTHS + 1
        first = max(first, earliest.astype("datetime64[D]").item())
        if first >= last:
            return None
        return Span(first, last, _some(np.unique(self.days.customer)))

    @property
    def known_span(self) -> Span:
        """The same. Raises ValueError where there is none."""
        if self.span is None:
            raise ValueError("there is no whole month of purchases yet")
        return self.span

    @property
    def stands_for(self) -> float:
        """How many customers each one that is looked at stands for."""
        return len(np.unique(self.days.customer)) / len(self.known_span.customers)

    @cached_property
    def bought(self) -> Array:
        """(customers, months): days with a purchase."""
        span = self.known_span
        place = np.searchsorted(span.customers, self.days.customer)
        place = np.minimum(place, len(span.customers) - 1)
        own = span.customers[place] == self.days.customer
        month = months_since(span.first, self.days.day[own])
        return totals(place[own], month, 1.0, span.shape)

    @cached_property
    def heard_of(self) -> NDArray[np.bool_]:
        """(customers, months): whether they bought, answered, asked or sent something back."""
        return (self.bought + signs_of_life(self.known_span)) > 0

    @cached_property
    def is_customer(self) -> NDArray[np.bool_]:
        """From the month of the first purchase on."""
        return np.cumsum(self.bought, axis=1) > 0

    @cached_property
    def history(self) -> dict[str, Array]:
        """Months since the last purchase, and purchases so far: known as the month begins."""
        months = np.arange(self.bought.shape[1])
        last = carried_forward(np.where(self.bought > 0, months, np.nan))
        recency = np.full(self.bought.shape, np.nan)
        recency[:, 1:] = months[1:] - last[:, :-1]
        before = np.cumsum(self.bought, axis=1) - self.bought
        return {"recency": recency, "purchases so far": np.log1p(before)}

    @cached_property
    def sites(self) -> list[str]:
        return known_sites()

    def lapsed_after(self) -> int:
        """Whole months of silence after which a customer is held to have left."""
        days = Company.objects.current().lapsed_after_days
        return max(1, int(np.ceil(days / 30.44)))


def _some(customers: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most so many, evenly over their keys."""
    return customers[:: -(-len(customers) // MOST_CUSTOMERS)] if len(customers) else customers


def exposure_of(version: MetricVersion, facts: Facts) -> Array | None:
    """What each customer lived through by month, in the metric's unit.

    A rate over the customer's own events, NaN in months without any; a plain count is of the month,
    from the first purchase on. By the day on which it was felt.
    """
    return _by_customer(version, facts, felt=True)


def outcome_of(version: MetricVersion, facts: Facts) -> Array | None:
    """What each customer did or said by month, in the metric's unit; NaN where nothing was."""
    return _by_customer(version, facts, felt=False)


def _by_customer(version: MetricVersion, facts: Facts, felt: bool) -> Array | None:
    span = facts.span
    if version.way != MetricVersion.Way.COUNTED or span is None:
        return None
    sides = by_customer(version, span, felt=felt)
    if sides is None or not sides.numerator.any():
        return None
    if sides.denominator is not None:
        return ratio(sides.numerator, sides.denominator, sides.scale)
    a_period = sides.scale / PERIODS_A_MONTH[version.grain]
    return np.where(facts.is_customer, a_period * sides.numerator, np.nan)


def experiences_of(
    child: Array, parent: Array, facts: Facts, beside: Mapping[str, Array]
) -> Experiences:
    return Experiences(child, parent, {**facts.history, **beside})


def keeps_customers(version: MetricVersion) -> int:
    """1 for a share of customers who stay, -1 for one who leave, 0 for any other metric."""
    if version.way != MetricVersion.Way.COUNTED:
        return 0
    counting: Counting = counting_by(version)
    top, under = counting.numerator, counting.denominator
    if top is None or under is None or not SOURCES[top.source].is_state:
        return 0
    bought_again = [comparison for field, comparison, _ in top.where if field == "days_365"]
    if top.source != under.source or not bought_again:
        return 0
    return 1 if bought_again[0] in KEEPS else -1


def is_of_purchases(version: MetricVersion) -> bool:
    """Then it says nothing of who leaves, since leaving is itself told by purchases."""
    numerator = counting_by(version).numerator
    return numerator is not None and numerator.source in PURCHASES
