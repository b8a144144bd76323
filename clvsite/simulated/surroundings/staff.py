"""The front line by group and month: who is trained, who leaves, how engaged they are."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvsite.simulated.surroundings.conditions import GROUPS, RETAIL_GROUPS, Conditions
from clvsite.simulated.truth import acts

BEFORE = 3
"""Months before the first that still act on it."""

USUAL_ENGAGEMENT = 70.0


@dataclass(frozen=True)
class Staff:
    """A row a month, a column a group; the first three rows lie before the first month.

    headcount, trained, leavers: people. engagement: 0 to 100.
    """

    headcount: NDArray[np.int64]
    trained: NDArray[np.int64]
    leavers: NDArray[np.int64]
    engagement: NDArray[np.float64]

    def engagement_behind(self, month: int) -> NDArray[np.float64]:
        """Three months before this month, above or below the usual."""
        return self.engagement[month] - USUAL_ENGAGEMENT

    def turnover_behind(self, month: int) -> NDArray[np.float64]:
        """The month before this one, in per cent a year."""
        row = month + BEFORE - 1
        return 1200 * self.leavers[row] / self.headcount[row]

    def facts(self, conditions: Conditions) -> pd.DataFrame:
        months, groups = np.indices((conditions.months, len(GROUPS))).reshape(2, -1)
        table = {
            "group": np.array(GROUPS)[groups],
            "department": np.where(groups < RETAIL_GROUPS, "Service", "Sales"),
            "month": (np.datetime64("2023-01") + months).astype("M8[D]"),
            "headcount": self.headcount[BEFORE:].ravel(),
            "trained": self.trained[BEFORE:].ravel(),
            "leavers": self.leavers[BEFORE:].ravel(),
            "engagement": self.engagement[BEFORE:].ravel(),
        }
        return pd.DataFrame(table)


def staff(conditions: Conditions) -> Staff:
    dice, changes = conditions.dice, conditions.changes
    months, groups = np.indices((conditions.months + BEFORE, len(GROUPS)))
    start = np.datetime64("2023-01") + months - BEFORE
    day = start.astype("M8[D]")
    headcount = np.broadcast_to(dice.between(9, 16, "headcount", np.arange(len(GROUPS))), day.shape)
    wanted = _coverage(conditions, months, groups) + changes.of("training_tool_coverage", day) / 100
    trained = np.clip(np.rint(wanted * headcount), 0, headcount).astype(np.int64)
    january = (start.astype(int) % 12 == 0) * 0.02
    leaving = 0.022 + january + changes.of("frontline_turnover", day) / 1200
    troubled = dice.happens(0.10, "bad month", groups, months) * 0.10
    leavers = np.minimum(
        dice.poisson((leaving + troubled) * headcount, "leavers", groups, months), headcount
    )
    own = USUAL_ENGAGEMENT + 3 * dice.normal("group's mood", np.arange(len(GROUPS)))
    moods = [dice.wandering(3.0, 0.3, "moods", len(day), group) for group in range(len(GROUPS))]
    engagement = own + np.stack(moods, axis=1) + changes.of("frontline_engagement", day)
    share = 100 * trained / headcount
    slope = acts("training_tool_coverage", "frontline_engagement")
    engagement[BEFORE:] += slope * (share[:-BEFORE] - 60)
    engagement[:BEFORE] += slope * (share[:1] - 60)
    return Staff(headcount, trained, leavers, np.round(np.clip(engagement, 0, 100), 1))


def _coverage(conditions: Conditions, months: NDArray, groups: NDArray) -> NDArray[np.float64]:
    """Share who know the present tools: forgotten slowly, lifted by a round of training."""
    lifted = conditions.dice.happens(0.16, "training", groups, months)
    coverage = np.empty(months.shape)
    coverage[0] = conditions.dice.roll("trained at first", groups[0]) * 0.6 + 0.3
    for month in range(1, len(coverage)):
        kept = coverage[month - 1] * 0.92
        coverage[month] = np.where(lifted[month], kept + 0.65 * (1 - kept), kept)
    return coverage
