"""Seasons and events that no purchase model knows, as the tracking shows them."""

import numpy as np

from metrics.clv.fit import Caution
from metrics.clv.learning.holdout import Tracking

WEEKS = 4
"""Weeks added up before a swing is looked for."""

FEWEST = 6
"""Periods needed to tell a swing from chance."""

SWING = 0.2
"""Relative swing, beyond chance, that a reader of a forecast must know of."""


def unknown_season(tracking: Tracking) -> tuple[Caution, ...]:
    """A warning where purchases swing about the forecast by more than chance allows.

    The variance of actual / expected over four-week periods, less what Poisson counts have by
    themselves and less their trend, against SWING squared. Only periods in which something is
    expected count; the first one, in which customers still join in numbers, does not.
    """
    weeks = len(tracking.week) // WEEKS * WEEKS
    actual, expected = (
        np.diff(total[:weeks][WEEKS - 1 :: WEEKS]) for total in (tracking.actual, tracking.expected)
    )
    used = expected >= 20
    if used.sum() < FEWEST:
        return ()
    ratio = actual[used] / expected[used]
    place = np.arange(len(ratio), dtype=np.float64)
    around = ratio - np.polyval(np.polyfit(place, ratio, 1), place)
    beyond_chance = np.var(around, ddof=2) - np.mean(ratio / expected[used])
    if beyond_chance <= SWING**2:
        return ()
    closes = tracking.last_day[:weeks][WEEKS - 1 :: WEEKS][1:][used]
    most, least = (
        np.datetime64(int(closes[int(pick(around))]), "D") for pick in (np.argmax, np.argmin)
    )
    sentence = (
        f"Purchases swing around the forecast by about {np.sqrt(beyond_chance):.0%} from one four "
        f"weeks to the next, highest in those to {most}, lowest in those to {least}. The model "
        "knows no seasons: read a forecast for part of a year with care."
    )
    return (Caution("season_not_modelled", sentence),)
