"""The integrals over a customer's unseen lifetime that Pareto/NBD is made of.

One rule serves all: the trapezoidal rule on the log of a positive variable, which converges
exponentially, on a scale that is stretched twice, so that slow ends cost few points. Measured
against fifty digits, with parameters in 1e-6 to 1e5, its relative error stays below 1e-12.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln

from metrics.clv.models.chebyshev import evaluate, expand
from metrics.clv.models.nbd import rising
from metrics.clv.purchases.histories import Array

STEP = 0.24
"""Distance of the rule's points; the error falls as exp(-8 / STEP)."""

STRETCH = 0.6
"""How fast the ends are stretched; above 0.7 the middle would need more points."""

NOTHING = 40.0
"""Terms smaller than the largest by exp(-40) are left out."""

CLEAR = 2.8
"""Half the width of the strip round the real axis in which tails are smooth in log ratio."""

SHARP = 30.0
"""Interpolated tails have a relative error of about exp(-32)."""


class Rule(NamedTuple):
    """Points, as logs of the positive variable, and weights for an integral over these logs."""

    log_point: Array
    weight: Array


class Grid(NamedTuple):
    """The pairs of a count and a time that occur, sorted by count.

    starts: for each count, where its pairs begin, and the end. time: place of each pair's time.
    """

    counts: Array
    times: Array
    starts: NDArray[np.int64]
    time: NDArray[np.int64]

    @property
    def x(self) -> Array:
        return np.asarray(np.repeat(self.counts, np.diff(self.starts)))


def half_line(lowest: float, highest: float, decay: float, step: float = STEP) -> Rule:
    """Points from far below exp(lowest), where integrands still are as good as constant, to far
    above exp(highest), from where they only fall, as a power: the decay-th, above 0."""
    first = lowest - np.log(NOTHING) / STRETCH
    last = highest + np.log1p(NOTHING / decay) / STRETCH
    even = np.arange(np.floor(first / step), np.ceil(last / step) + 1) * step
    below, above = np.exp(-STRETCH * (even - lowest)), np.exp(STRETCH * (even - highest))
    return Rule(even - below + above, step * (1 + STRETCH * (below + above)))


def log_tails(r: float, alpha: float, s: float, beta: float, grid: Grid) -> Array:
    """For each pair, the log of E[((alpha + t) / (alpha + t + life left))^(r + x)], where the
    life left of one alive at t is Lomax(s, beta + t): how likely no purchase follows."""
    return np.asarray(_interpolated(r, alpha, s, beta, grid, _log_tail)[0])


def tail_moments(r: float, alpha: float, s: float, beta: float, grid: Grid) -> Array:
    """As `log_tails` in the first row; then means and covariances in that silent life.

    The end of life u given, with a = alpha + t and b = beta + t, rows 1 to 4 are the means of
    log((alpha + u) / a), (u - t) / (alpha + u), log((beta + u) / b), (u - t) / (beta + u); rows
    5 to 14 the upper triangle of their covariances.
    """
    return _interpolated(r, alpha, s, beta, grid, _moments)


def discounted_life(s: float, cost: Array) -> Array:
    """Integral over v > 0 of exp(-cost v) (1 + v)^-s: Tricomi's U(1, 2 - s, cost).

    Relative error below 1e-11 for cost in 1e-15 to 1e12 and s in 1e-6 to 1e5.
    """
    if not cost.size:
        return np.zeros(cost.shape)
    log_cost = np.log(cost).ravel()
    middle = (log_cost.min() + log_cost.max()) / 2
    half = max((log_cost.max() - log_cost.min()) / 2, 1e-12)

    def levelled(position: Array) -> Array:
        rates = np.exp(middle + half * position)
        return np.asarray(1 + np.log(_discounted(s, rates) * (rates + s))[:, None])

    position = np.clip((log_cost - middle) / half, -1, 1)
    level = evaluate(expand(levelled), np.zeros(len(log_cost), dtype=np.intp), position)
    return np.asarray(np.exp(level - 1).reshape(cost.shape) / (cost + s))


def purchases_of_the_left(
    r: float, alpha: float, s: float, beta: float, n: Array, t: float
) -> Array:
    """Chance that a new customer leaves within the time t, above 0, after n repeat purchases."""
    times_rate = n * alpha / (alpha + t) + r * t / (alpha + t) + (s + 1) * t / (beta + t)
    width = float(np.sqrt(1 / max(n.max(), 1.0) + 1 / r))
    u, weight = half_line(
        -float(np.log1p(times_rate.max())),
        float(np.log1p((r + 1) * t / alpha + (s + 1) * t / beta)),
        1.0,
        min(STEP, width / 3),
    )
    log_left = np.log(t) - np.logaddexp(0, u)
    leaves = (
        np.log(s / beta) + log_left + np.log(expit(u)) - (s + 1) * np.log1p(np.exp(log_left) / beta)
    )
    log_odds = log_left - np.log(alpha)
    bought = -r * np.logaddexp(0, log_odds) - n[:, None] * np.logaddexp(0, -log_odds)
    ways = rising(r, n)[0] - gammaln(n + 1)
    return np.asarray((weight * np.exp(ways[:, None] + bought + leaves)).sum(axis=1))


