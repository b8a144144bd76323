"""The curves of a layered map's links: upward through gaps, sideways, or around underneath."""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from metrics.drawing.axes import pixels
from metrics.drawing.map.layout import Places, Spot

DEEPEST = 56  # how far below a row a link within that row may reach for
HEAD = 5
LEAST_SLOT = 6  # pixels of a box's side that a link takes at least

Key = tuple[Hashable, Hashable]
Ports = dict[tuple[Spot, Key], float]
Sides = list[tuple[float, float]]


@dataclass(frozen=True)
class Route:
    """The curve of a link; an arrowhead where it does not rise; where its delay is written."""

    curve: str
    head: str
    delay_x: str
    delay_y: str


class Reach(NamedTuple):
    """The y of a row's two sides, and of the lower side of what stands in it."""

    upper: float
    lower: float
    foot: float


def routes(places: Places, sides: Sides) -> dict[Key, Route]:
    """The curve of every link. sides: the y of each row's upper and lower side."""
    ports = _ports(places)
    return {key: _route(key, chain, ports, sides, places) for key, chain in places.chains.items()}


def is_underneath(places: Places, chain: list[Spot]) -> bool:
    """Whether both ends stand in one row with a box between them."""
    return chain[0].row == chain[-1].row and not _are_beside(places, chain)


def _route(key: Key, chain: list[Spot], ports: Ports, sides: Sides, places: Places) -> Route:
    start, end = chain[0], chain[-1]
    upper, lower = sides[start.row]
    if _are_beside(places, chain):
        return _sideways(start, end, upper)
    if start.row == end.row:
        ends = [(ports[spot, key], upper + spot.height) for spot in (start, end)]
        return _underneath(*ends, lower)
    points = [ports.get((spot, key), spot.middle) for spot in chain]
    return _through_gaps(points, [_reach(spot, sides) for spot in chain])


def _reach(spot: Spot, sides: Sides) -> Reach:
    upper, lower = sides[spot.row]
    return Reach(upper, lower, upper + spot.height if spot.box else lower)


def _are_beside(places: Places, chain: list[Spot]) -> bool:
    """Whether both ends stand in one row with no box between them."""
    start, end = chain[0], chain[-1]
    if start.row != end.row:
        return False
    row = [spot for spot in places.rows[start.row] if spot.box]
    return abs(row.index(start) - row.index(end)) == 1


def _ports(places: Places) -> Ports:
    """The x at which each link meets each box, spread along the side by how wide they are."""
    sides: dict[tuple[Spot, bool], list[tuple[float, Key]]] = defaultdict(list)
    for key, chain in places.chains.items():
        if not _are_beside(places, chain):
            for spot, other in ((chain[0], chain[1]), (chain[-1], chain[-2])):
                sides[spot, other.row < spot.row].append((other.middle, key))
    ports = {}
    for (spot, _), meeting in sides.items():
        meeting.sort(key=lambda link: link[0])
        slots = [max(LEAST_SLOT, places.widths[key]) for _, key in meeting]
        space = max(0.0, spot.width - sum(slots)) / (len(slots) + 1)
        scale = min(1.0, spot.width / sum(slots))
        x = spot.left
        for slot, (_, key) in zip(slots, meeting, strict=True):
            x += space + scale * slot / 2
            ports[spot, key] = x
            x += scale * slot / 2
    return ports


def _through_gaps(xs: list[float], rows: list[Reach]) -> Route:
    """From row to row, each bend crossed upright, so that no box is touched."""
    rises = rows[-1].upper < rows[0].upper
    leaving = [row.upper if rises else row.lower for row in rows]
    arriving = [row.lower if rises else row.upper for row in rows]
    curve = f"M{pixels(xs[0])} {pixels(rows[0].upper if rises else rows[0].foot)}"
    if not rises:
        curve += _upright(rows[0].foot, leaving[0])
    for place, (y, until) in enumerate(zip(leaving, arriving[1:], strict=False), start=1):
        half = pixels((y + until) / 2)
        curve += f"C{pixels(xs[place - 1])} {half} {pixels(xs[place])} {half}"
        curve += f" {pixels(xs[place])} {pixels(until)}"
        if place < len(rows) - 1:
            curve += f"V{pixels(leaving[place])}"
    if rises:
        curve += _upright(rows[-1].lower, rows[-1].foot)
    return Route(
        curve,
        "" if rises else _head(xs[-1], rows[-1].upper, 0, 1),
        pixels((xs[0] + xs[1]) / 2 + 8),
        pixels((leaving[0] + arriving[1]) / 2 + 4),
    )


def _upright(y: float, until: float) -> str:
    """Straight along below a box that is less high than its row."""
    return "" if y == until else f"V{pixels(until)}"


def _sideways(start: Spot, end: Spot, top: float) -> Route:
    """Straight from side to side of two neighbours."""
    x, until, way = (
        (start.right, end.left, 1) if start.middle < end.middle else (start.left, end.right, -1)
    )
    y = top + min(start.height, end.height) / 2
    return Route(
        f"M{pixels(x)} {pixels(y)}H{pixels(until)}",
        _head(until, y, way, 0),
        pixels(min(x, until)),
        pixels(top - 4),
    )


def _underneath(start: tuple[float, float], end: tuple[float, float], bottom: float) -> Route:
    """Around below the boxes between, from and to the (x, y) of two lower sides: the further
    apart, the deeper."""
    (x, y), (until, foot) = start, end
    depth = bottom + min(DEEPEST, 24 + abs(until - x) / 12)
    curve = f"M{pixels(x)} {pixels(y)}{_upright(y, bottom)}"
    curve += f"C{pixels(x)} {pixels(depth)} {pixels(until)} {pixels(depth)}"
    curve += f" {pixels(until)} {pixels(bottom)}{_upright(bottom, foot)}"
    return Route(
        curve,
        _head(until, foot, 0, -1),
        pixels((x + until) / 2),
        pixels(bottom + 0.75 * (depth - bottom) + 4),
    )


def _head(x: float, y: float, right: int, down: int) -> str:
    """Two strokes that meet at (x, y), pointing right or left, or down or up."""
    back = (x - HEAD * right, y - HEAD * down)
    across = (HEAD * down, HEAD * right)
    wings = [(back[0] + side * across[0], back[1] + side * across[1]) for side in (-1, 1)]
    one, other = (f"{pixels(a)} {pixels(b)}" for a, b in wings)
    return f"M{one}L{pixels(x)} {pixels(y)}L{other}"
