"""Chance that belongs to a person and an occasion, so that two runs differ by their cause only."""

from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv, ndtri

Floats = NDArray[np.float64]

STEP = np.uint64(0x9E3779B97F4A7C15)
FIRST_FACTOR, SECOND_FACTOR = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
MOST_AT_ONCE = 40


class Dice:
    """The same throw for the same occasion, person and time, in whatever order they are asked.

    what: the occasion in words. who, when: whole numbers, broadcast together.
    """

    def __init__(self, seed: int) -> None:
        self._seed = _mix(np.asarray(seed, np.uint64) + STEP)

    def roll(self, what: str, who: ArrayLike, when: ArrayLike = 0) -> Floats:
        """Uniform, strictly between 0 and 1."""
        occasion = _mix(self._seed ^ np.uint64(crc32(what.encode())))
        with np.errstate(over="ignore"):
            moment = _mix(occasion + _whole(when) * STEP)
            thrown = _mix(_mix(moment + _whole(who) * STEP))
        return (thrown >> np.uint64(11)) * 2.0**-53 + 2.0**-54

    def happens(self, chance: ArrayLike, what: str, who: ArrayLike, when: ArrayLike = 0) -> NDArray:
        """Whether what has this chance happens; who is lucky at 0.2 is also lucky at 0.3."""
        return self.roll(what, who, when) < chance

    def normal(self, what: str, who: ArrayLike, when: ArrayLike = 0) -> Floats:
        return ndtri(self.roll(what, who, when))

    def exponential(self, what: str, who: ArrayLike, when: ArrayLike = 0) -> Floats:
        return -np.log(self.roll(what, who, when))

    def gamma(self, shape: float, what: str, who: ArrayLike) -> Floats:
        """Of this shape and mean 1."""
        return gammaincinv(shape, self.roll(what, who)) / shape

    def poisson(self, mean: ArrayLike, what: str, who: ArrayLike, when: ArrayLike = 0) -> NDArray:
        """Whole counts, forty at most."""
        thrown = self.roll(what, who, when)
        mean = np.broadcast_to(np.asarray(mean, float), thrown.shape)
        term = np.exp(-mean)
        reached, count = term.copy(), np.zeros(thrown.shape, np.int64)
        for number in range(1, MOST_AT_ONCE + 1):
            more = thrown > reached
            if not more.any():
                break
            count += more
            term = term * mean / number
            reached += term
        return count

    def between(self, low: int, high: int, what: str, who: ArrayLike, when: ArrayLike = 0):
        """A whole number, both ends among them."""
        return low + (self.roll(what, who, when) * (high - low + 1)).astype(np.int64)

    def wandering(self, spread: float, memory: float, what: str, length: int, who: int = 0):
        """A series round 0 of this standard deviation that remembers its last step by memory."""
        steps = self.normal(what, np.arange(length), who) * spread * np.sqrt(1 - memory**2)
        series = np.empty(length)
        series[0] = steps[0] / np.sqrt(1 - memory**2)
        for place in range(1, length):
            series[place] = memory * series[place - 1] + steps[place]
        return series


def _whole(number: ArrayLike) -> NDArray[np.uint64]:
    return np.asarray(number).astype(np.int64).astype(np.uint64)


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of the answer hangs on every bit given."""
    with np.errstate(over="ignore"):
        bits = (bits ^ (bits >> np.uint64(30))) * FIRST_FACTOR
        bits = (bits ^ (bits >> np.uint64(27))) * SECOND_FACTOR
    return bits ^ (bits >> np.uint64(31))
