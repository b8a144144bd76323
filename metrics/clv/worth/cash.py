"""From expected purchases to discounted cash."""

from dataclasses import dataclass

import numpy as np

from metrics.clv.models.purchase_model import PurchaseModel
from metrics.clv.purchases.histories import DAYS_IN, Array, Unit

DAYS_IN_A_MONTH = 365.25 / 12

LONGEST = 60
"""Months; beyond five years a forecast from purchases alone is a guess."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far ahead, and what later money is worth. yearly_rate: 0.1 is 10 % a year."""

    months: int = 12
    yearly_rate: float = 0.10

    def __post_init__(self) -> None:
        if not 1 <= self.months <= LONGEST:
            raise ValueError(f"the horizon must be between 1 and {LONGEST} months")
        monthly_rate(self.yearly_rate)

    def ends(self, unit: Unit) -> Array:
        """Where each month ends, in the unit."""
        return np.asarray(month_length(unit) * np.arange(1.0, self.months + 1))

    @property
    def factors(self) -> Array:
        """What a month's cash, counted at the month's end, is worth now."""
        months: Array = np.arange(1.0, self.months + 1)
        return np.asarray((1 + monthly_rate(self.yearly_rate)) ** -months)

    @property
    def weights(self) -> Array:
        """Weights of the purchases up to each end: sum of (E[m] - E[m-1]) f[m] = E . weights."""
        return np.asarray(-np.diff(self.factors, append=0.0))


def month_length(unit: Unit) -> float:
    """A month, a twelfth of 365.25 days, in the unit of the histories (4.348 weeks)."""
    return DAYS_IN_A_MONTH / DAYS_IN[unit]


def monthly_rate(yearly_rate: float) -> float:
    """The discount rate a month that compounds to the yearly rate."""
    if not (np.isfinite(yearly_rate) and yearly_rate > -1):
        raise ValueError("the yearly rate must be a number above -1")
    return float((1 + yearly_rate) ** (1 / 12) - 1)


def continuous_rate(yearly_rate: float, unit: Unit) -> float:
    """The continuous rate per unit that compounds to the yearly rate (0.0027 a week for 15 %)."""
    return float(np.log1p(yearly_rate) * DAYS_IN[unit] / 365.25)


def discounted_if_alive(
    model: PurchaseModel, x: Array, T: Array, horizon: Horizon, unit: Unit
) -> Array:
    """Expected purchases of the horizon's months, each discounted from its end, of one still
    buying at T. x and T are columns of one length."""
    ends = horizon.ends(unit)
    ahead = model.purchases_if_alive(x[:, None], T[:, None], ends)
    return np.asarray(ahead @ horizon.weights)


def discounted_purchases(
    model: PurchaseModel, x: Array, t_x: Array, T: Array, horizon: Horizon, unit: Unit
) -> Array:
    """The same given the history, for columns of one length."""
    return model.probability_alive(x, t_x, T) * discounted_if_alive(model, x, T, horizon, unit)
