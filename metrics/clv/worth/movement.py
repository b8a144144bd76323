"""Why customer equity moved between two valuations: parts that add up to the change, exactly.

Each part is the difference of two totals on one way from the earlier valuation to the later:
time passes as was expected, customers come, they buy otherwise than expected, they spend
otherwise, the models are learnt anew, margins and costs change, the terms change. The order is
fixed; another order would part the change a little differently, and just as exactly.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from metrics.clv.models.gamma_gamma import GammaGamma
from metrics.clv.models.purchase_model import PurchaseModel
from metrics.clv.purchases.histories import DAYS_IN, Array, Integers, Unit
from metrics.clv.worth.cash import Horizon

PARTS = (
    ("time", "Time passed, as expected"),
    ("gone", "Customers merged or removed"),
    ("behaviour", "Customers bought more or less often than expected"),
    ("spend", "They spent more or less on a purchase"),
    ("new", "New customers"),
    ("models", "Models learnt anew"),
    ("margin", "Margin and cost to serve"),
    ("terms", "Discount rate and horizon"),
)


@dataclass(frozen=True, slots=True)
class Valued:
    """One valuation as it was: a row a customer, sorted by customer, and what it stood under.

    spend: None where the spend was not modelled; usual_spend: then the company's mean. margin:
    share, cost: currency a purchase day, one a customer. until: days since 1970-01-01.
    """

    customer: Integers
    x: Array
    t_x: Array
    T: Array
    mean_spend: Array
    margin: Array
    cost: Array
    purchases: PurchaseModel
    spend: GammaGamma | None
    usual_spend: float
    horizon: Horizon
    unit: Unit
    until: int

    def rows(self, wanted: NDArray[np.bool_]) -> "Valued":
        """Some of the customers."""
        columns = ("customer", "x", "t_x", "T", "mean_spend", "margin", "cost")
        return replace(self, **{name: getattr(self, name)[wanted] for name in columns})


class NotComparable(ValueError):
    """Two valuations whose totals cannot be set against each other; carries the sentence."""


def movement(earlier: Valued, later: Valued) -> dict[str, Decimal]:
    """What each of PARTS did to customer equity, in currency and cents; they add up to the change
    of the totals as rounded to cents. Raises NotComparable.
    """
    if earlier.unit != later.unit:
        raise NotComparable("These two valuations count time in different units.")
    if later.until < earlier.until:
        raise NotComparable("The later valuation must not be as of an earlier day.")
    stays = np.isin(earlier.customer, later.customer)
    known = np.isin(later.customer, earlier.customer)
    before, after = earlier.rows(stays), later.rows(known)
    passed = (later.until - earlier.until) / DAYS_IN[earlier.unit]
    as_before = replace(
        after,
        margin=before.margin,
        cost=before.cost,
        purchases=earlier.purchases,
        spend=earlier.spend,
        usual_spend=earlier.usual_spend,
        horizon=earlier.horizon,
    )
    with_new = replace(
        later,
        margin=_put(later.margin, known, before.margin),
        cost=_put(later.cost, known, before.cost),
        purchases=earlier.purchases,
        spend=earlier.spend,
        usual_spend=earlier.usual_spend,
        horizon=earlier.horizon,
    )
    learnt = replace(
        with_new, purchases=later.purchases, spend=later.spend, usual_spend=later.usual_spend
    )
    margins = replace(learnt, margin=later.margin, cost=later.cost)
    totals = [
        value(earlier).sum(),
        value(earlier, passed).sum(),
        value(before, passed).sum(),
        (discounted(as_before) * cash(before)).sum(),
        value(as_before).sum(),
        value(with_new).sum(),
        value(learnt).sum(),
        value(margins).sum(),
        value(later).sum(),
    ]
    cents = [Decimal(float(each)).quantize(Decimal("0.01")) for each in totals]
    return {
        part: after - before
        for (part, _), (before, after) in zip(PARTS, pairwise(cents), strict=True)
    }


def value(valued: Valued, passed: float = 0.0) -> Array:
    """Discounted cash of the horizon that begins when so much time has passed, a customer."""
    return discounted(valued, passed) * cash(valued)


def discounted(valued: Valued, passed: float = 0.0) -> Array:
    """Expected purchases of the horizon that begins after `passed`, discounted to its start."""
    model, x, T = valued.purchases, valued.x, valued.T
    ends = valued.horizon.ends(valued.unit) + passed
    pairs, place = np.unique(np.column_stack([x, T]), axis=0, return_inverse=True)
    count, age = pairs[:, :1], pairs[:, 1:]
    ahead = model.purchases_if_alive(count, age, ends)
    if passed:
        ahead = ahead - model.purchases_if_alive(count, age, passed)
    if_alive = (ahead @ valued.horizon.weights)[place.ravel()]
    return np.asarray(model.probability_alive(x, valued.t_x, T) * if_alive)


def cash(valued: Valued) -> Array:
    """Expected spend of a purchase day, less what is not margin and what serving costs."""
    x, mean_spend = valued.x, valued.mean_spend
    if valued.spend is not None:
        spend = valued.spend.expected_spend(x, mean_spend)
    else:
        spend = (valued.usual_spend + x * mean_spend) / (1 + x)
    return np.asarray(valued.margin * spend - valued.cost)


def _put(values: Array, where: NDArray[np.bool_], others: Array) -> Array:
    changed = values.copy()
    changed[where] = others
    return changed
