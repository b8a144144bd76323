"""Running a valuation that was asked for, up to the switch that publishes it."""

from datetime import date
from itertools import islice

import numpy as np
from django.db import transaction

from customers.models import Company
from metrics.clv.appraisal import Appraisal, FitFailed, ImpossibleValue, appraise
from metrics.clv.fit import TooLittleData
from metrics.models import Valuation
from metrics.value import results, storage, timing
from metrics.value.asking import ask
from metrics.value.portfolio import Portfolio, portfolio_of


def run(valuation: Valuation) -> Appraisal | None:
    """Value every customer and switch. Safe to run again at any point: a fit is repeatable.

    What stops a fit is written on the valuation, in words; the last good one stays in force,
    and the answer is None.
    """
    days = storage.read_purchase_days(max(valuation.as_of, valuation.holdout_until))
    valuation.show_life()
    try:
        appraisal = appraise_as_asked(valuation, days)
    except (TooLittleData, FitFailed, ImpossibleValue) as reason:
        valuation.fail(str(reason))
        return None
    valuation.show_life()
    portfolio = portfolio_of(days, appraisal, Company.objects.current().lapsed_after_days)
    _write_values(valuation, appraisal, portfolio)
    _publish(valuation, appraisal, portfolio)
    return appraisal


def appraise_as_asked(valuation: Valuation, days: storage.PurchaseDays) -> Appraisal:
    """The appraisal under a valuation's conditions. Raises what `appraise` raises."""
    as_of, holdout_until = valuation.as_of, valuation.holdout_until
    is_after = holdout_until > as_of
    calibrated = (
        None
        if is_after or valuation.calibrated_until >= as_of
        else _day(valuation.calibrated_until)
    )
    return appraise(
        days.customer,
        days.day,
        days.amount,
        until=_day(as_of),
        holdout_until=_day(holdout_until) if is_after else None,
        calibrate_until=calibrated,
        unit=valuation.unit,
        model=valuation.model_asked,
        months=valuation.months,
        yearly_rate=float(valuation.yearly_rate),
        margin=float(valuation.margin),
    )


def _write_values(valuation: Valuation, appraisal: Appraisal, portfolio: Portfolio) -> None:
    """Store every value. A second attempt starts over: purchases may have changed since."""
    storage.start_over(valuation, len(appraisal.histories))
    values = results.customer_values(valuation, appraisal, portfolio)
    while chunk := list(islice(values, storage.WRITE_AT_ONCE)):
        storage.write_values(valuation, chunk)


@transaction.atomic
def _publish(valuation: Valuation, appraisal: Appraisal, portfolio: Portfolio) -> None:
    """Diagnostics, the switch, and what this one makes due: all in one moment."""
    storage.switch(valuation, **results.of_run(appraisal, portfolio))
    results.write_diagnostics(valuation, appraisal, portfolio)
    if valuation.purpose == Valuation.Purpose.CURRENT:
        for month_end in timing.due_month_ends():
            ask(Valuation.Purpose.MONTH_END, month_end)
    storage.thin_out(valuation)


def _day(day: date) -> np.datetime64:
    return np.datetime64(day, "D")
