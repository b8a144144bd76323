"""A declared measure, as the database counts it and as people read it."""

from collections.abc import Iterable

from django.db.models import Q

from metrics.indicators.sources import SOURCES, Field, Kind, Source
from metrics.models import Condition, Measure

Comparison = Condition.Comparison
MEDIAN_STANDS_ALONE = "A median is divided by nothing."
LOOKUPS = {Comparison.EQUAL: "exact"}


class NotCountable(Exception):
    """The declaration asks for something that its source does not offer, said in a sentence."""


def hold_to_source(measure: Measure) -> None:
    """Raises NotCountable where the measure asks for something that its source does not offer."""
    source = source_of(measure)
    conditions_of(measure)
    if measure.aggregate == Measure.Aggregate.COUNT:
        return
    field = field_of(source, measure.field)
    if measure.aggregate == Measure.Aggregate.SUM and not field.kind.adds_up:
        raise NotCountable(f"“{field.label}” cannot be added up.")
    if measure.aggregate == Measure.Aggregate.MEDIAN and not field.kind.has_middle:
        raise NotCountable(f"“{field.label}” has no median.")


def conditions_of(measure: Measure) -> Q | None:
    """All conditions of the measure together; None without any. Raises NotCountable."""
    source = source_of(measure)
    where = Q()
    for condition in measure.conditions.all():
        where &= _where(source, condition)
    return where or None


def source_of(measure: Measure) -> Source:
    if measure.source not in SOURCES:
        raise NotCountable(f"There is no source “{measure.source}”.")
    return SOURCES[measure.source]


def field_of(source: Source, name: str) -> Field:
    if name not in source.fields:
        raise NotCountable(f"There is no field “{name}” in {source.label}.")
    return source.fields[name]


def counts_money(measure: Measure) -> bool:
    """Whether the measure comes to an amount of money. Raises NotCountable."""
    is_amount = measure.aggregate in {Measure.Aggregate.SUM, Measure.Aggregate.MEDIAN}
    return is_amount and field_of(source_of(measure), measure.field).kind is Kind.MONEY


def problem_of(measures: Iterable[Measure]) -> str:
    """Why these measures cannot be counted, as one sentence; "" where they can."""
    measures = list(measures)
    if len(measures) > 1 and any(one.aggregate == Measure.Aggregate.MEDIAN for one in measures):
        return MEDIAN_STANDS_ALONE
    try:
        for measure in measures:
            hold_to_source(measure)
    except NotCountable as problem:
        return str(problem)
    return ""


def in_words(measure: Measure, currency: str) -> str:
    """ "Number of customers so far where days since the last purchase is less than 127", "Number
    of deliveries due, counting only what was late"."""
    source = source_of(measure)
    if measure.aggregate == Measure.Aggregate.COUNT:
        counted = f"Number of {source.label}"
    else:
        what = field_of(source, measure.field).label
        counted = f"{measure.get_aggregate_display()} {what}, in {source.label}"
    told = [
        (field_of(source, condition.field), _told(source, condition, currency))
        for condition in measure.conditions.all()
    ]
    return f"{counted}{narrowed(told)}"


def narrowed(conditions: Iterable[tuple[Field, str]]) -> str:
    """Conditions, each with its field, as they stand behind what is counted; "" for none:
    " where cost ≥ 5, counting only what was late"."""
    told = list(conditions)
    where = " and ".join(words for field, words in told if field.kind is not Kind.TRUTH)
    only = " and ".join(words for field, words in told if field.kind is Kind.TRUTH)
    return (f" where {where}" if where else "") + (f", counting only what {only}" if only else "")


def _where(source: Source, condition: Condition) -> Q:
    kind = field_of(source, condition.field).kind
    if kind is Kind.NAME:
        raise NotCountable(f"“{source.fields[condition.field].label}” cannot be compared.")
    lookup = LOOKUPS.get(condition.comparison, condition.comparison)
    value = float(condition.value)
    if kind is Kind.TRUTH:
        value = bool(value)
        lookup = "exact"
    return Q((f"{source.column(condition.field)}__{lookup}", value))


def _told(source: Source, condition: Condition, currency: str) -> str:
    field = field_of(source, condition.field)
    if field.kind is Kind.TRUTH:
        return field.label if condition.value else field.denied
    value = f"{condition.value.normalize():,f}"
    if field.kind is Kind.MONEY:
        value = f"{currency} {value}"
    return f"{field.label} {condition.get_comparison_display()} {value}"
