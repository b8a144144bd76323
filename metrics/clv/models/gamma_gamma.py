"""Gamma-Gamma: what a customer spends on a purchase day, whatever the number of purchases.

Source: Fader, Hardie (2013), "The Gamma-Gamma model of monetary value", note 025.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, polygamma

from metrics.clv.fit import (
    ROUGHLY,
    Fit,
    Objective,
    Peak,
    Sums,
    TooLittleData,
    best_start,
    every_nth,
    uphill,
)
from metrics.clv.models.columns import BLOCK
from metrics.clv.models.purchase_model import refuse_nonsense
from metrics.clv.purchases.histories import Array, Numbers

FEWEST_SPENDERS = 50
"""Customers with a repeat spend; fewer leave the spread between customers (q) to chance."""


ENOUGH_TO_NEAR = 30_000
"""Spenders from whom the top is so near that two or three steps on all of them reach it."""

PLAIN_START = (2.0, 3.0, 1.0)
"""p, q and v over the usual spend to begin from where no sample leads: the mean p v / (q - 1) is
the usual spend."""

MANY = 1_000_000
"""Up to this count customers are counted in a table, and not sorted."""

PLAIN = 20.0
"""Up to this a difference of logarithms of gamma functions loses no digit that counts."""


class InfiniteSpend(ArithmeticError):
    """q is 1 or less: the model's mean spend of a new customer is infinite."""


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Spends are Gamma(p, nu) with nu ~ Gamma(q, v); v is in currency."""

    p: float
    q: float
    v: float

    def __post_init__(self) -> None:
        refuse_nonsense(self, p=self.p, q=self.q, v=self.v)

    def expected_spend(self, x: ArrayLike, mean_spend: ArrayLike) -> Array:
        """Expected spend on a purchase day, in currency; the company's mean where x is 0.

        x: repeat purchases with the mean `mean_spend`; they broadcast. Raises InfiniteSpend where
        q <= 1 and ValueError for negative input.
        """
        x, mean_spend = _checked(x, mean_spend)
        if self.q <= 1:
            raise InfiniteSpend(
                f"Spend differs so much between customers (q = {self.q:.3g}) that the model's "
                "expected spend is infinite."
            )
        return np.asarray(self.p * (self.v + x * mean_spend) / (self.p * x + self.q - 1))

    @property
    def spend_of_the_new(self) -> float:
        """Expected spend on a purchase day of somebody not seen yet. Raises InfiniteSpend."""
        return float(self.expected_spend(0, 0))

    def draw_spend_total(
        self, x: ArrayLike, mean_spend: ArrayLike, n: ArrayLike, random: np.random.Generator
    ) -> Array:
        """What n future purchase days bring in all, each customer's drawn given the history.

        0 where n is 0. Draws exist for every q; their mean does not where q + p x is 1 or less.
        """
        x, mean_spend = _checked(x, mean_spend)
        n = np.asarray(n, dtype=np.float64)
        pace = random.gamma(self.q + self.p * x, 1 / (self.v + x * mean_spend))
        pace = np.maximum(pace, np.finfo(np.float64).tiny)
        return np.asarray(random.gamma(*np.broadcast_arrays(self.p * n, 1 / pace)))


@dataclass(frozen=True, slots=True)
class SpendFit(Fit[GammaGamma]):
    """customers: how many it was learnt from; left_out: how many not, by reason."""

    customers: int = field(kw_only=True)
    left_out: Mapping[str, int] = field(kw_only=True)


def log_likelihood(
    model: GammaGamma, x: ArrayLike, mean_spend: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Log-likelihood of the mean spends of customers with x > 0 and mean_spend > 0."""
    x, mean_spend = (np.asarray(column, dtype=np.float64) for column in (x, mean_spend))
    if not np.all((x > 0) & (mean_spend > 0)):
        raise ValueError("x and mean_spend must be positive")
    known = None if weights is None else np.asarray(weights, dtype=np.float64)
    return objective(x, mean_spend, known)(np.log([model.p, model.q, model.v])).value


