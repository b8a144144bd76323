"""A counted share by segment in two periods: by depot, channel or country, where facts say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose

from django.core.exceptions import FieldError
from django.db.models import Count, F, QuerySet, Sum

from customers.models import Interaction, Purchase, PurchaseLine
from metrics.indicators.declaration import NotCountable, conditions_of, source_of
from metrics.indicators.periods import Period
from metrics.indicators.sources import Table
from metrics.models import Figure, Measure, MetricVersion

LEAST_IN_A_SEGMENT = 10
MOST_SEGMENTS = 8
OTHERS = "others"
CUSTOMER = "record__customer"
WAYS = {
    Interaction: {
        "site": "site",
        "channel": f"{CUSTOMER}__channel",
        "country": f"{CUSTOMER}__country",
    },
    Purchase: {"channel": "channel", "country": f"{CUSTOMER}__country"},
    PurchaseLine: {
        "channel": "purchase__channel",
        "country": f"purchase__{CUSTOMER}__country",
    },
}

Counts = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Split:
    """by: what the segments are; numerator and denominator of each, before and after."""

    by: str
    before: Counts
    after: Counts


def split_of(version: MetricVersion, before: Figure, after: Figure) -> Split | None:
    """The first way to split these two figures whose parts add up to both; None without one.

    Small segments are told as one, so that no cell speaks of a few people.
    """
    sides = {measure.side: measure for measure in version.measures.all()}
    if len(sides) < 2 or before.denominator is None or after.denominator is None:
        return None
    try:
        tables = {side: _rows(measure, before) for side, measure in sides.items()}
    except NotCountable:
        return None
    if None in tables.values():
        return None
    shared = set.intersection(*(set(WAYS.get(rows.model, {})) for rows in tables.values()))
    for by in ("site", "channel", "country"):
        if by in shared:
            old, new = _counts(sides, before, by), _counts(sides, after, by)
            if old and new and len(set(old) | set(new)) > 1:
                return Split(by, *_without_small(old, new))
    return None


def _rows(measure: Measure, figure: Figure) -> QuerySet | None:
    """The rows that this side counts; None where they cannot be told apart by segment."""
    source = source_of(measure)
    if not isinstance(source.data, Table) or measure.aggregate == Measure.Aggregate.DISTINCT:
        return None
    found = source.data.rows(Period(figure.starts_on, figure.ends_on))
    if len(found) != 1 or found[0].query.group_by is not None:
        return None
    where = conditions_of(measure)
    return found[0].filter(where) if where else found[0]


def _counts(sides: Mapping[str, Measure], figure: Figure, by: str) -> Counts:
    """Both sides by segment; empty where they do not add up to the figure."""
    numerators = _side(sides[Measure.Side.NUMERATOR], figure, by)
    denominators = _side(sides[Measure.Side.DENOMINATOR], figure, by)
    adds_up = isclose(sum(numerators.values()), figure.numerator, rel_tol=1e-6) and isclose(
        sum(denominators.values()), figure.denominator or 0.0, rel_tol=1e-6
    )
    is_whole = set(numerators) <= set(denominators)
    if not (adds_up and is_whole):
        return {}
    return {name: (numerators.get(name, 0.0), weight) for name, weight in denominators.items()}


def _side(measure: Measure, figure: Figure, by: str) -> dict[str, float]:
    rows = _rows(measure, figure)
    column = source_of(measure).column(measure.field) if measure.field else "pk"
    total = Count("pk") if measure.aggregate == Measure.Aggregate.COUNT else Sum(column)
    try:
        found = rows.order_by().values(segment=F(WAYS[rows.model][by])).annotate(total=total)
        return {row["segment"] or "not known": float(row["total"] or 0) for row in found}
    except FieldError:
        return {}


def _without_small(before: Counts, after: Counts) -> tuple[Counts, Counts]:
    names = sorted(set(before) | set(after), key=lambda name: -after.get(name, (0, 0))[1])
    large = [
        name
        for name in names
        if min(before.get(name, (0, 0))[1], after.get(name, (0, 0))[1]) >= LEAST_IN_A_SEGMENT
    ][:MOST_SEGMENTS]
    return _joined(before, large), _joined(after, large)


def _joined(counts: Counts, large: list[str]) -> Counts:
    kept = {name: counts[name] for name in large if name in counts}
    rest = [pair for name, pair in counts.items() if name not in large]
    if rest:
        kept[OTHERS] = (sum(pair[0] for pair in rest), sum(pair[1] for pair in rest))
    return kept
