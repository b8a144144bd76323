"""What every model of repeat purchases can be asked, and how one is learnt.

All times are in the unit of the histories that the model was fitted to. What a customer who is
alive will still do depends on x and T only, never on t_x: so forecasts are tables over (x, T).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from metrics.clv.fit import ENOUGH_TO_START, ROUGHLY, Fit, Objective, Peak, best_start, uphill
from metrics.clv.models.columns import Columns
from metrics.clv.purchases.histories import Array, checked_history

ENOUGH_TO_NEAR = 30_000
"""Customers from whom the top is so near that two or three steps on everybody reach it."""


class InfiniteHorizon(ArithmeticError):
    """Nobody leaves, so that a value without an end has no bound; carries the sentence."""


class PurchaseModel(Protocol):
    """x: repeat purchases; t_x, T: from the first purchase to the last and to now."""

    def probability_alive(
        self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, later: ArrayLike = 0.0
    ) -> Array:
        """Chance, in [0, 1], that the customer is still buying at T + later, known to T."""
        ...

    def purchases_if_alive(self, x: ArrayLike, T: ArrayLike, t: ArrayLike) -> Array:
        """Expected purchases in (T, T + t] of a customer who is still buying at T."""
        ...

    def residual_if_alive(self, x: ArrayLike, T: ArrayLike, rate: float) -> Array:
        """Discounted expected purchases after T, without an end, of one still buying at T.

        rate: continuous, per unit of time, above 0. Raises InfiniteHorizon where nobody leaves.
        """
        ...

    def repeat_probability(self, n: ArrayLike, t: ArrayLike) -> Array:
        """Chance that a new customer makes just n repeat purchases in the time t."""
        ...

    def draw_if_alive(
        self, x: ArrayLike, T: ArrayLike, t: ArrayLike, random: np.random.Generator
    ) -> Array:
        """Purchases in (T, T + t] of customers still buying at T, each drawn at random."""
        ...


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of purchase model.

    key: as stored ("bg_nbd"); title: as published ("BG/NBD"); build: parameters to model;
    objective: sums over columns, by log-parameters in the order of `parameters`; starts: rows of
    parameters to begin from.
    """

    key: str
    title: str
    parameters: tuple[str, ...]
    build: Callable[..., Any]
    objective: Callable[[Columns], Objective]
    starts: Callable[[Columns], list[list[float]]]


def fit_family(family: Family, columns: Columns) -> Fit[Any]:
    """The most likely model of these histories, with standard errors where they exist."""
    start = start_from(family, columns.every(max(1, len(columns) // ENOUGH_TO_NEAR)))
    return fit_from_peak(family, uphill(family.objective(columns), start))


def start_from(family: Family, sample: Columns) -> Array:
    """Log-parameters near the top, by a climb on a sample that was begun on a part of it."""
    some = sample.every(max(1, len(sample) // ENOUGH_TO_START))
    start = best_start(family.objective(some), family.starts(some))
    return uphill(family.objective(sample), start, ROUGHLY).log_parameters


def fit_from_peak(family: Family, peak: Peak) -> Fit[Any]:
    """The fit that a likelihood's top stands for."""
    return Fit(
        model=family.build(*peak.parameters),
        standard_errors=peak.errors_of(family.parameters),
        covariance=peak.covariance,
        log_likelihood=peak.log_likelihood,
        converged=peak.converged,
        held=peak.held,
    )


def expected_purchases(
    model: PurchaseModel, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, t: ArrayLike
) -> Array:
    """Expected purchases in (T, T + t], given the history; all broadcast together.

    Raises ValueError naming the rule that an impossible history breaks.
    """
    x, t_x, T = checked_history(x, t_x, T)
    return model.probability_alive(x, t_x, T) * model.purchases_if_alive(x, T, t)


def discounted_residual(
    model: PurchaseModel, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, rate: float
) -> Array:
    """Discounted expected residual transactions (DERT), given the history; rate as above."""
    x, t_x, T = checked_history(x, t_x, T)
    return model.probability_alive(x, t_x, T) * model.residual_if_alive(x, T, rate)


def expected_new(model: PurchaseModel, t: ArrayLike) -> Array:
    """Expected repeat purchases of a new customer in the time t since the first purchase.

    Just after the first purchase: MBG/NBD lets a customer leave at once, which this counts.
    """
    return model.probability_alive(0, 0, 0) * model.purchases_if_alive(0, 0, t)


def checked_horizon(t: ArrayLike) -> Array:
    """t as a float array; ValueError where it is negative or without end."""
    t = np.asarray(t, dtype=np.float64)
    if not np.all(np.isfinite(t) & (t >= 0)):
        raise ValueError("the horizon must be zero or more and finite")
    return t


def checked_rate(rate: float) -> float:
    """rate; ValueError where it is not a positive number."""
    if not (np.isfinite(rate) and rate > 0):
        raise ValueError("the discount rate must be above zero where the horizon has no end")
    return float(rate)


def refuse_nonsense(model: object, **parameters: float) -> None:
    """ValueError unless every parameter is a positive, finite number."""
    for name, value in parameters.items():
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{type(model).__name__}: {name} must be positive, not {value}")
