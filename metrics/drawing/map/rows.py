"""In which row of its level each box stands: one row, or a few where one would be too wide."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from metrics.drawing.map.lists import BROADEST, NARROWEST, Listed, heights_of

LEVELS = (1, 2, 3, 4)
COLUMNED = (3, 4)
BOX_WIDTHS = {1: 208, 2: 164, 3: 112, 4: 112}
BOX_HEIGHT = 78
MOST_STACKED = 5
MOST_BESIDE = 6  # boxes of a row that has no columns
LOWEST = 1  # how many rows below its level's first a box may be for leading to a neighbour


@dataclass(frozen=True)
class Box:
    """What is to be placed: a key, its name, its row, its group (the name of a column).

    listed: keys and names of the metrics that stand here as a list, list_width pixels wide.
    """

    key: Hashable
    name: str
    level: int
    group: str
    listed: Listed = ()
    list_width: float = BROADEST

    @property
    def width(self) -> float:
        return self.list_width if self.listed else BOX_WIDTHS[self.level]

    @property
    def height(self) -> float:
        return sum(heights_of(self.listed, self.width)) if self.listed else BOX_HEIGHT

    def narrower(self, by: float) -> Self:
        return replace(self, list_width=max(NARROWEST, self.list_width - by))


@dataclass(frozen=True)
class Rows:
    """The row of each box by its key, counted from the top; the level of each row."""

    by_key: dict[Hashable, int]
    levels: list[int]


def rows_of(boxes: Sequence[Box], links: Iterable[tuple[Hashable, Hashable]], stacked: int) -> Rows:
    """stacked: how many boxes of a group and level may stand one above the other."""
    depths = _depths(boxes, links)
    by_key, levels = {}, []
    for level in LEVELS:
        own = [box for box in boxes if box.level == level]
        own.sort(key=lambda box: depths[box.key])
        found = _within(own, depths, _room(own, stacked))
        by_key |= {key: len(levels) + row for key, row in found.items()}
        levels += [level] * (1 + max(found.values(), default=0))
    return Rows(by_key, levels)


def least_width(boxes: Sequence[Box], stacked: int) -> float:
    """What the boxes of the columned levels alone would take, with no space between them."""
    beside: Counter[str] = Counter()
    for level in COLUMNED:
        own = [box for box in boxes if box.level == level]
        for group, count in _room(own, stacked).items():
            beside[group] = max(beside[group], count)
    return sum(beside.values()) * max(BOX_WIDTHS[level] for level in COLUMNED)


def _depths(
    boxes: Sequence[Box], links: Iterable[tuple[Hashable, Hashable]]
) -> dict[Hashable, int]:
    """How many rows each box should stand below the first for leading to boxes of its level; lists
    are high enough to stand side by side."""
    levels = {box.key: box.level for box in boxes}
    lists = {box.key for box in boxes if box.listed}
    above = defaultdict(list)
    for start, end in links:
        if levels[start] == levels[end] and start not in lists:
            above[start].append(end)
    depths = dict.fromkeys(levels, 0)
    for _ in range(LOWEST):
        for start, ends in above.items():
            depths[start] = min(LOWEST, max(depths[end] + 1 for end in ends))
    return depths


def _room(boxes: Sequence[Box], stacked: int) -> dict[str, int]:
    """How many boxes of each group stand beside each other in one row."""
    counts = Counter(_group(box) for box in boxes)
    return {
        group: -(-count // stacked) if group else MOST_BESIDE for group, count in counts.items()
    }


def _within(
    boxes: Sequence[Box], depths: dict[Hashable, int], room: dict[str, int]
) -> dict[Hashable, int]:
    taken: Counter[tuple[str, int]] = Counter()
    found = {}
    for box in boxes:
        group, row = _group(box), depths[box.key]
        while taken[group, row] >= room[group]:
            row += 1
        taken[group, row] += 1
        found[box.key] = row
    return found


def _group(box: Box) -> str:
    return box.group or "-" if box.level in COLUMNED else ""
