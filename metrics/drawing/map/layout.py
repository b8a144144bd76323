"""Where the boxes of a layered map stand, so that links can pass between them.

Levels stand one above the other, the first on top, each in one row or a few: in a level, what
leads to another of its boxes stands below that one. In columned levels boxes stand in the column
of their group, one order of columns for all such rows; in the others they stand above what leads
to them. A link that skips a row gets a place in it, a bend, as if it were a very narrow box; on a
map of lists links bend together, by where they start in a columned row, else by where they end.
Order by barycentre: Sugiyama, Tagawa, Toda (1981), "Methods for visual understanding of
hierarchical system structures". Numbers are pixels; the same input gives the same drawing.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from statistics import fmean

from metrics.drawing.map.rows import COLUMNED, MOST_STACKED, Box, least_width, rows_of

SWEEPS = 8
SPACE = 14
COLUMN_SPACE = 20
BEND_WIDTH = 2.0
BEND_SPACE = 6
NARROWINGS = 4
WIDTH = 1342  # of a drawing that needs no pushing sideways on a desk

Link = tuple[Hashable, Hashable]


@dataclass(eq=False)
class Spot:
    """Where a box stands, or where a link bends; its middle is known once it is placed."""

    row: int
    group: str
    width: float = BEND_WIDTH
    box: Box | None = None
    middle: float = 0.0
    neighbours: list["Spot"] = field(default_factory=list, repr=False)

    @property
    def left(self) -> float:
        return self.middle - self.width / 2

    @property
    def right(self) -> float:
        return self.middle + self.width / 2

    @property
    def height(self) -> float:
        return self.box.height if self.box else 0.0


Bends = dict[tuple[int, Spot], Spot]


@dataclass(frozen=True)
class Places:
    """Spots by row, left to right; the level of each row, top down; chains of spots by link;
    columns as name, edges; how wide each link is."""

    rows: dict[int, list[Spot]]
    levels: list[int]
    chains: dict[Link, list[Spot]]
    columns: list[tuple[str, float, float]]
    widths: Mapping[Link, float]
    width: float


def place(boxes: Sequence[Box], links: Mapping[Link, float]) -> Places:
    """Give every box and bend its middle. Boxes of one row do not overlap.

    links: how wide each is, by the (from, to) keys of its boxes, none from a box to itself. As few
    rows as fit into the width of a desk, else as many as may be stacked; lists become narrower.
    """
    if any(box.listed for box in boxes):
        return _place_lists(boxes, links)
    for stacked in range(1, MOST_STACKED):
        if least_width(boxes, stacked) <= WIDTH:
            found = _place(boxes, links, stacked)
            if found.width <= WIDTH:
                return found
    return _place(boxes, links, MOST_STACKED)


def _place_lists(boxes: Sequence[Box], links: Mapping[Link, float]) -> Places:
    for _ in range(NARROWINGS):
        found = _place(boxes, links, 1)
        if found.width <= WIDTH:
            break
        boxes = [box.narrower((found.width - WIDTH) / len(found.columns)) for box in boxes]
    return found


def _place(boxes: Sequence[Box], links: Mapping[Link, float], stacked: int) -> Places:
    standing = rows_of(boxes, links, stacked)
    spots = {box.key: Spot(standing.by_key[box.key], box.group, box.width, box) for box in boxes}
    bends: Bends | None = {} if any(box.listed for box in boxes) else None
    chains = {
        (start, end): _chain(spots[start], spots[end], width, standing.levels, bends)
        for (start, end), width in links.items()
    }
    rows: dict[int, list[Spot]] = defaultdict(list)
    between = dict.fromkeys(bend for chain in chains.values() for bend in chain[1:-1])
    for spot in [*spots.values(), *between]:
        rows[spot.row].append(spot)
    for chain in chains.values():
        for one, other in pairwise(chain):
            one.neighbours.append(other)
            other.neighbours.append(one)
    columned = [row for row, level in enumerate(standing.levels) if level in COLUMNED]
    groups = _order(rows, columned)
    columns = _stand_in_columns(rows, columned, groups)
    for row in sorted(set(rows) - set(columned), reverse=True):
        _stand_above(rows[row])
    shift = SPACE - min((row[0].left for row in rows.values()), default=0)
    for spot in (spot for row in rows.values() for spot in row):
        spot.middle += shift
    columns = [(name, left + shift, right + shift) for name, left, right in columns]
    width = max((row[-1].right for row in rows.values()), default=0) + SPACE
    return Places(dict(rows), standing.levels, chains, columns, links, width)


def _chain(
    start: Spot, end: Spot, width: float, levels: Sequence[int], bends: Bends | None
) -> list[Spot]:
    """The spots that a link passes: its start, a bend in each row between, its end.

    bends: those that links share, to be added to; None where each link has bends of its own.
    """
    step = 1 if end.row > start.row else -1
    lower = max(start, end, key=lambda spot: spot.row)
    between = []
    for row in range(start.row + step, end.row, step):
        bend = Spot(row, lower.group, max(BEND_WIDTH, width))
        if bends is not None:
            bend = bends.setdefault((row, start if levels[row] in COLUMNED else end), bend)
            bend.width = max(bend.width, width)
        between.append(bend)
    return [start, *between, end]


def _order(rows: dict[int, list[Spot]], columned: Sequence[int]) -> list[str]:
    """Sort every row by where its neighbours stand; returns the columns from left to right."""
    groups = sorted({spot.group for row in columned for spot in rows.get(row, ())})
    for row in rows.values():
        _number(row)
    for _ in range(SWEEPS):
        for row in (*sorted(rows), *sorted(rows, reverse=True)):
            if row not in columned:
                rows[row].sort(key=_pull)
                _number(rows[row])
        members = {
            name: [s for row in columned for s in rows.get(row, ()) if s.group == name]
            for name in groups
        }
        groups.sort(key=lambda name: fmean(_pull(spot) for spot in members[name]))
        places = {name: place for place, name in enumerate(groups)}
        for row in columned:
            rows.get(row, []).sort(key=lambda spot: (places[spot.group], _pull(spot)))
            _number(rows.get(row, []))
    return groups


def _number(row: list[Spot]) -> None:
    """Middles from 0 to 1 by order alone, so that rows of any length compare."""
    for i, spot in enumerate(row):
        spot.middle = (i + 0.5) / len(row)


def _pull(spot: Spot) -> float:
    """The mean middle of the neighbours, the own middle where there are none."""
    return fmean(other.middle for other in spot.neighbours) if spot.neighbours else spot.middle


def _stand_in_columns(
    rows: dict[int, list[Spot]], columned: Sequence[int], groups: Sequence[str]
) -> list[tuple[str, float, float]]:
    """Set each group's spots side by side, centred in a column as wide as its widest row."""
    columns, left = [], 0.0
    for name in groups:
        parts = [[s for s in rows.get(row, ()) if s.group == name] for row in columned]
        width = max(_length(part) for part in parts)
        for part in parts:
            x = left + (width - _length(part)) / 2
            for spot, offset in zip(part, _offsets(part), strict=True):
                spot.middle = x + part[0].width / 2 + offset
        columns.append((name, left, left + width))
        left += width + COLUMN_SPACE
    return columns


