"""BG/BB: yearly (or other regular) chances that a customer takes or not, until leaving for good.

Time is counted in chances: T of them have passed, x were taken, the last at t_x. Source: Fader,
Hardie, Shang (2010), "Customer-base analysis in a discrete-time noncontractual setting",
Marketing Science 29(6).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.clv.contracts.shifted_beta_geometric import discounted_stays
from metrics.clv.fit import Fit, Objective, Sums
from metrics.clv.models.columns import Columns, columns_of
from metrics.clv.models.purchase_model import (
    Family,
    checked_horizon,
    checked_rate,
    fit_family,
    refuse_nonsense,
)
from metrics.clv.purchases.histories import Array, checked_history

Places = NDArray[np.intp]

LONGEST = 10_000
"""Chances that can be looked at; far above any yearly history, so that a slip is refused."""

ROUNDING = 1e-9
"""By which a time may fall short of a whole chance and still be counted as that chance."""


@dataclass(frozen=True, slots=True)
class BgBb:
    """A chance is taken with Beta(alpha, beta), and before each a customer leaves with Beta(gamma,
    delta). Answers are within 1e-11 of 60-digit arithmetic for all parameters in 1e-6..1e5 and up
    to 200 chances.
    """

    alpha: float
    beta: float
    gamma: float
    delta: float

    def __post_init__(self) -> None:
        refuse_nonsense(self, alpha=self.alpha, beta=self.beta, gamma=self.gamma, delta=self.delta)

    def probability_alive(
        self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, later: ArrayLike = 0.0
    ) -> Array:
        """Chance, in [0, 1], of being alive at chance T + later, known to T.

        Published tables look at the next chance: later = 1. Part of a chance is none. Raises
        ValueError naming the rule that an impossible history breaks.
        """
        x, t_x, T, later = np.broadcast_arrays(*checked_chances(x, t_x, T), whole_chances(later))
        first, place = _distinct(x.ravel(), t_x.ravel(), T.ravel())
        ways = _ways(x.ravel()[first], t_x.ravel()[first], T.ravel()[first])
        logs = _log_weights(self, ways)
        chance = np.exp(logs[ways.is_alive] - _log_sums(logs, ways))
        return np.asarray(chance[place].reshape(x.shape) * self._stays_alive(T, later))

    def purchases_if_alive(self, x: ArrayLike, T: ArrayLike, t: ArrayLike) -> Array:
        """Expected chances taken in (T, T + t] by a customer still alive at T.

        Part of a chance is none: t of 1.9 counts one.
        """
        x, _, T = checked_history(x, np.zeros(()), T)
        t = whole_chances(t)
        known, place = np.unique(self.delta + T, return_inverse=True)
        ahead = np.arange(int(t.max(initial=0)))
        known = known[:, None]
        stays = np.cumprod((known + ahead) / (self.gamma + known + ahead), axis=1)
        expected = np.pad(np.cumsum(stays, axis=1), ((0, 0), (1, 0)))
        return np.asarray(self._rate(x, T) * expected[place.reshape(T.shape), t.astype(np.intp)])

    def residual_if_alive(self, x: ArrayLike, T: ArrayLike, rate: float) -> Array:
        """Discounted chances taken after T, without an end, of one still alive at T.

        rate: continuous, per chance, above 0: log(1.1) for 10 % a year. The next is discounted
        once.
        """
        x, _, T = checked_history(x, np.zeros(()), T)
        effective = float(np.expm1(checked_rate(rate)))
        return np.asarray(
            self._rate(x, T) * discounted_stays(self.gamma, self.delta + T, effective)
        )

    def repeat_probability(self, n: ArrayLike, t: ArrayLike) -> Array:
        """Chance that a new customer takes just n of the next t chances; part of one is none."""
        n, t = np.broadcast_arrays(whole_chances(n), whole_chances(t))
        first, place = _distinct(n.ravel(), t.ravel())
        taken, had = n.ravel()[first], t.ravel()[first]
        possible = taken <= had
        taken, had = taken[possible], had[possible]
        # with its last taken chance at n, a history of n has a way for every life that allows it
        ways = _ways(taken, taken, had)
        tables = np.append(0.0, np.cumsum(np.log1p(np.arange(had.max(initial=0)))))
        orders = tables[ways.alive] - tables[ways.x] - tables[ways.alive - ways.x]
        chance = np.zeros(len(first))
        chance[possible] = np.exp(_log_sums(_log_weights(self, ways) + orders, ways))
        return np.asarray(chance[place].reshape(n.shape))

    def draw_if_alive(
        self, x: ArrayLike, T: ArrayLike, t: ArrayLike, random: np.random.Generator
    ) -> Array:
        """Chances taken in (T, T + t] by customers still alive at T, each drawn at random."""
        x, _, T = checked_history(x, np.zeros(()), T)
        x, T, t = np.broadcast_arrays(x, T, whole_chances(t))
        leave = random.beta(self.gamma, self.delta + T)
        with np.errstate(divide="ignore", over="ignore"):
            lives = random.exponential(size=t.shape) / -np.log1p(-leave)
        alive = np.minimum(np.floor(lives), t).astype(np.int64)
        return random.binomial(alive, random.beta(self.alpha + x, self.beta + T - x)).astype(
            np.float64
        )

    def _rate(self, x: Array, T: Array) -> Array:
        if np.any(x > T):
            raise ValueError("x cannot be more than the chances T")
        return np.asarray((self.alpha + x) / (self.alpha + self.beta + T))

    def _stays_alive(self, T: Array, later: Array) -> Array:
        chances = np.arange(int(T.max(initial=0) + later.max(initial=0)))
        logs = np.append(0.0, np.cumsum(-np.log1p(self.gamma / (self.delta + chances))))
        return np.asarray(np.exp(logs[(T + later).astype(np.intp)] - logs[T.astype(np.intp)]))


def log_likelihood(
    model: BgBb, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Log-likelihood of the histories, unscaled."""
    parameters = np.log([model.alpha, model.beta, model.gamma, model.delta])
    return objective(columns_of(x, t_x, T, weights))(parameters).value


