"""Scenarios beside the base: bars from a common zero, and one of them month by month."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.drawing.axes import Tick, percent, pixels, round_steps, short_number

LONGEST = 0.94
TOP, BOTTOM = 16.0, 216.0


@dataclass(frozen=True)
class Total:
    """A total in currency with its interval; None where it is not known."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class TotalBar:
    """One bar on the scale of all; the whisker is the interval, empty where there is none."""

    x: str
    width: str
    low: str
    high: str


@dataclass(frozen=True)
class TotalBars:
    """Bars in the order of the totals. zero and base: where the two upright lines stand."""

    bars: list[TotalBar]
    zero: str
    base: str


@dataclass(frozen=True)
class MonthLines:
    """Two lines in a box 100 wide and 240 high; base may end before the scenario does."""

    base: str
    changed: str
    zero: str
    levels: list[Tick]
    months: list[Tick]


def total_bars(base: Total, others: Sequence[Total]) -> TotalBars:
    """Bars of the base and then the others, all from one zero; a loss runs to its left."""
    totals = [base, *others]
    ends = [0.0, *(end for each in totals for end in _ends(each))]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return LONGEST * (value - low) / span

    bars = [
        TotalBar(
            x=percent(place(min(each.value, 0.0))),
            width=percent(place(max(each.value, 0.0)) - place(min(each.value, 0.0))),
            low="" if each.low is None else percent(place(each.low)),
            high="" if each.high is None else percent(place(each.high)),
        )
        for each in totals
    ]
    return TotalBars(bars, percent(place(0.0)), percent(place(base.value)))


def month_lines(base: Sequence[float], changed: Sequence[float]) -> MonthLines | None:
    """Cash by month ahead, from the first; None where there are fewer than two months."""
    months = max(len(base), len(changed))
    if months < 2:
        return None
    lowest, highest = min(0.0, *base, *changed), max(0.0, *base, *changed)
    steps = round_steps(lowest, highest if highest > lowest else 1.0)

    def height(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - steps[0]) / (steps[-1] - steps[0])

    def line(values: Sequence[float]) -> str:
        return " ".join(
            f"{100 * row / (months - 1):.2f},{height(value):.2f}"
            for row, value in enumerate(values)
        )

    levels = [Tick(pixels(height(step)), _with_true_minus(step)) for step in steps]
    return MonthLines(line(base), line(changed), pixels(height(0.0)), levels, _month_ticks(months))


def _with_true_minus(step: float) -> str:
    """ "−400k": short enough for the column that the axis has."""
    is_long = 1e4 <= abs(step) < 1e6
    written = f"{step / 1e3:,.4g}k" if is_long else short_number(step)
    return written.replace("-", "−")


def _ends(total: Total) -> list[float]:
    return [end for end in (total.value, total.low, total.high) if end is not None]


def _month_ticks(months: int) -> list[Tick]:
    """The first month, the last, and each full half year between them."""
    numbers = [1, *range(6, months - 1, 6 if months <= 24 else 12), months]
    return [
        Tick(
            at=percent((number - 1) / (months - 1)),
            label=f"month {number}" if number in {1, months} else str(number),
            anchor="start" if number == 1 else "end" if number == months else "middle",
        )
        for number in numbers
    ]
