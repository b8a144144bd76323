"""Pareto/NBD: customers buy at random and leave for good at any moment, seen by nobody.

Source: Schmittlein, Morrison, Colombo (1987), "Counting your customers: who are they and what will
they do next?", Management Science 33(1); Fader, Hardie (2005), "A note on deriving the Pareto/NBD
model and related expressions".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import exprel

from metrics.clv.fit import Fit
from metrics.clv.models import pareto_nbd_likelihood as likelihood
from metrics.clv.models.columns import Columns, columns_of
from metrics.clv.models.nbd import mean_gap, purchase_count_probability
from metrics.clv.models.pareto_nbd_integrals import discounted_life, purchases_of_the_left
from metrics.clv.models.pareto_nbd_likelihood import objective
from metrics.clv.models.purchase_model import (
    Family,
    checked_horizon,
    checked_rate,
    fit_family,
    refuse_nonsense,
)
from metrics.clv.purchases.histories import Array, checked_history

PARAMETERS = ("r", "alpha", "s", "beta")


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """Buying rates are Gamma(r, alpha), leaving rates Gamma(s, beta), and no rate knows the other.

    Of one who is alive at T, they are Gamma(r + x, alpha + T) and Gamma(s, beta + T).
    """

    r: float
    alpha: float
    s: float
    beta: float

    def __post_init__(self) -> None:
        refuse_nonsense(self, r=self.r, alpha=self.alpha, s=self.s, beta=self.beta)

    @property
    def log_parameters(self) -> Array:
        return np.log([self.r, self.alpha, self.s, self.beta])

    def probability_alive(
        self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, later: ArrayLike = 0.0
    ) -> Array:
        """Chance, in [0, 1], that the customer is still buying at T + later, known to T.

        x: purchases after the first, whole; t_x, T: time from the first purchase to the last and
        to now. All broadcast together. Relative error, for parameters in 1e-6 to 1e5, below 1e-11
        plus rounding of the history's log-likelihood (1e-15 of it); 0 where it is below 1e-308.
        Raises ValueError naming the rule that an impossible history breaks.
        """
        x, t_x, T = checked_history(x, t_x, T)
        columns, shape = columns_of(x, t_x, T), np.broadcast_shapes(x.shape, t_x.shape, T.shape)
        return np.asarray(self.alive_of(columns).reshape(shape) * self._stays(T, later))

    def alive_of(self, columns: Columns) -> Array:
        """Chance that each customer is still buying at T: the fast way for many."""
        return likelihood.probability_alive(self.r, self.alpha, self.s, self.beta, columns)

    def purchases_if_alive(
        self, x: ArrayLike, T: ArrayLike, t: ArrayLike, drop_out: float = 1.0
    ) -> Array:
        """Expected purchases in (T, T + t] of a customer who is still buying at T.

        drop_out: what the rates of leaving are multiplied by after T. Smooth through s = 1.
        """
        x, _, T = checked_history(x, np.zeros(()), T)
        age = (self.beta + T) / drop_out
        ahead = np.log1p(checked_horizon(t) / age)
        return np.asarray(self._pace(x, T) * age * ahead * exprel((1 - self.s) * ahead))

    def residual_if_alive(self, x: ArrayLike, T: ArrayLike, rate: float) -> Array:
        """Discounted expected purchases after T, without an end, of one still buying at T.

        rate: continuous, per unit of time, above 0.
        """
        x, _, T = checked_history(x, np.zeros(()), T)
        age = self.beta + T
        return np.asarray(
            self._pace(x, T) * age * discounted_life(self.s, checked_rate(rate) * age)
        )

    def repeat_probability(self, n: ArrayLike, t: ArrayLike) -> Array:
        """Chance that a new customer makes just n repeat purchases in the time t."""
        n, _, t = checked_history(n, np.zeros(()), checked_horizon(t))
        n, t = np.broadcast_arrays(n, t)
        chance = purchase_count_probability(self.r, self.alpha, n, t)
        chance = np.asarray(chance * np.exp(-self.s * np.log1p(t / self.beta)))
        counts = np.unique(n)
        for each in np.unique(t[t > 0]):
            left = purchases_of_the_left(self.r, self.alpha, self.s, self.beta, counts, float(each))
            chance[t == each] += left[np.searchsorted(counts, n[t == each])]
        return chance

    def draw_if_alive(
        self, x: ArrayLike, T: ArrayLike, t: ArrayLike, random: np.random.Generator
    ) -> Array:
        """Purchases in (T, T + t] of customers still buying at T, each drawn at random."""
        x, _, T = checked_history(x, np.zeros(()), T)
        x, T, t = np.broadcast_arrays(x, T, checked_horizon(t))
        rate, age = random.gamma(self.r + x, 1 / (self.alpha + T)), self.beta + T
        log_life = np.minimum(random.standard_exponential(x.shape) / self.s, np.log1p(t / age))
        alive_for = np.minimum(age * np.expm1(log_life), t)
        return np.asarray(random.poisson(rate * alive_for), dtype=np.float64)

    def _pace(self, x: Array, T: Array) -> Array:
        return np.asarray((self.r + x) / (self.alpha + T))

    def _stays(self, T: Array, later: ArrayLike) -> Array:
        return np.asarray(np.exp(-self.s * np.log1p(checked_horizon(later) / (self.beta + T))))


def starts(columns: Columns) -> list[list[float]]:
    """Buying at about the pace seen, or faster; half have left by the mean age, or fewer."""
    pace = mean_gap(columns)
    joined, _ = columns.by_age()
    age = max(float((joined * columns.times).sum() / joined.sum()), 1e-3)
    return [[0.5, 0.4 * pace, 0.6, 0.4 * age], [1.0, 0.9 * pace, 0.5, 3.0 * age]]


FAMILY = Family("pareto_nbd", "Pareto/NBD", PARAMETERS, ParetoNbd, objective, starts)


def log_likelihood(
    model: ParetoNbd, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Log-likelihood of the histories, unscaled, in the unit of t_x and T."""
    return objective(columns_of(x, t_x, T, weights))(model.log_parameters).value


def fit(
    x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None
) -> Fit[ParetoNbd]:
    """The most likely model of these histories, with standard errors where they exist."""
    return fit_family(FAMILY, columns_of(x, t_x, T, weights))
