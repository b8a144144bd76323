"""Customer equity under other conditions: the pull of each driver, and named scenarios."""

from decimal import Decimal

import numpy as np
from django.db import transaction

from metrics.clv.learning.findings import Findings
from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.clv.worth import conditions
from metrics.clv.worth.cash import DAYS_IN_A_MONTH, Horizon
from metrics.clv.worth.portfolio import BANDS, NO_PURCHASE
from metrics.models import DriverPull, Scenario, ScenarioMonth, ScenarioValue, Valuation
from metrics.value.beside.stored import NothingLeft, base_of, models_of
from metrics.value.results import cents

SIZES = [*(name for name, _ in BANDS), NO_PURCHASE]


def write_pulls(valuation: Valuation, findings: Findings) -> None:
    """What one step of each driver is worth, in the caller's transaction."""
    base = base_of(valuation, SIZES)
    spend = float(base.spend.sum() / base.alive.sum())
    left = float(base.margin.sum() - base.cost.sum())
    share_left = left / float(base.spend.sum()) if base.spend.sum() else 0.0
    found = conditions.pulls(base, findings.purchases.model, spend, share_left)
    DriverPull.objects.bulk_create(
        DriverPull(valuation=valuation, driver=pull.driver, step=pull.step, gain=pull.gain)
        for pull in found
    )


def ask_for(valuation: Valuation) -> None:
    """Every scenario is wanted under this valuation too."""
    waiting = ScenarioValue.Status.WAITING
    known = valuation.scenario_values.values("scenario")
    ScenarioValue.objects.bulk_create(
        ScenarioValue(scenario=scenario, valuation=valuation, status=waiting)
        for scenario in Scenario.objects.exclude(pk__in=known).order_by("pk")
    )


def run(asked: ScenarioValue) -> None:
    """Value a scenario that was asked for. Safe to run again at any point."""
    valuation, scenario = asked.valuation, asked.scenario
    model, _ = models_of(valuation)
    change = change_of(scenario, valuation)
    try:
        base = base_of(valuation, SIZES)
        before = conditions.monthly(base, model)
        after = conditions.monthly(base, model, change)
        total = float(after.sum())
        low, high = _interval(valuation, total)
        told = {"clv_total": cents(total), "clv_low": cents(low), "clv_high": cents(high)}
    except (NothingLeft, ImpossibleValue) as reason:
        asked.fail(str(reason))
        return
    with transaction.atomic():
        asked.finish(scenario_changed_at=scenario.changed_at, **told)
        asked.by_month.all().delete()
        ScenarioMonth.objects.bulk_create(
            ScenarioMonth(
                value=asked,
                month=month + 1,
                base=float(before[month]) if month < len(before) else None,
                clv=float(after[month]),
            )
            for month in range(len(after))
        )


def change_of(scenario: Scenario, valuation: Valuation) -> conditions.Change:
    """A scenario as the engine takes it; a shock's day becomes the month in which it lies."""
    rate = valuation.yearly_rate if scenario.yearly_rate is None else scenario.yearly_rate
    return conditions.Change(
        drop_out=float(scenario.drop_out),
        rate=float(scenario.rate),
        spend=float(scenario.spend),
        margin=float(scenario.margin_points / Decimal(100)),
        horizon=Horizon(scenario.months or valuation.months, float(rate)),
        shocks=tuple(
            conditions.Shock(
                segment=SIZES.index(shock.band),
                month=max(1, 1 + int((shock.from_on - valuation.as_of).days / DAYS_IN_A_MONTH)),
                purchases=float(shock.purchases),
            )
            for shock in scenario.shocks.order_by("pk")
            if shock.band in SIZES
        ),
    )


def _interval(valuation: Valuation, total: float) -> tuple[float, float] | tuple[None, None]:
    """As wide, in proportion, as the valuation's own."""
    if valuation.clv_low is None or not valuation.clv_total:
        return None, None
    shares = [
        float(bound / valuation.clv_total) for bound in (valuation.clv_low, valuation.clv_high)
    ]
    low, high = np.sort([total * share for share in shares])
    return float(low), float(high)
