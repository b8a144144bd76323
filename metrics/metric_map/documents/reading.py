"""A document from its text. Every problem is found in one reading, each told in a sentence.

What a single value may be is asked of the model's own field; what the map as a whole may be is
the matter of the rules.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, DateField, EmailField, Field, FloatField, IntegerField

from customers.models import Department, User
from metrics.indicators.counting import Counted, Counting, Way
from metrics.metric_map.documents.entries import (
    LINK_DEFAULTS,
    LINK_FIELDS,
    METRIC_FIELDS,
    PEOPLE,
    LinkEntry,
    MapDocument,
    MetricEntry,
    Pair,
    UnusableDocument,
)
from metrics.metric_map.documents.yaml_text import loaded
from metrics.models import Condition, ControlAction, Link, Measure, Metric, MetricVersion
from metrics.models.indicators.version import SCALES

SIDES = tuple(Measure.Side.values)
LISTED = ("consumers", "actions")
PARTS = {"map", "metrics", "links"}
NAMED_ELSEWHERE = {
    "department": Department._meta.get_field("name"),
    "consumers": Department._meta.get_field("name"),
    "actions": ControlAction._meta.get_field("text"),
    "counter_metric": Metric._meta.get_field("key"),
    "asserted_by": User._meta.get_field("email"),
} | dict.fromkeys(PEOPLE, User._meta.get_field("email"))
LARGEST = 1e100  # and no infinity, nor what is not a number
MAY_BE_EMPTY = {*PEOPLE, "counter_metric", "asserted_by"}


def read_document(text: str) -> MapDocument:
    """The map that the text describes. Raises UnusableDocument."""
    told = loaded(text)
    problems: list[str] = []
    if not isinstance(told, dict):
        raise UnusableDocument(["A map is written as map, metrics and links."])
    problems.extend(f"A map has no “{name}”." for name in told if name not in PARTS)
    metrics = _metrics(told.get("metrics"), problems)
    links = _links(told.get("links"), problems)
    if problems:
        raise UnusableDocument(problems)
    return MapDocument(str(told.get("map") or ""), metrics, links)


def read_metric(text: str) -> MetricEntry:
    """The one metric that the text describes, as written_metric writes it."""
    problems: list[str] = []
    metrics = _metrics(loaded(text), problems)
    if problems or len(metrics) != 1:
        raise UnusableDocument(problems or ["One metric is expected, under its key."])
    return next(iter(metrics.values()))


def _metrics(told: Any, problems: list[str]) -> dict[str, MetricEntry]:
    if not isinstance(told, dict):
        problems.append("Metrics are written by their key, each with all about it below.")
        return {}
    read = (_metric(str(key), values, problems) for key, values in told.items())
    return {entry.key: entry for entry in read if entry}


def _links(told: Any, problems: list[str]) -> dict[Pair, LinkEntry]:
    if told is None:
        return {}
    if not isinstance(told, list):
        problems.append("Links are written as a list.")
        return {}
    links: dict[Pair, LinkEntry] = {}
    for number, values in enumerate(told, 1):
        entry = _link(f"link {number}", values, problems)
        if entry and entry.ends in links:
            problems.append(f"The link from {entry.child} to {entry.parent} is there twice.")
        elif entry:
            links[entry.ends] = entry
    return links


def _metric(key: str, told: Any, problems: list[str]) -> MetricEntry | None:
    about = f"metric {key}"
    if not isinstance(told, dict):
        problems.append(f"In {about}: nothing is said of it.")
        return None
    found: list[str] = []
    told = {name: "no" if name == "sensitive" and v is False else v for name, v in told.items()}
    values = _values(Metric, METRIC_FIELDS, told, {"counting"}, found)
    values["key"] = _cleaned("key", Metric._meta.get_field("key"), key, found)
    if told.get("counting") is not None:
        values["counting"] = _counting(told["counting"], found)
    problems.extend(f"In {about}: {problem}" for problem in found)
    return None if found else MetricEntry(**values)


def _link(about: str, told: Any, problems: list[str]) -> LinkEntry | None:
    if not isinstance(told, dict) or not {"child", "parent"} <= told.keys():
        problems.append(f"In {about}: it needs its child and its parent.")
        return None
    found: list[str] = []
    values = _values(Link, LINK_FIELDS, told, {"child", "parent"}, found)
    ends = {end: str(told[end]) for end in ("child", "parent")}
    about = f"{about}, from {ends['child']} to {ends['parent']}"
    problems.extend(f"In {about}: {problem}" for problem in found)
    return None if found else LinkEntry(**ends, **values)


def _counting(told: Any, problems: list[str]) -> Counting | None:
    if not isinstance(told, dict):
        problems.append("counting is written as grain, unit and what is counted.")
        return None
    names = [name for name in Counting._fields if name not in SIDES]
    found: list[str] = []
    values = {"scale": 1, "decimals": 0, "ripens_after_days": 0, "history_days": 0}
    values |= _values(MetricVersion, names, told, set(SIDES), found)
    for side in SIDES:
        if told.get(side) is not None:
            values[side] = _measure(side, told[side], found)
    if not found:
        found.extend(_unlike_its_way(values))
    problems.extend(found)
    return None if found else Counting(**values)


def _unlike_its_way(values: Mapping[str, Any]) -> Iterable[str]:
    way = values.get("way", Way.COUNTED)
    if (way == Way.COUNTED) != ("numerator" in values):
        yield "what is counted has a numerator, and nothing else has one."
    if "denominator" in values and "numerator" not in values:
        yield "a denominator needs its numerator."
    if way == Way.DERIVED and not values.get("formula"):
        yield "what is derived has a formula."
    if values["scale"] not in SCALES:
        yield f"scale is one of {', '.join(str(scale) for scale in SCALES)}."


def _measure(side: str, told: Any, problems: list[str]) -> Counted | None:
    if not isinstance(told, dict):
        problems.append(f"{side} is written as source, aggregate, field and where.")
        return None
    found: list[str] = []
    values = _values(Measure, ["source", "aggregate", "field"], told, {"where"}, found)
    where = [_condition(text, found) for text in _listed("where", told.get("where"), found)]
    counts_rows = values.get("aggregate") == Measure.Aggregate.COUNT
    if not found and counts_rows == bool(values.get("field")):
        found.append("a number of rows names no field; a sum or a number of different does.")
    problems.extend(f"{side}: {problem}" for problem in found)
    return None if found else Counted(**values, where=tuple(where))


def _condition(text: Any, problems: list[str]) -> tuple[str, str, Decimal]:
    try:
        field, comparison, number = str(text).split()
        value = Condition._meta.get_field("value").clean(Decimal(number), None)
        known = comparison in Condition.Comparison.values
    except (ValueError, InvalidOperation, ValidationError):
        known = False
    if not known:
        comparisons = ", ".join(Condition.Comparison.values)
        problems.append(f"“{text}” is no condition: a field, {comparisons}, and a number.")
        return "", "", Decimal(0)
    return field, comparison, value


def _values(
    model: type, names: Iterable[str], told: dict[str, Any], others: set[str], problems: list[str]
) -> dict[str, Any]:
    """Values of the named fields, as far as they are told; what is needed and is not is told."""
    names = list(names)
    values = {}
    unknown = [name for name in told if name not in {*names, *others}]
    problems.extend(f"there is no “{name}”." for name in unknown)
    for name in names:
        field = NAMED_ELSEWHERE.get(name) or model._meta.get_field(name)
        if name in LISTED:
            listed = _listed(name, told.get(name), problems)
            values[name] = tuple(_cleaned(name, field, one, problems) for one in listed)
        elif told.get(name) is not None:
            may_be_empty = told[name] == "" and (name in MAY_BE_EMPTY or field.blank)
            values[name] = "" if may_be_empty else _cleaned(name, field, told[name], problems)
        elif not _has_usual(name, field):
            problems.append(f"{name} is missing.")
    return values


def _has_usual(name: str, field: Field) -> bool:
    return (
        name in MAY_BE_EMPTY
        or field.blank
        or field.null
        or field.has_default()
        or name in LINK_DEFAULTS.keys() - {"kind"}
    )


def _listed(name: str, told: Any, problems: list[str]) -> list[Any]:
    if told is None or isinstance(told, list):
        return told or []
    problems.append(f"{name} is written as a list.")
    return []


def _cleaned(name: str, field: Field, told: Any, problems: list[str]) -> Any:
    fits, wanted = next(found for kind, *found in FITTING if isinstance(field, kind))
    if not fits(told):
        problems.append(f"{name} is {wanted}, not “{told}”.")
        return None
    try:
        cleaned = field.clean(told, None)
    except ValidationError as error:
        problems.append(f"{name}: {' '.join(error.messages)}")
        return None
    return cleaned.lower() if isinstance(field, EmailField) else cleaned


def _is_whole(told: Any) -> bool:
    return isinstance(told, int) and not isinstance(told, bool)


def _is_number(told: Any) -> bool:
    is_number = isinstance(told, int | float) and not isinstance(told, bool)
    return is_number and abs(told) < LARGEST


def _is_day(told: Any) -> bool:
    return isinstance(told, date) and not isinstance(told, datetime)


def _is_text(told: Any) -> bool:
    return isinstance(told, str)


FITTING: tuple[tuple[type[Field], Callable[[Any], bool], str], ...] = (
    (BooleanField, lambda told: isinstance(told, bool), "true or false"),
    (IntegerField, _is_whole, "a whole number"),
    (FloatField, _is_number, "a number"),
    (DateField, _is_day, "a day"),
    (Field, _is_text, "text"),
)
