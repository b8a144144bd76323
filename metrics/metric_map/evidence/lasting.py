"""How long what a customer lived through stays with them, and how many it reaches."""

import numpy as np
from numpy.typing import NDArray

from metrics.effects.evidence.windows import carried_forward
from metrics.indicators.counting import Counted, counting_by
from metrics.indicators.sources import SOURCES
from metrics.metric_map.evidence.measures import Array, Facts
from metrics.metric_map.evidence.reading import of_customers
from metrics.models import Measure, MetricVersion

ANSWERS = {"surveys"}
"""Known only of who was asked, though all have an opinion."""

ACTS = {"calls", "offers", "contacts", "visits", "installs", "referrals"}
"""Done once, and over."""

TROUBLES = {"tickets", "returns"}
"""They come with some orders only: the next order without one ends it."""

DELIVERIES = Counted("deliveries", Measure.Aggregate.COUNT)


def lasting(version: MetricVersion, lived: Array, delivered: NDArray[np.bool_]) -> Array:
    """What still counts in each month, NaN where nothing does.

    What customers lived through lasts until the next of its kind, and a trouble until a delivery
    that went without: people go by the last order that they had. An answer or an act does not last.
    """
    source = source_of(version)
    if source in ANSWERS | ACTS:
        return lived
    return carried_forward(lived, delivered if source in TROUBLES else None)


def delivered(facts: Facts) -> NDArray[np.bool_]:
    """(customers, months): whether goods came; bought, where deliveries are not known."""
    found = of_customers(DELIVERIES, facts.known_span, felt=True)
    return np.asarray((found if found.any() else facts.bought) > 0)


def reach(version: MetricVersion, lived: Array, said: Array, lag: int) -> float:
    """Share of what was measured of customers that came lag months after it happened, [0, 1].

    A metric of tickets moves one of customers only by those who had a ticket. 1 for opinions, and
    for what is looked at in its own month, where both are of the same events.
    """
    if source_of(version) in ANSWERS or not lag:
        return 1.0
    told = np.isfinite(said[:, lag:])
    happened = told & np.isfinite(lived[:, :-lag])
    return float(happened.sum() / max(told.sum(), 1))


def are_of_one_event(child: MetricVersion, parent: MetricVersion) -> bool:
    """Whether both tell of the same calls, or invoices: then the one shows in the other at once."""
    kinds = [
        frozenset().union(*(SOURCES[side.source].facts for side in _sides(one)))
        for one in (child, parent)
    ]
    return bool(kinds[0] & kinds[1])


def _sides(version: MetricVersion) -> list[Counted]:
    counting = counting_by(version)
    return [side for side in (counting.numerator, counting.denominator) if side]


def source_of(version: MetricVersion) -> str:
    numerator = counting_by(version).numerator
    return numerator.source if numerator else ""
