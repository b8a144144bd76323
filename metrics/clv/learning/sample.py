"""Rows of some customers, on whom climbs begin and curves are drawn."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from metrics.clv.fit import Fit
from metrics.clv.models.columns import Columns, columns_of
from metrics.clv.purchases.histories import DAYS_IN, Array, Unit


@dataclass(frozen=True)
class Sampled:
    """Rows of the sample at one day; as the columns of Histories and of View."""

    x: Array
    t_x: Array
    T: Array
    mean_spend: Array
    last_year: Array

    @cached_property
    def columns(self) -> Columns:
        return columns_of(self.x, self.t_x, self.T)

    @property
    def spends(self) -> tuple[Array, Array]:
        """x and mean_spend of those who have paid for a repeat purchase."""
        paid = (self.x > 0) & (self.mean_spend > 0)
        return self.x[paid], self.mean_spend[paid]

    def alive_again(self, fit: Fit[Any]) -> Array:
        """P(alive) of those who bought more than once."""
        again = self.x > 0
        alive: Array = fit.model.probability_alive(self.x[again], self.t_x[again], self.T[again])
        return alive


def sampled(rows: Array, day: int, unit: Unit) -> Sampled:
    """The named columns of a sample's answer."""
    _, x, first_day, last_day, mean_spend, last_year = rows.T
    days = DAYS_IN[unit]
    return Sampled(
        x, (last_day - first_day) / days, (day - first_day) / days, mean_spend, last_year
    )
