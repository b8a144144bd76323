"""A layered map as it is drawn: boxes with wrapped names, bands, columns, and routes of links.

All numbers of the drawing leave here as strings, so that no template can write a decimal comma.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from metrics.drawing.axes import pixels
from metrics.drawing.map.layout import Places, Spot, place
from metrics.drawing.map.lists import AROUND, LINE, heights_of, lines_in_list, tops_of, wrapped
from metrics.drawing.map.routes import DEEPEST, Key, Route, Sides, is_underneath, routes
from metrics.drawing.map.rows import BOX_HEIGHT, COLUMNED, LEVELS, Box

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
    """A rectangle, its name in lines, and a stub that ends at a bar above it.

    value_y: the baseline of its value; "" in a list, which has room for names alone.
    """

    key: Hashable
    x: str
    y: str
    width: str
    height: str
    text_x: str
    anchor: str
    lines: list[tuple[str, str]]
    value_y: str = ""
    stub: str = ""
    bar: str = ""


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
    sides = _sides(places)
    standing = [spot for row in sorted(places.rows) for spot in places.rows[row] if spot.box]
    return Drawing(
        width=pixels(places.width),
        height=pixels(_bottom(places, sides)),
        boxes=[box for spot in standing for box in _boxes(spot, sides[spot.row][0])],
        routes=routes(places, sides),
        bands=[_band(level, *_ends(places, sides, level)) for level in LEVELS],
        columns=_columns(places, sides),
    )


def _sides(places: Places) -> Sides:
    """The y of each row's upper and lower side; a channel grows with the links in it."""
    crossing = Counter(
        min(one.row, other.row)
        for chain in places.chains.values()
        for one, other in pairwise(chain)
        if abs(one.middle - other.middle) > STRAIGHT
    )
    deep = _deep(places)
    sides, y = [], float(PAD + NAME)
    for row, (level, below) in enumerate(pairwise([*places.levels, None])):
        height = max((spot.height for spot in places.rows.get(row, ())), default=0) or BOX_HEIGHT
        sides.append((y, y + height))
        if below == level and row not in deep:
            channel = min(CHANNEL_WITHIN + crossing[row], WITHIN_MOST)
        else:
            channel = min(CHANNEL + CHANNEL_PER_LINK * crossing[row], CHANNEL_MOST)
        y += height + channel
    return sides


def _deep(places: Places) -> set[int]:
    """The rows with a link that goes around underneath."""
    return {c[0].row for c in places.chains.values() if is_underneath(places, c)}


def _bottom(places: Places, sides: Sides) -> float:
    return sides[-1][1] + PAD + (DEEPEST if len(sides) - 1 in _deep(places) else 0)


def _ends(places: Places, sides: Sides, level: int) -> tuple[float, float]:
    """The y of a level's upper and lower side."""
    own = [side for side, of in zip(sides, places.levels, strict=True) if of == level]
    return own[0][0], own[-1][1]


def _boxes(spot: Spot, top: float) -> list[DrawnBox]:
    """The box of one metric, or the small ones of a list."""
    if not spot.box.listed:
        return [_box(spot, top)]
    heights = heights_of(spot.box.listed, spot.width)
    places = zip(tops_of(heights, top), heights, strict=True)
    return [
        _small_box(spot, metric, place)
        for metric, place in zip(spot.box.listed, places, strict=True)
    ]


def _box(spot: Spot, top: float) -> DrawnBox:
    """Name and value in the middle."""
    lines = wrapped(spot.box.name, spot.width)
    first = top + (BOX_HEIGHT - LINE * len(lines)) / 2 + LINE / 4
    return DrawnBox(
        key=spot.box.key,
        x=pixels(spot.left),
        y=pixels(top),
        width=pixels(spot.width),
        height=pixels(BOX_HEIGHT),
        text_x=pixels(spot.middle),
        anchor="middle",
        lines=[(pixels(first + LINE * i), line) for i, line in enumerate(lines)],
        value_y=pixels(first + LINE * len(lines)),
        stub=f"M{pixels(spot.middle)} {pixels(top)}v-20",
        bar=f"M{pixels(spot.middle - 7)} {pixels(top - 20)}h14",
    )


def _small_box(spot: Spot, metric: tuple[Hashable, str], place: tuple[float, float]) -> DrawnBox:
    """The name alone, from the left. metric: key and name; place: upper side and height."""
    (key, name), (top, height) = metric, place
    lines = lines_in_list(name, spot.width)
    first = top + (AROUND + LINE) / 2 + LINE / 4
    return DrawnBox(
        key=key,
        x=pixels(spot.left),
        y=pixels(top),
        width=pixels(spot.width),
        height=pixels(height),
        text_x=pixels(spot.left + AROUND),
        anchor="start",
        lines=[(pixels(first + LINE * i), line) for i, line in enumerate(lines)],
    )


def _band(level: int, upper: float, lower: float) -> Band:
    top = upper - PAD - NAME - (TITLE if level == COLUMNED[0] else 0)
    height = lower + PAD - top
    return Band(level, pixels(top), pixels(height), pixels(top + LINE))


def _columns(places: Places, sides: Sides) -> list[Column]:
    top = _ends(places, sides, COLUMNED[0])[0] - PAD - TITLE
    bottom = _ends(places, sides, COLUMNED[-1])[1] + PAD
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
