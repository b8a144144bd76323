"""False discoveries: of many pairs looked at, some look linked by chance."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

RATE = 0.01
"""Share of claims that may be wrong. At 0.05 a map of ten true links would carry a false one in
about four companies of ten."""


def adjusted(p_values: Sequence[float]) -> NDArray[np.float64]:
    """Each p-value as Benjamini and Hochberg (1995) see it among all; same order, in [0, 1].

    Claiming what lies at or under a rate leaves, on average, that share of claims wrong.
    """
    if not len(p_values):
        return np.zeros(0)
    return np.asarray(multipletests(p_values, method="fdr_bh")[1], dtype=np.float64)


def adjusted_strictly(p_values: Sequence[float]) -> NDArray[np.float64]:
    """Each p-value as Holm (1979) sees it among all; same order, in [0, 1].

    Of claims at or under a rate, the chance that even one is wrong is at most that rate. For pairs
    that nobody believed in: a false one would be drawn into the map.
    """
    if not len(p_values):
        return np.zeros(0)
    return np.asarray(multipletests(p_values, method="holm")[1], dtype=np.float64)


def discoveries(p_values: Sequence[float], rate: float = RATE) -> NDArray[np.bool_]:
    """Which of the pairs may be claimed, all pairs that were tested being given."""
    return adjusted(p_values) <= rate


def best_of(p_values: Sequence[float]) -> float:
    """The p-value of "none of these is anything" after looking at all of them (Simes, 1986)."""
    return float(adjusted(p_values).min(initial=1.0))
