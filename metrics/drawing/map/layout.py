"""Where the boxes of a layered map stand, so that links can pass between them.

Levels are rows, the first on top. In the rows of columned levels boxes stand in the column of
their group, one order of columns for all such rows; in the others they stand above what leads to
them. A link that skips a row gets a place in it, a bend, as if it were a very narrow box.
Order by barycentre: Sugiyama, Tagawa, Toda (1981), "Methods for visual understanding of
hierarchical system structures". Numbers are pixels; the same input gives the same drawing.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from statistics import fmean

LEVELS = (1, 2, 3, 4)
COLUMNED = (3, 4)
BOX_WIDTHS = {1: 208, 2: 164, 3: 116, 4: 116}
SWEEPS = 8
SPACE = 14
COLUMN_SPACE = 28
BEND_WIDTH = 2
BEND_SPACE = 6
MARGIN = 108  # holds the names of the levels


@dataclass(frozen=True)
class Box:
    """What is to be placed: a key, its name, its row, its group (the name of a column)."""

    key: Hashable
    name: str
    level: int
    group: str

    @property
    def width(self) -> float:
        return BOX_WIDTHS[self.level]


@dataclass(eq=False)
class Spot:
    """Where a box stands, or where a link bends; its middle is known once it is placed."""

    level: int
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


@dataclass(frozen=True)
class Places:
    """Rows of spots by level, left to right; chains of spots by link; columns as name, edges."""

    rows: dict[int, list[Spot]]
    chains: dict[tuple[Hashable, Hashable], list[Spot]]
    columns: list[tuple[str, float, float]]
    width: float


def place(boxes: Sequence[Box], links: Iterable[tuple[Hashable, Hashable]]) -> Places:
    """Give every box and bend its middle. Boxes of one row do not overlap.

    links: (from, to) keys of boxes, no pair twice and none to itself.
    """
    spots = {box.key: Spot(box.level, box.group, box.width, box) for box in boxes}
    chains = {(start, end): _chain(spots[start], spots[end]) for start, end in links}
    rows: dict[int, list[Spot]] = defaultdict(list)
    for spot in [*spots.values(), *(bend for chain in chains.values() for bend in chain[1:-1])]:
        rows[spot.level].append(spot)
    for chain in chains.values():
        for one, other in pairwise(chain):
            one.neighbours.append(other)
            other.neighbours.append(one)
    groups = _order(rows)
    columns = _stand_in_columns(rows, groups)
    for level in sorted(set(rows) - set(COLUMNED), reverse=True):
        _stand_above(rows[level])
    shift = MARGIN + SPACE - min((row[0].left for row in rows.values()), default=0)
    for spot in (spot for row in rows.values() for spot in row):
        spot.middle += shift
    columns = [(name, left + shift, right + shift) for name, left, right in columns]
    width = max((row[-1].right for row in rows.values()), default=MARGIN) + SPACE
    return Places(dict(rows), chains, columns, width)


def _chain(start: Spot, end: Spot) -> list[Spot]:
    """The spots that a link passes: its start, a bend in each row between, its end."""
    step = 1 if end.level > start.level else -1
    lower = max(start, end, key=lambda spot: spot.level)
    between = range(start.level + step, end.level, step)
    return [start, *(Spot(level, lower.group) for level in between), end]


def _order(rows: dict[int, list[Spot]]) -> list[str]:
    """Sort every row by where its neighbours stand; returns the columns from left to right."""
    groups = sorted({spot.group for level in COLUMNED for spot in rows.get(level, ())})
    _number(rows)
    for _ in range(SWEEPS):
        for level in (*sorted(rows), *sorted(rows, reverse=True)):
            if level not in COLUMNED:
                rows[level].sort(key=_pull)
                _number(rows)
        members = {
            name: [s for level in COLUMNED for s in rows.get(level, ()) if s.group == name]
            for name in groups
        }
        groups.sort(key=lambda name: fmean(_pull(spot) for spot in members[name]))
        for level in COLUMNED:
            rows.get(level, []).sort(key=lambda spot: (groups.index(spot.group), _pull(spot)))
            _number(rows)
    return groups


def _number(rows: dict[int, list[Spot]]) -> None:
    """Middles from 0 to 1 by order alone, so that rows of any length compare."""
    for row in rows.values():
        for i, spot in enumerate(row):
            spot.middle = (i + 0.5) / len(row)


def _pull(spot: Spot) -> float:
    """The mean middle of the neighbours, the own middle where there are none."""
    return fmean(other.middle for other in spot.neighbours) if spot.neighbours else spot.middle


def _stand_in_columns(
    rows: dict[int, list[Spot]], groups: Sequence[str]
) -> list[tuple[str, float, float]]:
    """Set each group's spots side by side, centred in a column as wide as its widest row."""
    columns, left = [], 0.0
    for name in groups:
        parts = [[s for s in rows.get(level, ()) if s.group == name] for level in COLUMNED]
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
    wished = [
        [other.middle for other in spot.neighbours if other.level > spot.level] for spot in row
    ]
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
