"""Histories as a likelihood reads them: distinct counts and times, and each customer's place.

Gamma functions are taken once a distinct count, logarithms once a distinct time; a customer costs
a few looks into these tables. Times are days, so a million customers share a thousand of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.clv.purchases.histories import (
    DAYS_IN,
    ROOMY,
    Array,
    Histories,
    checked_history,
)

Places = NDArray[np.int32]

BLOCK = 8_192
"""Customers looked at together: the work stays in the processor's cache, and sums of products
this short are made by one thread."""


@dataclass(frozen=True, slots=True)
class Columns:
    """counts: distinct x, ascending; times: of t_x and T together, ascending, in the unit.

    x, t_x, T: one place a customer in these. weights: how many customers each row stands for,
    None where it is one.
    """

    counts: Array
    times: Array
    x: Places
    t_x: Places
    T: Places
    weights: Array | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def customers(self) -> float:
        return float(len(self.x) if self.weights is None else self.weights.sum())

    @property
    def pairs(self) -> NDArray[np.int64]:
        """One number a customer for both x and T: place in counts, times len(times), plus T's."""
        joint = self.x.astype(np.int64)
        joint *= len(self.times)
        joint += self.T
        return joint

    def where(self, wanted: NDArray[np.bool_] | slice) -> "Columns":
        """Some of the rows, over the same tables."""
        weights = None if self.weights is None else self.weights[wanted]
        return Columns(
            self.counts, self.times, self.x[wanted], self.t_x[wanted], self.T[wanted], weights
        )

    def every(self, stride: int) -> "Columns":
        """An even selection of the rows, over tables of what occurs in it."""
        some = self.where(slice(None, None, stride))
        counts, at_count = np.unique(some.x, return_inverse=True)
        times, at_time = np.unique(np.concatenate([some.t_x, some.T]), return_inverse=True)
        at_t_x, at_T = at_time.astype(np.int32).reshape(2, -1)
        at_x = at_count.astype(np.int32)
        return Columns(self.counts[counts], self.times[times], at_x, at_t_x, at_T, some.weights)

    def blocks(self) -> Iterator["Columns"]:
        """All rows, a cacheful at a time."""
        for start in range(0, len(self), BLOCK):
            yield self.where(slice(start, start + BLOCK))

    def tally(self) -> "Tally":
        """Customers and their purchases, counted at each of `counts` and `times`."""
        if len(self.counts) * len(self.times) > ROOMY * len(self) + BLOCK:
            repeats = self.counts.take(self.x)
            if self.weights is not None:
                repeats *= self.weights
            return Tally(
                np.bincount(self.x, self.weights, len(self.counts)).astype(np.float64),
                np.bincount(self.T, self.weights, len(self.times)).astype(np.float64),
                np.bincount(self.T, repeats, len(self.times)).astype(np.float64),
            )
        size = len(self.counts) * len(self.times)
        met = np.bincount(self.pairs, self.weights, size).astype(np.float64)
        met = met.reshape(len(self.counts), len(self.times))
        return Tally(met.sum(axis=1), met.sum(axis=0), (met.T * self.counts).sum(axis=1))

    def by_count(self) -> Array:
        """Customers at each of `counts`."""
        return self.tally().customers

    def by_age(self) -> tuple[Array, Array]:
        """At each of `times`: the customers whose T it is, and the sum of their x."""
        _, joined, repeats = self.tally()
        return joined, repeats


class Tally(NamedTuple):
    """customers: at each count. joined, repeats: at each time, those whose T it is and the sum of
    their x. All weighted."""

    customers: Array
    joined: Array
    repeats: Array


def columns_of(
    x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None
) -> Columns:
    """Columns of any histories, in any unit; ValueError naming the rule that is broken."""
    x, t_x, T = checked_history(x, t_x, T)
    x, t_x, T = (np.atleast_1d(each) for each in np.broadcast_arrays(x, t_x, T))
    counts, at_count = _distinct(x)
    times, at_time = _distinct(np.concatenate([t_x, T]))
    known = None if weights is None else np.asarray(weights, dtype=np.float64)
    if known is not None and not (known.shape == x.shape and np.all(known >= 0)):
        raise ValueError("weights must be zero or more, one a customer")
    at_t_x, at_T = at_time.reshape(2, -1)
    return Columns(counts, times, at_count, at_t_x, at_T, known)


def _distinct(values: Array) -> tuple[Array, Places]:
    """The distinct values, ascending, and the place of each; whole days need no sorting."""
    for steps in DAYS_IN.values():
        whole = np.rint(values * steps)
        few = whole.max(initial=0.0) <= ROOMY * len(values)
        if few and np.array_equal(whole / steps, values):
            at = whole.astype(np.int64)
            present = np.bincount(at) > 0
            place = (np.cumsum(present) - 1).astype(np.int32)
            return np.flatnonzero(present) / steps, place[at]
    distinct, at = np.unique(values, return_inverse=True)
    return distinct, at.astype(np.int32)


def columns_of_histories(histories: Histories) -> Columns:
    """The same without sorting a time: days are whole numbers, so they are places already."""
    at_t_x = histories.last_day - histories.first_day
    at_T = (histories.until - histories.first_day).astype(np.int32)
    longest = int(at_T.max(initial=0))
    times = np.arange(longest + 1) / DAYS_IN[histories.unit]
    present = np.bincount(histories.x) > 0
    counts = np.flatnonzero(present).astype(np.float64)
    place = (np.cumsum(present) - 1).astype(np.int32)
    return Columns(counts, times, place[histories.x], at_t_x.astype(np.int32), at_T)


class _HasChance(Protocol):
    def probability_alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Array: ...


def alive_of(model: _HasChance, columns: Columns) -> Array:
    """The chance that each customer is still buying, in [0, 1]; by the model's own fast way."""
    if hasattr(model, "alive_of"):
        return np.asarray(model.alive_of(columns))
    alive = np.empty(len(columns))
    for start, block in zip(range(0, len(columns), BLOCK), columns.blocks(), strict=True):
        alive[start : start + BLOCK] = model.probability_alive(
            columns.counts.take(block.x),
            columns.times.take(block.t_x),
            columns.times.take(block.T),
        )
    return alive


def if_alive_by_place(columns: Columns, value_of: Callable[[Array, Array], Array]) -> Array:
    """The value of each customer, where it depends on x and T only: what one alive will do.

    value_of: from columns of x and T to their values; asked once, with every pair that occurs.
    """
    joint, times = columns.pairs, len(columns.times)
    if len(columns.counts) * times > ROOMY * len(columns) + BLOCK:
        pairs, place = np.unique(joint, return_inverse=True)
        return value_of(columns.counts[pairs // times], columns.times[pairs % times])[place]
    occurs = np.zeros(len(columns.counts) * times, dtype=np.bool_)
    occurs[joint] = True
    pairs, table = np.flatnonzero(occurs), np.zeros(len(occurs))
    table[pairs] = value_of(columns.counts[pairs // times], columns.times[pairs % times])
    return table.take(joint)