def fit(x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None) -> Fit[BgBb]:
    """The most likely model of these histories, with standard errors where they exist."""
    return fit_family(FAMILY, columns_of(x, t_x, T, weights))


def objective(columns: Columns) -> Objective:
    """The log-likelihood with its gradient and Hessian, by log-parameters.

    Customers with one history are looked at once: n chances have at most (n^2 + n) / 2 + 1.
    """
    x, t_x, T = checked_chances(
        columns.counts[columns.x], columns.times[columns.t_x], columns.times[columns.T]
    )
    first, place = _distinct(x, t_x, T)
    weights = np.bincount(place, columns.weights, minlength=len(first))
    ways = _ways(x[first], t_x[first], T[first])

    def sums(log_parameters: Array) -> Sums:
        parameters = np.exp(log_parameters)
        logs = _log_weights(BgBb(*(float(value) for value in parameters)), ways)
        log_sums = _log_sums(logs, ways)
        share = np.exp(logs - log_sums[ways.row])
        slopes, bends = _derivatives(parameters, ways)
        means = np.add.reduceat(share * slopes, ways.first, axis=1)
        away = slopes - means[:, ways.row]
        counted = share * weights[ways.row]
        hessian = np.sum(counted * (bends + away[:, None] * away), axis=2)
        slope = parameters * np.sum(weights * means, axis=1)
        curvature = np.outer(parameters, parameters) * hessian + np.diag(slope)
        return Sums(float(np.sum(weights * log_sums)), slope, curvature)

    return sums


class _Ways(NamedTuple):
    """Every way a history can have come about: alive for t_x, t_x + 1, ... or all T chances.

    row: of the history; alive: chances while alive; is_alive: at T; first: each row's first way.
    """

    row: Places
    x: Places
    alive: Places
    is_alive: NDArray[np.bool_]
    first: Places


def _ways(x: Array, t_x: Array, T: Array) -> _Ways:
    lengths = (T - t_x).astype(np.intp) + 1
    first = np.cumsum(lengths) - lengths
    row = np.repeat(np.arange(len(lengths)), lengths)
    alive = t_x.astype(np.intp)[row] + np.arange(len(row)) - first[row]
    return _Ways(row, x.astype(np.intp)[row], alive, alive == T[row], first)


