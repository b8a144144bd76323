"""NBD: customers buy at random and nobody leaves. The honest model where no drop-out can be seen.

The limit of BG/NBD as a goes to 0, on the same likelihood, so that the two can be compared.
Source: Ehrenberg (1959), "The pattern of consumer purchases", Applied Statistics 8(1).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, polygamma, xlogy

from metrics.clv.fit import Fit, Objective, Sums
from metrics.clv.models.columns import Columns, Tally, columns_of
from metrics.clv.models.purchase_model import (
    Family,
    InfiniteHorizon,
    checked_horizon,
    fit_family,
    refuse_nonsense,
)
from metrics.clv.purchases.histories import Array, checked_history

LONGEST_SUM = 10_000
"""Up to this count a rising factorial is summed factor by factor, which loses no digit."""


@dataclass(frozen=True, slots=True)
class Nbd:
    """Buying rates are Gamma(r, alpha)."""

    r: float
    alpha: float

    def __post_init__(self) -> None:
        refuse_nonsense(self, r=self.r, alpha=self.alpha)

    def probability_alive(
        self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, later: ArrayLike = 0.0
    ) -> Array:
        """1 for everybody. Raises ValueError naming the rule that an impossible history breaks."""
        x, t_x, T = checked_history(x, t_x, T)
        later = checked_horizon(later)
        return np.ones(np.broadcast_shapes(x.shape, t_x.shape, T.shape, later.shape))

    def purchases_if_alive(self, x: ArrayLike, T: ArrayLike, t: ArrayLike) -> Array:
        """Expected purchases in (T, T + t]."""
        x, _, T = checked_history(x, np.zeros(()), T)
        return np.asarray((self.r + x) / (self.alpha + T) * checked_horizon(t))

    def residual_if_alive(self, x: ArrayLike, T: ArrayLike, rate: float) -> Array:
        """Raises InfiniteHorizon: where nobody leaves, only a capped horizon is honest."""
        raise InfiniteHorizon(
            "Nobody is seen to leave, so purchases without an end cannot be valued: choose a "
            "horizon of some months instead."
        )

    def repeat_probability(self, n: ArrayLike, t: ArrayLike) -> Array:
        """Chance that a new customer makes just n repeat purchases in the time t."""
        n, _, t = checked_history(n, np.zeros(()), checked_horizon(t))
        return purchase_count_probability(self.r, self.alpha, n, t)

    def draw_if_alive(
        self, x: ArrayLike, T: ArrayLike, t: ArrayLike, random: np.random.Generator
    ) -> Array:
        """Purchases in (T, T + t], each drawn at random."""
        x, _, T = checked_history(x, np.zeros(()), T)
        rate = random.gamma(*np.broadcast_arrays(self.r + x, 1 / (self.alpha + T)))
        return random.poisson(rate * checked_horizon(t)).astype(np.float64)


def log_likelihood(
    model: Nbd, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Log-likelihood of the histories, unscaled, in the unit of T."""
    return objective(columns_of(x, t_x, T, weights))(np.log([model.r, model.alpha])).value


def fit(x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None) -> Fit[Nbd]:
    """The most likely model of these histories, with standard errors where they exist."""
    return fit_family(FAMILY, columns_of(x, t_x, T, weights))


def objective(columns: Columns) -> Objective:
    """The log-likelihood's sums over these customers, at (log r, log alpha).

    Reads tables of distinct counts and times only: no step looks at a customer.
    """
    return objective_of(columns, columns.tally())


def objective_of(columns: Columns, tally: Tally) -> Objective:
    """The same, from a tally of the columns."""
    customers, joined, repeats = tally

    def sums(log_parameters: Array) -> Sums:
        r, alpha = (float(value) for value in np.exp(log_parameters))
        log_rising, first, second = rising(r, columns.counts)
        log_age, share = np.log(1 + columns.times / alpha), alpha / (alpha + columns.times)
        decayed = r * np.vecdot(joined, log_age)
        value = np.vecdot(customers, log_rising) - decayed
        value -= np.vecdot(repeats, log_age) + repeats.sum() * log_parameters[1]
        by_r = r * np.vecdot(customers, first) - decayed
        across = r * np.vecdot(joined, 1 - share)
        bent = np.vecdot(r * joined + repeats, share * (1 - share))
        curvature = np.array(
            [[by_r + r**2 * np.vecdot(customers, second), across], [across, -bent]]
        )
        return Sums(float(value), np.array([by_r, across - np.vecdot(repeats, share)]), curvature)

    return sums


def starts(columns: Columns) -> list[list[float]]:
    """Rates of about the mean seen, and very different or rather alike."""
    pace = mean_gap(columns)
    return [[0.3, 0.3 * pace], [2.0, 2.0 * pace]]


FAMILY = Family("nbd", "NBD", ("r", "alpha"), Nbd, objective, starts)


def mean_gap(columns: Columns) -> float:
    """Time seen for each repeat purchase seen."""
    joined, repeats = columns.by_age()
    return max(float((joined * columns.times).sum()), 1e-9) / max(float(repeats.sum()), 1.0)


def purchase_count_probability(r: float, alpha: float, n: Array, t: Array) -> Array:
    """Chance of n purchases in the time t at a rate that is Gamma(r, alpha)."""
    counts, place = np.unique(n, return_inverse=True)
    ways = (rising(r, counts)[0] - gammaln(counts + 1))[place.reshape(n.shape)]
    return np.asarray(np.exp(ways - r * np.log1p(t / alpha) + xlogy(n, t / (alpha + t))))


def rising(base: float, counts: Array) -> tuple[Array, Array, Array]:
    """Logarithm of base (base + 1) ... (base + count - 1), and its first and second derivative.

    counts: whole, ascending. By the base. Relative accuracy 1e-13 up to LONGEST_SUM factors.
    """
    if len(counts) and counts[-1] > LONGEST_SUM:
        bases = base + counts
        return (
            np.asarray(gammaln(bases) - gammaln(base)),
            np.asarray(digamma(bases) - digamma(base)),
            np.asarray(polygamma(1, bases) - polygamma(1, base)),
        )
    factors = base + np.arange(counts[-1] if len(counts) else 0.0)
    terms = np.zeros((3, len(factors) + 1))
    np.log(factors, out=terms[0, 1:])
    np.divide(1, factors, out=terms[1, 1:])
    np.negative(terms[1, 1:] ** 2, out=terms[2, 1:])
    log_rising, first, second = np.cumsum(terms, axis=1)[:, counts.astype(np.int64)]
    return log_rising, first, second
