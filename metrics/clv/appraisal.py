"""The whole road in one call: from purchase days to what customers are worth, and how surely."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from metrics.clv.cash import discounted_purchases, month_length
from metrics.clv.choice import Choice, SpendChoice, Status, choose_purchase_model, choose_spend
from metrics.clv.fit import Caution, Fit, TooLittleData, every_nth
from metrics.clv.histories import (
    Array,
    Day,
    Histories,
    PurchaseDays,
    Unit,
    histories_of,
    merge_days,
)
from metrics.clv.holdout import Holdout, Tracking, check_forecast, track
from metrics.clv.interval import parameter_spread, total_interval
from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.clv.models.gamma_gamma import SpendFit
from metrics.clv.models.purchase_model import PurchaseModel, expected_purchases

LONGEST = 60
"""Months; beyond five years a forecast from purchases alone is a guess."""


class FitFailed(ArithmeticError):
    """No model of the purchases settled; carries the sentence for the person."""


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What the customers known at `histories.until` are worth. Arrays follow histories.customer.

    expected_purchases: undiscounted, over `months` months. expected_spend: currency a purchase
    day. clv: discounted margin of the horizon, in currency; clv_total its sum. clv_low, clv_high:
    5 and 95 % bounds of the total, from two spreads taken as independent, whose variances add up:
    the parameters' covariance, and the holdout's relative error; None without a holdout or
    where the likelihood is flat. spend: None where spend could not be modelled. dropped: customers
    left out of a step, by reason. correlation: of log frequency and log spend.
    """

    histories: Histories
    purchases: Fit[PurchaseModel]
    model: str
    spend: SpendFit | None
    p_alive: Array
    expected_purchases: Array
    expected_spend: Array
    clv: Array
    clv_total: float
    clv_mean: float
    clv_low: float | None
    clv_high: float | None
    holdout: Holdout | None
    tracking: Tracking
    correlation: float
    status: Status
    warnings: tuple[Caution, ...]
    dropped: dict[str, int]
    months: int
    yearly_rate: float
    margin: float


def appraise(
    customer: ArrayLike,
    day: ArrayLike,
    amount: ArrayLike,
    *,
    until: Day,
    holdout_until: Day | None = None,
    calibrate_until: Day | None = None,
    unit: Unit = "week",
    model: str = "bg_nbd",
    months: int = 12,
    yearly_rate: float = 0.10,
    margin: float = 0.3,
) -> Appraisal:
    """Value every customer who bought by `until`, from purchase days in any order.

    customer: whole numbers; day: datetime64[D] or whole days since 1970-01-01; amount: currency,
    zero or more; margin: share of the amount that stays. The forecast is tested on the days in
    (until, holdout_until]; or, where the data end with `until`, by a second fit up to
    `calibrate_until` on the days in (calibrate_until, until].
    Raises TooLittleData, FitFailed or ImpossibleValue with the sentence for the person, and
    ValueError for input that cannot be.
    """
    _refuse_impossible_terms(months, margin, holdout_until, calibrate_until)
    purchases = merge_days(customer, day, amount)
    histories = histories_of(purchases, until, unit)
    choice, spend = _settled(choose_purchase_model(histories, model)), choose_spend(histories)
    fitted = choice.fit.model
    columns = (histories.x, histories.t_x, histories.T)
    cash = partial(
        discounted_purchases, months=months, month=month_length(unit), yearly_rate=yearly_rate
    )
    clv = margin * cash(fitted, *columns) * spend.expected_spend
    holdout, tracking, untested = _tested(
        choice, histories, purchases, holdout_until, calibrate_until
    )
    low, high = _interval(float(clv.sum()), choice, spend, histories, holdout, cash)
    warnings = (*choice.warnings, *spend.warnings, *untested)
    return _finite(
        Appraisal(
            histories=histories,
            purchases=choice.fit,
            model=choice.chosen,
            spend=spend.fit,
            p_alive=fitted.probability_alive(*columns),
            expected_purchases=expected_purchases(fitted, *columns, months * month_length(unit)),
            expected_spend=spend.expected_spend,
            clv=clv,
            clv_total=float(clv.sum()),
            clv_mean=float(clv.mean()),
            clv_low=low,
            clv_high=high,
            holdout=holdout,
            tracking=tracking,
            correlation=spend.correlation,
            status=Status.WITH_WARNINGS if warnings else Status.GOOD,
            warnings=warnings,
            dropped=_dropped(purchases, histories, spend),
            months=months,
            yearly_rate=yearly_rate,
            margin=margin,
        )
    )


