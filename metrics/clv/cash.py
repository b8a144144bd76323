"""From expected purchases to discounted margin."""

import numpy as np

from metrics.clv.histories import DAYS_IN, Array, Unit
from metrics.clv.models.chebyshev import evaluate, expand
from metrics.clv.models.purchase_model import PurchaseModel

DAYS_IN_A_MONTH = 365.25 / 12


def month_length(unit: Unit) -> float:
    """A month, a twelfth of 365.25 days, in the unit of the histories (4.348 weeks)."""
    return DAYS_IN_A_MONTH / DAYS_IN[unit]


def monthly_rate(yearly_rate: float) -> float:
    """The discount rate a month that compounds to the yearly rate."""
    if not (np.isfinite(yearly_rate) and yearly_rate > -1):
        raise ValueError("the yearly rate must be a number above -1")
    return float((1 + yearly_rate) ** (1 / 12) - 1)


def discounted_purchases(
    model: PurchaseModel,
    x: Array,
    t_x: Array,
    T: Array,
    *,
    months: int,
    month: float,
    yearly_rate: float,
) -> Array:
    """Expected purchases of the next `months`, those of month m divided by (1 + d)^m.

    d: the monthly rate; month: its length in the unit of t_x and T. Cash of a month counts at
    the month's end. One answer a customer; x, t_x and T are columns of one length.
    """
    if months < 1 or month <= 0:
        raise ValueError("the horizon must be at least one month, and a month longer than zero")
    ends: Array = month * np.arange(1.0, months + 1)
    factors: Array = np.power(1 + monthly_rate(yearly_rate), -np.arange(1.0, months + 1))
    # sum of (E[m] - E[m-1]) f[m] = sum of E[m] (f[m] - f[m+1])
    weights: Array = -np.diff(factors, append=0.0)
    if_alive = _if_alive(model, x, T, ends, weights)
    return np.asarray(model.probability_alive(x, t_x, T) * if_alive)


def _if_alive(model: PurchaseModel, x: Array, T: Array, ends: Array, weights: Array) -> Array:
    """Weighted sum of the purchases up to each end: one smooth curve in log(alpha + T) for each
    distinct x, followed by a few nodes and read off for every customer."""
    counts, column = np.unique(x, return_inverse=True)
    age = np.log(model.alpha + T)
    youngest, span = age.min(initial=np.inf), np.ptp(age) if len(age) else 0.0
    if len(x) < 32 * len(counts) or span == 0:
        return np.asarray(model.purchases_if_alive(x[:, None], T[:, None], ends) @ weights)

    def curves(position: Array) -> Array:
        ages = np.exp(youngest + (position[:, None, None] + 1) * span / 2)
        since_first = np.maximum(ages - model.alpha, 0.0)
        return np.asarray(model.purchases_if_alive(counts[:, None], since_first, ends) @ weights)

    place = np.clip(2 * (age - youngest) / span - 1, -1, 1)
    return evaluate(expand(curves), column, place)
