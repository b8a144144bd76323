"""From cohorts and tenures to renewals: who decided to stay, and who to leave, at which age."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.clv.fit import TooLittleData
from metrics.clv.purchases.histories import Array

LONGEST = 100_000
"""Renewals that can be looked at; far above any contract, so that a slip is refused."""

MOST = 1e12
"""Survivors that can be counted; far above any people, for the same reason."""


@dataclass(frozen=True, slots=True)
class Renewals:
    """What customers decided, by the age at which they did: `left` and `stayed`, from age 0 on.

    All that a likelihood needs; those of two groups of customers add up.
    """

    left: Array
    stayed: Array

    def __add__(self, other: "Renewals") -> "Renewals":
        length = max(len(self.left), len(other.left))
        pairs = ((self.left, other.left), (self.stayed, other.stayed))
        padded = [[np.pad(each, (0, length - len(each))) for each in pair] for pair in pairs]
        return Renewals(*(mine + theirs for mine, theirs in padded))


def renewals_of_cohort(active: ArrayLike) -> Renewals:
    """From the customers of one cohort still there after 0, 1, 2, ... renewals.

    Counts, or any numbers proportional to them: the errors of a fit take them as counts.
    Raises ValueError where survivors rise or are negative, TooLittleData for fewer than two.
    """
    active = np.atleast_1d(np.asarray(active, dtype=np.float64))
    if not np.all((active >= 0) & (active <= MOST)):
        raise ValueError(f"survivors must be zero or more, and {MOST:,.0f} at most")
    if len(active) < 2:
        raise TooLittleData("One count of survivors is not enough: a start and a renewal are.")
    if np.any(np.diff(active) > 0):
        age = int(np.argmax(np.diff(active) > 0))
        raise ValueError(
            f"survivors cannot rise, as they do from {active[age]:g} after {age} renewals to "
            f"{active[age + 1]:g}"
        )
    return Renewals(-np.diff(active), active[1:])


def renewals_of_tenures(
    tenure: ArrayLike, left: ArrayLike, weights: ArrayLike | None = None, term: int = 1
) -> Renewals:
    """From tenures in whole periods, where nobody can leave but at the end of a term of periods.

    Who has left with tenure T left at the T-th renewal; who is there with tenure T made T of them
    and has yet to decide on the next. With terms of k periods: who left did so at the end of the
    running term, renewal T / k rounded up; who is there made T / k rounded down. weights: how many
    customers each row stands for. Raises ValueError for tenures that cannot be.
    """
    tenure, gone = checked_whole(tenure, "tenure"), np.asarray(left, dtype=bool)
    counts = np.ones(tenure.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    if not tenure.shape == gone.shape == counts.shape or not np.all(counts >= 0):
        raise ValueError("tenure, left and weights, zero or more, must be columns of one length")
    if np.any(gone & (tenure == 0)):
        raise ValueError("who has left must have been there: a tenure of one period or more")
    if term < 1 or term != int(term):
        raise ValueError("a term must be a whole number of periods, one or more")
    made = np.where(gone, np.ceil(tenure / term) - 1, tenure // term).astype(np.int64)
    length = int(made.max(initial=0)) + 1
    last = np.bincount(made, counts, minlength=length)
    lost = np.bincount(made[gone], counts[gone], minlength=length).astype(np.float64)
    beyond = np.append(np.cumsum(last[::-1])[::-1][1:], 0.0)
    return Renewals(lost, beyond)


def checked_whole(count: ArrayLike, name: str) -> Array:
    """count as a float array; ValueError unless whole and between 0 and LONGEST."""
    count = np.asarray(count, dtype=np.float64)
    if not np.all((count >= 0) & (count <= LONGEST) & (count == np.floor(count))):
        raise ValueError(f"{name} must be a whole number between 0 and {LONGEST:,}")
    return count
