"""What to spend on which lever, what a bet returned, and the mix of customers that is steadiest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

Array = NDArray[np.float64]

STARTS = (0.05, 0.3, 0.7, 0.95)
"""Shares of the range of useful spending from which the best is looked for."""


@dataclass(frozen=True, slots=True)
class Response:
    """A lever's rate by spend per head: ceiling (1 - e^(-k spend)). heads: who it is spent on.

    Source: Blattberg, Deighton (1996), "Manage marketing by the customer equity test".
    """

    ceiling: float
    k: float
    heads: float

    def __post_init__(self) -> None:
        if not (self.ceiling > 0 and self.k > 0 and self.heads > 0):
            raise ValueError("ceiling, k and heads must be above 0")

    def rate(self, spend: ArrayLike) -> Array:
        """The rate, 0 to the ceiling, at this spend per head."""
        return np.asarray(self.ceiling * -np.expm1(-self.k * np.asarray(spend, dtype=float)))


@dataclass(frozen=True, slots=True)
class Plan:
    """Spend per head and the rate it brings, lever by lever; net: value less all spending."""

    spend: Array
    rates: Array
    net: float


def best_plan(
    levers: Sequence[Response], value: Callable[[Array], float], budget: float = inf
) -> Plan:
    """The spending whose value less its cost is the highest within the budget.

    value: of the rates, in currency; it need not be concave, so the search begins at several
    places. Nothing spent is among the answers. Raises ValueError where no search ends.
    """
    heads = np.array([lever.heads for lever in levers])
    useful = np.array([12 / lever.k for lever in levers])  # at the ceiling but for e^-12
    if budget < inf:
        useful = np.minimum(useful, budget / heads)

    def plan(spend: Array) -> Plan:
        rates = np.array([float(one.rate(s)) for one, s in zip(levers, spend, strict=True)])
        return Plan(spend, rates, value(rates) - float(heads @ spend))

    nothing = plan(np.zeros(len(levers)))
    if not useful.all():
        return nothing
    size = max(abs(plan(useful * share).net - nothing.net) for share in STARTS) or 1.0
    within = [] if budget == inf else [_within(heads * useful / budget)]
    found = [
        minimize(
            lambda share: (nothing.net - plan(share * useful).net) / size,
            np.full(len(levers), start / (len(levers) if within else 1)),
            method="SLSQP",
            bounds=[(0.0, 1.0)] * len(levers),
            constraints=within,
            options={"ftol": 1e-12, "maxiter": 300},
        )
        for start in STARTS
    ]
    ended = [plan(np.clip(one.x, 0, 1) * useful) for one in found if one.success]
    if not ended:
        raise ValueError("no best spending was found")
    return max([nothing, *ended], key=lambda one: one.net)


def return_on(gain: float, cost: float) -> float:
    """Return of an investment: (gain - cost) / cost; 0.447 is 44.7 %."""
    if not cost > 0:
        raise ValueError("the cost must be above 0")
    return (gain - cost) / cost


def minimum_variance(covariance: ArrayLike) -> Array:
    """Weights of segments, none negative, sum 1, whose joint cash flow varies least.

    covariance: (k, k) of the segments' cash flows by unit of money put in.
    Source: Markowitz (1952), "Portfolio selection".
    """
    covariance = np.asarray(covariance, dtype=float)
    if np.linalg.eigvalsh(covariance).min() <= 0:
        raise ValueError("the covariance must be positive definite")
    weights = np.linalg.solve(covariance, np.ones(len(covariance)))
    weights /= weights.sum()
    return weights if weights.min() >= 0 else _without_debt(covariance)


def _without_debt(covariance: Array) -> Array:
    count = len(covariance)
    covariance = covariance / np.trace(covariance)
    found = minimize(
        lambda w: w @ covariance @ w,
        np.full(count, 1 / count),
        jac=lambda w: 2 * covariance @ w,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * count,
        constraints=[{"type": "eq", "fun": lambda w: w.sum() - 1}],
        options={"ftol": 1e-14, "maxiter": 500},
    )
    return np.asarray(found.x / found.x.sum())


def _within(costs: Array) -> dict[str, object]:
    """Spending, as shares of the budget, of 1 at most."""
    return {"type": "ineq", "fun": lambda share: 1 - costs @ share}
