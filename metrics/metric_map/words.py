"""How metrics are spoken of inside a sentence."""

from collections.abc import Iterable

from metrics.models import Metric

SINGLE = {"people": "person"}


def within(name: str) -> str:
    """A name as it stands inside a sentence: "Return rate" is "return rate", "IT cost" stays."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def in_a_row(metrics: Iterable[Metric]) -> str:
    """ "Orders → net sales → customer equity"."""
    first, *others = (metric.name for metric in metrics)
    return " → ".join([first, *(within(name) for name in others)])


def listed(metrics: Iterable[Metric]) -> str:
    """ "orders, net sales and customer equity"."""
    return enumerated(within(metric.name) for metric in metrics)


def enumerated(names: Iterable[str]) -> str:
    """ "a, b and c"; "" for nothing."""
    *others, last = [*names] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def units_of(unit: str) -> str:
    """What a difference is told in: points of a percentage, else the unit itself."""
    return "points" if unit.startswith("%") else unit


def one_of(unit: str) -> str:
    """One of it: "point" of a percentage, "hour" of hours."""
    first, *others = units_of(unit).split(" ")
    single = SINGLE.get(first, first[:-1] if first.endswith("s") else first)
    return " ".join([single, *others])
