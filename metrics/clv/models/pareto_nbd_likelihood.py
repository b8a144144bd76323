"""The Pareto/NBD likelihood with its gradient and Hessian, at a cost of a few looks a customer.

Of a life that ends at u, the chance of the history is, but for the factors of the count alone,

    (1 + min(u, T) / alpha)^-(r + x),   u > t_x,   density s / beta (1 + u / beta)^-(s + 1).

So a history is one of a silent life after t_x, less one after T, plus one who is alive at T. The
chance of a silent life depends on the pair of x and a day only, and a million customers share some
ten thousand pairs. All derivatives are means and covariances over the silent life. Nothing
cancels: one minus the chance of silence after T is never negative.

Source: Schmittlein, Morrison, Colombo (1987), "Counting your customers", Management Science
33(1). The usual form, with two hypergeometric functions a customer, is the same integral.
"""

from typing import NamedTuple

import numpy as np

from metrics.clv.fit import Objective, Sums
from metrics.clv.models.columns import BLOCK, Columns, Places
from metrics.clv.models.nbd import rising
from metrics.clv.models.pareto_nbd_integrals import Grid, log_tails, tail_moments
from metrics.clv.purchases.histories import ROOMY, Array


class Pairs(NamedTuple):
    """The grid of pairs, and each customer's place in it: of (x, t_x) and of (x, T)."""

    grid: Grid
    t_x: Places
    T: Places


class Seen(NamedTuple):
    """At each pair: its log chance to be alive at t and to have bought as seen, but for the
    factors of the count alone; r + x; the shares of alpha + t and of beta + t that are t."""

    log_chance: Array
    shape: Array
    past_a: Array
    past_b: Array
    log_a: Array
    log_b: Array


class OverCustomers(NamedTuple):
    """Sums over customers, and at each pair those who have left since, and those alive at T."""

    value: float
    slope: Array
    outer: Array
    left: Array
    alive: Array


def pairs_of(columns: Columns) -> Pairs:
    """The pairs of a count with a t_x or T that occur in the columns."""
    times, size = len(columns.times), len(columns.counts) * len(columns.times)
    both = np.empty((2, len(columns)), dtype=np.int64)
    np.multiply(columns.x, times, out=both[0], dtype=np.int64)
    np.add(both[0], columns.T, out=both[1])
    both[0] += columns.t_x
    if size > ROOMY * both.size + BLOCK:
        found, wide = np.unique(both, return_inverse=True)
        place = wide.astype(np.int32)
    else:
        occurs = np.zeros(size, dtype=np.bool_)
        occurs[both] = True
        found = np.flatnonzero(occurs)
        place = (np.cumsum(occurs, dtype=np.int32) - 1)[both]
    present, time = np.unique(found % times, return_inverse=True)
    starts = np.searchsorted(found, np.arange(len(columns.counts) + 1) * times)
    at_t_x, at_T = place.reshape(2, -1)
    return Pairs(Grid(columns.counts, columns.times[present], starts, time), at_t_x, at_T)


def probability_alive(r: float, alpha: float, s: float, beta: float, columns: Columns) -> Array:
    """Chance that each customer is still buying at T."""
    if not len(columns):
        return np.zeros(0)
    pairs = pairs_of(columns)
    log_tail = log_tails(r, alpha, s, beta, pairs.grid)
    log_chance = _seen(r, alpha, s, beta, pairs.grid).log_chance
    since, gone = log_chance + log_tail, -np.expm1(log_tail)
    alive = np.empty(len(columns))
    for start in range(0, len(columns), BLOCK):
        here = slice(start, start + BLOCK)
        at_T = pairs.T[here]
        odds = np.exp(log_chance.take(at_T) - since.take(pairs.t_x[here]))
        alive[here] = odds / (1 + odds * gone.take(at_T))
    return np.minimum(alive, 1.0)


def objective(columns: Columns) -> Objective:
    """The log-likelihood's sums over these customers, by the logs of r, alpha, s, beta.

    The error of each is below 1e-11 of the sum of its terms' sizes.
    """
    pairs, customers = pairs_of(columns), columns.tally().customers
    bought = float((customers * columns.counts).sum())

    def sums(log_parameters: Array) -> Sums:
        r, alpha, s, beta = (float(value) for value in np.exp(log_parameters))
        seen = _seen(r, alpha, s, beta, pairs.grid)
        moments = tail_moments(r, alpha, s, beta, pairs.grid)
        tail = np.exp(moments[0])
        alive, left = _slopes_alive(r, s, seen), _slopes_left(r, s, seen, moments[1:5])
        over = _over_customers(
            columns,
            pairs,
            np.vstack([seen.log_chance + moments[0], left]),
            np.vstack([seen.log_chance, -np.expm1(moments[0]), alive - tail * left]),
        )
        curvature = _curved_left(r, s, seen, left, moments[5:], over.left - over.alive * tail)
        curvature += _curved_alive(r, seen, alive, over.alive) - over.outer
        log_rising, once, twice = rising(r, columns.counts)
        by_r = r * float((customers * once).sum())
        curvature[0, 0] += by_r + r**2 * float((customers * twice).sum())
        return Sums(
            over.value + float((customers * log_rising).sum()) - bought * log_parameters[1],
            over.slope + np.array([by_r, -bought, 0.0, 0.0]),
            curvature,
        )

    return sums


