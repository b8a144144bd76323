"""What each customer is worth under the models that were found, and how surely."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from metrics.clv.fit import Fit
from metrics.clv.learning.findings import Findings
from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.clv.models.columns import (
    Columns,
    alive_of,
    columns_of_histories,
    if_alive_by_place,
)
from metrics.clv.models.gamma_gamma import SpendFit
from metrics.clv.models.purchase_model import InfiniteHorizon, PurchaseModel
from metrics.clv.purchases.histories import Array, Histories, Numbers, Unit
from metrics.clv.worth.cash import Horizon, continuous_rate, discounted_if_alive
from metrics.clv.worth.uncertainty import ChanceTable, Doubt, chance_table, slopes

BOUNDS = (0.05, 0.5, 0.95)

TOGETHER = 65_536
"""Customers valued at a time, so that what is needed between stays small."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Arrays follow the histories' customers; money in currency.

    expected_purchases: of the horizon, undiscounted; dert: discounted without an end, None where
    nobody leaves. expected_spend: a purchase day. cash: margin less cost of a purchase day. clv:
    discounted cash of the horizon; clv_low, clv_middle, clv_high: 5, 50 and 95 % of what this
    customer may bring, whom chance may have taken already; variance: of the same. Without a table
    of chance these are None.
    """

    p_alive: Array
    expected_purchases: Array
    dert: Array | None
    expected_spend: Array
    cash: Array
    clv: Array
    clv_low: Array | None
    clv_middle: Array | None
    clv_high: Array | None
    variance: Array | None


COLUMNS = tuple(column.name for column in fields(Worth))

NOT_NEGATIVE = ("p_alive", "expected_purchases", "expected_spend", "dert")


def chances(findings: Findings, oldest: float, horizon: Horizon, unit: Unit) -> ChanceTable:
    """The table of chance for the customers surveyed; the same on every shard."""
    counts = np.flatnonzero(findings.survey.by_count).tolist()
    end = float(horizon.ends(unit)[-1])
    variation = findings.survey.spend_variation
    return chance_table(findings.purchases, findings.spend, counts, oldest, end, variation)


def worth_of(
    histories: Histories,
    findings: Findings,
    chance: ChanceTable | None,
    horizon: Horizon,
    margin: float | Array,
    cost: float | Array = 0.0,
) -> Worth:
    """Every customer's worth. margin: share of spend that stays; cost: to serve a purchase day.

    Both one for all or one a customer. chance: None leaves the bounds out. Raises ImpossibleValue
    rather than answer with anything infinite, unknown, or negative where it cannot be.
    """
    columns, count = columns_of_histories(histories), len(histories)
    ahead = _Ahead(columns, findings.purchases.model, horizon, histories.unit)
    p_alive = alive_of(findings.purchases.model, columns)
    margins, costs = (np.broadcast_to(each, count) for each in (margin, cost))
    worth: Worth | None = None
    for start in range(0, count, TOGETHER):
        rows = slice(start, start + TOGETHER)
        some = _worth_of_some(
            histories.where(rows),
            findings,
            chance,
            p_alive[rows],
            ahead.at(columns.where(rows)),
            margins[rows],
            costs[rows],
        )
        worth = worth or _room_for(count, some)
        for name in COLUMNS:
            column = getattr(some, name)
            if column is not None:
                getattr(worth, name)[rows] = column
    return worth or _room_for(0, Worth(*([np.zeros(0)] * len(COLUMNS))))


def _worth_of_some(
    histories: Histories,
    findings: Findings,
    chance: ChanceTable | None,
    p_alive: Array,
    ahead: tuple[Array, Array, Array | None],
    margin: Array,
    cost: Array,
) -> Worth:
    bought, discounted, residual = ahead
    spend = findings.expected_spend(histories.x, histories.mean_spend)
    cash = margin * spend - cost
    clv = p_alive * discounted * cash
    low = middle = high = variance = None
    if chance is not None:
        unit = money_unit(findings.spend, histories.x, histories.mean_spend, spend)
        one = One(chance, histories.x, histories.T, p_alive)
        low, middle, high, variance = one.ranges(discounted, unit, spend, margin, cost)
    return possible(
        Worth(
            p_alive=p_alive,
            expected_purchases=p_alive * bought,
            dert=None if residual is None else p_alive * residual,
            expected_spend=spend,
            cash=cash,
            clv=clv,
            clv_low=low,
            clv_middle=middle,
            clv_high=high,
            variance=variance,
        )
    )


@dataclass(frozen=True, slots=True)
class One:
    """The chance of each customer of some."""

    table: ChanceTable
    x: Numbers
    T: Array
    p_alive: Array

    def ranges(
        self, discounted: Array, unit: Array, spend: Array, margin: Array, cost: Array
    ) -> tuple[Array, Array, Array, Array]:
        """clv_low, clv_middle, clv_high and variance, as in Worth.

        discounted: purchases if alive; unit: what one of the table's money is, in currency.
        """
        money = discounted * unit
        clv = self.p_alive * discounted * (margin * spend - cost)
        variance, stretch = self.variance(discounted, money, spend, margin, cost)
        bounds = self.bounds(margin * money)
        middle_of = clv + self.p_alive * discounted * cost
        around = np.where(cost == 0, bounds, clv + stretch * (bounds - middle_of))
        low, middle, high = np.sort(around, axis=0)
        may_stay_away = bounds[0] == 0  # who buys nothing brings and costs nothing
        low = np.where(may_stay_away, np.minimum(low, 0.0), low)
        high = np.where(may_stay_away, np.maximum(high, 0.0), high)
        # Who has almost surely left brings nothing in 95 of 100, and yet something in the mean
        return np.minimum(low, clv), middle, np.maximum(high, clv), variance

    def bounds(self, money: Array) -> Array:
        """What BOUNDS of such customers bring at most, a row a bound, before costs."""
        found = self.table.quantiles(self.table.money, self.x, self.T, self.p_alive, BOUNDS)
        return np.stack(found) * money

    def variance(
        self, bought: Array, money: Array, spend: Array, margin: Array, cost: Array
    ) -> tuple[Array, Array]:
        """Variance of margin less cost, and how much wider it is than the margin alone.

        Spend goes with purchases and varies on top of them; the cost goes with purchases only.
        """
        own = (self.x, self.T, self.p_alive)
        of_purchases = bought**2 * self.table.variance(self.table.purchases, *own)
        of_money = money**2 * self.table.variance(self.table.money, *own)
        on_top = np.maximum(of_money - spend**2 * of_purchases, 0.0)
        cash = margin * spend - cost
        variance = cash**2 * of_purchases + margin**2 * on_top
        alone = margin**2 * (spend**2 * of_purchases + on_top)
        ratio = np.divide(variance, alone, out=np.zeros_like(variance), where=alone > 0)
        return variance, np.sqrt(ratio)


class _Ahead:
    """What is ahead of one still buying: a table over the pairs of x and T that occur."""

    def __init__(
        self, columns: Columns, model: PurchaseModel, horizon: Horizon, unit: Unit
    ) -> None:
        self._times = len(columns.times)
        occurs = np.zeros(len(columns.counts) * self._times, dtype=np.bool_)
        for block in columns.blocks():
            occurs[block.pairs] = True
        pairs = np.flatnonzero(occurs)
        self._place = np.cumsum(occurs, dtype=np.int32) - 1
        x, T = columns.counts[pairs // self._times], columns.times[pairs % self._times]
        self._bought = model.purchases_if_alive(x, T, float(horizon.ends(unit)[-1]))
        self._discounted = discounted_if_alive(model, x, T, horizon, unit)
        self._residual = _residual(model, x, T, continuous_rate(horizon.yearly_rate, unit))

    def at(self, block: Columns) -> tuple[Array, Array, Array | None]:
        """Purchases of the horizon, the same discounted, and without an end where there is one."""
        place = self._place[block.pairs]
        residual = None if self._residual is None else self._residual[place]
        return self._bought[place], self._discounted[place], residual


def _room_for(count: int, like: Worth) -> Worth:
    columns: dict[str, Any] = {name: getattr(like, name) for name in COLUMNS}
    kept: dict[str, Any] = {
        name: None if each is None else np.empty(count) for name, each in columns.items()
    }
    return replace(like, **kept)


def parameter_spread(
    findings: Findings, horizon: Horizon, unit: Unit, margin: float = 1.0, cost: float = 0.0
) -> float | None:
    """Standard deviation of the sample's total value as the parameters vary, over its size.

    margin, cost: of a purchase day, in the mean. None where the total is 0.
    """
    sample = findings.sample
    x, t_x, T, mean_spend = sample.x, sample.t_x, sample.T, sample.mean_spend
    cash = margin * findings.expected_spend(x, mean_spend) - cost

    def discounted(model: PurchaseModel) -> Array:
        ahead = if_alive_by_place(
            sample.columns, lambda x, T: discounted_if_alive(model, x, T, horizon, unit)
        )
        return model.probability_alive(x, t_x, T) * ahead

    def total(model: PurchaseModel) -> Array:
        return np.asarray([discounted(model) @ cash])

    now = discounted(findings.purchases.model)
    value = float(now @ cash)
    if value == 0:
        return None
    spread = _variance(findings.purchases, total)
    if findings.spend is not None:
        spread += _variance(
            findings.spend,
            lambda model: np.asarray([margin * (now @ model.expected_spend(x, mean_spend))]),
        )
    return float(np.sqrt(spread)) / abs(value)


def doubt_of(
    findings: Findings, worth_total: float, variance: float, spread: float | None
) -> Doubt:
    """The three doubts about a total of customers, whose variances of chance add up."""
    chance = float(np.sqrt(variance)) / abs(worth_total) if worth_total else 0.0
    return Doubt(spread, chance, findings.errors)


def _variance(fit: Fit[Any], total: Callable[..., Array]) -> float:
    slope = slopes(fit, total)[0]
    return float(slope @ np.asarray(fit.held) @ slope)


def money_unit(fit: SpendFit | None, x: Numbers, mean_spend: Array, spend: Array) -> Array:
    """What one unit of the chance table's money is, in currency."""
    return spend if fit is None else np.asarray(fit.model.v + x * mean_spend)


def _residual(model: PurchaseModel, x: Array, T: Array, rate: float) -> Array | None:
    if rate <= 0:
        return None
    try:
        return model.residual_if_alive(x, T, rate)
    except InfiniteHorizon:
        return None


def possible(worth: Worth) -> Worth:
    """The same; ImpossibleValue where it holds something infinite, unknown or below what can be."""
    for name in dict.fromkeys((*NOT_NEGATIVE, "clv", *COLUMNS)):
        values = getattr(worth, name)
        if values is None:
            continue
        wrong = ~np.isfinite(values) | ((values < 0) if name in NOT_NEGATIVE else False)
        if wrong.any():
            raise ImpossibleValue(
                f"{name} is impossible for {int(wrong.sum())} of {len(values)} customers."
            )
    return worth
