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

import numpy as np
from numpy.typing import NDArray

from metrics.effects.evidence.clusters import Array


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
