"""Every customer's row of a valuation, as columns ready to be stored."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from metrics.clv.learning.crowd import View
from metrics.clv.learning.findings import Findings
from metrics.clv.purchases.histories import DAYS_IN, Unit
from metrics.clv.purchases.patterns import Patterns
from metrics.clv.worth import portfolio
from metrics.clv.worth.cash import Horizon, discounted_if_alive
from metrics.clv.worth.customers import Worth, chances, worth_of
from metrics.clv.worth.uncertainty import ChanceTable
from metrics.models import Valuation
from metrics.value.facts import Facts, facts_of

EPOCH = date(1970, 1, 1)

TOP = 0.8
"""Customers above this quantile of CLV are the top fifth."""


@dataclass(frozen=True)
class Yardstick:
    """What a customer is measured by; learnt from the sample, so the same for every shard.

    oldest: no T is larger, in `unit`.
    """

    findings: Findings
    horizon: Horizon
    unit: Unit
    oldest: float

    @cached_property
    def chance(self) -> ChanceTable:
        return chances(self.findings, self.oldest, self.horizon, self.unit)


def yardstick_of(valuation: Valuation, findings: Findings, since: int) -> Yardstick:
    """since: a day no later than the first purchase, in days since 1970-01-01."""
    horizon = Horizon(valuation.months, float(valuation.yearly_rate))
    days = (valuation.as_of - EPOCH).days - since
    return Yardstick(findings, horizon, valuation.unit, days / DAYS_IN[valuation.unit])


def columns_of(
    valuation: Valuation, view: View, patterns: Patterns, yardstick: Yardstick, lapsed_after: int
) -> dict[str, Any]:
    """Columns of CustomerValue, by field, in the order of the customers' keys.

    Raises ImpossibleValue rather than let anything infinite, unknown or negative be stored.
    """
    histories, findings = view.histories, yardstick.findings
    survey = findings.survey
    bought = survey.customers + survey.repeat_purchases
    facts = facts_of(valuation, histories.customer, histories.x + 1.0, bought)
    worth = worth_of(
        histories, findings, yardstick.chance, yardstick.horizon, facts.margin, facts.cost
    )
    return {
        "customer_id": histories.customer,
        "x": histories.x,
        "t_x": histories.t_x,
        "T": histories.T,
        "mean_spend": histories.mean_spend,
        "first_on": histories.first_day.astype("datetime64[D]"),
        "spent": histories.spent_total,
        "spent_last_year": view.last_year,
        "p_alive": worth.p_alive,
        "expected_purchases": worth.expected_purchases,
        "expected_spend": worth.expected_spend,
        "margin": facts.margin,
        "cost": facts.cost,
        "clv": worth.clv,
        "deviation": np.sqrt(worth.variance),
        "clv_low": worth.clv_low,
        "clv_middle": worth.clv_middle,
        "clv_high": worth.clv_high,
        "acquisition_cost": facts.acquisition,
        "spend_variation": patterns.variation,
        "band": portfolio.band_names(view.last_year, findings.sample.last_year),
        "word": _words(view, patterns, worth, top_clv(valuation, yardstick, facts), lapsed_after),
    }


def top_clv(valuation: Valuation, yardstick: Yardstick, facts: Facts) -> float:
    """The CLV that a fifth of the sample reaches, at the mean margin and cost of all customers."""
    findings, sample = yardstick.findings, yardstick.findings.sample
    model = findings.purchases.model
    ahead = discounted_if_alive(model, sample.x, sample.T, yardstick.horizon, valuation.unit)
    ahead = ahead * model.probability_alive(sample.x, sample.t_x, sample.T)
    spend = findings.expected_spend(sample.x, sample.mean_spend)
    clv = ahead * (facts.usual_margin * spend - facts.usual_cost)
    return float(np.quantile(clv, TOP))


def _words(view: View, patterns: Patterns, worth: Worth, top_clv: float, lapsed_after: int) -> Any:
    return portfolio.service_words(
        first_day=view.histories.first_day.astype("datetime64[D]"),
        last_day=view.histories.last_day.astype("datetime64[D]"),
        until=np.datetime64(view.histories.until, "D"),
        lapsed_after=np.timedelta64(lapsed_after, "D"),
        last_half_year=patterns.half_year,
        half_year_before=patterns.half_year_before,
        is_top=worth.clv >= top_clv,
        variation=patterns.variation,
    )
