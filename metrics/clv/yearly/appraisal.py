"""From purchases to what customers are worth by the yearly chances they took (BG/BB)."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from metrics.clv.fit import SMALLEST, Caution, Fit, Sums, TooLittleData, highest_peak
from metrics.clv.learning.choice import (
    DROP_OUT_CRITERION,
    FEWEST_CUSTOMERS,
    FEWEST_REPEATERS,
    NO_DROP_OUT,
    Status,
    bar_to_spend,
    is_settled,
    missed,
    spend_not_modelled,
    tied,
    unheld,
)
from metrics.clv.learning.findings import FitFailed
from metrics.clv.models import gamma_gamma
from metrics.clv.models.columns import Columns, columns_of
from metrics.clv.models.gamma_gamma import GammaGamma, SpendFit
from metrics.clv.models.purchase_model import fit_family
from metrics.clv.purchases.histories import Array, Day, Integers, as_days
from metrics.clv.worth.cash import Horizon
from metrics.clv.worth.customers import Worth, possible
from metrics.clv.yearly import bg_bb
from metrics.clv.yearly.bg_bb import BgBb
from metrics.clv.yearly.chances import (
    Chances,
    YearBooks,
    YearsHeldOut,
    first_year,
    held_out,
    keep_years,
    last_whole_year,
    year_end,
)
from metrics.clv.yearly.ranges import range_of_total, ranges

FEWEST_CHANCES = 3
"""Three chances make seven kinds of history, enough for four parameters; two make four."""

TESTED_PART = 3
"""Without days of its own a test holds out the last third of the years known."""

NOBODY_LEAVES = (SMALLEST, 1.0)
"""gamma and delta of customers of whom one in a million leaves."""

NOT_TESTED = Caution(
    "not_tested",
    "The forecast could not be tested: no whole year is held out, or too little is known before.",
)


@dataclass(frozen=True, slots=True)
class YearlyFindings:
    """As Findings, for the one model of yearly chances."""

    purchases: Fit[BgBb]
    spend: SpendFit | None
    holdout: YearsHeldOut | None
    model: str = bg_bb.FAMILY.key


@dataclass(frozen=True, slots=True)
class YearlyAppraisal:
    """As Appraisal: what the customers are worth at the end of the last whole year.

    clv_low, clv_high: as in Appraisal; None too where nobody is seen to leave. dropped: customers
    left out, by reason.
    """

    histories: Chances
    findings: YearlyFindings
    worth: Worth
    warnings: tuple[Caution, ...]
    dropped: dict[str, int]
    clv_low: float | None
    clv_high: float | None

    @property
    def status(self) -> Status:
        return Status.WITH_WARNINGS if self.warnings else Status.GOOD

    @property
    def clv_total(self) -> float:
        return float(self.worth.clv.sum())

    @property
    def clv_mean(self) -> float:
        return self.clv_total / len(self.histories)


def appraise_years(
    customer: ArrayLike,
    day: ArrayLike,
    amount: ArrayLike,
    *,
    until: Day,
    holdout_until: Day | None = None,
    months: int = 12,
    yearly_rate: float = 0.10,
    margin: float = 0.3,
) -> YearlyAppraisal:
    """Value every customer who bought by the end of the last whole year by `until`, by BG/BB.

    Months are rounded up to whole years. The forecast is tested on the whole years up to
    `holdout_until`; without it, on the last third of the years known. Raises TooLittleData or
    FitFailed with the sentence for the person, and ValueError for input that cannot be.
    """
    horizon = Horizon(months, yearly_rate)
    if not np.isfinite(margin):
        raise ValueError("the margin must be a number")
    if holdout_until is not None and as_days(holdout_until) <= as_days(until):
        raise ValueError("a test must end after the day that it is known to")
    year, since = last_whole_year(until), first_year(day)
    if year - since < FEWEST_CHANCES:
        raise TooLittleData(_too_few_years(since, year, as_days(until)))
    test = _years_to_test(since, year, holdout_until)
    books = keep_years(customer, day, amount, (year, *(test or ())))
    known = books.at(year)
    found, spend = _fitted(known), _spend_fitted(known)
    no_spend = bar_to_spend(spend)
    findings = YearlyFindings(
        purchases=found,
        spend=spend if isinstance(spend, SpendFit) and not no_spend else None,
        holdout=_tested(books, found, year, *test) if test else None,
    )
    worth = _worth(known, findings, horizon, margin)
    tests = () if findings.holdout is None else (findings.holdout,)
    total = partial(_total, known, horizon, margin)
    low, high = range_of_total(found, findings.spend, total, worth.variance, tests) or (None, None)
    later = len(np.unique(np.asarray(customer))) - len(known)
    return YearlyAppraisal(
        histories=known,
        findings=findings,
        worth=worth,
        warnings=(
            *((NO_DROP_OUT,) if found.model.gamma == SMALLEST else unheld(found)),
            *(() if findings.spend else (spend_not_modelled(no_spend),)),
            *tied(_correlation(known)),
            *(() if tests else (NOT_TESTED,)),
            *missed(tests),
            *_part_of_a_year(year, as_days(until)),
        ),
        dropped={"bought only after the last whole year": later} if later else {},
        clv_low=low,
        clv_high=high,
    )


def _years_to_test(since: int, year: int, holdout_until: Day | None) -> tuple[int, int] | None:
    """The last year known to the test and the last one held out, or nothing."""
    if holdout_until is not None:
        last = last_whole_year(holdout_until)
        return (year, last) if last > year else None
    known_to = year - (year - since) // TESTED_PART
    return (known_to, year) if known_to - since >= FEWEST_CHANCES else None


def _fitted(known: Chances) -> Fit[BgBb]:
    x, t_x, T = known.asked()
    repeaters = int(np.count_nonzero(x))
    if len(x) < FEWEST_CUSTOMERS or repeaters < FEWEST_REPEATERS:
        raise TooLittleData(
            f"{len(x)} customers, {repeaters} of them with a purchase in a later year, are too few "
            f"to forecast from: {FEWEST_CUSTOMERS} and {FEWEST_REPEATERS} are needed."
        )
    columns = columns_of(x, t_x, T)
    found, stays = fit_family(bg_bb.FAMILY, columns), _fitted_to_stay(columns)
    if 2 * (found.log_likelihood - stays.log_likelihood) < DROP_OUT_CRITERION:
        found = stays
    if not is_settled(found):
        raise FitFailed(
            f"The model of yearly chances ({bg_bb.FAMILY.title}) did not settle on one answer."
        )
    return found


def _fitted_to_stay(columns: Columns) -> Fit[BgBb]:
    """The most likely model in which nobody leaves: gamma at the bottom of the searched range."""
    everything = bg_bb.objective(columns)

    def sums(point: Array) -> Sums:
        value, slope, curvature = everything(np.append(point, np.log(NOBODY_LEAVES)))
        return Sums(value, slope[:2], curvature[:2, :2])

    peak = highest_peak(sums, sums, [start[:2] for start in bg_bb.FAMILY.starts(columns)])
    alpha, beta = peak.parameters
    return Fit(
        model=BgBb(alpha, beta, *NOBODY_LEAVES),
        standard_errors=peak.errors_of(bg_bb.FAMILY.parameters[:2]),
        covariance=None,
        log_likelihood=peak.log_likelihood,
        converged=peak.converged,
    )


def _spend_fitted(known: Chances) -> SpendFit | TooLittleData:
    try:
        return gamma_gamma.fit(known.x, known.mean_spend)
    except TooLittleData as refusal:
        return refusal


def _tested(
    books: YearBooks, found: Fit[BgBb], year: int, known_to: int, last_year: int
) -> YearsHeldOut | None:
    """By what was found at `year`, or of years before by a fit to what was known then, if any."""
    known = books.at(known_to)
    try:
        fit = found if known_to == year else _fitted(known)
    except (TooLittleData, FitFailed):
        return None
    return held_out(fit.model, known, books.held_out(known_to, last_year), last_year)


def _worth(known: Chances, findings: YearlyFindings, horizon: Horizon, margin: float) -> Worth:
    fit, x, T = findings.purchases, known.x, known.T
    years = -(-horizon.months // 12)
    alive = fit.model.probability_alive(x, known.t_x, T)
    discounted = _discounted_if_alive(fit.model, known, horizon)
    spend = _expected_spend(known, findings.spend.model if findings.spend else None)
    low, middle, high, variance = ranges(
        fit, findings.spend, known, years, discounted, spend, margin
    )
    rate = float(np.log1p(horizon.yearly_rate))
    return possible(
        Worth(
            p_alive=alive,
            expected_purchases=alive * fit.model.purchases_if_alive(x, T, years),
            dert=alive * fit.model.residual_if_alive(x, T, rate) if rate > 0 else None,
            expected_spend=spend,
            cash=margin * spend,
            clv=alive * discounted * (margin * spend),
            clv_low=low,
            clv_middle=middle,
            clv_high=high,
            variance=variance,
        )
    )


def _total(
    known: Chances, horizon: Horizon, margin: float, model: BgBb, spend: GammaGamma | None
) -> float:
    alive = model.probability_alive(known.x, known.t_x, known.T)
    ahead = alive * _discounted_if_alive(model, known, horizon)
    return margin * float(ahead @ _expected_spend(known, spend))


def _discounted_if_alive(model: BgBb, known: Chances, horizon: Horizon) -> Array:
    ends = np.arange(1.0, -(-horizon.months // 12) + 1)
    factors = (1 + horizon.yearly_rate) ** -ends
    ahead = model.purchases_if_alive(known.x[:, None], known.T[:, None], ends)
    return np.asarray(ahead @ -np.diff(factors, append=0.0))


def _expected_spend(known: Chances, spend: GammaGamma | None) -> Array:
    """Currency a year with a purchase; without a model, the own mean drawn towards the usual."""
    if spend is not None:
        return spend.expected_spend(known.x, known.mean_spend)
    spent = known.x * known.mean_spend
    usual = spent.sum() / max(int(known.x.sum()), 1)
    return np.asarray((usual + spent) / (1 + known.x))


def _correlation(known: Chances) -> float:
    """Of the logarithms of spend and frequency; 0 where one of them does not vary."""
    paid = (known.x > 0) & (known.mean_spend > 0)
    logs = np.log([known.x[paid] / known.T[paid], known.mean_spend[paid]])
    if logs.shape[1] < 3 or np.any(np.ptp(logs, axis=1) == 0):
        return 0.0
    return float(np.corrcoef(logs)[0, 1])


def _too_few_years(since: int, year: int, until: Integers) -> str:
    return (
        f"Purchases from {since} on have {max(year - since, 0)} whole calendar years after the "
        f"first by {until.astype('datetime64[D]')}; {FEWEST_CHANCES} are needed to learn who "
        "comes back by the year."
    )


def _part_of_a_year(year: int, until: Integers) -> tuple[Caution, ...]:
    if int(until) == year_end(year):
        return ()
    sentence = (
        f"The year {year + 1} is not over by {until.astype('datetime64[D]')}: its purchases are "
        f"not used, and customers are valued as of the end of {year}."
    )
    return (Caution("part_of_a_year", sentence),)