def fit(x: ArrayLike, mean_spend: ArrayLike) -> SpendFit:
    """The most likely model; customers without a repeat purchase or its spend are left out.

    Raises TooLittleData where fewer than FEWEST_SPENDERS remain.
    """
    x, mean_spend = np.asarray(x), np.asarray(mean_spend, dtype=np.float64)
    used = (x > 0) & (mean_spend > 0)
    customers = int(np.count_nonzero(used))
    again = int(np.count_nonzero(x > 0))
    left_out = {
        "no repeat purchase": len(x) - again,
        "repeat purchases of zero amount": again - customers,
    }
    if customers < len(x):
        x, mean_spend = x[used], mean_spend[used]
    scale = usual_spend(x, mean_spend)
    some_x, some_spend = every_nth(x, mean_spend, enough=ENOUGH_TO_NEAR)
    start = start_from(some_x, some_spend, customers, scale)
    peak = uphill(over(scale, objective(x, mean_spend)), start)
    left_out = {reason: count for reason, count in left_out.items() if count}
    return fit_from_peak(peak, customers, scale, left_out)


def usual_spend(x: Numbers, mean_spend: Array) -> float:
    """Mean of a repeat purchase, in currency; 1 where nobody has paid for any."""
    return float(np.vecdot(x, mean_spend)) / max(float(np.sum(x)), 1.0) or 1.0


def moved(log_parameters: Array, scale: float) -> Array:
    """From v over `scale` to v in currency."""
    return log_parameters + np.log([1.0, 1.0, scale])


def over(scale: float, objective: Objective) -> Objective:
    """The same sums by the logs of p, q and v over `scale`.

    A climb on them goes alike in every currency: its edges are for numbers without a unit.
    """
    return lambda log_parameters: objective(moved(log_parameters, scale))


def start_from(x: Array, mean_spend: Array, customers: int, scale: float) -> Array:
    """Logs of p, q and v over `scale` near the top, from a sample of the spenders.

    customers: how many in all; scale: their usual spend. A sample of fewer than FEWEST_SPENDERS
    tells nothing: PLAIN_START then. Raises TooLittleData where all are fewer than that.
    """
    if customers < FEWEST_SPENDERS:
        raise TooLittleData(
            f"Only {customers} customers have paid for a repeat purchase; {FEWEST_SPENDERS} are "
            "needed to learn how spend differs between customers."
        )
    if len(x) < FEWEST_SPENDERS:
        return np.log(PLAIN_START)
    some = every_nth(x, mean_spend)
    usual = float(np.median(some[1])) / scale
    starts = [[2.0, 3.0, usual], [8.0, 3.0, usual / 3], [1.0, 10.0, 10 * usual]]
    start = best_start(over(scale, objective(*some)), starts)
    return uphill(over(scale, objective(x, mean_spend)), start, ROUGHLY).log_parameters


def fit_from_peak(
    peak: Peak, customers: int, scale: float, left_out: Mapping[str, int] = MappingProxyType({})
) -> SpendFit:
    """The fit that a likelihood's top, by v over `scale`, stands for."""
    peak = replace(peak, log_parameters=moved(peak.log_parameters, scale))
    return SpendFit(
        model=GammaGamma(*peak.parameters),
        standard_errors=peak.errors_of(("p", "q", "v")),
        covariance=peak.covariance,
        log_likelihood=peak.log_likelihood,
        converged=peak.converged,
        held=peak.held,
        customers=customers,
        left_out=dict(left_out),
    )


def objective(x: Numbers, mean_spend: Array, weights: Array | None = None) -> Objective:
    """The log-likelihood's sums over these spenders, by the logs of p, q, v.

    x, mean_spend: above 0, columns of one length. Of a spender's total only log(1 + v / total)
    moves with the parameters; gamma functions are taken once a distinct x.
    """
    counts, customers = _customers_at(x, weights)
    total = x * mean_spend
    logs = np.log(total)
    if weights is not None:
        logs *= weights
    log_totals = float(logs.sum())
    del logs
    log_means = log_totals - float(np.vecdot(customers, np.log(counts)))
    inverse = np.reciprocal(total, out=total)

    def sums(log_parameters: Array) -> Sums:
        p, q, v = (float(value) for value in np.exp(log_parameters))
        shapes, (once, by_x) = (
            _shape_sums(p, q, counts, customers),
            _share_sums(v, x, inverse, weights),
        )
        everybody = customers.sum()
        log_parts = once[0] + log_totals - everybody * log_parameters[2]
        rest = q * (everybody - once[1])
        slope = shapes.slope - np.array([p * by_x[0], q * log_parts, p * by_x[1] - rest])
        curvature = shapes.curvature - np.array(
            [
                [p * by_x[0], 0, p * by_x[1]],
                [0, q * log_parts, -rest],
                [p * by_x[1], -rest, q * once[2] + p * by_x[2]],
            ]
        )
        value = shapes.value - q * log_parts - p * by_x[0] - log_means
        return Sums(float(value), slope, curvature)

    return sums


