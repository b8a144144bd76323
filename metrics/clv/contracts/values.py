"""What customers with a contract are worth: by the chance that each will still be paying.

Fees fall due once a period, decisions to leave at the ends of terms of one or more periods. A
customer of tenure T has made the renewal that fell due then, if one did, and paid up to then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.clv.contracts.renewals import Renewals, checked_whole, renewals_of_tenures
from metrics.clv.contracts.shifted_beta_geometric import ContractModel, fit
from metrics.clv.fit import Caution, Fit, TooLittleData
from metrics.clv.purchases.histories import Array

FEWEST_CUSTOMERS, FEWEST_LEAVERS = 100, 30
"""With 30 seen to leave, a term's chance to leave is known to about 18 % (1 / sqrt(30))."""

LONGEST = 600
"""Months; fifty years."""

TAILS = (0.05, 0.50, 0.95)

Paid = Literal["end", "start"]


@dataclass(frozen=True, slots=True)
class ContractValues:
    """What each customer is worth over the horizon. Arrays follow the customers as given.

    value: expected discounted margin, in the currency of the fees. low, middle, high: the values
    that a customer falls short of with a chance of at most 5, 50 and 95 %, exact under the model.
    total: the sum of value; total_spread: standard deviation of that sum where customers decide
    each for himself, the model being right. expected_payments: fees paid, undiscounted.
    """

    value: Array
    low: Array
    middle: Array
    high: Array
    expected_payments: Array
    total: float
    total_spread: float
    periods: int
    rate: float
    paid: Paid
    chances: Array
    row: NDArray[np.intp]

    def chance_there(self) -> Array:
        """Chance of each customer to pay the fee of period 1, 2, ...: a row a customer.

        Large; `chances` holds each distinct row once and `row` says which is whose.
        """
        return np.asarray(self.chances[self.row])


