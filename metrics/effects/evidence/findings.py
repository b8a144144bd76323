"""What a look at the data can end in, whichever way the data were looked at."""

from enum import Enum
from math import ceil

Z_95 = 1.959963984540054
NOTICED = 2.8015852  # z of 95 % two-sided and of 80 % power, added
BEYOND_HOPE = 10
"""Times the history we have: a link that would need more than that is not worth waiting for."""


class Verdict(Enum):
    """Why there is a link, or why none is claimed."""

    LINK = "link"
    LITTLE = "little history"
    STILL = "does not move"
    NOTHING = "nothing to see"
    SAME_PERIOD = "same period only"
    BACKWARDS = "the other way round"
    BOTH_WAYS = "both ways"
    NO_FORESIGHT = "does not help to forecast"
    PLACEBO = "a placebo shows it too"
    CHANCE = "chance among many"

    @property
    def is_link(self) -> bool:
        return self is Verdict.LINK


class Source(Enum):
    """Where the evidence comes from, best first."""

    INITIATIVE = "what we changed ourselves"
    PANEL = "customers"
    SURVIVAL = "customers leaving"
    SERIES = "time series"


REASONS = {
    Verdict.LITTLE: "there is not enough history",
    Verdict.STILL: "one of the two hardly ever changes",
    Verdict.NOTHING: "no delay shows more than chance would",
    Verdict.SAME_PERIOD: "they move in the same period, so the data cannot say which one leads",
    Verdict.BACKWARDS: "it is the other one that moves first",
    Verdict.BOTH_WAYS: "each moves the other, so only an experiment can tell",
    Verdict.NO_FORESIGHT: "it did not improve forecasts of periods that it had not seen",
    Verdict.PLACEBO: "what cannot be a cause seems to work as well",
    Verdict.CHANCE: "among so many pairs one like this turns up by chance",
}


def in_words(
    verdict: Verdict,
    *,
    child: str,
    parent: str,
    slope: float | None,
    se: float | None,
    when: str,
    missing: str = "",
    one: str = "",
    many: str = "",
) -> str:
    """One sentence on whether child moves parent.

    when: "3 weeks later", "in the same week". missing: "about 12 more weeks", or nothing.
    one: a unit of the child, "hour"; many: units of the parent, "points".
    """
    if not verdict.is_link or slope is None or se is None:
        wait = f"; {missing} would tell" if missing else ""
        return f"{child}: not shown to move {parent}, as {REASONS[verdict]}{wait}."
    low, high = slope - Z_95 * se, slope + Z_95 * se
    return (
        f"{child}: {_with('one more', one)} is followed by {_with(signed(slope), many)} in "
        f"{parent}, {when} "
        f"(95 in 100: {signed(low)} to {signed(high)})."
    )


def _with(number: str, unit: str) -> str:
    return f"{number} {unit}" if unit else number


def signed(value: float) -> str:
    """A number with its sign and three figures: "+0.25", "−12"."""
    text = f"{abs(value):.3g}" if abs(value) < 1e4 else f"{abs(value):,.0f}"
    return f"{'−' if value < 0 else '+'}{text}"


def counted(number: int, unit: str) -> str:
    """ "1 week", "3 weeks"."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def later(lag: int, unit: str) -> str:
    """When the parent follows: "in the same week", "3 weeks later"."""
    return f"{counted(lag, unit)} later" if lag else f"in the same {unit}"


def missing_for(slope: float, se: float, n: int, at_least: int = 0) -> int | None:
    """How many more of n it takes to notice this slope 8 times in 10; None where it is hopeless.

    The error of a slope shrinks with the root of n.
    """
    if se <= 0 or slope == 0:
        return None
    wanted = max(at_least, ceil(n * (NOTICED * se / abs(slope)) ** 2))
    return None if wanted > BEYOND_HOPE * max(n, at_least) else max(wanted - n, 0)
