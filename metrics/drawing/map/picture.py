"""A layered map as it is drawn: boxes with wrapped names, bands, columns, and routes of links.

All numbers of the drawing leave here as strings, so that no template can write a decimal comma.
"""

import textwrap
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from metrics.drawing.axes import pixels
from metrics.drawing.map.layout import COLUMNED, LEVELS, Box, Places, Spot, place
from metrics.drawing.map.routes import BOX_HEIGHT, DEEPEST, Key, Route, routes

LETTER = 6.9  # pixels of a letter in 12 px text, on average, in the widest font we fall back on
LINE = 16
PAD = 14
TITLE = 20  # for the names of the columns, in the first band that has them
CHANNEL = 80
CHANNEL_PER_LINK = 1.5
CHANNEL_MOST = 160


@dataclass(frozen=True)
class DrawnBox:
    """A rectangle, its name in at most two lines, and a stub that ends at a bar above it."""

    key: Hashable
    x: str
    y: str
    width: str
    height: str
    middle: str
    lines: list[tuple[str, str]]
    value_y: str
    stub: str
    bar: str


@dataclass(frozen=True)
class Band:
    """The strip of one level, and the baseline of its name."""

    level: int
    y: str
    height: str
    name_y: str


@dataclass(frozen=True)
class Column:
    """One group in the columned levels: where its name stands, and the line on its left."""

    name: str
    middle: str
    name_y: str
    line_x: str
    top: str
    bottom: str


@dataclass(frozen=True)
class Drawing:
    """A whole map: boxes as they are read, board first, left to right; routes by (from, to)."""

    width: str
    height: str
    boxes: list[DrawnBox]
    routes: dict[Key, Route]
    bands: list[Band]
    columns: list[Column]


def draw(boxes: Sequence[Box], links: Iterable[Key]) -> Drawing:
    """Lay out and draw. links: (from, to) keys of boxes, no pair twice and none to itself."""
    places = place(boxes, links)
    tops, bottom = _tops(places)
    standing = [spot for level in LEVELS for spot in places.rows.get(level, ()) if spot.box]
    return Drawing(
        width=pixels(places.width),
        height=pixels(bottom),
        boxes=[_box(spot, tops[spot.level]) for spot in standing],
        routes=routes(places, tops),
        bands=[_band(level, tops[level]) for level in LEVELS],
        columns=_columns(places, tops),
    )


def wrapped(name: str, width: float) -> list[str]:
    """The name in at most two lines of that many pixels; "…" ends it where it is longer."""
    return textwrap.wrap(name, int((width - 8) / LETTER), max_lines=2, placeholder="…")


def _tops(places: Places) -> tuple[dict[int, float], float]:
    """The y of each row's upper side, and of the bottom; a channel grows with the links in it."""
    crossing = Counter(
        min(one.level, other.level)
        for chain in places.chains.values()
        for one, other in pairwise(chain)
    )
    tops, y = {}, float(PAD)
    for level in LEVELS:
        tops[level] = y
        y += BOX_HEIGHT + min(CHANNEL + CHANNEL_PER_LINK * crossing[level], CHANNEL_MOST)
    below = DEEPEST if crossing[LEVELS[-1]] else 0
    return tops, tops[LEVELS[-1]] + BOX_HEIGHT + PAD + below


def _box(spot: Spot, top: float) -> DrawnBox:
    lines = wrapped(spot.box.name, spot.width)
    first = top + (BOX_HEIGHT - LINE * len(lines)) / 2 + LINE / 4
    return DrawnBox(
        key=spot.box.key,
        x=pixels(spot.left),
        y=pixels(top),
        width=pixels(spot.width),
        height=pixels(BOX_HEIGHT),
        middle=pixels(spot.middle),
        lines=[(pixels(first + LINE * i), line) for i, line in enumerate(lines)],
        value_y=pixels(first + LINE * len(lines)),
        stub=f"M{pixels(spot.middle)} {pixels(top)}v-20",
        bar=f"M{pixels(spot.middle - 7)} {pixels(top - 20)}h14",
    )


def _band(level: int, top: float) -> Band:
    titled = TITLE if level == COLUMNED[0] else 0
    height = BOX_HEIGHT + 2 * PAD + titled
    return Band(
        level,
        pixels(top - PAD - titled),
        pixels(height),
        pixels(top + BOX_HEIGHT / 2 + LINE / 4),
    )


def _columns(places: Places, tops: dict[int, float]) -> list[Column]:
    top = tops[COLUMNED[0]] - PAD - TITLE
    bottom = tops[COLUMNED[-1]] + BOX_HEIGHT + PAD
    edges = [None, *(right for _, _, right in places.columns)]
    return [
        Column(
            name=name,
            middle=pixels((left + right) / 2),
            name_y=pixels(top + LINE),
            line_x="" if before is None else pixels((before + left) / 2),
            top=pixels(top),
            bottom=pixels(bottom),
        )
        for (name, left, right), before in zip(places.columns, edges, strict=False)
    ]
