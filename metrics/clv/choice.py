"""Which model may be published: the one asked for, unless the purchases do not bear it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import numpy as np

from metrics.clv.fit import Caution, Fit, TooLittleData
from metrics.clv.histories import Array, Histories
from metrics.clv.models import bg_nbd, gamma_gamma, nbd
from metrics.clv.models.purchase_model import PurchaseModel

FEWEST_CUSTOMERS, FEWEST_REPEATERS = 100, 50
"""With 50 repeaters the mean rate is known to about 14 % (1 / sqrt(50)); with fewer, a model of
how customers differ describes chance."""

DROP_OUT_CRITERION = 5.138
"""Twice the gain in log-likelihood over NBD that shows drop-out at the 5 % level.

NBD lies on the edge of BG/NBD (a = 0), where b is unknowable: the 95 % point of the even mixture
of chi-squares with 1 and 2 degrees of freedom. Self and Liang (1987), JASA 82.
"""

NOBODY_LEAVES = 0.999
"""Mean chance that a repeat buyer is alive above which the model says that all are."""

RUNAWAY = 1e4
"""A parameter beyond this is one the data do not hold down."""

TIED = 0.3
"""Correlation of log spend with log frequency beyond which they share a tenth of their variance."""

NO_DROP_OUT = Caution(
    "no_drop_out",
    "No drop-out can be seen in these purchases: nobody who bought more than once has been silent "
    "long enough to tell. Values assume that customers keep buying as they do; do not read them "
    "beyond the horizon.",
)


class Status(StrEnum):
    GOOD = "good"
    WITH_WARNINGS = "good with warnings"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Choice:
    """The fit to publish. asked: the name of the model wanted; chosen: of the model published."""

    asked: str
    chosen: str
    fit: Fit[PurchaseModel]
    status: Status
    warnings: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class SpendChoice:
    """What a purchase day of each customer is expected to bring.

    fit: None where spend could not be modelled. correlation: of log frequency with log mean
    spend among repeat buyers, which the model takes to be 0.
    """

    fit: gamma_gamma.SpendFit | None
    expected_spend: Array
    correlation: float
    warnings: tuple[Caution, ...]


def choose_purchase_model(histories: Histories, model: str = "bg_nbd") -> Choice:
    """Fit the model asked for ("bg_nbd" or "nbd") and guard it.

    NBD is published instead, with a warning, where no drop-out can be seen or the fit did not
    settle; the status is "failed" where NBD did not settle either. Raises TooLittleData.
    """
    if model not in FITTERS:
        raise ValueError(f"the model must be one of {', '.join(FITTERS)}, not {model!r}")
    refuse_too_little(histories)
    asked = FITTERS[model](histories)
    fallback = asked if model == "nbd" else FITTERS["nbd"](histories)
    reason = None if asked is fallback else _reason_against(asked, fallback, histories)
    chosen, fit = ("nbd", fallback) if reason else (model, asked)
    if not _is_settled(fit):
        return Choice(model, chosen, fit, Status.FAILED, (_unsettled(chosen),))
    warnings = (*((reason,) if reason else ()), *_unheld(fit))
    status = Status.WITH_WARNINGS if warnings else Status.GOOD
    return Choice(model, chosen, fit, status, warnings)


def choose_spend(histories: Histories) -> SpendChoice:
    """Gamma-Gamma, or each customer's own mean drawn towards the company's where it cannot be had.

    Never negative, infinite or unknown. The fallback counts the company's mean as one purchase.
    """
    x, mean_spend = histories.x, histories.mean_spend
    correlation = spend_frequency_correlation(x, mean_spend)
    tied = (_tied(correlation),) if abs(correlation) > TIED else ()
    try:
        fit = gamma_gamma.fit(x, mean_spend)
        spend = fit.model.expected_spend(x, mean_spend)
        reason = _reason_against_spend(fit)
        if not reason:
            return SpendChoice(fit, spend, correlation, (*_unheld(fit), *tied))
    except (TooLittleData, gamma_gamma.InfiniteSpend) as refusal:
        reason = str(refusal)
    caution = Caution(
        "spend_not_modelled",
        f"{reason} Each customer's own mean, drawn towards the company's, is used instead.",
    )
    return SpendChoice(None, _drawn_to_the_mean(histories), correlation, (caution, *tied))


def refuse_too_little(histories: Histories) -> None:
    """TooLittleData, with the sentence for the person, below the fewest customers."""
    repeaters = int(np.count_nonzero(histories.x))
    if len(histories) < FEWEST_CUSTOMERS or repeaters < FEWEST_REPEATERS:
        raise TooLittleData(
            f"{len(histories)} customers, {repeaters} of them with a repeat purchase, are too few "
            f"to forecast from: {FEWEST_CUSTOMERS} and {FEWEST_REPEATERS} are needed."
        )


def spend_frequency_correlation(x: Array, mean_spend: Array) -> float:
    """Correlation of log x with log mean spend among repeat buyers; 0 where neither varies."""
    used = (x > 0) & (mean_spend > 0)
    if used.sum() < 3 or np.ptp(x[used]) == 0 or np.ptp(mean_spend[used]) == 0:
        return 0.0
    return float(np.corrcoef(np.log(x[used]), np.log(mean_spend[used]))[0, 1])


FITTERS: dict[str, Callable[[Histories], Fit[Any]]] = {
    "bg_nbd": lambda histories: bg_nbd.fit(histories.x, histories.t_x, histories.T),
    "nbd": lambda histories: nbd.fit(histories.x, histories.T),
}


def _reason_against(asked: Fit[Any], fallback: Fit[Any], histories: Histories) -> Caution | None:
    again = histories.x > 0
    alive = asked.model.probability_alive(
        histories.x[again], histories.t_x[again], histories.T[again]
    )
    gain = asked.log_likelihood - fallback.log_likelihood
    if 2 * gain < DROP_OUT_CRITERION or alive.mean() > NOBODY_LEAVES:
        return NO_DROP_OUT
    return None if _is_settled(asked) else _unsettled("bg_nbd")


def _is_settled(fit: Fit[Any]) -> bool:
    """Also where customers are so alike that a parameter has no top: its limit is a model."""
    return fit.converged or bool(_runaway(fit))


def _reason_against_spend(fit: gamma_gamma.SpendFit) -> str:
    if not fit.converged or fit.standard_errors is None:
        return "The model of spend (Gamma-Gamma) did not settle on one answer."
    if fit.model.q - fit.standard_errors["q"] <= 1:
        return "Spend differs so much between customers that its expectation may be infinite."
    return ""


def _unsettled(model: str) -> Caution:
    names = {"bg_nbd": "The model with drop-out (BG/NBD)", "nbd": "The model of purchases (NBD)"}
    return Caution(f"{model}_did_not_settle", f"{names[model]} did not settle on one answer.")


def _unheld(fit: Fit[Any]) -> tuple[Caution, ...]:
    far = _runaway(fit)
    if far:
        names = " and ".join(far)
        sentence = (
            f"{names} ran beyond {RUNAWAY:,.0f}: customers hardly differ in what it describes."
        )
        return (Caution("runaway_parameters", sentence),)
    if fit.covariance is None:
        sentence = "The purchases leave the model's parameters so open that no error can be stated."
        return (Caution("no_standard_errors", sentence),)
    return ()


def _runaway(fit: Fit[Any]) -> list[str]:
    return [field.name for field in fields(fit.model) if getattr(fit.model, field.name) > RUNAWAY]


def _tied(correlation: float) -> Caution:
    return Caution(
        "spend_tied_to_frequency",
        f"Customers who buy more often also spend {'more' if correlation > 0 else 'less'} on a "
        f"purchase (correlation {correlation:.2f}); the model takes the two to be independent.",
    )


def _drawn_to_the_mean(histories: Histories) -> Array:
    x, spent_again = histories.x, histories.x * histories.mean_spend
    company = float(spent_again.sum()) / max(float(x.sum()), 1.0)
    return np.asarray((company + spent_again) / (1 + x))
