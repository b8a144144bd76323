"""Axes: round steps for values, and coordinates as text that no locale can change."""

from dataclasses import dataclass
from datetime import date
from math import floor, log10

A_YEAR = 366  # days


@dataclass(frozen=True)
class Tick:
    """A label at a place: x in percent of the width or y in pixels, already as text."""

    at: str
    label: str
    anchor: str = "middle"
    is_minor: bool = False


def percent(share: float) -> str:
    """A share of the width as SVG takes it: 12.5%."""
    return f"{100 * share:.2f}%"


def pixels(value: float) -> str:
    return f"{value:.2f}"


def round_steps(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round values from at or below low to at or above high, about `wanted` steps apart."""
    span = (high - low) or abs(high) or 1.0
    raw = span / wanted
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw)
    first = floor(low / step + 1e-9)
    steps = [first * step]
    while steps[-1] < high - 1e-9 * span:
        steps.append((first + len(steps)) * step)
    return steps


def round_up(value: float) -> float:
    """The next round value at or above one that is above 0: 1, 2, 2.5 or 5 of a power of ten."""
    power = 10.0 ** floor(log10(value))
    return next(
        factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= value * (1 - 1e-9)
    )


def short_number(value: float) -> str:
    """A number on an axis: 950, 1,200, 18.4m."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:.3g}m"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.3g}"


def day_ticks(days: list[date], places: list[float], wanted: int = 5) -> list[Tick]:
    """A few days named along the axis, with their year where a month alone could be two; those
    between the ends may be left out on a phone."""
    last = len(days) - 1
    if last < 1:
        return []
    count = min(wanted, last + 1)
    between = "{:%b %Y}".format if (days[last] - days[0]).days > A_YEAR else "{:%b}".format
    rows = sorted({round(number * last / (count - 1)) for number in range(count)})
    return [
        Tick(
            at=percent(places[row]),
            label=f"{days[row].day} {days[row]:%b %Y}" if row in {0, last} else between(days[row]),
            anchor="start" if row == 0 else "end" if row == last else "middle",
            is_minor=row not in {0, last},
        )
        for row in rows
    ]
