"""The curves of a layered map's links: upward through gaps, sideways, or around underneath."""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import pairwise

from metrics.drawing.axes import pixels
from metrics.drawing.map.layout import Places, Spot

BOX_HEIGHT = 78
DEEPEST = 56  # how far below a row a link within that row may reach for
HEAD = 5
LEAST_SLOT = 6  # pixels of a box's side that a link takes at least

Key = tuple[Hashable, Hashable]
Ports = dict[tuple[Spot, Key], float]


@dataclass(frozen=True)
class Route:
    """The curve of a link; an arrowhead where it does not rise; where its delay is written."""

    curve: str
    head: str
    delay_x: str
    delay_y: str


def routes(places: Places, tops: list[float]) -> dict[Key, Route]:
    """The curve of every link. tops: the y of each row's upper side."""
    ports = _ports(places)
    return {key: _route(key, chain, places, ports, tops) for key, chain in places.chains.items()}


def is_underneath(places: Places, chain: list[Spot]) -> bool:
    """Whether both ends stand in one row with a box between them."""
    return chain[0].row == chain[-1].row and not _are_beside(places, chain)


def _route(key: Key, chain: list[Spot], places: Places, ports: Ports, tops: list[float]) -> Route:
    start, end = chain[0], chain[-1]
    if _are_beside(places, chain):
        return _sideways(start, end, tops[start.row])
    if start.row == end.row:
        return _underneath(ports[start, key], ports[end, key], tops[start.row] + BOX_HEIGHT)
    points = [ports.get((spot, key), spot.middle) for spot in chain]
    return _through_gaps(points, [tops[spot.row] for spot in chain])


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


def _through_gaps(xs: list[float], tops: list[float]) -> Route:
    """From row to row, each bend crossed upright, so that no box is touched."""
    rises = tops[-1] < tops[0]
    leave, arrive = (0, BOX_HEIGHT) if rises else (BOX_HEIGHT, 0)
    curve = f"M{pixels(xs[0])} {pixels(tops[0] + leave)}"
    for place, (before, top) in enumerate(pairwise(tops), start=1):
        y, until = before + leave, top + arrive
        half = pixels((y + until) / 2)
        curve += f"C{pixels(xs[place - 1])} {half} {pixels(xs[place])} {half}"
        curve += f" {pixels(xs[place])} {pixels(until)}"
        if place < len(tops) - 1:
            curve += f"V{pixels(top + leave)}"
    return Route(
        curve,
        "" if rises else _head(xs[-1], tops[-1], 0, 1),
        pixels((xs[0] + xs[1]) / 2 + 8),
        pixels((tops[0] + leave + tops[1] + arrive) / 2 + 4),
    )


def _sideways(start: Spot, end: Spot, top: float) -> Route:
    """Straight from side to side of two neighbours."""
    x, until, way = (
        (start.right, end.left, 1) if start.middle < end.middle else (start.left, end.right, -1)
    )
    y = top + BOX_HEIGHT / 2
    return Route(
        f"M{pixels(x)} {pixels(y)}H{pixels(until)}",
        _head(until, y, way, 0),
        pixels(min(x, until)),
        pixels(top - 4),
    )


def _underneath(x: float, until: float, bottom: float) -> Route:
    """Around below the boxes between: the further apart, the deeper."""
    depth = bottom + min(DEEPEST, 24 + abs(until - x) / 12)
    curve = f"M{pixels(x)} {pixels(bottom)}"
    curve += f"C{pixels(x)} {pixels(depth)} {pixels(until)} {pixels(depth)}"
    curve += f" {pixels(until)} {pixels(bottom)}"
    return Route(
        curve,
        _head(until, bottom, 0, -1),
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
