"""What is known of each customer beside purchase days: margin, cost to serve, what winning took."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from customers.cash.acquisition import acquisition_costs
from customers.cash.margins import margins_until
from customers.models import Interaction, SourceRecord
from metrics.models import Valuation

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Facts:
    """Arrays follow the customers asked for. margin: share of a sale that stays; cost: currency
    to serve a purchase day; acquisition: currency to win this customer, NaN where not known."""

    margin: Array
    cost: Array
    acquisition: Array


def facts_of(valuation: Valuation, customers: Integers, purchases: Array) -> Facts:
    """The facts up to as-of of these customers, sorted by key; purchases: how many each made.

    A margin that is asked for stands for everybody; the company's own gives way to what products
    and departments say. The cost to serve is the own mean a purchase, drawn towards that of all
    customers as if by one purchase more.
    """
    return Facts(
        margin=_margins(valuation, customers),
        cost=_costs(valuation.as_of, customers, purchases),
        acquisition=_placed(acquisition_costs(valuation.as_of), customers, np.nan),
    )


def _margins(valuation: Valuation, customers: Integers) -> Array:
    default = float(valuation.margin)
    if not valuation.is_under_company_margin:
        return np.full(len(customers), default)
    rows = list(margins_until(valuation.as_of, owner="record__customer"))
    amount, money = (
        _placed(((row[0], row[place]) for row in rows), customers, 0.0) for place in (1, 3)
    )
    has_bought = amount > 0
    return np.where(has_bought, money / np.where(has_bought, amount, 1.0), default)


def _costs(until: date, customers: Integers, purchases: Array) -> Array:
    by_record = dict(Interaction.objects.costs_to_serve(until))
    if not by_record:
        return np.zeros(len(customers))
    owner = SourceRecord.objects.filter(pk__in=by_record).values_list("pk", "customer")
    spent = _placed(
        ((customer, by_record[record]) for record, customer in owner if customer), customers, 0.0
    )
    usual = float(spent.sum()) / max(float(purchases.sum()), 1.0)
    return (spent + usual) / (purchases + 1)


def _placed(rows: Iterable[tuple[int, float]], customers: Integers, otherwise: float) -> Array:
    """The rows' numbers at their customers, summed where a customer has several."""
    known = np.array(list(rows), dtype=np.float64).reshape(-1, 2)
    answer = np.full(len(customers), otherwise)
    place = np.searchsorted(customers, known[:, 0])
    place = np.minimum(place, max(len(customers) - 1, 0))
    theirs = customers[place] == known[:, 0] if len(customers) else np.zeros(0, dtype=bool)
    sums = np.bincount(place[theirs], known[theirs, 1], minlength=len(customers))
    has = np.bincount(place[theirs], minlength=len(customers)) > 0
    answer[has] = sums[has]
    return answer
