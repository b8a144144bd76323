"""How far a yearly value may be off: of each customer, and of all of them together."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from metrics.clv.fit import Fit
from metrics.clv.learning.questions import variation
from metrics.clv.models.gamma_gamma import GammaGamma, SpendFit
from metrics.clv.purchases.histories import Array
from metrics.clv.worth.customers import One, money_unit
from metrics.clv.worth.uncertainty import ChanceTable, Doubt, Spread, slopes, spreads_at
from metrics.clv.yearly.bg_bb import LONGEST, BgBb
from metrics.clv.yearly.chances import Chances, YearsHeldOut


def ranges(
    fit: Fit[BgBb],
    spend_fit: SpendFit | None,
    known: Chances,
    years: int,
    discounted: Array,
    spend: Array,
    margin: float,
) -> tuple[Array, Array, Array, Array]:
    """clv_low, clv_middle, clv_high and variance, as in Worth.

    discounted: years with a purchase, of the next `years`, of a customer who is alive.
    """
    kind = known.x.astype(np.int64) * (LONGEST + 1) + known.T
    _, first, row = np.unique(kind, return_index=True, return_inverse=True)
    x, T = (column[first].astype(np.float64)[:, None] for column in (known.x, known.T))
    paid = np.log(known.mean_spend[(known.x > 0) & (known.mean_spend > 0)])
    varies = variation(len(paid), float(paid.sum()), float(np.sum(paid**2)))
    found = spreads_at(fit, spend_fit, x, T, float(years), varies)
    table = ChanceTable(np.arange(float(len(first))), np.array([0.0, 1.0]), *map(_at_both, found))
    alive = fit.model.probability_alive(known.x, known.t_x, known.T)
    one = One(table, row, np.zeros(len(row)), alive)
    unit = money_unit(spend_fit, known.x, known.mean_spend, spend)
    margins = np.full(len(row), margin)
    return one.ranges(discounted, unit, spend, margins, np.zeros(len(row)))


def range_of_total(
    fit: Fit[BgBb],
    spend_fit: SpendFit | None,
    total_by: Callable[[BgBb, GammaGamma | None], float],
    variance: Array | None,
    tests: Sequence[YearsHeldOut],
) -> tuple[float, float] | None:
    """Bounds of 5 and 95 % of the total that these models of purchases and spend come to.

    None where nothing was tested, where nobody is seen to leave, so that what the parameters leave
    open is not known, and where the doubt is so large that bounds say nothing.
    """
    spending = spend_fit.model if spend_fit else None
    total = total_by(fit.model, spending)
    if total == 0 or fit.held is None or variance is None:
        return None
    spread = _variance(fit, lambda model: total_by(model, spending))
    if spend_fit is not None:
        spread += _variance(spend_fit, lambda model: total_by(fit.model, model))
    chance = float(np.sqrt(variance.sum())) / abs(total)
    errors = tuple(test.relative_error for test in tests)
    return Doubt(float(np.sqrt(spread)) / abs(total), chance, errors).interval(total)


def _variance(fit: Fit[Any], total: Callable[[Any], float]) -> float:
    slope = slopes(fit, lambda model: np.asarray([total(model)]))[0]
    return float(slope @ np.asarray(fit.held) @ slope)


def _at_both(spread: Spread) -> Spread:
    """The same at both ends of a table's ages, of which kinds of histories have none."""
    return Spread(
        *(np.repeat(each, 2, axis=1) for each in (spread.levels, spread.mean, spread.square))
    )
