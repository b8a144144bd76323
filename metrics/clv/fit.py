"""Maximum likelihood on the logarithms of positive parameters, and what a fit has to tell.

A likelihood is a sum over customers, and so are its gradient and Hessian: `climb` asks for these
`Sums` at a point and is sent them, whoever adds them up. One process does it in `highest_peak`;
many workers do it a round at a time.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, fields
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from metrics.clv.purchases.histories import Array

Model = TypeVar("Model", covariant=True)

SMALLEST, LARGEST = 1e-6, 1e5
"""No parameter is looked for outside these."""

NEAR = 0.01
"""How near, on the log scale, counts as at the edge."""

FLAT = 0.04
"""Curvature, on the log scale, below which a parameter is unknown to a factor of e^5 = 150."""

ENOUGH_TO_START = 2_000
"""Customers on whom the starts are tried; the best one then climbs on more."""

ROUGHLY = 1e-3
"""Log-likelihood still to gain at which a climb on some of the customers is over."""

STILL_TO_GAIN = 1e-7
"""Log-likelihood that a further Newton step promises, below which the climb is over: the point is
then within 1/2000 of a standard error of the top, and the last step squares that."""

LAST_STEP, LAST_GAIN = 3e-4, 0.01
"""A step as short as this, on the log scale, that gains no more, may be the last one, too: its
square is then what is left, a ten-millionth of a parameter."""

ROUNDING = 1e-12
"""Part of a log-likelihood by which two sums of the same terms may differ."""

LONGEST_STEP = 2.5
"""No parameter grows or shrinks by more than e^2.5 = 12 times at once."""

MOST_STEPS = 100


class Sums(NamedTuple):
    """A log-likelihood with its gradient and Hessian by the log-parameters; they add up."""

    value: float
    slope: Array
    curvature: Array


Objective = Callable[[Array], Sums]
"""From log-parameters to the sums over some customers."""


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a reader of the result must know: a stable code and the sentence for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Fit(Generic[Model]):
    """A model with how sure it is.

    standard_errors: by parameter name, in the parameter's own unit. covariance: of the
    logarithms of the parameters, in the model's order. Both are None where the likelihood is
    flat or ends at an edge, so that no honest error exists. log_likelihood is unscaled. held: the
    covariance with what is flat held at FLAT, for what hardly depends on it; always there where
    a likelihood was climbed.
    """

    model: Model
    standard_errors: dict[str, float] | None
    covariance: Array | None
    log_likelihood: float
    converged: bool
    warnings: tuple[Caution, ...] = ()
    held: Array | None = None

    @property
    def parameters(self) -> dict[str, float]:
        """The model's parameters by name, in its order."""
        return {each.name: getattr(self.model, each.name) for each in fields(self.model)}  # type: ignore[arg-type]


class TooLittleData(ValueError):
    """Fewer customers than a model can be learnt from; carries the sentence for the person."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The top of a likelihood: where, how high, how curved; held as in Fit."""

    log_parameters: Array
    log_likelihood: float
    covariance: Array | None
    converged: bool
    held: Array

    @property
    def parameters(self) -> list[float]:
        return [float(value) for value in np.exp(self.log_parameters)]

    def errors_of(self, names: Sequence[str]) -> dict[str, float] | None:
        """Standard errors of the parameters by the delta method."""
        if self.covariance is None:
            return None
        errors = np.exp(self.log_parameters) * np.sqrt(np.diag(self.covariance))
        return {name: float(error) for name, error in zip(names, errors, strict=True)}


def highest_peak(objective: Objective, rough: Objective, starts: ArrayLike) -> Peak:
    """The maximum of `objective`, begun where `rough` (the same on fewer rows) is highest.

    starts: one row of positive parameters a start.
    """
    return uphill(objective, best_start(rough, starts))


def best_start(rough: Objective, starts: ArrayLike) -> Array:
    """The log-parameters of the highest of the peaks that lie above the starts."""
    logs = np.log(np.asarray(starts, dtype=np.float64))
    peaks = [uphill(rough, start, ROUGHLY) for start in logs]
    return max(peaks, key=lambda peak: peak.log_likelihood).log_parameters


def uphill(objective: Objective, start: Array, enough: float = STILL_TO_GAIN) -> Peak:
    """The peak that `climb` reaches, with all sums made here and now.

    enough: log-likelihood still to gain at which it stops; ROUGHLY will do on a sample.
    """
    steps = climb(start, enough)
    point = next(steps)
    while True:
        try:
            point = steps.send(objective(point))
        except StopIteration as end:
            peak: Peak = end.value
            return peak


def climb(start: Array, enough: float = STILL_TO_GAIN) -> Generator[Array, Sums, Peak]:
    """Newton's way up: yields log-parameters, is sent the sums there, returns the peak.

    Steps are shortened where the likelihood is not concave or falls; a parameter that wants to
    leave the searched range is held at its edge. Not converged where the top lies at an edge or
    a step would still gain; no covariance where the top is flat.
    """
    low, high = np.log(SMALLEST), np.log(LARGEST)
    top = np.clip(np.asarray(start, dtype=np.float64), low, high)
    sums = yield top
    for _ in range(MOST_STEPS):
        step, to_gain = _newton_step(top, sums)
        if _is_last(step, to_gain, enough):
            break
        for share in (1.0, 0.3, 0.1, 0.01):
            point = np.clip(top + share * step, low, high)
            tried = yield point
            if tried.value >= sums.value - ROUNDING * abs(sums.value):
                break
        else:
            break
        top, sums = point, tried
    settled = _is_last(step, to_gain, enough)
    if settled:  # the last step needs no sums: what it gains is known, and squares the error
        top, sums = np.clip(top + step, low, high), sums._replace(value=sums.value + to_gain)
    curvatures, axes = np.linalg.eigh(-sums.curvature)
    inside = bool(np.all((top > low + NEAR) & (top < high - NEAR)))
    return Peak(
        log_parameters=top,
        log_likelihood=float(sums.value),
        covariance=(
            np.asarray((axes / curvatures) @ axes.T) if inside and curvatures[0] > FLAT else None
        ),
        converged=bool(inside and settled),
        held=np.asarray((axes / np.maximum(curvatures, FLAT)) @ axes.T),
    )


def _is_last(step: Array, to_gain: float, enough: float) -> bool:
    short = to_gain < LAST_GAIN and float(np.abs(step).max()) < LAST_STEP
    return short or to_gain < enough


def _newton_step(top: Array, sums: Sums) -> tuple[Array, float]:
    """The step to take and the gain it promises, over the parameters that are free to move."""
    low, high = np.log(SMALLEST), np.log(LARGEST)
    is_free = ~((top <= low) & (sums.slope < 0)) & ~((top >= high) & (sums.slope > 0))
    slope = sums.slope[is_free]
    curvatures, axes = np.linalg.eigh(-sums.curvature[np.ix_(is_free, is_free)])
    along = axes.T @ slope
    held = np.maximum(np.abs(curvatures), FLAT)
    step = np.zeros_like(top)
    step[is_free] = axes @ (along / held)
    longest = float(np.abs(step).max(initial=0.0))
    return step * min(1.0, LONGEST_STEP / max(longest, 1e-300)), float(np.sum(along**2 / held) / 2)


def every_nth(*columns: Array, enough: int = ENOUGH_TO_START) -> tuple[Array, ...]:
    """An even selection of about `enough` rows, or all rows where there are fewer."""
    stride = max(1, len(columns[0]) // enough)
    return tuple(column[::stride] for column in columns)
