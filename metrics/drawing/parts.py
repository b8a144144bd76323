"""Parts of a change as bars from one zero line, to the right where they raise it."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.drawing.axes import percent

INSET = 0.02


@dataclass(frozen=True)
class PartBar:
    """x and width in percent of the width, as text; zero: where the line stands."""

    zero: str
    x: str
    width: str


def part_bars(amounts: Sequence[float]) -> list[PartBar]:
    low, high = min([0.0, *amounts]), max([0.0, *amounts])
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return INSET + (1 - 2 * INSET) * (value - low) / span

    zero = place(0.0)
    return [
        PartBar(
            percent(zero),
            percent(min(zero, place(amount))),
            percent(abs(place(amount) - zero)),
        )
        for amount in amounts
    ]