def _length(row: Sequence[Spot]) -> float:
    return _offsets(row)[-1] + (row[0].width + row[-1].width) / 2 if row else 0.0


def _offsets(row: Sequence[Spot]) -> list[float]:
    """How far right of the first one's middle each one's middle is, set as close as can be."""
    steps = (
        (one.width + other.width) / 2 + (BEND_SPACE if not (one.box or other.box) else SPACE)
        for one, other in pairwise(row)
    )
    return list(accumulate(steps, initial=0.0))[: len(row)]


def _stand_above(row: list[Spot]) -> None:
    """Set a row as near as can be above the neighbours below it, keeping order and distance.

    Least squares under an order: pool adjacent violators (Barlow and others, 1972).
    """
    wished = [[other.middle for other in spot.neighbours if other.row > spot.row] for spot in row]
    offsets = _offsets(row)
    pools: list[list[float]] = []
    wish = 0.0
    for middles, offset in zip(wished, offsets, strict=True):
        wish = fmean(middles) if middles else max(wish, offset)
        pools.append([wish - offset])
        while len(pools) > 1 and fmean(pools[-2]) > fmean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    starts = [fmean(pool) for pool in pools for _ in pool]
    for spot, start, offset in zip(row, starts, offsets, strict=True):
        spot.middle = start + offset
