"""Whether a metric answers to those who are held to it, and what part of it is theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

LEAST_CHANGES = 24
LEAST_CONTROL = 0.3


class Declared(Enum):
    """What the owner says."""

    FULL = "full"
    SHARED = "shared"
    NONE = "none"


class Gate(Enum):
    """May the metric carry a target for this owner?"""

    OPEN = "open"
    WAIVED = "waived"
    NOT_THEIRS = "not theirs"
    NO_LEVER = "no lever"
    MOVED_FROM_OUTSIDE = "moved from outside"

    @property
    def is_open(self) -> bool:
        return self in {Gate.OPEN, Gate.WAIVED}


@dataclass(frozen=True, slots=True)
class Outside:
    """How far factors outside the department explain a metric's changes.

    share: adjusted R², 0 to 1. slopes: metric units by one unit of each factor. changes: how many
    were compared.
    """

    share: float
    slopes: Array
    changes: int

    @property
    def control_share(self) -> float:
        return 1 - self.share


def response_rate(responded: Sequence[bool]) -> float | None:
    """Share of the owner's finished initiatives after which the metric showed a signal in the
    agreed direction; None before the first."""
    return sum(responded) / len(responded) if responded else None


def outside_share(values: ArrayLike, factors: ArrayLike) -> Outside | None:
    """Changes of the metric on same-period changes of outside factors, by least squares.

    values: (n,), one a period; factors: (n, k) or (n,), market index, season, metrics of other
    departments. NaN is an empty period: changes from or to it are left out. None under 24 changes,
    or with so many factors that nothing could be told.
    """
    values, factors = _columns(values, factors)
    changes = np.diff(np.column_stack([values, factors]), axis=0)
    changes = changes[np.isfinite(changes).all(axis=1)]
    count = len(changes)
    if count < LEAST_CHANGES:
        return None
    y, x = changes[:, 0], np.column_stack([np.ones(count), changes[:, 1:]])
    slopes, _, rank, _ = np.linalg.lstsq(x, y)
    if count - rank < 2:
        return None
    left, whole = np.sum((y - x @ slopes) ** 2), np.sum((y - y.mean()) ** 2)
    unexplained = (left / (count - rank)) / (whole / (count - 1)) if whole > 0 else 1.0
    return Outside(
        float(np.clip(1 - unexplained, 0, 1)), np.asarray(slopes[1:], dtype=np.float64), count
    )


def own_part(values: ArrayLike, factors: ArrayLike, outside: Outside) -> Array:
    """The metric less what the factors did to it since the first period: score the owner on it.

    (n,), in the metric's unit. NaN where a value or a factor is. Raises ValueError where the
    first period's factors are empty.
    """
    values, factors = _columns(values, factors)
    since = factors - factors[0]
    if not np.isfinite(factors[0]).all():
        raise ValueError("the factors of the first period must be known")
    return np.asarray(values - since @ outside.slopes)


def gate(
    declared: Declared,
    has_lever: bool,
    control_share: float | None = None,
    is_waived: bool = False,
) -> Gate:
    """Control at least shared, a lever named, and, once data tell, not moved from outside.

    control_share: None while there are too few data. is_waived: both sides accept the last.
    """
    if declared is Declared.NONE:
        return Gate.NOT_THEIRS
    if not has_lever:
        return Gate.NO_LEVER
    if control_share is None or control_share >= LEAST_CONTROL:
        return Gate.OPEN
    return Gate.WAIVED if is_waived else Gate.MOVED_FROM_OUTSIDE


def _columns(values: ArrayLike, factors: ArrayLike) -> tuple[Array, Array]:
    values = np.asarray(values, dtype=float)
    factors = np.asarray(factors, dtype=float)
    factors = factors[:, None] if factors.ndim == 1 else factors
    if values.ndim != 1 or len(values) != len(factors):
        raise ValueError("the metric and the factors must have one value a period each")
    return values, factors