def _refuse_impossible_terms(
    months: int, margin: float, holdout_until: Day | None, calibrate_until: Day | None
) -> None:
    if not np.isfinite(margin):
        raise ValueError("the margin must be a number")
    if not 1 <= months <= LONGEST:
        raise ValueError(f"the horizon must be between 1 and {LONGEST} months")
    if holdout_until is not None and calibrate_until is not None:
        raise ValueError("test on days after `until` or on days before it, not both")


def _settled(choice: Choice) -> Choice:
    if choice.status is Status.FAILED:
        raise FitFailed(" ".join(warning.sentence for warning in choice.warnings))
    return choice


def _tested(
    choice: Choice,
    histories: Histories,
    purchases: PurchaseDays,
    holdout_until: Day | None,
    calibrate_until: Day | None,
) -> tuple[Holdout | None, Tracking, tuple[Caution, ...]]:
    """Holdout and tracking of this fit or, with calibrate_until, of the same asked for earlier."""
    model = choice.fit.model
    if holdout_until is not None:
        holdout = check_forecast(model, histories, purchases, holdout_until)
        return holdout, track(model, histories, purchases, holdout_until), ()
    untested: tuple[Caution, ...] = ()
    if calibrate_until is not None:
        earlier = histories_of(purchases, calibrate_until, histories.unit)
        try:
            model = _settled(choose_purchase_model(earlier, choice.asked)).fit.model
        except (TooLittleData, FitFailed) as reason:
            untested = (Caution("not_tested", f"The forecast could not be tested: {reason}"),)
        else:
            holdout = check_forecast(model, earlier, purchases, histories.until)
            return holdout, track(model, earlier, purchases, histories.until), ()
    return None, track(model, histories, purchases, histories.until), untested


def _interval(
    total: float,
    choice: Choice,
    spend: SpendChoice,
    histories: Histories,
    holdout: Holdout | None,
    cash: Callable[..., Array],
) -> tuple[float, float] | tuple[None, None]:
    """The parameters' spread is taken on an even selection of customers, which is enough for it."""
    if holdout is None or choice.fit.covariance is None:
        return None, None
    x, t_x, T, mean_spend, expected_spend = every_nth(
        histories.x, histories.t_x, histories.T, histories.mean_spend, spend.expected_spend
    )
    discounted = cash(choice.fit.model, x, t_x, T)

    def total_purchases(model: PurchaseModel) -> float:
        return float(cash(model, x, t_x, T) @ expected_spend)

    def total_spend(model: Any) -> float:
        return float(discounted @ model.expected_spend(x, mean_spend))

    spreads = [holdout.relative_error, parameter_spread(choice.fit, total_purchases)]
    if spend.fit is not None:
        spreads.append(parameter_spread(spend.fit, total_spend))
    return total_interval(total, *spreads)


def _dropped(purchases: PurchaseDays, histories: Histories, spend: SpendChoice) -> dict[str, int]:
    everybody = 1 + int(np.count_nonzero(np.diff(purchases.customer)))
    reasons = {
        "bought only after the as-of day": everybody - len(histories),
        **{
            f"not used to learn spend: {reason}": count
            for reason, count in (spend.fit.left_out if spend.fit else {}).items()
        },
    }
    return {reason: count for reason, count in reasons.items() if count}


def _finite(appraisal: Appraisal) -> Appraisal:
    for name in ("p_alive", "expected_purchases", "expected_spend", "clv"):
        values = getattr(appraisal, name)
        wrong = ~np.isfinite(values) | ((values < 0) if name != "clv" else False)
        if wrong.any():
            raise ImpossibleValue(
                f"{name} is impossible for {int(wrong.sum())} of {len(values)} customers."
            )
    return appraisal
