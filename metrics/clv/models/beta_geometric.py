"""What BG/NBD and MBG/NBD share: they differ in whether one can leave after the first purchase.

With k chances to leave survived (x in BG/NBD, x + 1 in MBG/NBD), a history has the likelihood of
NBD times (b)_k / (a + b)_k times one plus the odds of having left,

    a / (b + k - 1) ((alpha + T) / (alpha + t_x))^(r + x),   no odds where k is 0.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc

from metrics.clv.fit import Objective, Sums
from metrics.clv.models import beta_geometric_horizon as horizon
from metrics.clv.models import nbd
from metrics.clv.models.columns import BLOCK, Columns
from metrics.clv.models.purchase_model import checked_horizon, checked_rate, refuse_nonsense
from metrics.clv.purchases.histories import Array, checked_history

PARAMETERS = ("r", "alpha", "a", "b")

HUGE = 700.0
"""Log-odds above which their exponential would overflow; log(1 + odds) is then the log-odds."""


PASSED_OVER = 0.2
"""Share of customers without a chance to leave above which it pays to leave them out."""


@dataclass(frozen=True, slots=True)
class BetaGeometric:
    """Buying rates are Gamma(r, alpha), the chance to leave after a purchase is Beta(a, b).

    first_chances: how often a customer could have left at the first purchase, 0 or 1. Of one who
    is alive at T, the rate is Gamma(r + x, alpha + T) and the chance to leave Beta(a, b + k).
    """

    r: float
    alpha: float
    a: float
    b: float

    first_chances: ClassVar[int]

    def __post_init__(self) -> None:
        refuse_nonsense(self, r=self.r, alpha=self.alpha, a=self.a, b=self.b)

    @property
    def log_parameters(self) -> Array:
        return np.asarray(np.log([self.r, self.alpha, self.a, self.b]))

    def probability_alive(
        self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, later: ArrayLike = 0.0
    ) -> Array:
        """Chance, in [0, 1], that the customer is still buying at T + later, known to T.

        x: purchases after the first, whole; t_x, T: time from the first purchase to the last and
        to now. All broadcast together. A logistic of log-odds, so that long silences go to 0
        without overflow; relative accuracy 1e-12. Raises ValueError naming the rule that an
        impossible history breaks.
        """
        x, t_x, T = checked_history(x, t_x, T)
        later = checked_horizon(later)
        age = self.alpha + T
        log_odds = (self.r + x) * np.log(age / (self.alpha + t_x)) + self._log_odds_at_once(x)
        with np.errstate(over="ignore"):
            alive = np.asarray(1 / (1 + np.exp(log_odds)))
        if not later.any():
            return np.asarray(alive * np.ones(later.shape))
        return np.asarray(alive * horizon.survival(self.r + x, self.a, self._kept(x), later / age))

    def purchases_if_alive(self, x: ArrayLike, T: ArrayLike, t: ArrayLike) -> Array:
        """Expected purchases in (T, T + t] of a customer who is still buying at T, to 1e-11."""
        x, _, T = checked_history(x, np.zeros(()), T)
        t = checked_horizon(t)
        return horizon.purchases(self.r, self.a, self._kept(0.0), x, t / (self.alpha + T))

    def residual_if_alive(self, x: ArrayLike, T: ArrayLike, rate: float) -> Array:
        """Discounted expected purchases after T, without an end, of one still buying at T.

        rate: continuous, per unit of time, above 0. Relative accuracy 1e-9. No closed form is
        in use anywhere: see beta_geometric_horizon. Raises ImpossibleValue for extremes.
        """
        x, _, T = checked_history(x, np.zeros(()), T)
        discount = checked_rate(rate) * (self.alpha + T)
        return horizon.residual(self.r, self.a, self._kept(0.0), x, discount)

    def repeat_probability(self, n: ArrayLike, t: ArrayLike) -> Array:
        """Chance that a new customer makes just n repeat purchases in the time t."""
        n, _, t = checked_history(n, np.zeros(()), checked_horizon(t))
        n, t = np.broadcast_arrays(n, t)
        counts, place = np.unique(n, return_inverse=True)
        chances = counts + self.first_chances
        stayed = np.exp(nbd.rising(self.b, chances)[0] - nbd.rising(self.a + self.b, chances)[0])
        left = stayed * np.exp(self._log_odds_at_once(counts))
        at_least = np.where(n > 0, betainc(np.maximum(n, 1), self.r, t / (self.alpha + t)), 1.0)
        just = nbd.purchase_count_probability(self.r, self.alpha, n, t)
        place = place.reshape(n.shape)
        return np.asarray(stayed[place] * just + left[place] * at_least)

    def draw_if_alive(
        self, x: ArrayLike, T: ArrayLike, t: ArrayLike, random: np.random.Generator
    ) -> Array:
        """Purchases in (T, T + t] of customers still buying at T, each drawn at random."""
        x, _, T = checked_history(x, np.zeros(()), T)
        x, T, t = np.broadcast_arrays(x, T, checked_horizon(t))
        rate = random.gamma(self.r + x, 1 / (self.alpha + T))
        leaves = random.beta(self.a, self._kept(x))
        with np.errstate(divide="ignore", over="ignore"):
            until_left = np.ceil(random.standard_exponential(x.shape) / -np.log1p(-leaves))
        return np.asarray(np.minimum(random.poisson(rate * t), np.maximum(until_left, 1.0)))

    def _kept(self, x: ArrayLike) -> Array:
        return np.asarray(self.b + self.first_chances + np.asarray(x, dtype=np.float64))

    def _log_odds_at_once(self, x: Array) -> Array:
        """Log-odds of having left at the last purchase; none where there was no chance to."""
        chances = x + self.first_chances
        before = np.where(chances > 0, self.b + (chances - 1), 1.0)
        return np.where(chances > 0, np.log(self.a / before), -np.inf)


def starts(columns: Columns) -> list[list[float]]:
    """Rates of about the mean seen; few leave, some leave, many leave at once."""
    pace = nbd.mean_gap(columns)
    return [[0.3, 0.3 * pace, 0.5, 2.0], [1.0, pace, 0.1, 2.0], [1.0, 0.5 * pace, 1.0, 1.0]]


def objective(columns: Columns, first_chances: int) -> Objective:
    """The log-likelihood's sums over these customers, by the logs of r, alpha, a, b.

    Only the odds of having left need a look at each customer who could have.
    """
    tally = columns.tally()
    buying, customers = nbd.objective_of(columns, tally), tally.customers
    chances = columns.counts + first_chances
    many = customers[chances == 0].sum() > PASSED_OVER * customers.sum()
    could_leave = columns.where(columns.x > 0) if many else columns

    def sums(log_parameters: Array) -> Sums:
        value, slope, curvature = _odds_sums(log_parameters, could_leave, chances)
        bought = buying(log_parameters[:2])
        stayed = _stayed_sums(log_parameters[2:], customers, chances)
        slope = slope + np.append(bought.slope, stayed.slope)
        curvature[:2, :2] += bought.curvature
        curvature[2:, 2:] += stayed.curvature
        return Sums(value + bought.value + stayed.value, slope, curvature)

    return sums


def _stayed_sums(log_parameters: Array, customers: Array, chances: Array) -> Sums:
    """Of log (b)_k / (a + b)_k, by (log a, log b)."""
    a, b = (float(value) for value in np.exp(log_parameters))
    kept, all_ = nbd.rising(b, chances), nbd.rising(a + b, chances)
    by_kept = [np.vecdot(customers, each) for each in kept]
    by_all = [np.vecdot(customers, each) for each in all_]
    slope = np.array([-a * by_all[1], b * (by_kept[1] - by_all[1])])
    across = -a * b * by_all[2]
    curvature = np.array([[-(a**2) * by_all[2], across], [across, b**2 * (by_kept[2] - by_all[2])]])
    value = np.vecdot(customers, kept[0] - all_[0])
    return Sums(float(value), slope, curvature + np.diag(slope))


def _odds_sums(log_parameters: Array, columns: Columns, chances: Array) -> Sums:
    """Of log(1 + odds of having left), by the logs of r, alpha, a, b; a block at a time.

    The log-odds' derivatives are r silence, near, 1 and -part; so the Hessian is made of products
    of these with the variance of having left, and of their own derivatives with its chance.
    """
    r, alpha, a, b = (float(value) for value in np.exp(log_parameters))
    kept = np.where(chances > 0, b + (chances - 1), np.inf)
    tables = _Tables(
        log_age=np.log(1 + columns.times / alpha),
        share=alpha / (alpha + columns.times),
        shape=r + columns.counts,
        at_once=np.log(a) - np.log(kept),
        part=b / kept,
    )
    room = np.empty((14, min(BLOCK, len(columns))))
    value, once, twice = 0.0, np.zeros(7), np.zeros((4, 4))
    for block in columns.blocks():
        here = room[:, : len(block)]
        value += _fill(here, block, tables)
        once += np.vecdot(here[:7], here[7])
        for row in range(4):
            twice[row, row:] += np.vecdot(here[8 + row], here[row:4])
    scale, order = np.array([r, 1.0, 1.0, -1.0]), [1, 2, 0, 3]
    twice += np.triu(twice, 1).T
    curvature = twice[np.ix_(order, order)] * np.outer(scale, scale)
    curvature[0, 0] += r * once[1]
    curvature[0, 1] += r * once[4]
    curvature[1, 0] += r * once[4]
    curvature[1, 1] += once[5]
    curvature[3, 3] += once[6] - once[3]
    return Sums(value, once[order] * scale, curvature)


class _Tables(NamedTuple):
    """What is known of a distinct time (the first two) or a distinct count (the others)."""

    log_age: Array
    share: Array
    shape: Array
    at_once: Array
    part: Array


def _fill(room: Array, block: Columns, tables: _Tables) -> float:
    """Rows of the block's customers, made in place; gives the sum of log(1 + odds).

    0 to 3: one, silence, near, part. 4 to 6: derivatives of near by log r (over r) and by log
    alpha, and part squared. 7: chance of having left. 8 to 11: its variance times rows 0 to 3.
    """
    one, silence, near, part, apart, bend, squared = room[:7]
    odds, spare = room[12], room[13]
    T, t_x, x = (places.astype(np.intp) for places in (block.T, block.t_x, block.x))
    one.fill(1.0)
    tables.log_age.take(T, out=silence, mode="clip")
    silence -= tables.log_age.take(t_x, out=spare, mode="clip")
    tables.share.take(T, out=apart, mode="clip")
    tables.share.take(t_x, out=spare, mode="clip")
    np.subtract(1.0, apart, out=bend)
    bend -= spare
    apart -= spare
    tables.shape.take(x, out=near, mode="clip")
    np.multiply(near, silence, out=odds)
    odds += tables.at_once.take(x, out=spare, mode="clip")
    near *= apart
    bend *= near
    tables.part.take(x, out=part, mode="clip")
    np.multiply(part, part, out=squared)
    return _chances(room, block.weights)


def _chances(room: Array, weights: Array | None) -> float:
    """Rows 7 to 11 from the log-odds in row 12; gives the sum of log(1 + odds)."""
    left, variance, log_odds, spare = room[7], room[8], room[12], room[13]
    beyond = None
    if log_odds.max() > HUGE:
        beyond = np.maximum(log_odds - HUGE, 0)
        np.minimum(log_odds, HUGE, out=log_odds)
    np.exp(log_odds, out=left)
    np.add(left, 1.0, out=variance)
    np.log(variance, out=spare)
    if beyond is not None:
        spare += beyond
    left /= variance
    np.divide(left, variance, out=variance)
    if weights is not None:
        for row in (left, variance, spare):
            row *= weights
    np.multiply(room[1:4], variance, out=room[9:12])
    return float(spare.sum())