def _shape_sums(p: float, q: float, counts: Array, customers: Array) -> Sums:
    """Of -log B(p x, q); nothing of it moves with v."""
    own = p * counts
    both = digamma(own + q)
    bent = polygamma(1, own + q)
    by_p = np.vecdot(customers, own * (both - digamma(own)))
    by_q = q * np.vecdot(customers, both - digamma(q))
    across = q * np.vecdot(customers, own * bent)
    curvature = np.zeros((3, 3))
    curvature[0, 0] = by_p + np.vecdot(customers, own**2 * (bent - polygamma(1, own)))
    curvature[1, 1] = by_q + q**2 * np.vecdot(customers, bent - polygamma(1, q))
    curvature[0, 1] = curvature[1, 0] = across
    value = -np.vecdot(customers, _log_beta(own, q))
    return Sums(float(value), np.array([by_p, by_q, 0.0]), curvature)


def _share_sums(v: float, x: Array, inverse: Array, weights: Array | None) -> Array:
    """Sums of log(1 + v / total), of v's share in v + total, and of that times the rest.

    A row over the customers and one over their purchases; a block at a time.
    """
    sums, room = np.zeros((2, 3)), np.empty((5, min(BLOCK, len(x))))
    for start in range(0, len(x), BLOCK):
        here = slice(start, start + BLOCK)
        rows = room[:, : len(x[here])]
        customers, purchases, logs, share, spread = rows
        customers[:] = 1.0 if weights is None else weights[here]
        np.multiply(x[here], customers, out=purchases)
        np.multiply(inverse[here], v, out=share)
        np.log1p(share, out=logs)
        np.add(share, 1.0, out=spread)
        share /= spread
        np.divide(share, spread, out=spread)
        sums += np.vecdot(rows[:2, np.newaxis], rows[2:])
    return sums


def _log_beta(z: Array, s: float) -> Array:
    """log B(z, s) to 1e-13 of the larger of one and itself, also where one dwarfs the other."""
    large, small = np.maximum(z, s), np.minimum(z, s)
    far = np.maximum(large, PLAIN)
    rising = (far - 0.5) * np.log1p(small / far) + small * (np.log(far + small) - 1)
    rising += _stirling(far + small) - _stirling(far)
    plain = gammaln(large + small) - gammaln(large)
    return np.asarray(gammaln(small) - np.where(large > PLAIN, rising, plain))


def _stirling(z: Array) -> Array:
    """What Stirling's formula lacks of log gamma, for z >= PLAIN."""
    square = 1 / z**2
    return np.asarray((1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / z)


def _customers_at(x: Array, weights: Array | None) -> tuple[Array, Array]:
    """The distinct x, ascending, and the customers at each."""
    place = x.astype(np.int64)
    counts = np.arange(min(place.max(initial=0), MANY) + 1.0)
    if len(counts) > MANY or not np.array_equal(place, x):
        counts, place = np.unique(x, return_inverse=True)
    customers = np.bincount(place, weights, minlength=len(counts))
    present = customers > 0
    return np.asarray(counts[present], np.float64), customers[present].astype(np.float64)


def _checked(x: ArrayLike, mean_spend: ArrayLike) -> tuple[Array, Array]:
    x, mean_spend = (np.asarray(column, dtype=np.float64) for column in (x, mean_spend))
    if not np.all((x >= 0) & (mean_spend >= 0)):
        raise ValueError("x and mean_spend must be zero or more")
    return x, mean_spend
