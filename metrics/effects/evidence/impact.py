"""What would be otherwise had fewer customers lived through something: counted one by one.

A product of mean slopes spreads a change evenly over everybody. A late delivery falls on somebody
in some window, and those who had one are in more danger than the mean customer; a customer who is
spared it is spared no more than it did. Both are counted here, which the potential impact
fraction is for: Morgenstern, Bursic (1982), "A method for using epidemiologic data to estimate
the potential impact of an intervention on the health status of a target population".

Matrices are (customers, windows) as in customers.py. felt: what bears on who leaves in this
window, already delayed by its lag, 0 or NaN where nothing does. log_hazard: what one unit of it
adds to the logarithm of the hazard; along two links, the product of their slopes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.effects.evidence.clusters import Array
from metrics.effects.evidence.survival import Lives

Z_90 = 1.645


@dataclass(frozen=True)
class Lost:
    """Customers who left in twelve windows because of something; low, high: 5 and 95 in 100.

    leavers: all who left in them. last: place of the last of them.
    """

    lost: float
    low: float
    high: float
    leavers: int
    last: int


def lost_in_a_year(
    lives: Lives, log_hazard: float, se: float, lag: int, windows: int = 12
) -> Lost | None:
    """How many would have stayed had none of it happened, in the last windows that can be seen.

    exposure of lives: in 0 to what is worst, by the window in which it is lived through; it bears
    on who leaves lag windows later. log_hazard, se: of one unit, and its standard error.
    Hazards are taken for chances: within 4 % where no more than 5 in 100 leave in a window.
    None where it is not shown to drive customers away, where nobody left, and where what bore on
    the first of these windows is not known any more.
    """
    seen = np.flatnonzero(lives.at_risk.any(axis=0))
    first = int(seen[-1]) - windows + 1 if len(seen) else -1
    if first < lag or log_hazard - Z_90 * se <= 0:
        return None
    span = slice(first, first + windows)
    at_risk, felt = lives.at_risk[:, span], lives.exposure[:, first - lag : first - lag + windows]
    left = lives.left[:, span] & at_risk
    if not left.any():
        return None
    low, lost, high = (
        float(spared(hazards(at_risk, left, felt, each), felt, each, 1.0)[at_risk].sum())
        for each in (log_hazard - Z_90 * se, log_hazard, log_hazard + Z_90 * se)
    )
    return Lost(lost, low, high, int(left.sum()), int(seen[-1]))


def hazards(
    at_risk: NDArray[np.bool_], left: NDArray[np.bool_], felt: Array, log_hazard: float
) -> Array:
    """Of leaving, had everybody the same but for what is felt; as many leave as did.

    Also of those who are never at risk, whose leaving nobody sees: theirs is as the others'.
    Raises ValueError where nobody was at risk.
    """
    times: Array = np.exp(log_hazard * np.nan_to_num(felt))
    if not at_risk.any():
        raise ValueError("nobody was at risk, so there is no hazard to share out")
    return times * float(left[at_risk].sum() / times[at_risk].sum())


def spared(hazard: Array, felt: Array, log_hazard: float, share: Array | float) -> Array:
    """The hazard that goes when this share (0 to 1, by window) of what is felt never happens.

    Who is spared is spared the whole of it, not a little of everybody's.
    """
    return hazard * -np.expm1(-log_hazard * np.nan_to_num(felt)) * share


def retention_gained(
    hazard: Array, less: Array, counted: NDArray[np.bool_], windows_a_year: int = 12
) -> float:
    """Points of twelve-month retention, lasting, over the customer-windows that count.

    As in survival.retention_slope, each customer stays by the mean hazard of his own windows.
    """
    counts = counted.sum(axis=1)
    there = counts > 0
    before, gone = (
        np.where(counted, each, 0.0).sum(axis=1)[there] / counts[there] for each in (hazard, less)
    )
    stays = [np.exp(-windows_a_year * each) for each in (before - gone, before)]
    return 100 * float(np.average(stays[0] - stays[1], weights=counts[there]))


def purchases_gained(bought: Array, less: Array) -> float:
    """What those who are there longer for it buy in these windows, in the unit of bought.

    Who still buys in a window stands for all who would: as many more as the hazard that has gone
    until then; what goes in the window itself counts half.
    """
    return float(np.sum(bought * np.expm1(np.cumsum(less, axis=1) - less / 2)))
