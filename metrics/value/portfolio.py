"""What a valuation says of customers together: size, spread, and a word for each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.clv import portfolio as numbers
from metrics.clv.appraisal import Appraisal
from metrics.clv.histories import DAYS_IN
from metrics.value.storage import PurchaseDays


@dataclass(frozen=True)
class Portfolio:
    """Arrays follow the appraisal's customers; variation is NaN where it is not known."""

    spent: NDArray[np.float64]
    variation: NDArray[np.float64]
    word: NDArray[np.str_]
    bands: list[numbers.SizeBandTotals]
    spread: list[numbers.SpreadTotals]
    top_tenth_share: float
    misjudged_share: float


def portfolio_of(days: PurchaseDays, appraisal: Appraisal, lapsed_after_days: int) -> Portfolio:
    """The portfolio on the appraisal's as-of day; later days are not looked at."""
    until = np.datetime64(appraisal.histories.until, "D")
    customers = appraisal.histories.customer
    known = days.day <= until
    own = (customers, days.customer[known], days.day[known], days.amount[known])
    half_year = numbers.HALF_YEAR
    last_year = numbers.spend_between(*own, until - numbers.YEAR, until)
    variation = numbers.monthly_variation(*own, until)
    first_day = appraisal.histories.first_day.astype("datetime64[D]")
    days_in_unit = DAYS_IN[appraisal.histories.unit]
    silence = (appraisal.histories.T - appraisal.histories.t_x) * days_in_unit
    word = numbers.service_words(
        first_day=first_day,
        last_day=until - np.round(silence).astype("timedelta64[D]"),
        until=until,
        lapsed_after=np.timedelta64(lapsed_after_days, "D"),
        last_half_year=numbers.spend_between(*own, until - half_year, until),
        half_year_before=numbers.spend_between(*own, until - 2 * half_year, until - half_year),
        clv=appraisal.clv,
        variation=variation,
    )
    return Portfolio(
        spent=appraisal.histories.spent_total,
        variation=variation,
        word=word,
        bands=numbers.size_bands(last_year, appraisal.clv),
        spread=numbers.spread(appraisal.clv),
        top_tenth_share=numbers.top_share(appraisal.clv, 0.1),
        misjudged_share=numbers.misjudged_share(last_year, appraisal.clv),
    )
