"""Which model may be published: the one that foretold best, unless the purchases do not bear it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np

from metrics.clv.families import FAMILIES
from metrics.clv.fit import Caution, Fit, TooLittleData
from metrics.clv.learning.holdout import Holdout
from metrics.clv.learning.questions import Surveyed
from metrics.clv.models.gamma_gamma import SpendFit
from metrics.clv.purchases.histories import Array

FALLBACK = "nbd"
"""Nobody leaves: what is published where no drop-out can be seen."""

FEWEST_CUSTOMERS, FEWEST_REPEATERS = 100, 50
"""With 50 repeaters the mean rate is known to about 14 % (1 / sqrt(50)); with fewer, a model of
how customers differ describes chance."""

DROP_OUT_CRITERION = 5.138
"""Twice the gain in log-likelihood over NBD that shows drop-out at the 5 % level.

NBD lies on the edge of the models with drop-out (a = 0, s = 0), where their last parameter is
unknowable: the 95 % point of the even mixture of chi-squares with 1 and 2 degrees of freedom.
Self and Liang (1987), JASA 82.
"""

NOBODY_LEAVES = 0.999
"""Mean chance that a repeat buyer is alive above which the model says that all are."""

RUNAWAY = 1e4
"""A parameter beyond this is one the data do not hold down."""

MONEY = "v"
"""The parameter of spend that is large or small with the currency, and says nothing by that."""

ALIKE = {
    "p": "Each customer always spends about the same on a purchase",
    "q": "All customers spend about the same on a purchase",
}
"""What it means that a parameter of spend has no top."""

MISSED = 1.5
"""Factor between actual and forecast beyond which a reader must know that the tests failed."""

TIED = 0.3
"""Correlation of log spend with log frequency beyond which they share a tenth of their variance."""

NO_DROP_OUT = Caution(
    "no_drop_out",
    "No drop-out can be seen in these purchases: nobody who bought more than once has been silent "
    "long enough to tell. Values assume that customers keep buying as they do; do not read them "
    "beyond the horizon.",
)

NOBODY_LEAVES_FORETOLD_BEST = Caution(
    "nobody_leaves_foretold_best",
    "The forecast in which nobody leaves missed the days held out by least, so it is used. Values "
    "assume that customers keep buying as they do; do not read them beyond the horizon.",
)


class Tested(Protocol):
    """A forecast and what came."""

    @property
    def forecast(self) -> float: ...

    @property
    def actual(self) -> int: ...

    @property
    def relative_error(self) -> float: ...


class Status(StrEnum):
    GOOD = "good"
    WITH_WARNINGS = "good with warnings"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Contender:
    """One model in the contest. barred: why it may not be chosen, None where it may."""

    model: str
    fit: Fit[Any]
    holdout: Holdout
    barred: Caution | None


def best_of(contenders: tuple[Contender, ...]) -> str:
    """The model that missed least: the lowest Poisson deviance of those that may be chosen."""
    free = [each for each in contenders if each.barred is None]
    if not free:
        return FALLBACK
    return min(free, key=lambda each: each.holdout.deviance).model


def why_nobody_leaves(contenders: tuple[Contender, ...]) -> Caution | None:
    """The warning with which the fallback, where a contest led to it, is published."""
    if not contenders or best_of(contenders) != FALLBACK:
        return None
    bars = [each.barred for each in contenders if each.barred is not None]
    return bars[0] if bars else NOBODY_LEAVES_FORETOLD_BEST


def bar_to(model: str, fit: Fit[Any], fallback: Fit[Any], alive_again: Array) -> Caution | None:
    """Why this fit may not be published, None where it may.

    alive_again: its P(alive) of customers (a sample will do) who bought more than once.
    """
    if model != FALLBACK:
        gain = fit.log_likelihood - fallback.log_likelihood
        nobody = len(alive_again) > 0 and float(alive_again.mean()) > NOBODY_LEAVES
        if 2 * gain < DROP_OUT_CRITERION or nobody:
            return NO_DROP_OUT
    return None if is_settled(fit) else unsettled(model)


def is_settled(fit: Fit[Any]) -> bool:
    """Also where customers are so alike that a parameter has no top: its limit is a model."""
    return fit.converged or bool(_runaway(fit))


def unsettled(model: str) -> Caution:
    sentence = f"The model of purchases ({FAMILIES[model].title}) did not settle on one answer."
    return Caution(f"{model}_did_not_settle", sentence)


def unheld(fit: Fit[Any]) -> tuple[Caution, ...]:
    """What the data leave open in a fit that settled."""
    far = _runaway(fit)
    if far:
        sentence = (
            f"{' and '.join(far)} ran beyond {RUNAWAY:,.0f}: customers hardly differ in what it "
            "describes."
        )
        return (Caution("runaway_parameters", sentence),)
    if fit.covariance is None:
        sentence = "The purchases leave the model's parameters so open that no error can be stated."
        return (Caution("no_standard_errors", sentence),)
    return ()


def bar_to_spend(fit: SpendFit | TooLittleData) -> str:
    """Why this model of spend may not be used, empty where it may."""
    if isinstance(fit, TooLittleData):
        return str(fit)
    far = _runaway(fit)
    if far and fit.standard_errors is None:
        return f"{ALIKE[far[-1]]}: how it differs (Gamma-Gamma) cannot be learnt."
    if not fit.converged or fit.standard_errors is None:
        return "The model of spend (Gamma-Gamma) did not settle on one answer."
    if fit.model.q - fit.standard_errors["q"] <= 1:
        return "Spend differs so much between customers that its expectation may be infinite."
    return ""


def spend_not_modelled(reason: str) -> Caution:
    return Caution(
        "spend_not_modelled",
        f"{reason} Each customer's own mean, drawn towards the company's, is used instead.",
    )


def tied(correlation: float) -> tuple[Caution, ...]:
    """A warning where frequency and spend go together."""
    if abs(correlation) <= TIED:
        return ()
    sentence = (
        f"Customers who buy more often also spend {'more' if correlation > 0 else 'less'} on a "
        f"purchase (correlation {correlation:.2f}); the model takes the two to be independent."
    )
    return (Caution("spend_tied_to_frequency", sentence),)


def missed(tests: Sequence[Tested]) -> tuple[Caution, ...]:
    """A warning, with its size, where the forecasts of the tests were far off."""
    errors = np.array([test.relative_error for test in tests])
    usual = float(np.exp(np.sqrt(np.mean(errors**2)))) if len(errors) else 1.0
    if usual <= MISSED:
        return ()
    foretold = "; ".join(f"{test.forecast:,.0f} for {test.actual:,.0f}" for test in tests)
    sentence = (
        f"Tested on days held out, the forecast missed the purchases by a factor of {usual:,.1f} "
        f"(forecast for actual: {foretold}). Expect the values to be off by as much."
    )
    return (Caution("missed_its_tests", sentence),)


def not_tested(why: str, chosen: str | None) -> tuple[Caution, ...]:
    """A warning that nothing was held out; chosen: the model that a test should have chosen."""
    if not why and chosen is None:
        return ()
    sentence = f"The forecast could not be tested: {why or 'no days are held out.'}"
    if chosen is not None:
        sentence += (
            f" Nor was its model chosen by a test: {FAMILIES[chosen].title} is the first that "
            "these purchases bear."
        )
    return (Caution("not_tested", sentence),)


def refuse_too_little(survey: Surveyed) -> None:
    """TooLittleData, with the sentence for the person, below the fewest customers."""
    if survey.customers < FEWEST_CUSTOMERS or survey.repeaters < FEWEST_REPEATERS:
        raise TooLittleData(
            f"{survey.customers} customers, {survey.repeaters} of them with a repeat purchase, are "
            f"too few to forecast from: {FEWEST_CUSTOMERS} and {FEWEST_REPEATERS} are needed."
        )


def feasible(
    tests: Sequence[tuple[int, int]], surveys: Mapping[int, Surveyed]
) -> tuple[tuple[tuple[int, int], ...], str]:
    """The tests that have enough customers; where none has, what the first one lacks."""
    enough, refusals = [], []
    for test in tests:
        try:
            refuse_too_little(surveys[test[0]])
        except TooLittleData as reason:
            refusals.append(str(reason))
        else:
            enough.append(test)
    return tuple(enough), "" if enough or not refusals else refusals[0]


def _runaway(fit: Fit[Any]) -> list[str]:
    return [name for name, value in fit.parameters.items() if value > RUNAWAY and name != MONEY]
