"""Running a valuation that was asked for, up to the switch that publishes it."""

from datetime import date

import numpy as np
from django.db import transaction

from customers.models import Company
from metrics.clv.appraisal import windows_before
from metrics.clv.families import AUTO, FAMILIES
from metrics.clv.fit import TooLittleData
from metrics.clv.learning.crowd import crowd_of
from metrics.clv.learning.findings import Findings, FitFailed, Terms, find
from metrics.clv.learning.plans import Plan, carried_out
from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.clv.purchases.histories import PurchaseDays
from metrics.clv.purchases.ledger import purchase_columns
from metrics.clv.purchases.patterns import patterns_of
from metrics.clv.worth import portfolio
from metrics.clv.worth.customers import doubt_of, parameter_spread
from metrics.models import Valuation
from metrics.value import results, segments, timing
from metrics.value.asking import ask_month_ends
from metrics.value.beside import movements, scenarios
from metrics.value.contracts import write_contracts
from metrics.value.scoring import EPOCH, Yardstick, columns_of, yardstick_of
from metrics.value.storage import reading, switching, writing
from metrics.value.together import rounds

CANNOT = (TooLittleData, FitFailed, ImpossibleValue)
"""What ends a valuation with a sentence for the person; the last good one stays in force."""


def run(valuation: Valuation) -> Findings | None:
    """Value every customer and switch. Safe to run again at any point: a fit is repeatable.

    None where no model could be had: the reason is written on the valuation; and where many
    workers do it: the shards are asked then, and whoever ends the last one publishes.
    """
    if valuation.shards > 1:
        since = timing.first_purchase_day() or valuation.as_of
        rounds.begin(valuation, terms_of(valuation, _number(min(since, valuation.as_of))))
        return None
    read = reading.read_purchase_days(max(valuation.as_of, valuation.holdout_until))
    valuation.show_life()
    purchases = PurchaseDays(*purchase_columns(read.customer, read.day, read.amount))
    terms = terms_of(valuation, _first_day(purchases, valuation))
    crowd = crowd_of(purchases, terms.tested_to, terms.unit, terms.since)
    valuation.show_life()
    try:
        findings = carried_out(_showing_life(find(terms), valuation), crowd)
        valuation.show_life()
        yardstick = yardstick_of(valuation, findings, terms.since)
        view = crowd.views[terms.until]
        lapsed_after = Company.objects.current().lapsed_after_days
        columns = columns_of(
            valuation, view, patterns_of(purchases, view.histories), yardstick, lapsed_after
        )
        writing.start_over(valuation, len(view.histories))
        writing.write_values(valuation, columns)
        publish(valuation, yardstick, cohorts_of(purchases, view.histories))
    except CANNOT as reason:
        valuation.fail(str(reason))
        return None
    return findings


def _showing_life(plan: Plan[Findings], valuation: Valuation) -> Plan[Findings]:
    """The same plan; at each of its rounds a sign of life, as all of them may outlast a lease."""
    questions = next(plan)
    while True:
        answers = yield questions
        valuation.show_life()
        try:
            questions = plan.send(answers)
        except StopIteration as end:
            findings: Findings = end.value
            return findings


def terms_of(valuation: Valuation, since: int) -> Terms:
    """What a valuation asks of its customers; since: a day no later than the first purchase."""
    as_of = _number(valuation.as_of)
    holdout_until, calibrated = (
        _number(valuation.holdout_until),
        _number(valuation.calibrated_until),
    )
    if holdout_until > as_of:
        tests: tuple[tuple[int, int], ...] = ((as_of, holdout_until),)
    else:
        first = ((calibrated, as_of),) if calibrated < as_of else ()
        earlier = tuple(test for test in windows_before(since, as_of) if test[1] <= calibrated)
        tests = (*first, *earlier)
    return Terms(
        until=as_of,
        since=since,
        unit=valuation.unit,
        model=valuation.model_asked,
        contenders=tuple(FAMILIES) if _is_contested(valuation) else (valuation.model_asked,),
        tests=tests,
    )


@transaction.atomic
def publish(
    valuation: Valuation, yardstick: Yardstick, cohorts: list[tuple[np.datetime64, int, int]]
) -> None:
    """Totals, diagnostics, the switch, and what this one makes due: all in one moment.

    Raises ImpossibleValue before the switch, so that the valuation can still end with the reason.
    """
    valuation.show_life()
    findings = yardstick.findings
    values = segments.values_of(valuation)
    totals = segments.totals_of(values)
    spread = parameter_spread(findings, yardstick.horizon, valuation.unit)
    doubt = doubt_of(findings, totals.clv, totals.variance, spread)
    contracts, cautions = write_contracts(valuation)
    left_out = reading.left_out(valuation.as_of) | _not_learnt_from(findings)
    results.write_findings(valuation, findings, cautions, left_out)
    segments.write_portfolio(valuation, values, yardstick, doubt)
    segments.write_cohorts(valuation, cohorts)
    scenarios.write_pulls(valuation, findings)
    switching.switch(valuation, **results.of_run(findings, totals, doubt) | contracts)
    if valuation.purpose == Valuation.Purpose.CURRENT:
        ask_month_ends(valuation.shards)
        scenarios.ask_for(valuation)
    elif _is_last_month_end(valuation):
        # One that ran while purchases changed could not be asked for again before its end
        ask_month_ends(valuation.shards)
    if valuation.purpose != Valuation.Purpose.ASKED:
        movements.ask_for(valuation)
    switching.thin_out(valuation)


def cohorts_of(purchases: PurchaseDays, histories) -> list[tuple[np.datetime64, int, int]]:
    return portfolio.cohorts(
        histories.customer,
        purchases.customer,
        purchases.day.astype("datetime64[D]"),
        histories.first_day.astype("datetime64[D]"),
        np.datetime64(histories.until, "D"),
    )


def _not_learnt_from(findings: Findings) -> dict[str, int]:
    """Customers left out of learning spend, by reason."""
    if findings.spend is None:
        return {}
    survey = findings.survey
    reasons = {
        "not used to learn spend: no repeat purchase": survey.customers - survey.repeaters,
        "not used to learn spend: repeat purchases of zero amount": survey.repeaters
        - survey.spenders,
    }
    return {reason: number for reason, number in reasons.items() if number}


def _is_last_month_end(valuation: Valuation) -> bool:
    """Whether it is one, and no other is on its way."""
    others = Valuation.objects.open().filter(purpose=Valuation.Purpose.MONTH_END)
    return valuation.purpose == Valuation.Purpose.MONTH_END and not others.exists()


def _is_contested(valuation: Valuation) -> bool:
    """The site's own valuations show the contest even where an analyst has ruled."""
    return valuation.model_asked == AUTO or valuation.purpose != Valuation.Purpose.ASKED


def _first_day(purchases: PurchaseDays, valuation: Valuation) -> int:
    as_of = _number(valuation.as_of)
    return int(min(purchases.day.min(initial=as_of), as_of))


def _number(day: date) -> int:
    return (day - EPOCH).days