def value_contracts(
    models: Mapping[int, ContractModel],
    tenure: ArrayLike,
    fee: ArrayLike,
    term: ArrayLike = 1,
    margin: ArrayLike = 1.0,
    *,
    months: int = 12,
    months_a_period: int = 1,
    yearly_rate: float = 0.10,
    paid: Paid = "end",
) -> ContractValues:
    """Value customers who are there now, by models of each length of term, in renewals.

    tenure: whole periods so far; fee: currency a period; term: periods between decisions; margin:
    share of the fee that stays, below zero where a customer costs more. They broadcast.
    paid "end": the running period is paid for; the fee of period m falls due at its end, from
    those who are still there after a decision then, and is divided by (1 + d)^m, d the rate a
    period. With r the chance to stay: margin x r / (1 + d - r) without an end. paid "start": the
    fee of period m is due at its beginning, the first now and surely: (1 + d)^(m - 1).
    Raises ValueError for terms and customers that cannot be.
    """
    periods = _checked_periods(months, months_a_period)
    rate = _period_rate(yearly_rate, months_a_period)
    tenure, fee, term, margin = _checked_customers(tenure, fee, term, margin)
    if paid not in ("end", "start"):
        raise ValueError(f"fees are paid at the end or the start of a period, not {paid!r}")
    unknown = sorted({int(each) for each in np.unique(term)} - set(models))
    if unknown:
        raise ValueError(f"no model is given for terms of {unknown[0]} periods")
    offset = 0 if paid == "start" else 1
    due = np.arange(offset, periods + offset)
    joint = term * (tenure.max(initial=0) + 1) + tenure
    _, first, row = np.unique(joint, return_index=True, return_inverse=True)
    chances = np.empty((len(first), periods))
    for length in np.unique(term):
        here = term[first] == length
        age = tenure[first][here][:, None]
        made = age // length
        chances[here] = models[int(length)].survival((age + due) // length - made, made)
    factors = np.power(1 + rate, -due.astype(np.float64))
    unit, spread = fee * margin, _spread(chances, factors)[row]
    value = unit * (chances @ factors)[row]
    low, middle, high = np.sort(unit * _quantiles(chances, factors)[:, row], axis=0)
    return ContractValues(
        value=value,
        low=low,
        middle=middle,
        high=high,
        expected_payments=chances.sum(axis=1)[row],
        total=float(value.sum()),
        total_spread=float(np.sqrt(np.sum((unit * spread) ** 2))),
        periods=periods,
        rate=rate,
        paid=paid,
        chances=chances,
        row=row,
    )


def fit_by_term(
    tenure: ArrayLike, left: ArrayLike, term: ArrayLike, weights: ArrayLike | None = None
) -> dict[int, Fit[ContractModel]]:
    """A model of the renewals of each length of term, from tenures in periods.

    Terms with fewer than FEWEST_CUSTOMERS customers or FEWEST_LEAVERS who left share one model, a
    renewal of any of them counting as one, and say so in a caution. tenure, left, weights as in
    renewals_of_tenures. Raises TooLittleData where nobody left.
    """
    tenure, gone = np.asarray(tenure), np.asarray(left, dtype=bool)
    lengths = np.broadcast_to(checked_whole(term, "term"), tenure.shape)
    counts = np.ones(tenure.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    renewals = {
        int(length): renewals_of_tenures(
            tenure[lengths == length],
            gone[lengths == length],
            counts[lengths == length],
            int(length),
        )
        for length in np.unique(lengths)
    }
    few = [
        length
        for length, decided in renewals.items()
        if counts[lengths == length].sum() < FEWEST_CUSTOMERS or decided.left.sum() < FEWEST_LEAVERS
    ]
    shared = _shared(few, renewals)
    return {
        length: shared if length in few and shared else fit(decided)
        for length, decided in renewals.items()
    }


def _shared(few: list[int], renewals: Mapping[int, Renewals]) -> Fit[ContractModel] | None:
    """One fit of the terms with few customers; of all terms where that leaves too few to leave."""
    if not few:
        return None
    pool = [renewals[length] for length in few]
    names = " and ".join(str(length) for length in few)
    if sum(each.left.sum() for each in pool) < FEWEST_LEAVERS:
        pool = list(renewals.values())
    if not sum(each.left.sum() for each in pool):
        raise TooLittleData("Nobody has left yet: a chance to leave cannot be learnt from this.")
    together = fit(sum(pool[1:], pool[0]))
    caution = Caution(
        "terms_fitted_together",
        f"Too few customers have terms of {names} periods, or too few of them left, for a model of "
        f"their own: they are taken to renew as the {len(pool)} lengths of term together do.",
    )
    return replace(together, warnings=(*together.warnings, caution))


def _quantiles(chances: Array, factors: Array) -> Array:
    """Discounted payments below which a customer stays with the chances TAILS, a row each.

    Whoever pays m times paid the first m: chances fall, and payments exceed m with chance m + 1.
    """
    paid = np.append(0.0, np.cumsum(factors))
    return np.stack([paid[np.sum(chances > 1 - tail, axis=1)] for tail in TAILS])


def _spread(chances: Array, factors: Array) -> Array:
    """Standard deviation of a customer's discounted payments."""
    paid = np.cumsum(factors)
    # a sum of steps: E[paid^2] = sum of P(m payments or more) (paid_m^2 - paid_(m - 1)^2)
    squares = chances @ np.diff(paid**2, prepend=0.0)
    return np.asarray(np.sqrt(np.maximum(squares - (chances @ factors) ** 2, 0.0)))


def _checked_periods(months: int, months_a_period: int) -> int:
    if not 1 <= months <= LONGEST:
        raise ValueError(f"the horizon must be between 1 and {LONGEST} months")
    if months_a_period < 1 or months % months_a_period:
        raise ValueError("the horizon must be a whole number of periods")
    return months // months_a_period


def _period_rate(yearly_rate: float, months_a_period: int) -> float:
    if not (np.isfinite(yearly_rate) and yearly_rate >= 0):
        raise ValueError("the yearly rate must be zero or more")
    return float(np.expm1(np.log1p(yearly_rate) * months_a_period / 12))


def _checked_customers(
    tenure: ArrayLike, fee: ArrayLike, term: ArrayLike, margin: ArrayLike
) -> tuple[Array, Array, Array, Array]:
    tenure, term = checked_whole(tenure, "tenure"), checked_whole(term, "term")
    fee, margin = np.asarray(fee, dtype=np.float64), np.asarray(margin, dtype=np.float64)
    if np.any(term < 1):
        raise ValueError("a term must be a whole number of periods, one or more")
    if not np.all(np.isfinite(fee) & (fee >= 0)):
        raise ValueError("a fee must be zero or more")
    if not np.all(np.isfinite(margin)):
        raise ValueError("the margin must be a number")
    tenure, fee, term, margin = np.broadcast_arrays(*np.atleast_1d(tenure, fee, term, margin))
    return tenure, fee, term, margin
