"""BG/NBD: customers buy at random until, after some purchase, they leave for good.

Source: Fader, Hardie, Lee (2005), "Counting your customers the easy way", Marketing Science 24(2).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, expit, gammaln

from metrics.clv.fit import Fit, Objective, every_nth, highest_peak
from metrics.clv.histories import Array, checked_history
from metrics.clv.models.bg_nbd_horizon import purchases_if_alive
from metrics.clv.models.purchase_model import checked_horizon, refuse_nonsense

PARAMETERS = ("r", "alpha", "a", "b")

HUGE = 700.0
"""Log-odds above which their exponential would overflow; log(1 + odds) is then the log-odds."""


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Buying rates are Gamma(r, alpha), the chance to leave after a purchase is Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        refuse_nonsense(self, r=self.r, alpha=self.alpha, a=self.a, b=self.b)

    def probability_alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Array:
        """Chance, in [0, 1], that the customer is still buying at T; 1 where x is 0.

        x: purchases after the first, whole; t_x, T: time from the first purchase to the last and
        to now. All broadcast together. A logistic of log-odds, so that long silences go to 0
        without overflow. Raises ValueError naming the rule that an impossible history breaks.
        Source: Fader, Hardie, Lee (2008), "Computing P(alive) using the BG/NBD model".
        """
        x, t_x, T = checked_history(x, t_x, T)
        return np.where(x > 0, expit(-self._log_odds_left(x, t_x, T)), 1.0)

    def purchases_if_alive(self, x: ArrayLike, T: ArrayLike, t: ArrayLike) -> Array:
        """Expected purchases in (T, T + t] of a customer who is still buying at T."""
        x, _, T = checked_history(x, np.zeros(()), T)
        return purchases_if_alive(self.r, self.alpha, self.a, self.b, x, T, checked_horizon(t))

    def _log_odds_left(self, x: Array, t_x: Array, T: Array) -> Array:
        silence = np.log((self.alpha + T) / (self.alpha + t_x))
        return np.log(self.a / (self.b + np.maximum(x, 1) - 1)) + (self.r + x) * silence


def log_likelihood(model: BgNbd, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> float:
    """Log-likelihood of the histories, unscaled, in the unit of t_x and T."""
    parameters = np.array([model.r, model.alpha, model.a, model.b])
    return _objective(*checked_history(x, t_x, T))(np.log(parameters))[0]


def fit(x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Fit[BgNbd]:
    """The most likely model of these histories, with standard errors where they exist."""
    columns = checked_history(x, t_x, T)
    peak = highest_peak(
        _objective(*columns), _objective(*every_nth(*columns)), _starts(columns[0], columns[2])
    )
    return Fit(
        model=BgNbd(*peak.parameters),
        standard_errors=peak.errors_of(PARAMETERS),
        covariance=peak.covariance,
        log_likelihood=peak.log_likelihood,
        converged=peak.converged,
    )


def _starts(x: Array, T: Array) -> list[list[float]]:
    """Rates of about the mean seen; few leave, some leave, many leave at once."""
    pace = max(float(T.sum()), 1e-9) / max(float(x.sum()), 1.0)
    return [[0.3, 0.3 * pace, 0.5, 2.0], [1.0, pace, 0.1, 2.0], [1.0, 0.5 * pace, 1.0, 1.0]]


def _objective(x: Array, t_x: Array, T: Array) -> Objective:
    """The log-likelihood with its gradient; gamma functions are taken once a distinct x.

    Sums, not dot products: BLAS would start threads that fight with other workers for the cores.
    """
    once = np.argsort(x == 0, kind="stable")
    x, T = x[once], T[once]
    again = slice(0, int(np.count_nonzero(x)))
    t_x = t_x[once][again]
    counts, row, customers = np.unique(x, return_inverse=True, return_counts=True)
    row = row[again]
    before_last = np.maximum(counts, 1) - 1

    def value_and_slope(log_parameters: Array) -> tuple[float, Array]:
        r, alpha, a, b = (float(value) for value in np.exp(log_parameters))
        log_age, shape = np.log(alpha + T), r + x
        silence = log_age[again] - np.log(alpha + t_x)
        log_odds = np.log(a / (b + before_last))[row] + shape[again] * silence
        odds = np.exp(np.minimum(log_odds, HUGE))
        left = odds / (1 + odds)
        left_by_count = np.bincount(row, left, minlength=len(counts))
        shared = digamma(a + b) - digamma(a + b + counts)
        since_known = shape / (alpha + T)
        value = (
            np.sum(customers * _gamma_terms(r, a, b, counts))
            + len(x) * r * np.log(alpha)
            - np.sum(shape * log_age)
            + np.sum(np.log(1 + odds) + np.maximum(log_odds - HUGE, 0))
        )
        slope = [
            np.sum(customers * (digamma(r + counts) - digamma(r)))
            + len(x) * np.log(alpha)
            - np.sum(log_age)
            + np.sum(left * silence),
            len(x) * r / alpha
            - np.sum(since_known)
            + np.sum(left * (since_known[again] - shape[again] / (alpha + t_x))),
            np.sum(customers * shared) + np.sum(left) / a,
            np.sum(customers * (shared + digamma(b + counts) - digamma(b)))
            - np.sum(left_by_count / (b + before_last)),
        ]
        return float(value), np.array(slope) * np.exp(log_parameters)

    return value_and_slope


def _gamma_terms(r: float, a: float, b: float, counts: Array) -> Array:
    bought = gammaln(r + counts) - gammaln(r)
    stayed = gammaln(b + counts) - gammaln(b) + gammaln(a + b) - gammaln(a + b + counts)
    return np.asarray(bought + stayed)
