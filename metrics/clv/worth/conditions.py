"""What customers would be worth under other conditions: scenarios, and the pull of each driver.

Nothing that happened changes, so P(alive) stays as it is; only what comes does. Customers with
one x and one T share their future, so a total over them is a table of a few thousand rows.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from metrics.clv.models.bg_nbd import BgNbd
from metrics.clv.models.mbg_nbd import MbgNbd
from metrics.clv.models.nbd import Nbd
from metrics.clv.models.pareto_nbd import ParetoNbd
from metrics.clv.models.purchase_model import PurchaseModel, expected_new
from metrics.clv.purchases.histories import Array, Unit
from metrics.clv.worth.cash import Horizon, month_length


@dataclass(frozen=True, slots=True)
class Shock:
    """From a month on (1 is the next), a segment buys this much: 0.8 is a fifth less."""

    segment: int
    month: int
    purchases: float


@dataclass(frozen=True, slots=True)
class Change:
    """What is changed against the valuation. 1 (or 0 points) leaves a driver as it is.

    drop_out: factor of the chance, or rate, of leaving; rate: of the purchase rate; spend: of
    the amount of a purchase day; margin: points added to the margin (0.01 is one point).
    horizon: None leaves it. shocks: to segments.
    """

    drop_out: float = 1.0
    rate: float = 1.0
    spend: float = 1.0
    margin: float = 0.0
    horizon: Horizon | None = None
    shocks: tuple[Shock, ...] = ()

    def __post_init__(self) -> None:
        for name in ("drop_out", "rate", "spend"):
            value = getattr(self, name)
            if not (np.isfinite(value) and 0 < value <= 100):
                raise ValueError(f"{name} must be above 0 and at most 100 times as it is")
        if not -1 <= self.margin <= 1:
            raise ValueError("the margin must change by at most one hundred points")


UNCHANGED = Change()


@dataclass(frozen=True, slots=True)
class Base:
    """Customers of one x, one T and one segment as one row: sums over them of P(alive), each
    times 1, the expected spend, its margin, and the cost to serve a purchase day. T in `unit`.
    """

    x: Array
    T: Array
    segment: NDArray[np.int64]
    alive: Array
    spend: Array
    margin: Array
    cost: Array
    unit: Unit
    horizon: Horizon


@dataclass(frozen=True, slots=True)
class Pull:
    """What one step of a driver does to customer equity; gain None where it cannot be known."""

    driver: str
    step: str
    gain: float | None


def total(base: Base, model: PurchaseModel, change: Change = UNCHANGED) -> float:
    """Customer equity under the changed conditions, in currency."""
    return float(monthly(base, model, change).sum())


def monthly(base: Base, model: PurchaseModel, change: Change = UNCHANGED) -> Array:
    """The same, by the month in which the cash comes; each month discounted from its end."""
    horizon = change.horizon or base.horizon
    ahead = purchases_ahead(model, base.x, base.T, horizon.ends(base.unit), change)
    bought = np.diff(ahead, prepend=0.0, axis=1)
    for shock in change.shocks:
        hit = base.segment == shock.segment
        bought[np.ix_(hit, np.arange(horizon.months) >= shock.month - 1)] *= shock.purchases
    cash = change.spend * (base.margin + change.margin * base.spend) - base.cost
    return np.asarray(np.sum(cash[:, None] * bought, axis=0) * horizon.factors)


def purchases_ahead(model: PurchaseModel, x: Array, T: Array, ends: Array, change: Change) -> Array:
    """Purchases up to each end of those still buying at T, if drop-out and rate change now.

    x and T are columns; the answer has a row for each and a column for each end.
    """
    x, T = x[:, None], T[:, None]
    if isinstance(model, ParetoNbd):
        return np.asarray(change.rate * model.purchases_if_alive(x, T, ends, change.drop_out))
    # Customers of these models leave after a purchase only: a rate of two is half the time.
    return np.asarray(_leaving(model, change.drop_out).purchases_if_alive(x, T, ends * change.rate))


def survival(base: Base, model: PurchaseModel, months: int, drop_out: float = 1.0) -> float:
    """Chance that a customer who is buying now is after so many months."""
    later = months * month_length(base.unit)
    if isinstance(model, ParetoNbd):
        age = model.beta + base.T
        stays = (age / (age + drop_out * later)) ** model.s
    else:
        changed, t_x = _leaving(model, drop_out), np.where(base.x > 0, base.T, 0.0)
        now = changed.probability_alive(base.x, t_x, base.T)
        stays = changed.probability_alive(base.x, t_x, base.T, later) / now
    return float(np.sum(base.alive * stays) / np.sum(base.alive))


def keeping_more(base: Base, model: PurchaseModel, points: float) -> Change | None:
    """The change of drop-out that lifts twelve-month survival by so much (0.01 is one point).

    None where nobody leaves, or too few do.
    """
    wanted = survival(base, model, 12) + points
    if isinstance(model, Nbd) or not 0 < wanted < 1:
        return None
    low, high = (-14.0, 0.0) if points > 0 else (0.0, 4.6)

    def miss(log_factor: float) -> float:
        return survival(base, model, 12, float(np.exp(log_factor))) - wanted

    if miss(low) * miss(high) > 0:
        return None
    return Change(drop_out=float(np.exp(brentq(miss, low, high, xtol=1e-10))))


def pulls(base: Base, model: PurchaseModel, new_customer_spend: float, margin: float) -> list[Pull]:
    """One step of each driver, by exact recomputation; a newcomer's value beside them.

    new_customer_spend: currency a purchase day; margin: share of it that stays.
    """
    now = total(base, model)
    horizon = base.horizon
    dearer = Horizon(horizon.months, horizon.yearly_rate + 0.01)
    kept = keeping_more(base, model, 0.01)
    steps = [
        ("keep", "+1 point of twelve-month retention", kept),
        ("rate", "+1% purchases", Change(rate=1.01)),
        ("spend", "+1% spend a purchase", Change(spend=1.01)),
        ("margin", "+1 point of margin", Change(margin=0.01)),
        ("discount", "+1 point of discount rate", Change(horizon=dearer)),
    ]
    found = [
        Pull(driver, step, None if change is None else total(base, model, change) - now)
        for driver, step, change in steps
    ]
    newcomer = float(
        newcomer_by_month(model, new_customer_spend * margin, horizon, base.unit).sum()
    )
    return [
        *found,
        Pull("acquire", "+1 new customer, before what winning one costs", newcomer),
        Pull(
            "cash",
            "+1 of the currency a year from every present customer",
            a_year_more(base, model),
        ),
    ]


def a_year_more(base: Base, model: PurchaseModel) -> float:
    """What one of the currency more a year brings, while a customer stays; discounted."""
    present = [survival(base, model, month) for month in range(1, base.horizon.months + 1)]
    return float(np.sum(base.alive) * np.sum(present * base.horizon.factors) / 12)


def newcomer_by_month(model: PurchaseModel, cash: float, horizon: Horizon, unit: Unit) -> Array:
    """Discounted cash of a new customer by month; the first purchase counts in full, at once."""
    again = np.diff(expected_new(model, horizon.ends(unit)), prepend=0.0) * horizon.factors
    again[0] += 1.0
    return np.asarray(cash * again)


def payback_month(cash_by_month: Array, acquisition_cost: float) -> int | None:
    """The month in which cash has paid for winning the customer; None within the horizon."""
    paid = np.flatnonzero(np.cumsum(cash_by_month) >= acquisition_cost)
    return int(paid[0]) + 1 if len(paid) else None


def _leaving(model: PurchaseModel, drop_out: float) -> PurchaseModel:
    if isinstance(model, BgNbd | MbgNbd):
        return replace(model, a=model.a * drop_out)
    return model
