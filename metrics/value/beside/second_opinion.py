"""A second opinion by lifetimes: the same models learnt by another library, on a sample."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F

from metrics.clv.fit import TooLittleData
from metrics.clv.models import bg_nbd, gamma_gamma, mbg_nbd, pareto_nbd
from metrics.clv.models.purchase_model import expected_purchases
from metrics.clv.purchases.histories import DAYS_IN
from metrics.models import SecondOpinion, SecondOpinionRow, Valuation
from metrics.value.storage.reading import read_values

SAMPLED = 10_000
YEAR = 52 * 7
"""Days that both forecast."""

Rows = dict[str, tuple[float, float]]


def run(asked: SecondOpinion) -> None:
    """Learn both ways on one sample and store the numbers side by side. Safe to run again."""
    histories = _sample(asked.valuation)
    if not len(histories):
        asked.fail("The values of this valuation are no longer kept.")
        return
    asked.show_life()
    try:
        ahead = YEAR / DAYS_IN[asked.valuation.unit]
        rows = _compare(asked.valuation.model, ahead, *histories.T)
    except (ArithmeticError, TooLittleData) as reason:
        asked.fail(str(reason))
        return
    with transaction.atomic():
        asked.finish(customers=len(histories))
        asked.rows.all().delete()
        SecondOpinionRow.objects.bulk_create(
            SecondOpinionRow(opinion=asked, rank=rank, name=name, ours=ours, theirs=theirs)
            for rank, (name, (ours, theirs)) in enumerate(rows.items(), start=1)
        )


class NoSecondOpinion(ArithmeticError):
    """lifetimes cannot say anything of these customers; carries the sentence for the person."""


def _sample(valuation: Valuation) -> np.ndarray:
    """Every n-th customer: x, t_x, T, mean_spend."""
    columns = ("x", "t_x", "T", "mean_spend")
    rows = np.column_stack(
        list(read_values(valuation, **{each: F(each) for each in columns}).values())
    )
    return rows[:: max(1, len(rows) // SAMPLED)]


def _compare(model: str, ahead: float, x: Any, t_x: Any, T: Any, mean_spend: Any) -> Rows:
    # lifetimes takes 3 seconds and 149 MB to import: only who asks for it pays.
    import pandas as pd  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lifetimes  # noqa: PLC0415
        from lifetimes.utils import ConvergenceError  # noqa: PLC0415

        kinds: dict[str, tuple[Callable[..., Any], Any]] = {
            "bg_nbd": (bg_nbd.fit, lifetimes.BetaGeoFitter),
            "mbg_nbd": (mbg_nbd.fit, lifetimes.ModifiedBetaGeoFitter),
            "pareto_nbd": (pareto_nbd.fit, lifetimes.ParetoNBDFitter),
        }
        if model not in kinds:
            raise NoSecondOpinion("lifetimes has no model in which nobody leaves.")
        learn, fitter = kinds[model]
        columns = [pd.Series(each) for each in (x, t_x, T)]
        ours = learn(x, t_x, T).model
        try:
            theirs = fitter().fit(*columns)
        except ConvergenceError as reason:
            raise NoSecondOpinion("lifetimes did not settle on these customers.") from reason
        rows = {name: (getattr(ours, name), float(value)) for name, value in theirs.params_.items()}
        forecast = theirs.conditional_expected_number_of_purchases_up_to_time(ahead, *columns)
        # It has no number, or an infinite one, for some who bought very often
        told = np.isfinite(np.asarray(forecast, dtype=np.float64))
        whom = "" if told.all() else f", of the {told.sum():,} it can tell"
        if told.any():
            rows[f"purchases in 52 weeks{whom}"] = (
                float(expected_purchases(ours, x[told], t_x[told], T[told], ahead).sum()),
                float(np.sum(forecast[told])),
            )
        return rows | _compare_spend(lifetimes.GammaGammaFitter, ConvergenceError, x, mean_spend)


def _compare_spend(fitter: Any, did_not_settle: type[Exception], x: Any, mean_spend: Any) -> Rows:
    import pandas as pd  # noqa: PLC0415

    again = (x > 0) & (mean_spend > 0)
    try:
        ours = gamma_gamma.fit(x, mean_spend).model
        theirs = fitter().fit(pd.Series(x[again]), pd.Series(mean_spend[again]))
    except (ValueError, did_not_settle):
        return {}
    return {
        f"spend {name}": (getattr(ours, name), float(value))
        for name, value in theirs.params_.items()
    }
