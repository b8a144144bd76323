"""What is learnt from customers before any of them is valued: the plan, and what it finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from metrics.clv.families import AUTO, FAMILIES
from metrics.clv.fit import Caution, Fit, TooLittleData
from metrics.clv.learning.choice import (
    FALLBACK,
    Contender,
    bar_to,
    bar_to_spend,
    best_of,
    feasible,
    is_settled,
    missed,
    not_tested,
    refuse_too_little,
    spend_not_modelled,
    tied,
    unheld,
    unsettled,
    why_nobody_leaves,
)
from metrics.clv.learning.holdout import Holdout, Tracking, holdout_of, tracking_of
from metrics.clv.learning.plans import Plan, purchases_fitted, spend_fitted, together
from metrics.clv.learning.questions import Check, Coverage, Sample, Survey, Surveyed, surveyed
from metrics.clv.learning.sample import Sampled, sampled
from metrics.clv.learning.season import unknown_season
from metrics.clv.models.gamma_gamma import SpendFit
from metrics.clv.models.purchase_model import expected_purchases
from metrics.clv.purchases.histories import DAYS_IN, Array, Numbers, Unit

ENOUGH = 30_000
"""About how many customers are sampled for starts, gain curves and draws."""

CLASSES = 20
"""Classes of likely buyers in a gain curve."""


class FitFailed(ArithmeticError):
    """No model of the purchases settled; carries the sentence for the person."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of the customers known on `until`; days since 1970-01-01.

    since: a day no later than the first purchase. tests: (as-of day, last day held out); the
    contest between `contenders` is held in the first, the others tell how far it errs.
    """

    until: int
    since: int
    unit: Unit = "week"
    model: str = AUTO
    contenders: tuple[str, ...] = tuple(FAMILIES)
    tests: tuple[tuple[int, int], ...] = ()

    @property
    def tested_to(self) -> dict[int, int]:
        """Every day that customers are seen from, with the last day of its test."""
        return {self.until: self.until, **dict(self.tests)}


@dataclass(frozen=True, slots=True)
class Findings:
    """The models to value by, and all that judges them.

    spend: None where it cannot be modelled; usual_spend: mean of a repeat purchase day, in
    currency. contest: empty without a test. holdout: of the published model in the first test.
    errors: log(actual / forecast) in each test; coverage: share of customers whose purchases
    in the first test lay within their own bounds of 5 and 95 %.
    """

    model: str
    purchases: Fit[Any]
    spend: SpendFit | None
    usual_spend: float
    survey: Surveyed
    sample: Sampled
    contest: tuple[Contender, ...]
    holdout: Holdout | None
    tests: tuple[Holdout, ...]
    coverage: float | None
    tracking: Tracking
    warnings: tuple[Caution, ...]

    @property
    def errors(self) -> tuple[float, ...]:
        return tuple(test.relative_error for test in self.tests)

    def expected_spend(self, x: Numbers, mean_spend: Array) -> Array:
        """Currency a purchase day; without a model, the own mean with the usual one as one more."""
        if self.spend is not None:
            return self.spend.model.expected_spend(x, mean_spend)
        return np.asarray((self.usual_spend + x * mean_spend) / (1 + x))


def find(terms: Terms) -> Plan[Findings]:
    """Choose, fit and test the models. Raises TooLittleData and FitFailed, with the sentence."""
    days = tuple(terms.tested_to)
    answers = yield tuple(Survey(day) for day in days)
    surveys = {
        day: surveyed(answer, day, terms.since) for day, answer in zip(days, answers, strict=True)
    }
    refuse_too_little(surveys[terms.until])
    tests, refusal = feasible(terms.tests, surveys)
    samples = yield from _samples(terms, surveys)
    contest: tuple[Contender, ...] = ()
    if tests:
        contest = yield from _contest(terms, tests[0], samples[tests[0][0]])
    survey, sample = surveys[terms.until], samples[terms.until]
    wanted, why, known = yield from _wanted(terms, contest, sample)
    fits = yield from _fits(terms, wanted, tests, samples, survey, known)
    model, fit, reason = _published(terms, wanted, fits, sample)
    reason = reason or why
    checked = yield from _checks(model, fits, tests, samples, terms.unit)
    coverage = yield from _coverage(terms, model, fits, tests, surveys)
    spend: SpendFit | TooLittleData = fits["spend"]
    no_spend = bar_to_spend(spend)
    tracking = _tracking(terms, model, fits, surveys)
    return Findings(
        model=model,
        purchases=fit,
        spend=spend if isinstance(spend, SpendFit) and not no_spend else None,
        usual_spend=_usual_spend(survey),
        survey=survey,
        sample=sample,
        contest=contest,
        holdout=checked[0] if checked else None,
        tests=checked,
        coverage=coverage,
        tracking=tracking,
        warnings=(
            *((reason,) if reason else ()),
            *unheld(fit),
            *((spend_not_modelled(no_spend),) if no_spend else ()),
            *tied(survey.correlation),
            *(() if tests else not_tested(refusal, model if terms.model == AUTO else None)),
            *missed(checked),
            *unknown_season(tracking),
        ),
    )


def _usual_spend(survey: Surveyed) -> float:
    return survey.spent_again / max(survey.repeat_purchases, 1)


def _samples(terms: Terms, surveys: Mapping[int, Surveyed]) -> Plan[dict[int, Sampled]]:
    shares = {day: max(1, survey.customers // ENOUGH) for day, survey in surveys.items()}
    answers = yield tuple(Sample(day, one_in) for day, one_in in shares.items())
    return {day: sampled(rows, day, terms.unit) for day, rows in zip(shares, answers, strict=True)}


def _contest(terms: Terms, test: tuple[int, int], sample: Sampled) -> Plan[tuple[Contender, ...]]:
    as_of, last_day = test
    models = dict.fromkeys((*terms.contenders, FALLBACK))
    fits = yield from together(
        {model: purchases_fitted(model, as_of, sample.columns) for model in models}
    )
    bars = {
        model: bar_to(model, fits[model], fits[FALLBACK], sample.alive_again(fits[model]))
        for model in models
    }
    answers = yield tuple(_check(model, fits[model], test, sample, terms.unit) for model in models)
    return tuple(
        Contender(model, fits[model], holdout_of(answer, as_of, last_day), bars[model])
        for model, answer in zip(models, answers, strict=True)
    )


def _check(model: str, fit: Fit[Any], test: tuple[int, int], sample: Sampled, unit: Unit) -> Check:
    as_of, last_day = test
    forecast = expected_purchases(
        fit.model, sample.x, sample.t_x, sample.T, (last_day - as_of) / DAYS_IN[unit]
    )
    edges = np.unique(np.quantile(forecast, np.arange(1, CLASSES) / CLASSES))
    return Check(model, _values(fit), as_of, tuple(edges.tolist()))


def _values(fit: Fit[Any]) -> tuple[float, ...]:
    return tuple(fit.parameters.values())


def _wanted(
    terms: Terms, contest: tuple[Contender, ...], sample: Sampled
) -> Plan[tuple[str, Caution | None, dict[Any, Any]]]:
    """The model to publish, why nobody leaves where it says so unasked, and what was fitted to
    tell: where auto has no contest, models of the last day up to the first that nothing bars."""
    if terms.model != AUTO:
        return terms.model, None, {}
    if contest:
        return best_of(contest), why_nobody_leaves(contest), {}
    fits: dict[Any, Any] = {}
    bars = []
    for model in dict.fromkeys((*terms.contenders, FALLBACK)):
        new = {(each, terms.until) for each in (model, FALLBACK)} - fits.keys()
        fits |= yield from together(
            {key: purchases_fitted(*key, sample.columns) for key in sorted(new)}
        )
        fit, fallback = (fits[each, terms.until] for each in (model, FALLBACK))
        bar = bar_to(model, fit, fallback, sample.alive_again(fit))
        if bar is None:
            break
        bars.append(bar)
    return model, bars[0] if bars and model == FALLBACK else None, fits


def _fits(
    terms: Terms,
    wanted: str,
    tests: tuple[tuple[int, int], ...],
    samples: Mapping[int, Sampled],
    survey: Surveyed,
    known: Mapping[Any, Any],
) -> Plan[dict[Any, Any]]:
    """The wanted model and the fallback at every day, and the model of spend at the last."""
    days = dict.fromkeys([terms.until, *(as_of for as_of, _ in tests)])
    plans: dict[Any, Plan[Any]] = {
        (model, day): purchases_fitted(model, day, samples[day].columns)
        for day in days
        for model in dict.fromkeys((wanted, FALLBACK))
        if (model, day) not in known
    }
    spends = samples[terms.until].spends
    usual = _usual_spend(survey) or 1.0
    plans["spend"] = spend_fitted(terms.until, *spends, survey.spenders, usual)
    return {**known, **(yield from together(plans))}


def _published(
    terms: Terms, wanted: str, fits: Mapping[Any, Any], sample: Sampled
) -> tuple[str, Fit[Any], Caution | None]:
    asked, fallback = fits[wanted, terms.until], fits[FALLBACK, terms.until]
    reason = bar_to(wanted, asked, fallback, sample.alive_again(asked))
    model, fit = (FALLBACK, fallback) if reason else (wanted, asked)
    if not is_settled(fit):
        raise FitFailed(unsettled(model).sentence)
    return model, fit, reason


def _checks(
    model: str,
    fits: Mapping[Any, Any],
    tests: tuple[tuple[int, int], ...],
    samples: Mapping[int, Sampled],
    unit: Unit,
) -> Plan[tuple[Holdout, ...]]:
    questions = tuple(
        _check(model, fits[model, test[0]], test, samples[test[0]], unit) for test in tests
    )
    answers = (yield questions) if questions else ()
    return tuple(holdout_of(answer, *test) for answer, test in zip(answers, tests, strict=True))


def _coverage(
    terms: Terms,
    model: str,
    fits: Mapping[Any, Any],
    tests: tuple[tuple[int, int], ...],
    surveys: Mapping[int, Surveyed],
) -> Plan[float | None]:
    if not tests:
        return None
    as_of = tests[0][0]
    fit = fits[model, as_of]
    (answer,) = yield (
        Coverage(
            model,
            _values(fit),
            () if fit.covariance is None else tuple(fit.covariance.ravel().tolist()),
            as_of,
            tuple(np.flatnonzero(surveys[as_of].by_count).tolist()),
            (as_of - terms.since) / DAYS_IN[terms.unit],
        ),
    )
    return float(answer[0] / answer[1])


def _tracking(
    terms: Terms, model: str, fits: Mapping[Any, Any], surveys: Mapping[int, Surveyed]
) -> Tracking:
    """Of the published model as it was known at the first test, so that the rest is forecast."""
    day = next((as_of for as_of, _ in terms.tests if (model, as_of) in fits), terms.until)
    return tracking_of(fits[model, day].model, surveys[day], terms.since, day, terms.unit)
