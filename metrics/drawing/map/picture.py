"""A layered map as it is drawn: boxes with wrapped names, bands, columns, and routes of links.

All numbers of the drawing leave here as strings, so that no template can write a decimal comma.
"""

import textwrap
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from metrics.drawing.axes import pixels
from metrics.drawing.map.layout import Places, Spot, place
from metrics.drawing.map.routes import BOX_HEIGHT, DEEPEST, Key, Route, is_underneath, routes
from metrics.drawing.map.rows import COLUMNED, LEVELS, Box

LETTER = 6.9  # pixels of a letter in 12 px text, on average, in the widest font we fall back on
LINE = 16
MOST_LINES = 3
PAD = 14
NAME = 18  # for the name of a level, on top of its band
TITLE = 20  # for the names of the columns, in the first band that has them
CHANNEL = 88
CHANNEL_PER_LINK = 1.5
CHANNEL_MOST = 168
CHANNEL_WITHIN = 36  # between two rows of one level
WITHIN_MOST = 80
STRAIGHT = 24  # a link that moves less aside needs no room of its own
THINNEST = 1.5


@dataclass(frozen=True)
class DrawnBox:
    """A rectangle, its name in at most three lines, and a stub that ends at a bar above it."""

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


def draw(
    boxes: Sequence[Box], links: Iterable[Key], widths: Mapping[Key, float] | None = None
) -> Drawing:
    """Lay out and draw. links: (from, to) keys of boxes, no pair twice and none to itself.

    widths: how wide a link is, where it is wider than a thin line.
    """
    widths = widths or {}
    places = place(boxes, {link: max(THINNEST, widths.get(link, THINNEST)) for link in links})
    tops, bottom = _tops(places)
    standing = [spot for row in sorted(places.rows) for spot in places.rows[row] if spot.box]
    return Drawing(
        width=pixels(places.width),
        height=pixels(bottom),
        boxes=[_box(spot, tops[spot.row]) for spot in standing],
        routes=routes(places, tops),
        bands=[_band(level, *_ends(places, tops, level)) for level in LEVELS],
        columns=_columns(places, tops),
    )


def wrapped(name: str, width: float) -> list[str]:
    """The name in at most three lines of that many pixels; "…" ends it where it is longer."""
    return textwrap.wrap(name, int((width - 8) / LETTER), max_lines=MOST_LINES, placeholder="…")


def _tops(places: Places) -> tuple[list[float], float]:
    """The y of each row's upper side, and of the bottom; a channel grows with the links in it."""
    crossing = Counter(
        min(one.row, other.row)
        for chain in places.chains.values()
        for one, other in pairwise(chain)
        if abs(one.middle - other.middle) > STRAIGHT
    )
    deep = {c[0].row for c in places.chains.values() if is_underneath(places, c)}
    tops, y = [], float(PAD + NAME)
    for row, (level, below) in enumerate(pairwise([*places.levels, None])):
        tops.append(y)
        if below == level and row not in deep:
            channel = min(CHANNEL_WITHIN + crossing[row], WITHIN_MOST)
        else:
            channel = min(CHANNEL + CHANNEL_PER_LINK * crossing[row], CHANNEL_MOST)
        y += BOX_HEIGHT + channel
    last = len(tops) - 1
    return tops, tops[last] + BOX_HEIGHT + PAD + (DEEPEST if last in deep else 0)


def _ends(places: Places, tops: list[float], level: int) -> tuple[float, float]:
    """The y of the upper sides of a level's first and last row."""
    own = [top for top, of in zip(tops, places.levels, strict=True) if of == level]
    return own[0], own[-1]


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


def _band(level: int, first: float, last: float) -> Band:
    top = first - PAD - NAME - (TITLE if level == COLUMNED[0] else 0)
    height = last + BOX_HEIGHT + PAD - top
    return Band(level, pixels(top), pixels(height), pixels(top + LINE))


def _columns(places: Places, tops: list[float]) -> list[Column]:
    top = _ends(places, tops, COLUMNED[0])[0] - PAD - TITLE
    bottom = _ends(places, tops, COLUMNED[-1])[1] + BOX_HEIGHT + PAD
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
