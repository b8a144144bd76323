"""Who was there and who left, told by the customers themselves, or by their silence.

Matrices are (customers, windows) as in customers.py.
"""

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from metrics.effects.evidence.clusters import Array, Codes

Truths = NDArray[np.bool_]
STILL_THERE = 0.02
"""Chance that somebody who is still there would have been silent for so long."""

NEVER = -1


@dataclass(frozen=True)
class Leaving:
    """at_risk: a customer as the window begins, of whom it can be told. left: leaves in it."""

    at_risk: Truths
    left: Truths


def by_notice(is_customer: Truths, gave_notice: Codes) -> Leaving:
    """Of those who say so. gave_notice: (customers,), the window of leaving, NEVER where none."""
    windows = np.arange(is_customer.shape[1])
    gone = np.where(gave_notice == NEVER, len(windows), gave_notice)[:, None]
    was_there = np.zeros_like(is_customer)
    was_there[:, 1:] = is_customer[:, :-1]
    return Leaving(was_there & (windows <= gone), was_there & (windows == gone))


def by_silence(heard: Truths, is_customer: Truths, least: int) -> Leaving:
    """Of those who leave without a word: by a silence that is long for the customer's own rhythm.

    heard: any sign of life in the window. least: windows of silence that nobody is held to have
    left before. Leaving is dated at the first silent window. Of who is so seldom heard of that the
    time looked at cannot tell, and of the last windows, whose silence may still end, nothing is
    said; who comes back after so long counts as having left. Weaker than a notice: it is told of
    the frequent only, and of some wrongly.
    """
    windows = heard.shape[1]
    at = np.arange(windows)
    silent_for = _next(heard) - at
    enough = np.maximum(
        least, np.ceil(log(STILL_THERE) / np.log1p(-usual_share(heard, is_customer)))
    )
    known = at + enough <= windows
    was_there, was_heard = np.zeros_like(heard), np.zeros_like(heard)
    was_there[:, 1:], was_heard[:, 1:] = is_customer[:, :-1], heard[:, :-1]
    left = was_heard & known & (silent_for >= enough)
    gone_before = np.cumsum(left, axis=1) - left > 0
    return Leaving(was_there & known & ~gone_before, left & was_there & ~gone_before)


def _next(heard: Truths) -> Array:
    """The next window with a sign of life, this one too; far off where there is none."""
    windows = heard.shape[1]
    place = np.where(heard, np.arange(windows, dtype=np.float64), np.inf)
    return np.asarray(np.minimum.accumulate(place[:, ::-1], axis=1)[:, ::-1])


def usual_share(heard: Truths, is_customer: Truths) -> Array:
    """Share of a customer's windows before each in which there was a sign of life, in (0, 1)."""
    heard_then = (heard & is_customer).astype(np.float64)
    there = is_customer.astype(np.float64)
    known, windows = (np.cumsum(one, axis=1) - one for one in (heard_then, there))
    return np.asarray((known + 0.5) / (windows + 1.0))