def _over_customers(columns: Columns, pairs: Pairs, since: Array, now: Array) -> OverCustomers:
    """Each history's log-likelihood and slope from the columns at its two pairs.

    since: log chance of silence after t_x, and its slopes. now: log chance of being alive at T,
    and, relative to it, one minus the chance of silence after T, with slopes.
    """
    since, now = np.ascontiguousarray(since.T), np.ascontiguousarray(now.T)
    value, slope, outer = 0.0, np.zeros(4), np.zeros((4, 4))
    shares = np.empty((2, len(columns)))
    length = min(BLOCK, len(columns))
    room, at_t_x, at_T = np.empty((9, length)), np.empty((length, 5)), np.empty((length, 6))
    for start in range(0, len(columns), BLOCK):
        here = slice(start, min(start + BLOCK, len(columns)))
        size = here.stop - start
        then = since.take(pairs.t_x[here], axis=0, out=at_t_x[:size], mode="clip")
        last = now.take(pairs.T[here], axis=0, out=at_T[:size], mode="clip")
        left, alive = shares[:, here]
        np.exp(last[:, 0] - then[:, 0], out=alive)
        rest = np.multiply(alive, last[:, 1], out=room[8, :size])
        np.divide(1, 1 + rest, out=left)
        alive *= left
        slopes = np.multiply(then[:, 1:].T, left, out=room[:4, :size])
        slopes += np.multiply(last[:, 2:].T, alive, out=room[4:8, :size])
        if columns.weights is None:
            value += float(np.sum(then[:, 0]) + np.sum(np.log1p(rest)))
            weighted = slopes
        else:
            value += float(np.sum((then[:, 0] + np.log1p(rest)) * columns.weights[here]))
            weighted = np.multiply(slopes, columns.weights[here], out=room[4:8, :size])
            shares[:, here] *= columns.weights[here]
        slope += weighted.sum(axis=1)
        outer += weighted @ slopes.T
    left, alive = (
        np.bincount(places, share, len(since)).astype(np.float64)
        for places, share in zip((pairs.t_x, pairs.T), shares, strict=True)
    )
    return OverCustomers(value, slope, outer, left, alive)


def _seen(r: float, alpha: float, s: float, beta: float, grid: Grid) -> Seen:
    times, shape = grid.times, r + grid.x
    columns = np.log1p(times / alpha), np.log1p(times / beta), times / (alpha + times)
    log_a, log_b, past_a = (column.take(grid.time) for column in columns)
    past_b = (times / (beta + times)).take(grid.time)
    return Seen(-shape * log_a - s * log_b, shape, past_a, past_b, log_a, log_b)


def _slopes_alive(r: float, s: float, seen: Seen) -> Array:
    """Of the log chance to be alive at t and to have bought as seen, by each log-parameter."""
    return np.array([-r * seen.log_a, seen.shape * seen.past_a, -s * seen.log_b, s * seen.past_b])


def _slopes_left(r: float, s: float, seen: Seen, means: Array) -> Array:
    """Of the log chance to have bought as seen and to be silent from t on, as above."""
    return np.array(
        [
            -r * (seen.log_a + means[0]),
            seen.shape * (seen.past_a + (1 - seen.past_a) * means[1]),
            1 - s * (seen.log_b + means[2]),
            (s + 1) * (seen.past_b + (1 - seen.past_b) * means[3]) - 1,
        ]
    )


def _curved_alive(r: float, seen: Seen, slopes: Array, weight: Array) -> Array:
    """Weighted sum over pairs of the second derivatives of that chance, relative to it."""
    weighted = slopes * weight
    curved = _products(weighted, slopes)
    by_r, by_alpha, by_s, by_beta = weighted.sum(axis=1)
    _bend(curved, 0, by_r, float((r * seen.past_a * weight).sum()))
    _bend(curved, 2, by_s, by_beta)
    curved[1, 1] -= by_alpha - float((weighted[1] * seen.past_a).sum())
    curved[3, 3] -= by_beta - float((weighted[3] * seen.past_b).sum())
    return curved


def _curved_left(
    r: float, s: float, seen: Seen, slopes: Array, covariances: Array, weight: Array
) -> Array:
    """The same for the chance to be silent from t on; covariances: of the silent life."""
    curved = _products(slopes * weight, slopes)
    by_a, by_b = slopes[1] / seen.shape, (slopes[3] + 1) / (s + 1)
    rest_a, rest_b = 1 - seen.past_a, 1 - seen.past_b
    scale = (-r * weight, seen.shape * rest_a * weight, -s * weight, (s + 1) * rest_b * weight)
    again = (-r, seen.shape * rest_a, -s, (s + 1) * rest_b)
    for row, column, covariance in zip(*np.triu_indices(4), covariances, strict=True):
        together = float((scale[row] * (covariance * again[column])).sum())
        curved[row, column] += together
        if row != column:
            curved[column, row] += together
    _bend(curved, 0, float((weight * slopes[0]).sum()), r * float((weight * by_a).sum()))
    _bend(curved, 2, float((weight * (slopes[2] - 1)).sum()), s * float((weight * by_b).sum()))
    curved[1, 1] -= np.sum(weight * seen.shape * (by_a * (1 - by_a) - rest_a**2 * covariances[4]))
    curved[3, 3] -= (s + 1) * np.sum(weight * (by_b * (1 - by_b) - rest_b**2 * covariances[9]))
    return curved


def _bend(curved: Array, place: int, itself: float, across: float) -> None:
    """Add to the diagonal at a place, and between it and the next."""
    curved[place, place] += itself
    curved[place, place + 1] += across
    curved[place + 1, place] += across


def _products(one: Array, other: Array) -> Array:
    """All sums of products of rows, made by one thread."""
    return np.asarray(np.einsum("ip,jp->ij", one, other))
