"""Many metrics in one place of the map: a list of small boxes, one below the other."""

import textwrap
from collections.abc import Hashable, Iterable, Sequence
from itertools import accumulate

LETTER = 6.9  # pixels of a letter in 12 px text, on average, in the widest font we fall back on
LINE = 16
MOST_LINES = 3
MOST_IN_LIST = 5
AROUND = 8  # above and below the name together
MARK = 6  # for the shape of a signal in front of the name
NARROWEST, BROADEST = 112.0, 176.0  # of a list

Listed = tuple[tuple[Hashable, str], ...]


def wrapped(name: str, width: float, most: int = MOST_LINES) -> list[str]:
    """The name in at most so many lines of that many pixels; "…" ends it where it is longer."""
    return textwrap.wrap(name, int((width - 8) / LETTER), max_lines=most, placeholder="…")


def lines_in_list(name: str, width: float) -> list[str]:
    return wrapped(name, width - MARK, MOST_IN_LIST)


def heights_of(listed: Listed, width: float) -> list[float]:
    """How high each small box is: its name and a little air."""
    return [len(lines_in_list(name, width)) * LINE + AROUND for _, name in listed]


def tops_of(heights: Sequence[float], top: float) -> Iterable[float]:
    """The upper side of each small box, the first at the top."""
    return accumulate(heights[:-1], initial=top)
