"""From an appraisal's numbers to the rows that keep them."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from metrics.clv.appraisal import Appraisal
from metrics.models import (
    CustomerValue,
    HoldoutFrequency,
    LeftOut,
    SizeBand,
    SpreadClass,
    TrackingPoint,
    Valuation,
    ValuationParameter,
    ValuationWarning,
)
from metrics.value import storage
from metrics.value.portfolio import Portfolio

EPOCH = date(1970, 1, 1)


def of_run(appraisal: Appraisal, portfolio: Portfolio) -> dict[str, Any]:
    """The columns of a valuation that its run fills in."""
    holdout = appraisal.holdout
    found = {
        "outcome": appraisal.status.value,
        "model": appraisal.model,
        "log_likelihood": appraisal.purchases.log_likelihood,
        "spend_log_likelihood": appraisal.spend and appraisal.spend.log_likelihood,
        "customers": len(appraisal.histories),
        "repeat_purchases": int(appraisal.histories.x.sum()),
        "clv_total": cents(appraisal.clv_total),
        "clv_low": cents(appraisal.clv_low),
        "clv_high": cents(appraisal.clv_high),
        "top_tenth_share": portfolio.top_tenth_share,
        "misjudged_share": portfolio.misjudged_share,
    }
    if holdout is not None:
        found |= {
            "holdout_actual": holdout.actual,
            "holdout_forecast": holdout.forecast,
            "holdout_mae": holdout.mae,
            "naive_forecast": holdout.naive_forecast,
            "naive_mae": holdout.naive_mae,
        }
    return found


def customer_values(
    valuation: Valuation, appraisal: Appraisal, portfolio: Portfolio
) -> Iterator[CustomerValue]:
    """One row a customer, in the order of their keys, so that a second attempt goes on right."""
    histories = appraisal.histories
    columns = {
        "customer_id": histories.customer,
        "x": histories.x.astype(np.int64),
        "t_x": histories.t_x,
        "T": histories.T,
        "mean_spend": histories.mean_spend,
        "spent": portfolio.spent,
        "p_alive": appraisal.p_alive,
        "expected_purchases": appraisal.expected_purchases,
        "expected_spend": appraisal.expected_spend,
        "clv": appraisal.clv,
        "spend_variation": np.where(np.isnan(portfolio.variation), None, portfolio.variation),
        "word": portfolio.word,
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    for row in rows:
        yield CustomerValue(valuation=valuation, **dict(zip(columns, row, strict=True)))


def write_diagnostics(valuation: Valuation, appraisal: Appraisal, portfolio: Portfolio) -> None:
    """Parameters, warnings, holdout, tracking and portfolio rows, in the caller's transaction."""
    ValuationParameter.objects.bulk_create(_parameters(valuation, appraisal))
    ValuationWarning.objects.bulk_create(
        ValuationWarning(valuation=valuation, code=warning.code, sentence=warning.sentence)
        for warning in appraisal.warnings
    )
    HoldoutFrequency.objects.bulk_create(
        HoldoutFrequency(
            valuation=valuation,
            frequency=row.frequency,
            customers=row.customers,
            actual=row.actual,
            forecast=row.forecast,
        )
        for row in (appraisal.holdout.by_frequency if appraisal.holdout else ())
    )
    TrackingPoint.objects.bulk_create(_tracking(valuation, appraisal))
    SizeBand.objects.bulk_create(
        SizeBand(valuation=valuation, rank=rank, **vars(band))
        for rank, band in enumerate(portfolio.bands, start=1)
    )
    SpreadClass.objects.bulk_create(
        SpreadClass(valuation=valuation, **vars(each)) for each in portfolio.spread
    )
    reasons = storage.left_out(valuation.as_of) | appraisal.dropped
    LeftOut.objects.bulk_create(
        LeftOut(valuation=valuation, reason=reason, number=number)
        for reason, number in reasons.items()
    )


def parameters_of(appraisal: Appraisal) -> Iterator[tuple[str, str, float, float | None]]:
    """Model, name, value and standard error of each fitted parameter."""
    fits = [(appraisal.model, appraisal.purchases), ("gamma_gamma", appraisal.spend)]
    for name, fit in fits:
        if fit is None:
            continue
        errors = fit.standard_errors or {}
        for parameter in fit.model.__dataclass_fields__:
            yield name, parameter, getattr(fit.model, parameter), errors.get(parameter)


def _parameters(valuation: Valuation, appraisal: Appraisal) -> Iterator[ValuationParameter]:
    for model, name, value, error in parameters_of(appraisal):
        yield ValuationParameter(
            valuation=valuation, model=model, name=name, value=value, standard_error=error
        )


def _tracking(valuation: Valuation, appraisal: Appraisal) -> Iterator[TrackingPoint]:
    tracking = appraisal.tracking
    rows = zip(
        tracking.last_day.tolist(),
        tracking.actual.tolist(),
        tracking.expected.tolist(),
        strict=True,
    )
    for day, actual, expected in rows:
        yield TrackingPoint(
            valuation=valuation,
            day=EPOCH + timedelta(days=day),
            actual=actual,
            expected=expected,
            is_held_out=day > tracking.until,
        )


def cents(amount: float | None) -> Decimal | None:
    """Money as it is stored: rounded once, here."""
    return None if amount is None else Decimal(amount).quantize(Decimal("0.01"))
