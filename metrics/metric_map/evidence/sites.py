"""Two metrics by site or by staff group, month by month."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from django.db.models import Count
from numpy.typing import NDArray

from customers.models import Interaction, StaffMonth
from metrics.effects.evidence.linking import Units
from metrics.effects.evidence.windows import ratio
from metrics.metric_map.evidence.measures import Array, Facts
from metrics.metric_map.evidence.reading import Span, by_customer, by_site
from metrics.models import MetricVersion


@dataclass(frozen=True)
class Sites:
    """Of one run; what was read of a metric is kept."""

    facts: Facts
    _own: dict[int, Array | None] = field(default_factory=dict)
    _by_customers: dict[int, Array | None] = field(default_factory=dict)

    def between(self, child: MetricVersion, parent: MetricVersion) -> Units | None:
        """Both by site or staff group; None where they have none in common.

        What is known of customers only is counted for the group that has most to do with each.
        """
        if self.facts.span is None or not self.facts.sites:
            return None
        x, y = self._values(child), self._values(parent)
        if x is None and y is not None:
            x = self._by_own_group(child)
        elif y is None and x is not None:
            y = self._by_own_group(parent)
        if x is None or y is None:
            return None
        both = np.isfinite(x).any(axis=1) & np.isfinite(y).any(axis=1)
        return Units(x[both], y[both]) if both.sum() >= 2 else None

    def _values(self, version: MetricVersion) -> Array | None:
        if version.pk not in self._own:
            self._own[version.pk] = values_by_site(version, self.facts)
        return self._own[version.pk]

    def _by_own_group(self, version: MetricVersion) -> Array | None:
        if version.pk not in self._by_customers:
            self._by_customers[version.pk] = self._added_up(version)
        return self._by_customers[version.pk]

    def _added_up(self, version: MetricVersion) -> Array | None:
        if version.way != MetricVersion.Way.COUNTED:
            return None
        sides = by_customer(version, self.facts.known_span)
        if sides is None or sides.denominator is None:
            return None
        known, shape = self._group >= 0, (len(self.facts.sites), self.facts.known_span.months)
        top, under = np.zeros(shape), np.zeros(shape)
        np.add.at(top, self._group[known], sides.numerator[known])
        np.add.at(under, self._group[known], sides.denominator[known])
        return ratio(top, under, sides.scale)

    @cached_property
    def _group(self) -> NDArray[np.int64]:
        return _own_group(self.facts.known_span, self.facts.sites)


def values_by_site(version: MetricVersion, facts: Facts) -> Array | None:
    """(sites, months), in the metric's unit; None where its facts know no sites."""
    if version.way != MetricVersion.Way.COUNTED or facts.span is None:
        return None
    sides = by_site(version, facts.span, facts.sites)
    if sides is None or sides.denominator is None:
        return None
    return ratio(sides.numerator, sides.denominator, sides.scale)


def _own_group(span: Span, sites: list[str]) -> NDArray[np.int64]:
    """(customers,): place of the staff group that dealt with each most often; -1 where none did."""
    groups = StaffMonth.objects.values("group")
    dealt = Interaction.objects.filter(
        site__in=groups, record__customer__isnull=False, happened_on__lte=span.last
    )
    rows = dealt.values_list("record__customer", "site").annotate(times=Count("pk"))
    own = {customer: site for customer, site, _ in rows.order_by("times", "-site")}
    place = {name: at for at, name in enumerate(sites)}
    found = [place.get(own.get(one, ""), -1) for one in span.customers.tolist()]
    return np.array(found, dtype=np.int64)