def _discounted(s: float, costs: Array) -> Array:
    highest = float(np.log(NOTHING / costs.min()))
    u, weight = half_line(-float(np.log1p(costs.max() + s)), highest, 1.0)
    v = np.exp(np.minimum(u, highest + 3))
    return np.asarray((weight * v * np.exp(-np.outer(costs, v) - s * np.log1p(v))).sum(axis=1))


def _interpolated(
    r: float, alpha: float, s: float, beta: float, grid: Grid, features_of: "_Features"
) -> Array:
    """Means over silent lives at the pairs, the first their chance, one row a feature.

    But for the count they depend on the ratio (alpha + t) / (beta + t) only, smoothly in its log:
    so they are interpolated from a few ratios. All but the chance are relative to the chance.
    """
    log_ratio = np.log((alpha + grid.times) / (beta + grid.times))
    low, high = float(log_ratio.min()), float(log_ratio.max())
    half = max((high - low) / 2, 1e-12)
    count = int(np.ceil(SHARP / np.arcsinh(CLEAR / half))) + 3
    if len(log_ratio) <= count:
        share, nodes = np.eye(len(log_ratio)), log_ratio
    else:
        angle = np.pi * (np.arange(count) + 0.5) / count
        nodes = low + half * (1 + np.cos(angle))
        share = _shares(np.arccos(np.clip((log_ratio - low) / half - 1, -1, 1)), angle)
    values = features_of(r + grid.counts, s, nodes)
    answer = np.empty((values.shape[2], len(grid.time)))
    for place, (start, end) in enumerate(pairwise(grid.starts)):
        answer[:, start:end] = (share.take(grid.time[start:end], axis=0) @ values[place]).T
    return answer


_Features = Callable[[Array, float, Array], Array]
"""From shapes r + x, s and log ratios to a table: shape, ratio, feature."""


def _shares(angle: Array, nodes: Array) -> Array:
    """What each node's value adds at each angle: interpolation by Chebyshev polynomials."""
    order = np.arange(len(nodes))
    at_nodes = np.cos(np.outer(order, nodes)) * (2 / len(nodes))
    at_nodes[0] /= 2
    return np.asarray(np.cos(np.outer(angle, order)) @ at_nodes)


def _log_tail(shapes: Array, s: float, log_ratios: Array) -> Array:
    u, density = _lives(shapes, s, log_ratios)
    return np.log(_silent(shapes, u, log_ratios, density[None, :, None]))


def _moments(shapes: Array, s: float, log_ratios: Array) -> Array:
    u, density = _lives(shapes, s, log_ratios)
    apart = u - log_ratios[:, None]
    features = np.empty((len(log_ratios), len(u), 15))
    features[..., 0] = 1
    features[..., 1], features[..., 2] = np.logaddexp(0, apart), expit(apart)
    features[..., 3], features[..., 4] = np.logaddexp(0, u), expit(u)
    first, second = np.triu_indices(4)
    features[..., 5:] = features[..., 1 + first] * features[..., 1 + second]
    features *= density[:, None]
    moments = _silent(shapes, u, log_ratios, features)
    moments[..., 1:] /= moments[..., :1]
    moments[..., 5:] -= moments[..., 1 + first] * moments[..., 1 + second]
    np.log(moments[..., 0], out=moments[..., 0])
    return moments


def _lives(shapes: Array, s: float, log_ratios: Array) -> tuple[Array, Array]:
    """Logs of lives in units of beta + t, and how many there are at each."""
    u, weight = half_line(
        -float(np.log(shapes.max() * np.exp(-log_ratios.min()) + s + 1)),
        max(float(log_ratios.max()), 0.0),
        float(shapes.min() + s),
    )
    return u, s * weight * expit(u) * np.exp(-s * np.logaddexp(0, u))


def _silent(shapes: Array, u: Array, log_ratios: Array, features: Array) -> Array:
    """Sums of the features over lives, each by its chance to be silent: shape, ratio, feature."""
    answer = np.empty((len(shapes), len(log_ratios), features.shape[2]))
    silent = np.empty((len(shapes), len(u)))
    features = np.broadcast_to(features, (len(log_ratios), *features.shape[1:]))
    for place, log_ratio in enumerate(log_ratios):
        np.multiply.outer(shapes, -np.logaddexp(0, u - log_ratio), out=silent)
        np.exp(silent, out=silent)
        answer[:, place] = silent @ features[place]
    return answer
