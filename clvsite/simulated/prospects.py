"""Who looked at the company, who was won, and what it cost to reach them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvsite.simulated.surroundings.conditions import FIRST_MONDAY, Conditions
from clvsite.simulated.truth import acts

CHANNELS = ("Search", "Fair", "Social", "Newsletter")
CHANNEL_WEIGHTS = (0.40, 0.12, 0.30, 0.18)
COST_PER_PROSPECT = (9.0, 21.0, 5.0, 1.5)
REFERRAL = "Referral"
WON = 0.175
"""Share of prospects that is won over the three years, to size their number."""

OPENING_WEEKS = 26
PARTS_OF_A_DAY = 8
ONLY_LOOKED = 0.5
"""Passing visitors for each engaged one."""


@dataclass(frozen=True)
class Prospects:
    """One each: their numbers are 0, 1, 2 ... in the order of the days they became engaged.

    engaged_on, installed_on, trial_on: days, NaT where it did not happen. trial_on is the day of
    the first order.
    """

    channel: NDArray[np.int64]
    first_visit_on: NDArray[np.datetime64]
    engaged_on: NDArray[np.datetime64]
    installed_on: NDArray[np.datetime64]
    trial_on: NDArray[np.datetime64]

    def __len__(self) -> int:
        return len(self.channel)


def prospects(conditions: Conditions, customers: int) -> Prospects:
    """Enough of them that about nine tenths of so many customers come from them."""
    dice = conditions.dice
    engaged_on = _engaged(conditions, 0.9 * customers / WON)
    who = np.arange(len(engaged_on))
    channel = np.searchsorted(np.cumsum(CHANNEL_WEIGHTS)[:-1], dice.roll("channel", who))
    week = conditions.week(engaged_on)
    installs = dice.happens(
        conditions.share(conditions.installed[week], "app_install_rate", engaged_on), "install", who
    )
    slope = acts("app_install_rate", "trial_conversion")
    likely = 0.08 + 0.04 * conditions.season[week] + slope * installs
    tries = dice.happens(conditions.share(likely, "trial_conversion", engaged_on), "trial", who)
    return Prospects(
        channel,
        np.maximum(engaged_on - dice.between(1, 20, "looked", who), FIRST_MONDAY + 6),
        engaged_on,
        _on(engaged_on + dice.between(0, 2, "install after", who), installs),
        _on(engaged_on + dice.between(3, 21, "trial after", who), tries),
    )


def _engaged(conditions: Conditions, expected: float) -> NDArray[np.datetime64]:
    """The day on which each prospect became engaged."""
    days = np.arange(FIRST_MONDAY + 6, conditions.last_day + 1)
    week = conditions.week(days)
    opening = np.where(week < OPENING_WEEKS, 2.5, 1.0)
    luck = 1 + conditions.dice.wandering(0.10, 0.4, "interest", len(conditions.season))[week]
    weight = opening * conditions.season[week] ** 2 * (1 + 0.5 * conditions.campaign[week]) * luck
    weight = np.maximum(weight, 0.05)
    mean = np.minimum(expected * weight / weight.sum() / PARTS_OF_A_DAY, 20)
    parts = np.arange(PARTS_OF_A_DAY)
    counts = conditions.dice.poisson(mean[:, None], "prospects", days.astype(int)[:, None], parts)
    return np.repeat(days, counts.sum(axis=1))


def _on(day: NDArray[np.datetime64], happens: NDArray[np.bool_]) -> NDArray[np.datetime64]:
    return np.where(happens, day, np.datetime64("NaT"))


def prospect_facts(conditions: Conditions, all_of_them: Prospects, codes: NDArray) -> pd.DataFrame:
    """Prospects, and behind them those who only looked. codes: of the customers they became."""
    last = conditions.last_day
    known = {
        name: _on(values, values <= last)
        for name in ("engaged_on", "installed_on", "trial_on")
        if (values := getattr(all_of_them, name)) is not None
    }
    engaged = pd.DataFrame(
        {
            "prospect": [f"P{number:06d}" for number in range(len(all_of_them))],
            "channel": np.array(CHANNELS)[all_of_them.channel],
            "first_visit_on": all_of_them.first_visit_on,
            "visits": 2 + conditions.dice.poisson(1.0, "visits", np.arange(len(all_of_them))),
            **known,
            "customer": np.where(np.isnat(known["trial_on"]), "", codes),
        }
    )
    passing = engaged[["first_visit_on", "channel"]][
        conditions.dice.happens(ONLY_LOOKED, "only looked", np.arange(len(engaged)))
    ]
    passing = passing.assign(
        prospect=[f"V{number:06d}" for number in passing.index],
        visits=1,
        engaged_on=pd.NaT,
        installed_on=pd.NaT,
        trial_on=pd.NaT,
        customer="",
    ).astype({name: engaged[name].dtype for name in known})
    return pd.concat([engaged, passing[engaged.columns]], ignore_index=True)


def acquisition_facts(conditions: Conditions, all_of_them: Prospects) -> pd.DataFrame:
    """What each channel cost in each month, in the currency."""
    month = conditions.month(all_of_them.engaged_on)
    count = np.zeros((conditions.months, len(CHANNELS)))
    np.add.at(count, (month, all_of_them.channel), 1)
    months, channels = np.indices(count.shape).reshape(2, -1)
    price = 1 + 0.1 * conditions.dice.normal("advertising price", months, channels)
    amount = count.ravel() * np.array(COST_PER_PROSPECT)[channels] * np.maximum(price, 0.5)
    return pd.DataFrame(
        {
            "channel": np.array(CHANNELS)[channels],
            "month": (np.datetime64("2023-01") + months).astype("M8[D]"),
            "amount": np.round(amount, 2),
        }
    )
