"""The gain curve: what part of the purchases came from the customers with the highest forecasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from metrics.drawing.axes import Tick, percent, pixels

TOP, BOTTOM = 16.0, 236.0
NAMED = 0.2


class Reached(Protocol):
    """Shares of one: of the customers, highest forecast first, and of what they bought."""

    customers_share: float
    purchases_share: float


@dataclass(frozen=True)
class GainCurve:
    """The curve in a 100 by 260 box whose width stretches; `named` is read off at a fifth."""

    line: str
    diagonal: str
    area: str
    named: float
    named_x: str
    named_y: str
    even_y: str
    levels: list[Tick]
    shares: list[Tick]
    points: list[tuple[float, float]]


def gain_curve(points: Sequence[Reached]) -> GainCurve | None:
    """The curve of these points, None without any. Where nothing was bought all are at zero."""
    if not points:
        return None
    known = {0.0: 0.0} | {each.customers_share: each.purchases_share for each in points}
    corners = sorted(known.items())
    line = " ".join(f"{100 * x:.2f},{_height(y):.2f}" for x, y in corners)
    named = _read_off(corners, NAMED)
    quarters = (0.0, 0.25, 0.5, 0.75, 1.0)
    anchors = ("start", "middle", "middle", "middle", "end")
    return GainCurve(
        line=line,
        diagonal=f"0,{BOTTOM:.2f} 100,{TOP:.2f}",
        area=f"{line} 0,{BOTTOM:.2f}",
        named=named,
        named_x=percent(NAMED),
        named_y=pixels(_height(named)),
        even_y=pixels(_height(NAMED)),
        levels=[Tick(pixels(_height(share)), f"{share:.0%}") for share in quarters],
        shares=[
            Tick(percent(share), f"{share:.0%}", anchor, is_minor=share in {0.25, 0.75})
            for share, anchor in zip(quarters, anchors, strict=True)
        ],
        points=corners[1:],
    )


def _height(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _read_off(corners: Sequence[tuple[float, float]], share: float) -> float:
    """The curve at this share of the customers, straight between its points."""
    for (x, y), (next_x, next_y) in pairwise(corners):
        if share <= next_x:
            return y + (next_y - y) * (share - x) / (next_x - x)
    return corners[-1][1]
