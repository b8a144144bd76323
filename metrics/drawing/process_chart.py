"""The process behaviour chart: values in time, the usual range, and what stands out from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from metrics.drawing.axes import Tick, day_ticks, percent, pixels

TOP, BOTTOM = 32.0, 260.0
ROOM = 0.06
INSET = 0.01
WIDTH = 0.97
LABEL_HEIGHT = 16.0
LABEL_POINTS = 4
RANGE_TOP, RANGE_BOTTOM = 18.0, 66.0
BAR_SHARE = 0.36
LETTER = 0.0095  # of the width, on a desk


class Point(NamedTuple):
    """One period. mark: "" inside the usual range, else "better", "worse" or "signal"."""

    day: date
    value: float
    title: str
    mark: str = ""
    is_final: bool = True


class Usual(NamedTuple):
    """The usual level and range, and the largest usual change between neighbours."""

    centre: float
    lower: float
    upper: float
    range_limit: float


class Run(NamedTuple):
    """Points that are bracketed, by the places of the first and the last; mark as theirs."""

    first: int
    last: int
    is_above: bool
    mark: str
    long: str
    short: str


@dataclass(frozen=True)
class Dot:
    x: str
    y: str
    title: str
    mark: str = ""
    is_final: bool = True


@dataclass(frozen=True)
class Level:
    """A horizontal line at y, named on the axis unless the name would cover another."""

    y: str
    label: str
    label_y: str


@dataclass(frozen=True)
class Band:
    """The usual range. lower is None where it would lie below what can be."""

    y: str
    height: str
    centre: Level
    upper: Level
    lower: Level | None


@dataclass(frozen=True)
class Bracket:
    x1: str
    x2: str
    y: str
    text_y: str
    mark: str
    long: str
    short: str


@dataclass(frozen=True)
class Bar:
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Ranges:
    """Changes between neighbours as bars, with their own limit."""

    bars: list[Bar]
    limit: Level | None


class Event(NamedTuple):
    """Something that is known of a day."""

    day: date
    text: str


@dataclass(frozen=True)
class Mark:
    """A dotted upright with its words, if there is room for them."""

    x: str
    text: str
    title: str
    anchor: str


@dataclass(frozen=True)
class ProcessChart:
    """Coordinates as text: x in percent of the width, y in pixels; line in a 100-wide box."""

    line: str
    dots: list[Dot]
    last_y: str
    days: list[Tick]
    band: Band | None
    bracket: Bracket | None
    ranges: Ranges
    ends: tuple[Level, Level]
    starts_at: str
    marks: list[Mark]


class Scale(NamedTuple):
    """From values low..high to pixels bottom..top."""

    low: float
    high: float
    bottom: float
    top: float

    def y(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.bottom - (self.bottom - self.top) * share


def process_chart(
    points: Sequence[Point],
    usual: Usual | None,
    run: Run | None,
    write: Callable[[float], str],
    events: Sequence[Event] = (),
) -> ProcessChart | None:
    """The chart of these points in the order of their days; None without any.

    usual is None while there are too few points: then the line stands alone. write turns a value
    into its text on the axis. events outside the days of the points are left out.
    """
    if not points:
        return None
    scale = scale_of([point.value for point in points], usual, BOTTOM, TOP)
    shares = shares_of([point.day for point in points], INSET, WIDTH)
    heights = [scale.y(point.value) for point in points]
    return ProcessChart(
        line=line_of([100 * (share - INSET) / WIDTH for share in shares], heights),
        dots=[
            Dot(percent(share), pixels(y), point.title, point.mark, point.is_final)
            for share, y, point in zip(shares, heights, points, strict=True)
        ],
        last_y=pixels(_label_y(heights)),
        days=day_ticks([point.day for point in points], shares),
        band=_band(scale, usual, write) if usual else None,
        bracket=_bracket(scale, usual, run, shares) if usual and run else None,
        ranges=_ranges([point.value for point in points], shares, usual, write),
        ends=(_level(scale, scale.low, write), _level(scale, scale.high, write)),
        starts_at=write(scale.low) if scale.low else "",
        marks=_marks([point.day for point in points], events),
    )


def _marks(days: Sequence[date], events: Sequence[Event]) -> list[Mark]:
    """The newest words first where two would meet; words stand left of their line past half."""
    span = (days[-1] - days[0]).days or 1
    marks, taken = [], []
    for event in sorted(events, key=lambda one: one.day, reverse=True):
        share = INSET + WIDTH * (event.day - days[0]).days / span
        if not INSET <= share <= INSET + WIDTH:
            continue
        is_left = share > 0.5
        width = LETTER * len(event.text)
        place = (share - width, share) if is_left else (share, share + width)
        is_free = all(place[1] <= low or high <= place[0] for low, high in taken)
        has_room = is_free and place[0] >= 0 and place[1] <= 1
        taken += [place] if has_room else []
        text = event.text if has_room else ""
        marks.append(Mark(percent(share), text, event.text, "end" if is_left else "start"))
    return marks[::-1]


def scale_of(values: Sequence[float], usual: Usual | None, bottom: float, top: float) -> Scale:
    """Room for all values and the usual range; not below zero where no value is."""
    reached = [*values, usual.upper, usual.lower] if usual else list(values)
    low, high = min(reached), max(reached)
    low -= ROOM * ((high - low) or abs(low) or 1.0)
    if min([*values, usual.centre] if usual else values) >= 0:
        low = max(low, 0.0)
    if low == high:
        high += 1.0
    return Scale(low, high, bottom, top)


def shares_of(days: Sequence[date], start: float, width: float) -> list[float]:
    first, span = days[0], (days[-1] - days[0]).days
    return [start + (width * (day - first).days / span if span else width) for day in days]


def line_of(xs: Sequence[float], ys: Sequence[float]) -> str:
    return " ".join(f"{pixels(x)},{pixels(y)}" for x, y in zip(xs, ys, strict=True))


def _label_y(heights: Sequence[float]) -> float:
    """Where the last value is written: over its neighbours after a rise, else under them."""
    near = heights[-LABEL_POINTS:]
    fell = heights[-1] > heights[-2:][0]
    under = max(near) + LABEL_HEIGHT
    return under if fell and under <= BOTTOM else min(near) - LABEL_HEIGHT / 2


def _level(scale: Scale, value: float, write: Callable[[float], str]) -> Level:
    y = scale.y(value)
    return Level(pixels(y), write(value), pixels(y + 4))


def _band(scale: Scale, usual: Usual, write: Callable[[float], str]) -> Band:
    is_possible = usual.lower >= scale.low
    centre, upper = _level(scale, usual.centre, write), _level(scale, usual.upper, write)
    lower = _level(scale, usual.lower, write) if is_possible else None
    top, middle = scale.y(usual.upper), scale.y(usual.centre)
    bottom = scale.y(usual.lower) if is_possible else scale.bottom
    if middle - top < LABEL_HEIGHT:
        upper = Level(upper.y, "", upper.label_y)
    if lower and bottom - middle < LABEL_HEIGHT:
        lower = Level(lower.y, "", lower.label_y)
    return Band(pixels(top), pixels(bottom - top), centre, upper, lower)


def _bracket(scale: Scale, usual: Usual, run: Run, shares: Sequence[float]) -> Bracket:
    """On the other side of the centre than its points, where there is room."""
    away = 1 if run.is_above else -1
    y = scale.y(usual.centre) + away * 24
    return Bracket(
        percent(shares[run.first]),
        percent(shares[run.last]),
        pixels(y),
        pixels(y + (16 if run.is_above else -7)),
        run.mark,
        run.long,
        run.short,
    )


def _ranges(
    values: Sequence[float],
    shares: Sequence[float],
    usual: Usual | None,
    write: Callable[[float], str],
) -> Ranges:
    changes = [abs(later - earlier) for earlier, later in pairwise(values)]
    highest = max([*changes, usual.range_limit if usual else 0.0], default=0.0)
    scale = Scale(0.0, highest or 1.0, RANGE_BOTTOM, RANGE_TOP)
    width = BAR_SHARE * WIDTH / max(len(changes), 1)
    bars = [
        Bar(
            percent(min(share, 1 - width / 2) - width / 2),
            pixels(scale.y(change)),
            percent(width),
            pixels(RANGE_BOTTOM - scale.y(change)),
        )
        for share, change in zip(shares[1:], changes, strict=True)
    ]
    return Ranges(bars, _level(scale, usual.range_limit, write) if usual else None)
