"""What lies outside every customer: the calendar, the season, campaigns, shops' good and bad weeks.

All of it is drawn before the first customer comes, and no customer moves it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvsite.simulated.surroundings.changes import Changes
from clvsite.simulated.surroundings.dice import Dice
from clvsite.simulated.truth import DESKTOP

FIRST_DAY = np.datetime64("2023-01-01")
FIRST_MONDAY = np.datetime64("2022-12-26")
DEPOTS = ("North", "South", "East", "West")
GROUPS = tuple(f"Service {letter}" for letter in "ABCDEFGH") + tuple(
    f"Sales {letter}" for letter in "ABCD"
)
RETAIL_GROUPS, TRADE_GROUPS = 8, 4
CAMPAIGN_WEEKS = (6, 7, 8, 18, 19, 20, 27, 28, 37, 38, 39, 46, 47)

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Conditions:
    """The company's weeks. Every series is one number a week, or a row a week and a column a
    depot or staff group; shares lie between 0 and 1."""

    dice: Dice
    changes: Changes
    months: int
    season: Floats
    campaign: Floats
    on_time: Floats
    carrier_late: Floats
    failed_check: Floats
    escaped: NDArray[np.int64]
    refund_days: Floats
    called: Floats
    offered: Floats
    installed: Floats
    complete: Floats

    @property
    def last_day(self) -> np.datetime64:
        return self.month_start(self.months) - 1

    def month_start(self, month: int) -> np.datetime64:
        return (FIRST_DAY.astype("M8[M]") + month).astype("M8[D]")

    def days_of(self, month: int) -> Days:
        return np.arange(self.month_start(month), self.month_start(month + 1))

    def week(self, day: Days) -> NDArray[np.int64]:
        """Whole weeks since the Monday before the first day; later days count as the last week."""
        return np.minimum((day - FIRST_MONDAY).astype(np.int64) // 7, len(self.season) - 1)

    def month(self, day: Days) -> NDArray[np.int64]:
        return (day.astype("M8[M]") - FIRST_DAY.astype("M8[M]")).astype(np.int64)

    def share(self, chance: Floats | float, metric: str, day: Days) -> Floats:
        """A chance with what the changes add to it, kept between 0 and 1."""
        return np.clip(chance + self.changes.of(metric, day) / 100, 0.0, 1.0)


def days_in(column: pd.Series) -> Days:
    """A column's days as days: pandas keeps them as seconds, to which a number adds seconds."""
    return column.to_numpy().astype("M8[D]")


def conditions(dice: Dice, changes: Changes, years: int) -> Conditions:
    weeks = 53 * years + 12
    of_year = np.arange(weeks) % 52.18
    rush = np.exp(-(((of_year - 49) / 2.6) ** 2))
    campaign = np.isin(of_year.astype(int), CAMPAIGN_WEEKS).astype(float)

    def wandering(spread: float, memory: float, what: str, who: int = 0) -> Floats:
        return dice.wandering(spread, memory, what, weeks, who)

    def each(spread: float, memory: float, what: str, count: int) -> Floats:
        return np.stack([wandering(spread, memory, what, 1 + who) for who in range(count)], axis=1)

    dispatch = 0.90 - 0.10 * rush + wandering(0.05, 0.6, "staffing")
    carrier = 0.08 + 0.05 * rush + wandering(0.03, 0.6, "carrier")
    batch = 0.40 * dice.happens(0.12, "faulty batch", np.arange(weeks))
    careless = dice.gamma(2.5, "inspection", np.arange(weeks))
    return Conditions(
        dice,
        changes,
        12 * years,
        season=1 + 0.06 * np.cos(2 * np.pi * (of_year - 48) / 52.18) + 0.2 * rush,
        campaign=campaign,
        on_time=np.clip(dispatch[:, None] + each(0.02, 0.5, "depot", len(DEPOTS)), 0.4, 0.99),
        carrier_late=np.clip(
            carrier[:, None] + each(0.012, 0.5, "depot's carrier", len(DEPOTS)), 0.005, 0.4
        ),
        failed_check=np.clip(0.05 + 0.14 * rush + batch + wandering(0.02, 0.5, "check"), 0.01, 1),
        escaped=dice.poisson(8.0 * careless, "escaped", np.arange(weeks)),
        refund_days=np.maximum(8 + wandering(3.0, 0.7, "backlog"), 2),
        called=np.clip(0.55 + wandering(0.22, 0.5, "calling"), 0.05, 0.95),
        offered=np.clip(0.30 + wandering(0.08, 0.5, "offering"), 0.05, 0.6),
        installed=np.clip(0.36 + 0.08 * campaign + wandering(0.09, 0.5, "installing"), 0.05, 0.8),
        complete=_record_complete(dice, changes, each(0.05, 0.5, "record", len(GROUPS))),
    )


def _record_complete(dice: Dice, changes: Changes, weekly: Floats) -> Floats:
    own = 0.55 + 0.05 * dice.normal("group's record", np.arange(len(GROUPS)))
    chance = own + weekly
    if DESKTOP.key not in changes.without:
        live = (np.datetime64(DESKTOP.starts_on) - FIRST_MONDAY).astype(int) // 7
        treated = [GROUPS.index(name) for name in DESKTOP.units]
        chance[live:, treated] += DESKTOP.effect / 100
    return np.clip(chance, 0.02, 0.98)
