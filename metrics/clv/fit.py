"""Maximum likelihood on the logarithms of positive parameters, and what a fit has to tell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import OptimizeResult, minimize

from metrics.clv.histories import Array

Model = TypeVar("Model", covariant=True)
Objective = Callable[[Array], tuple[float, Array]]
"""From log-parameters to a log-likelihood and its gradient."""

SMALLEST, LARGEST = 1e-6, 1e5
"""No parameter is looked for outside these."""

NEAR = 0.01
"""How near, on the log scale, counts as at the edge."""

FLAT = 0.04
"""Curvature, on the log scale, below which a parameter is unknown to a factor of e^5 = 150."""

ENOUGH_TO_START = 2_000
"""Customers on whom the starts are tried; the best one then climbs on everybody."""

STILL_TO_GAIN = 1e-4
"""Log-likelihood that a further Newton step promises, below which the climb is over."""


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
    flat or ends at an edge, so that no honest error exists. log_likelihood is unscaled.
    """

    model: Model
    standard_errors: dict[str, float] | None
    covariance: Array | None
    log_likelihood: float
    converged: bool
    warnings: tuple[Caution, ...] = ()


class TooLittleData(ValueError):
    """Fewer customers than a model can be learnt from; carries the sentence for the person."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The top of a likelihood: where, how high, how curved."""

    log_parameters: Array
    log_likelihood: float
    covariance: Array | None
    converged: bool

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

    starts: one row of positive parameters a start. Not converged where the top lies at an edge
    of the searched range or a Newton step would still gain; no covariance where it is flat.
    """
    low, high = np.log(SMALLEST), np.log(LARGEST)
    climbs = [_climb(rough, start, 1e-5) for start in np.log(np.asarray(starts, dtype=np.float64))]
    start = min(climbs, key=lambda climb: float(climb.fun))
    top = np.clip(_climb(objective, start.x, 1e-8, start.hess_inv).x, low, high)
    value, slope = objective(top)
    curvatures, axes = np.linalg.eigh(_information(objective, top))
    held = np.maximum(curvatures, FLAT)
    step = axes @ (axes.T @ slope / held)
    stepped = np.clip(top + step, low, high)
    stepped_value, stepped_slope = objective(stepped)
    if stepped_value >= value:
        top, value, slope = stepped, stepped_value, stepped_slope
    to_gain = np.sum((axes.T @ slope) ** 2 / held) / 2
    inside = bool(np.all((top > low + NEAR) & (top < high - NEAR)))
    is_held = inside and curvatures[0] > FLAT
    return Peak(
        log_parameters=top,
        log_likelihood=value,
        covariance=np.asarray((axes / curvatures) @ axes.T) if is_held else None,
        converged=bool(inside and to_gain < STILL_TO_GAIN),
    )


def every_nth(*columns: Array) -> tuple[Array, ...]:
    """An even selection of about ENOUGH_TO_START rows, or all rows where there are fewer."""
    stride = max(1, len(columns[0]) // ENOUGH_TO_START)
    return tuple(column[::stride] for column in columns)


def _climb(
    objective: Objective, start: Array, flat: float, curvature: Array | None = None
) -> OptimizeResult:
    """Uphill by BFGS until the slope, as a share of the log-likelihood, is below `flat`.

    Beyond the searched range the likelihood is held constant, which ends a runaway climb.
    BFGS is NumPy; L-BFGS-B's BLAS threads took nine tenths of the time on busy cores.
    """
    low, high = np.log(SMALLEST), np.log(LARGEST)
    size = max(1.0, abs(objective(start)[0]))

    def downhill(log_parameters: Array) -> tuple[float, Array]:
        inside = np.clip(log_parameters, low, high)
        value, slope = objective(inside)
        return -value / size, np.where(inside == log_parameters, -slope / size, 0.0)

    if curvature is not None:
        curvature = (curvature + curvature.T) / 2
        curvature = curvature if np.linalg.eigvalsh(curvature)[0] > 0 else None
    options = {"maxiter": 500, "gtol": flat, "hess_inv0": curvature}
    return minimize(downhill, start, jac=True, method="BFGS", options=options)


def _information(objective: Objective, top: Array) -> Array:
    """Minus the Hessian, by central differences of the analytic gradient."""
    width = 1e-4
    rows = [
        (objective(top - move)[1] - objective(top + move)[1]) / (2 * width)
        for move in width * np.eye(len(top))
    ]
    information = np.asarray(rows)
    return np.asarray((information + information.T) / 2, dtype=np.float64)
