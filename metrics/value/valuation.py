"""One valuation, from the row that asks for it to the switch that publishes it."""

from datetime import date, timedelta
from itertools import islice

import numpy as np
from django.db import IntegrityError, transaction

from customers.models import Company, Source, User
from metrics.clv.appraisal import Appraisal, FitFailed, ImpossibleValue, appraise
from metrics.clv.fit import TooLittleData
from metrics.models import Valuation
from metrics.value import results, storage, timing
from metrics.value.portfolio import Portfolio, portfolio_of

MOST_HELD_OUT = timedelta(weeks=26)
SHARE_HELD_OUT = 3


def ask_current(by: User | None = None) -> Valuation | None:
    """Ask for a valuation of today's purchases; None where one is on its way or there are none."""
    as_of = timing.as_of_day()
    return as_of and ask(Valuation.Purpose.CURRENT, as_of, by=by)


def ask(
    purpose: Valuation.Purpose, as_of: date, by: User | None = None, **terms
) -> Valuation | None:
    """Write down that a valuation is wanted; None where the same is on its way already.

    terms: conditions that differ from the company's (months, yearly_rate, margin, unit,
    model_asked, calibrated_until, holdout_until).
    """
    company = Company.objects.current()
    days, amount = timing.purchases_until(as_of)
    conditions = {
        "months": company.horizon_months,
        "yearly_rate": company.yearly_rate,
        "margin": company.default_margin,
        "currency": company.currency,
        "calibrated_until": _calibration_end(as_of),
        "holdout_until": as_of,
    }
    try:
        with transaction.atomic():
            return Valuation.objects.create(
                purpose=purpose,
                as_of=as_of,
                asked_by=by,
                status=Valuation.Status.WAITING,
                changes=Source.objects.total_changes(),
                days_read=days,
                amount_read=amount,
                **conditions | terms,
            )
    except IntegrityError:
        return None


def _calibration_end(as_of: date) -> date:
    """The day up to which purchases are shown to the model before its forecast is checked.

    Half a year is held out, or a third of the time since the first purchase where that is less.
    """
    first = timing.first_purchase_day() or as_of
    return as_of - min(MOST_HELD_OUT, (as_of - first) // SHARE_HELD_OUT)


def run(valuation: Valuation) -> Appraisal | None:
    """Value every customer and switch. Safe to run again at any point: a fit is repeatable.

    What stops a fit is written on the valuation, in words; the last good one stays in force,
    and the answer is None.
    """
    days = storage.read_purchase_days(max(valuation.as_of, valuation.holdout_until))
    try:
        appraisal = appraise_as_asked(valuation, days)
    except (TooLittleData, FitFailed, ImpossibleValue) as reason:
        valuation.fail(str(reason))
        return None
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
    """Store the values that are not stored yet; begun again, it goes on behind the last one."""
    valuation.begin(len(appraisal.histories))
    values = results.customer_values(valuation, appraisal, portfolio)
    rest = islice(values, valuation.steps_done, None)
    while chunk := list(islice(rest, storage.WRITE_AT_ONCE)):
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
