"""Why a metric moved: its change in parts that add up to it, or nothing is shown."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import nan

from metrics.boards.worth import change_text
from metrics.drawing.parts import PartBar, part_bars
from metrics.effects.contributions import (
    DoesNotAddUp,
    Lead,
    Parts,
    Segment,
    by_leads,
    of_product,
    rate_and_mix,
    shapley,
)
from metrics.indicators.behind.segments import Counts, split_of
from metrics.indicators.figures.derived import Input, constants
from metrics.indicators.formula import UnusableFormula, names_in, value_of
from metrics.indicators.periods import Period
from metrics.indicators.reading import Reading, readings_of
from metrics.indicators.words import period_text, value_text
from metrics.metric_map.words import within
from metrics.metric_map.worth.arrows import periods_a_year
from metrics.models import Figure, Link, Measure, Metric, MetricVersion

LEAST_SHOWN = 1e-9


@dataclass(frozen=True)
class Part:
    """look: better or worse for the metric, or neither. is_open: what nothing explains."""

    name: str
    change: str
    look: str
    bar: PartBar
    is_open: bool = False


@dataclass(frozen=True)
class Moved:
    """One explanation of the change. way: how it was split; refused: why nothing is shown."""

    way: str
    parts: list[Part]
    left_out: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Movement:
    """The change between two periods, and how it is explained."""

    before: str
    after: str
    periods: str
    change: str
    is_signal: bool
    ways: list[Moved]


def movement_of(reading: Reading, links: Sequence[Link]) -> Movement | None:
    """From the last period before the current signal, or the period before, to the last one.

    links: those that arrive at the metric. None with fewer than two figures.
    """
    pair = _pair(reading)
    if pair is None or reading.version is None:
        return None
    old, new = pair
    version, change = reading.version, new.value - old.value
    words = [period_text(version, figure.ends_on) for figure in pair]
    return Movement(
        before=value_text(version, old.value),
        after=value_text(version, new.value),
        periods=f"{words[0]} to {words[1]}",
        change=change_text(version, change),
        is_signal=reading.verdict.is_signal,
        ways=[way for way in (_exact(reading, old, new), _by_links(reading, links, pair)) if way],
    )


def _pair(reading: Reading) -> tuple[Figure, Figure] | None:
    final, signal = reading.final, reading.judgement.current
    if len(final) < 2:
        return None
    before = signal.first - 1 if signal and signal.first else len(final) - 2
    return final[before], final[-1]


def _exact(reading: Reading, old: Figure, new: Figure) -> Moved | None:
    """By formula, by segment, or by its two sides."""
    version = reading.version
    try:
        if version.way == MetricVersion.Way.DERIVED:
            return _by_formula(reading, old, new)
        return _by_segment(reading, old, new) or _by_side(reading, old, new)
    except DoesNotAddUp:
        return Moved("", [], refused="The parts do not add up to the change, so none is shown.")
    except ValueError:  # a part weighs less than nothing, or there are too many of them
        return Moved("", [], refused="Its parts cannot be told apart, so none is shown.")


def _by_formula(reading: Reading, old: Figure, new: Figure) -> Moved | None:
    version, known = reading.version, constants()
    try:
        names = [name for name in names_in(version.formula) if name not in known]
    except UnusableFormula:
        return None
    inputs = {
        one.metric.key: Input(one.version, one.figures)
        for one in readings_of(Metric.objects.filter(key__in=names))
        if one.version
    }
    sides = [_values(inputs, names, Period(one.starts_on, one.ends_on), version.grain)
             for one in (old, new)]  # fmt: skip
    if None in sides:
        return Moved("", [], refused="What its formula is made of is not known for both periods.")
    change = new.value - old.value
    if _is_product(version.formula, names):
        parts = of_product(*sides, change=change)
    else:
        parts = shapley(*sides, formula=_formula_of(version, names, known), change=change)
    called = {one.version.metric.key: one.version.metric.name for one in inputs.values()}
    return Moved("by its formula", _parts(reading, {called[k]: v for k, v in parts.items()}))


def _formula_of(
    version: MetricVersion, names: Sequence[str], known: Mapping[str, float]
) -> Callable[[Sequence[float]], float]:
    def value(row: Sequence[float]) -> float:
        found = value_of(version.formula, dict(zip(names, row, strict=True)) | known)
        return nan if found is None else found

    return value


def _values(
    inputs: Mapping[str, Input], names: Sequence[str], period: Period, grain: str
) -> dict[str, float] | None:
    found = {name: name in inputs and inputs[name].during(period, grain) for name in names}
    if not all(found.values()):
        return None
    return {name: value for name, (value, _) in found.items()}


def _is_product(formula: str, names: Sequence[str]) -> bool:
    """Whether it multiplies each of these names once, and nothing else."""
    nodes = list(ast.walk(ast.parse(formula.strip(), mode="eval")))
    operators = [node.op for node in nodes if isinstance(node, ast.BinOp)]
    named = [node.id for node in nodes if isinstance(node, ast.Name)]
    numbers = any(isinstance(node, ast.Constant) for node in nodes)
    only_times = bool(operators) and all(isinstance(op, ast.Mult) for op in operators)
    return only_times and not numbers and sorted(named) == sorted(names)


def _by_segment(reading: Reading, old: Figure, new: Figure) -> Moved | None:
    version = reading.version
    split = split_of(version, old, new)
    if split is None:
        return None
    before, after = (_segments(side, version.scale) for side in (split.before, split.after))
    found = rate_and_mix(before, after, new.value - old.value)
    parts = {f"{name}, by itself": part for name, part in found.rate.items()}
    parts["Another mix of them"] = found.mix_effect
    return Moved(f"by {split.by}", _parts(reading, parts))


def _segments(counts: Counts, scale: int) -> dict[str, Segment]:
    return {
        name: Segment(weight, scale * count / weight)
        for name, (count, weight) in counts.items()
        if weight
    }


def _by_side(reading: Reading, old: Figure, new: Figure) -> Moved | None:
    if not old.denominator or not new.denominator:
        return None
    version = reading.version
    sides = [{"over": one.numerator, "under": one.denominator} for one in (old, new)]
    parts = shapley(
        *sides,
        formula=lambda row: version.scale * row[0] / row[1],
        change=new.value - old.value,
    )
    measures = {measure.side for measure in version.measures.all()}
    if Measure.Side.DENOMINATOR not in measures:
        return None
    names = ("What it counts", "Out of what")
    return Moved("by its two sides", _parts(reading, dict(zip(names, parts.values(), strict=True))))


def _by_links(reading: Reading, links: Sequence[Link], pair: tuple[Figure, Figure]) -> Moved | None:
    """What the metrics that lead here let expect, each at its delay, and what is left open."""
    leading = [link for link in links if link.kind == Link.Kind.LEADING and link.slope is not None]
    if not leading:
        return None
    readings = {one.metric.pk: one for one in readings_of(link.child for link in leading)}
    yearly = _yearly([reading, *readings.values()])
    leads, unknown = {}, []
    for link in leading:
        change = _change_before(readings[link.child_id], link, pair)
        turn = yearly.get(link.child_id, 1.0) / yearly.get(link.parent_id, 1.0)
        if change is None:
            unknown.append(within(link.child.name))
        else:
            leads[link.child.name] = Lead({0: link.slope * turn}, [change])
    if not leads:
        return Moved("", [], refused="What leads here is not known for as long as it takes.")
    found = by_leads(leads, pair[1].value - pair[0].value)
    parts = _parts(reading, found.parts | {"Unexplained": found.unexplained}, last_is_open=True)
    return Moved("by what leads here", parts, left_out=", ".join(unknown))


def _yearly(readings: Sequence[Reading]) -> dict[int, float]:
    versions = [reading.version for reading in readings if reading.version]
    stored = MetricVersion.objects.filter(pk__in=[version.pk for version in versions])
    return periods_a_year(
        {version.metric_id: version for version in stored.prefetch_related("measures")}
    )


def _change_before(reading: Reading, link: Link, pair: tuple[Figure, Figure]) -> float | None:
    """How the lower metric changed, as long before as the link takes; None where not known."""
    lag = timedelta((link.lag_days + (link.longest_lag_days or link.lag_days)) / 2)
    values = [_level(reading, figure.starts_on - lag, figure.ends_on - lag) for figure in pair]
    return None if None in values else values[1] - values[0]


def _level(reading: Reading, first: date, last: date) -> float | None:
    """Over the periods that end within these days, or the one that covers them."""
    inside = [one for one in reading.final if first <= one.ends_on <= last]
    inside = inside or [one for one in reading.final if one.starts_on <= last <= one.ends_on]
    if not inside:
        return None
    if all(one.denominator for one in inside):
        total = sum(one.numerator for one in inside) / sum(one.denominator for one in inside)
        return total * reading.version.scale
    return sum(one.value for one in inside) / len(inside)


def _parts(reading: Reading, parts: Parts, *, last_is_open: bool = False) -> list[Part]:
    """The largest first; what nothing explains at the end."""
    named = list(parts.items())
    last = [named.pop()] if last_is_open else []
    named = [pair for pair in named if abs(pair[1]) > LEAST_SHOWN]
    ordered = [*sorted(named, key=lambda pair: -abs(pair[1])), *last]
    bars = part_bars([amount for _, amount in ordered])
    return [
        Part(
            name=name,
            change=change_text(reading.version, amount),
            look="" if (name, amount) in last else _look(reading.metric, amount),
            bar=bar,
            is_open=(name, amount) in last,
        )
        for (name, amount), bar in zip(ordered, bars, strict=True)
    ]


def _look(metric: Metric, amount: float) -> str:
    if metric.direction not in (Metric.Direction.UP, Metric.Direction.DOWN):
        return ""
    return "better" if (amount > 0) == (metric.direction == Metric.Direction.UP) else "worse"
