"""From an earlier total to a later one, part by part; the parts have to add up to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from metrics.drawing.axes import Tick, percent, round_steps

EDGE = 0.03


class Nature(StrEnum):
    """What a part is: the business's doing, what was expected anyway, or a change on paper."""

    BUSINESS = "business"
    EXPECTED = "expected"
    PAPER = "paper"


@dataclass(frozen=True)
class Part:
    """One part of a change, in currency."""

    label: str
    amount: Decimal
    nature: Nature = Nature.BUSINESS


@dataclass(frozen=True)
class Fall:
    """A part as a bar between two running totals; join is where the next one begins."""

    part: Part
    x: str
    width: str
    join: str

    @property
    def look(self) -> str:
        """How the bar is filled: better, worse, expected or paper."""
        if self.part.nature is not Nature.BUSINESS:
            return self.part.nature.value
        return "better" if self.part.amount >= 0 else "worse"


@dataclass(frozen=True)
class Waterfall:
    """Totals are lines at their place, parts are bars. from_zero: the axis starts at nothing."""

    opening: str
    falls: list[Fall]
    closing: str
    ticks: list[Tick]
    starts_at: float
    from_zero: bool


def adds_up(opening: Decimal, parts: Sequence[Part], closing: Decimal) -> bool:
    return opening + sum((part.amount for part in parts), Decimal(0)) == closing


def shortened(parts: Sequence[Part], most: int) -> list[Part]:
    """The parts that moved most, in their order, and the rest as one: the sum stays the same."""
    moved = [part for part in parts if part.amount]
    if len(moved) <= most:
        return moved
    largest = sorted(moved, key=lambda part: abs(part.amount), reverse=True)[: most - 1]
    rest = sum((part.amount for part in moved if part not in largest), Decimal(0))
    kept = [part for part in moved if part in largest]
    return [*kept, Part("All else together", rest, Nature.EXPECTED)]


def waterfall(opening: Decimal, parts: Sequence[Part]) -> Waterfall:
    """The drawing, closing at the sum. Its axis starts near the lowest total, not at zero."""
    totals = [opening]
    for part in parts:
        totals.append(totals[-1] + part.amount)
    low, high = float(min(totals)), float(max(totals))
    if high == low:
        low, high = low - 1, high + 1
    room = EDGE * (high - low)
    start, end = low - room, high + room
    places = [(float(total) - start) / (end - start) for total in totals]
    falls = [
        Fall(part, percent(min(before, after)), percent(abs(after - before)), percent(after))
        for part, before, after in zip(parts, places, places[1:], strict=False)
    ]
    return Waterfall(
        opening=percent(places[0]),
        falls=falls,
        closing=percent(places[-1]),
        ticks=_ticks(start, end),
        starts_at=start,
        from_zero=start <= 0 <= end,
    )


def _ticks(start: float, end: float) -> list[Tick]:
    """Two or more round values inside the axis, written with the digits that tell them apart."""
    inside: list[float] = []
    wanted = 2
    while len(inside) < 2:
        wanted += 1
        steps = round_steps(start, end, wanted)
        inside = [step for step in steps if start <= step <= end]
    divisor, unit = (1e6, "m") if end >= 1e6 else (1e3, "k") if end >= 1e4 else (1.0, "")
    decimals = _decimals((steps[1] - steps[0]) / divisor)
    places = [(step - start) / (end - start) for step in inside]
    return [
        Tick(
            percent(place),
            f"{step / divisor:,.{decimals}f}{unit}".replace("-", "−"),
            "start" if place < 0.1 else "end" if place > 0.9 else "middle",
        )
        for place, step in zip(places, inside, strict=True)
    ]


def _decimals(step: float) -> int:
    """How many decimals it takes to write each multiple of the step in full."""
    return next(places for places in range(12) if abs(round(step, places) / step - 1) < 1e-6)
