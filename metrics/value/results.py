"""From findings to the rows that keep them."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from metrics.clv.fit import Caution
from metrics.clv.learning.choice import Contender as Contended
from metrics.clv.learning.choice import Status
from metrics.clv.learning.findings import Findings
from metrics.clv.learning.holdout import Holdout
from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.clv.worth.uncertainty import Doubt
from metrics.models import (
    Contender,
    GainPoint,
    HoldoutFrequency,
    HoldoutTest,
    LeftOut,
    TrackingPoint,
    Valuation,
    ValuationParameter,
    ValuationWarning,
)
from metrics.models.valuation import NAIVE
from metrics.value.segments import Totals

EPOCH = date(1970, 1, 1)
TOO_MUCH = 1e14
"""In the currency: more than totals have digits for."""


def of_run(findings: Findings, totals: Totals, doubt: Doubt) -> dict[str, Any]:
    """The columns of a valuation that its run fills in."""
    low, high = doubt.interval(totals.clv) or (None, None)
    holdout = findings.holdout
    found = {
        "outcome": (Status.WITH_WARNINGS if findings.warnings else Status.GOOD).value,
        "model": findings.model,
        "log_likelihood": findings.purchases.log_likelihood,
        "spend_log_likelihood": findings.spend and findings.spend.log_likelihood,
        "usual_spend": findings.usual_spend,
        "customers": totals.customers,
        "repeat_purchases": totals.repeat_purchases,
        "clv_total": cents(totals.clv),
        "clv_low": cents(low),
        "clv_high": cents(high),
        "parameter_spread": doubt.parameters,
        "chance_spread": doubt.chance,
        "coverage": findings.coverage,
        "top_tenth_share": totals.top_tenth_share,
        "misjudged_share": totals.misjudged_share,
    }
    if holdout is not None:
        found |= {
            "holdout_actual": holdout.actual,
            "holdout_forecast": holdout.forecast,
            "holdout_mae": holdout.mae,
            "holdout_rmse": holdout.rmse,
            "naive_forecast": holdout.naive_forecast,
            "naive_mae": holdout.naive_mae,
        }
    return found


def write_findings(
    valuation: Valuation,
    findings: Findings,
    cautions: tuple[Caution, ...],
    left_out: dict[str, int],
) -> None:
    """Parameters, warnings, contest, tests and tracking, in the caller's transaction.

    cautions: further ones than the findings'.
    """
    ValuationParameter.objects.bulk_create(
        ValuationParameter(
            valuation=valuation, model=model, name=name, value=value, standard_error=error
        )
        for model, name, value, error in parameters_of(findings)
    )
    ValuationWarning.objects.bulk_create(
        ValuationWarning(valuation=valuation, code=warning.code, sentence=warning.sentence)
        for warning in (*findings.warnings, *cautions)
    )
    Contender.objects.bulk_create(_contenders(valuation, findings))
    HoldoutFrequency.objects.bulk_create(_frequencies(valuation, findings))
    GainPoint.objects.bulk_create(_gains(valuation, findings))
    HoldoutTest.objects.bulk_create(
        HoldoutTest(
            valuation=valuation,
            as_of=_day(test.until),
            last_day=_day(test.holdout_until),
            actual=test.actual,
            forecast=test.forecast,
        )
        for test in findings.tests
    )
    TrackingPoint.objects.bulk_create(_tracking(valuation, findings))
    LeftOut.objects.bulk_create(
        LeftOut(valuation=valuation, reason=reason, number=number)
        for reason, number in left_out.items()
    )


def parameters_of(findings: Findings) -> Iterator[tuple[str, str, float, float | None]]:
    """Model, name, value and standard error of each fitted parameter."""
    fits = [(findings.model, findings.purchases), ("gamma_gamma", findings.spend)]
    for name, fit in fits:
        if fit is None:
            continue
        errors = fit.standard_errors or {}
        for parameter, value in fit.parameters.items():
            yield name, parameter, value, errors.get(parameter)


def judged(findings: Findings) -> dict[str, Holdout]:
    """The first test's outcome by model; of the published one too where there was no contest."""
    contested = {each.model: each.holdout for each in findings.contest}
    if findings.holdout is not None:
        contested[findings.model] = findings.holdout
    return contested


def _contenders(valuation: Valuation, findings: Findings) -> Iterator[Contender]:
    known: dict[str, Contended] = {each.model: each for each in findings.contest}
    outcomes = judged(findings)
    for model, holdout in outcomes.items():
        contended = known.get(model)
        yield Contender(
            valuation=valuation,
            model=model,
            is_chosen=model == findings.model,
            barred=contended.barred.sentence if contended and contended.barred else "",
            log_likelihood=contended.fit.log_likelihood if contended else None,
            forecast=holdout.forecast,
            mae=holdout.mae,
            rmse=holdout.rmse,
            deviance=holdout.deviance,
            gini=holdout.gain.gini,
        )
    for holdout in list(outcomes.values())[:1]:
        yield Contender(
            valuation=valuation,
            model=NAIVE[0],
            forecast=holdout.naive_forecast,
            mae=holdout.naive_mae,
            rmse=holdout.naive_rmse,
            deviance=holdout.naive_deviance,
        )


def _frequencies(valuation: Valuation, findings: Findings) -> Iterator[HoldoutFrequency]:
    for model, holdout in judged(findings).items():
        for row in holdout.by_frequency:
            yield HoldoutFrequency(
                valuation=valuation,
                model=model,
                frequency=row.frequency,
                customers=row.customers,
                actual=row.actual,
                forecast=row.forecast,
            )


def _gains(valuation: Valuation, findings: Findings) -> Iterator[GainPoint]:
    for model, holdout in judged(findings).items():
        points = dict(zip(holdout.gain.shares.tolist(), holdout.gain.held.tolist(), strict=True))
        for customers, purchases in points.items():
            yield GainPoint(
                valuation=valuation,
                model=model,
                customers_share=customers,
                purchases_share=purchases,
            )


def _tracking(valuation: Valuation, findings: Findings) -> Iterator[TrackingPoint]:
    tracking = findings.tracking
    rows = zip(
        tracking.last_day.tolist(),
        tracking.actual.tolist(),
        tracking.expected.tolist(),
        strict=True,
    )
    for day, actual, expected in rows:
        yield TrackingPoint(
            valuation=valuation,
            day=_day(day),
            actual=actual,
            expected=expected,
            is_held_out=day > tracking.until,
        )


def cents(amount: float | None) -> Decimal | None:
    """Money as it is stored: rounded once, here. ImpossibleValue for what no column can hold."""
    if amount is None:
        return None
    if not abs(amount) < TOO_MUCH:  # nor is NaN less
        raise ImpossibleValue("A total is too large to be stored, or no number at all.")
    return Decimal(amount).quantize(Decimal("0.01"))


def _day(number: int) -> date:
    return EPOCH + timedelta(days=int(number))