def _log_weights(model: BgBb, ways: _Ways) -> Array:
    chances = np.arange(int(ways.alive.max(initial=0)) + 1)
    took, missed, had = (
        np.append(0.0, np.cumsum(np.log(value + chances)))
        for value in (model.alpha, model.beta, model.alpha + model.beta)
    )
    stayed = np.append(0.0, np.cumsum(-np.log1p(model.gamma / (model.delta + chances))))
    left = -np.log1p((model.delta + chances) / model.gamma)
    bought = took[ways.x] + missed[ways.alive - ways.x] - had[ways.alive]
    return np.asarray(bought + stayed[ways.alive] + np.where(ways.is_alive, 0, left[ways.alive]))


def _log_sums(logs: Array, ways: _Ways) -> Array:
    if not len(logs):
        return np.zeros(0)
    top = np.maximum.reduceat(logs, ways.first)
    return np.asarray(top + np.log(np.add.reduceat(np.exp(logs - top[ways.row]), ways.first)))


def _derivatives(parameters: Array, ways: _Ways) -> tuple[Array, Array]:
    """Of each way's log-weight by the parameters: 4 slopes and 4 x 4 bends, by way."""
    alpha, beta, gamma, delta = parameters
    took, missed, had, stayed, asked = (
        _reciprocal_sums(value, int(ways.alive.max(initial=0)) + 1)
        for value in (alpha, beta, alpha + beta, delta, gamma + delta)
    )
    is_left = (~ways.is_alive).astype(np.float64)
    ends = ways.alive + ~ways.is_alive
    had, asked = had[:, ways.alive], asked[:, ends]
    took, missed = took[:, ways.x], missed[:, ways.alive - ways.x]
    stayed = stayed[:, ways.alive]
    slopes = np.stack(
        [took[0] - had[0], missed[0] - had[0], is_left / gamma - asked[0], stayed[0] - asked[0]]
    )
    bends = np.zeros((4, 4, len(ways.row)))
    bends[:2, :2], bends[2:, 2:] = had[1], asked[1]
    for place, own in enumerate((took[1], missed[1], is_left / gamma**2, stayed[1])):
        bends[place, place] -= own
    return slopes, bends


def _reciprocal_sums(value: float, length: int) -> Array:
    """Sums of the first 0, 1, ..., length terms of 1 / (value + k), and of their squares."""
    terms = 1 / (value + np.arange(length))
    return np.pad(np.cumsum([terms, terms**2], axis=1), ((0, 0), (1, 0)))


def _distinct(*columns: Array) -> tuple[Places, Places]:
    """Of rows of whole numbers up to LONGEST: a row of each kind, and the kind of each row."""
    joint = np.zeros(columns[0].shape, dtype=np.int64)
    for column in columns:
        joint = joint * (LONGEST + 1) + column.astype(np.int64)
    _, first, place = np.unique(joint, return_index=True, return_inverse=True)
    return first, place


def _starts(columns: Columns) -> list[list[float]]:
    """Chances taken about as often as seen; few leave, some leave, and customers differ more."""
    taken = float(np.mean(columns.counts[columns.x]))
    share = min(max(taken / max(float(columns.times[columns.T].mean()), 1.0), 0.02), 0.95)
    return [
        [share, 1 - share, 0.5, 5.0],
        [2 * share, 2 - 2 * share, 1.0, 3.0],
        [0.5, 0.5, 1.0, 10.0],
        [8 * share, 8 - 8 * share, 0.2, 2.0],
    ]


FAMILY = Family(
    key="bg_bb",
    title="BG/BB",
    parameters=("alpha", "beta", "gamma", "delta"),
    build=BgBb,
    objective=objective,
    starts=_starts,
)


def checked_chances(x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> tuple[Array, Array, Array]:
    """The three as float arrays; ValueError naming the rule that an impossible history breaks."""
    x, t_x, T = checked_history(x, t_x, T)
    rules = {
        "t_x and T must be whole numbers of chances": (t_x == np.floor(t_x)) & (np.floor(T) == T),
        f"there cannot be more than {LONGEST:,} chances": T <= LONGEST,
        "x cannot be more than the chances up to the last one taken, t_x": x <= t_x,
    }
    for rule, holds in rules.items():
        if not np.all(holds):
            raise ValueError(rule)
    return x, t_x, T


def whole_chances(t: ArrayLike) -> Array:
    """The whole chances in t; ValueError where it is negative, endless or beyond LONGEST."""
    chances = np.floor(checked_horizon(t) + ROUNDING)
    if np.any(chances > LONGEST):
        raise ValueError(f"there cannot be more than {LONGEST:,} chances")
    return np.asarray(chances)
