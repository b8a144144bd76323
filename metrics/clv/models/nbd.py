"""NBD: customers buy at random and nobody leaves. The honest model where no drop-out can be seen.

The limit of BG/NBD as a goes to 0, on the same likelihood, so that the two can be compared.
Source: Ehrenberg (1959), "The pattern of consumer purchases", Applied Statistics 8(1).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from metrics.clv.fit import Fit, Objective, every_nth, highest_peak
from metrics.clv.histories import Array, checked_history
from metrics.clv.models.purchase_model import checked_horizon, refuse_nonsense


@dataclass(frozen=True, slots=True)
class Nbd:
    """Buying rates are Gamma(r, alpha)."""

    r: float
    alpha: float

    def __post_init__(self) -> None:
        refuse_nonsense(self, r=self.r, alpha=self.alpha)

    def probability_alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Array:
        """1 for everybody. Raises ValueError naming the rule that an impossible history breaks."""
        x, t_x, T = checked_history(x, t_x, T)
        return np.ones(np.broadcast_shapes(x.shape, t_x.shape, T.shape))

    def purchases_if_alive(self, x: ArrayLike, T: ArrayLike, t: ArrayLike) -> Array:
        """Expected purchases in (T, T + t]."""
        x, _, T = checked_history(x, np.zeros(()), T)
        return np.asarray((self.r + x) / (self.alpha + T) * checked_horizon(t))


def log_likelihood(model: Nbd, x: ArrayLike, T: ArrayLike) -> float:
    """Log-likelihood of the histories, unscaled, in the unit of T."""
    x, _, T = checked_history(x, np.zeros(()), T)
    return _objective(x, T)(np.log([model.r, model.alpha]))[0]


def fit(x: ArrayLike, T: ArrayLike) -> Fit[Nbd]:
    """The most likely model of these histories, with standard errors where they exist."""
    x, _, T = checked_history(x, np.zeros(()), T)
    pace = max(float(T.sum()), 1e-9) / max(float(x.sum()), 1.0)
    peak = highest_peak(
        _objective(x, T), _objective(*every_nth(x, T)), [[0.3, 0.3 * pace], [2.0, 2.0 * pace]]
    )
    return Fit(
        model=Nbd(*peak.parameters),
        standard_errors=peak.errors_of(("r", "alpha")),
        covariance=peak.covariance,
        log_likelihood=peak.log_likelihood,
        converged=peak.converged,
    )


def _objective(x: Array, T: Array) -> Objective:
    counts, customers = np.unique(x, return_counts=True)

    def value_and_slope(log_parameters: Array) -> tuple[float, Array]:
        r, alpha = (float(value) for value in np.exp(log_parameters))
        log_age, shape = np.log(alpha + T), r + x
        value = np.sum(customers * (gammaln(r + counts) - gammaln(r)))
        value += len(x) * r * np.log(alpha) - np.sum(shape * log_age)
        slope_r = np.sum(customers * (digamma(r + counts) - digamma(r)))
        slope_r += len(x) * np.log(alpha) - log_age.sum()
        slope_alpha = len(x) * r / alpha - np.sum(shape / (alpha + T))
        return float(value), np.array([slope_r * r, slope_alpha * alpha])

    return value_and_slope
