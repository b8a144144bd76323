"""What is known of each customer beside purchase days: margin, cost to serve, what winning took."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import fsum

import numpy as np
from numpy.typing import NDArray

from customers.cash.acquisition import acquisition_costs
from customers.cash.margins import margins_until
from customers.models import Interaction, PurchaseDay, SourceRecord
from metrics.models import Valuation

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Facts:
    """Arrays follow the customers asked for. margin: share of a sale that stays; cost: currency
    to serve a purchase day; acquisition: currency to win this customer, NaN where not known.
    usual_margin, usual_cost: the means of all customers who are valued, asked for or not."""

    margin: Array
    cost: Array
    acquisition: Array
    usual_margin: float
    usual_cost: float


def facts_of(
    valuation: Valuation, customers: Integers, purchases: Array, purchases_of_all: int
) -> Facts:
    """The facts up to as-of of these customers, sorted by key; purchases: how many each made.

    purchases_of_all: how many all customers who are valued made, asked for or not.
    A margin that is asked for stands for everybody; the company's own gives way to what products
    and departments say. The cost to serve is the own mean a purchase, drawn towards that of all
    customers as if by one purchase more.
    """
    margin, usual_margin = _margins(valuation, customers)
    spent, spent_on_all = _spent_on(valuation.as_of, customers)
    usual_cost = spent_on_all / max(purchases_of_all, 1)
    return Facts(
        margin=margin,
        cost=(spent + usual_cost) / (purchases + 1),
        acquisition=_placed(acquisition_costs(valuation.as_of), customers, np.nan),
        usual_margin=usual_margin,
        usual_cost=usual_cost,
    )


def _margins(valuation: Valuation, customers: Integers) -> tuple[Array, float]:
    """The customers' own, and that of all sales to customers; from -1 to 1, as a margin is
    wherever it is said: who sent nearly all back has bought too little to tell more by."""
    default = float(valuation.margin)
    if not valuation.is_under_company_margin:
        return np.full(len(customers), default), default
    rows = margins_until(valuation.as_of, owner="record__customer")
    known = _columns(((key, amount, money) for key, amount, _, money in rows if key), many=3)
    sold, left = (fsum(each) for each in known[1:])
    amount, money = (_summed(known[0], each, customers, 0.0) for each in known[1:])
    has_bought = amount > 0
    own = np.where(has_bought, money / np.where(has_bought, amount, 1.0), default)
    return np.clip(own, -1.0, 1.0), left / sold if sold > 0 else default


def _spent_on(until: date, customers: Integers) -> tuple[Array, float]:
    """What serving these customers has cost, and serving all who are valued."""
    by_record = dict(Interaction.objects.costs_to_serve(until))
    if not by_record:
        return np.zeros(len(customers)), 0.0
    buyers = PurchaseDay.objects.counting().filter(day__lte=until).values("record__customer")
    served = Interaction.objects.filter(cost__isnull=False, happened_on__lte=until)
    owners = SourceRecord.objects.filter(pk__in=served.values("record"), customer__in=buyers)
    rows = [
        (customer, by_record.get(record, 0.0))
        for record, customer in owners.values_list("pk", "customer")
    ]
    return _placed(rows, customers, 0.0), fsum(cost for _, cost in rows)


def _placed(rows: Iterable[tuple[int, float]], customers: Integers, otherwise: float) -> Array:
    """The rows' numbers at their customers, summed where a customer has several."""
    keys, numbers = _columns(rows, many=2)
    return _summed(keys, numbers, customers, otherwise)


def _columns(rows: Iterable[tuple[float, ...]], many: int) -> Array:
    """Rows of so many numbers as columns; no row of a million outlives the next."""
    return np.fromiter(rows, dtype=np.dtype((np.float64, many))).T


def _summed(keys: Array, numbers: Array, customers: Integers, otherwise: float) -> Array:
    answer = np.full(len(customers), otherwise)
    place = np.searchsorted(customers, keys)
    place = np.minimum(place, max(len(customers) - 1, 0))
    theirs = customers[place] == keys if len(customers) else np.zeros(0, dtype=bool)
    sums = np.bincount(place[theirs], numbers[theirs], minlength=len(customers))
    has = np.bincount(place[theirs], minlength=len(customers)) > 0
    answer[has] = sums[has]
    return answer
