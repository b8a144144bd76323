"""What an appraisal asks of customers. Every answer is numbers that add up over shards."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.clv.families import FAMILIES, model_of
from metrics.clv.fit import Fit, Objective, Sums
from metrics.clv.learning.crowd import Crowd, View
from metrics.clv.models import gamma_gamma
from metrics.clv.models.columns import alive_of, if_alive_by_place
from metrics.clv.purchases.histories import DAYS_IN, Array, Histories, Numbers
from metrics.clv.purchases.spreading import hashed
from metrics.clv.worth.uncertainty import chance_table

OFTEN = 7
"""Customers with this many repeat purchases or more share the last row of a table."""

MOST_COUNTED = 1_000
"""Repeat purchases beyond this are counted together in the survey."""


class Additive:
    """An answer of all customers is the sum of those of the shards."""

    def combine(self, answers: Sequence[Array]) -> Array:
        return np.asarray(np.sum(answers, axis=0))


@dataclass(frozen=True, slots=True)
class Survey(Additive):
    """How many customers there are at a day, how often, since when and for how much they buy."""

    as_of: int

    def answer(self, crowd: Crowd) -> Array:
        view = crowd.views[self.as_of]
        histories = view.histories
        x = histories.x
        spenders = (x > 0) & (histories.mean_spend > 0)
        log_x, log_spend = np.log(x[spenders]), np.log(histories.mean_spend[spenders])
        ties = [len(log_x), log_x.sum(), log_spend.sum(), np.sum(log_x**2), np.sum(log_spend**2)]
        money = [histories.spent_total.sum(), np.sum(x * histories.mean_spend)]
        counts = np.bincount(np.minimum(x, MOST_COUNTED), minlength=MOST_COUNTED + 1)
        joined = np.bincount(
            histories.first_day - view.since, minlength=self.as_of - view.since + 1
        )
        head = [float(np.sum(x)), *ties, np.sum(log_x * log_spend), *money]
        return np.concatenate([head, counts, joined, view.bought_on]).astype(np.float64)


def variation(count: float, logs: float, squares: float) -> float:
    """Standard deviation over mean of a lognormal with these sums of logarithms; 3 at most."""
    spread = max(squares / count - (logs / count) ** 2, 0.0) if count else 0.0
    return float(min(np.sqrt(np.expm1(min(spread, 10.0))), 3.0))


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A survey's answer by name. spend_variation: of the mean repeat spends, standard deviation
    over mean. by_count: customers with 0, 1, ... repeat purchases; joined,
    bought_on: first purchases and purchase days by day, from `since`."""

    repeat_purchases: int
    spenders: int
    correlation: float
    spend_variation: float
    spent_total: float
    spent_again: float
    by_count: Array
    joined: Array
    bought_on: Array

    @property
    def customers(self) -> int:
        return int(self.by_count.sum())

    @property
    def repeaters(self) -> int:
        return int(self.by_count[1:].sum())


def surveyed(answer: Array, as_of: int, since: int) -> Surveyed:
    """The named parts of a survey's answer."""
    repeats, n, x, spend, x2, spend2, both, total, again = answer[:9]
    variances = (n * x2 - x**2) * (n * spend2 - spend**2)
    is_known = n >= 3 and variances > 1e-12 * max(n * x2, 1e-300) * max(n * spend2, 1e-300)
    by_count, joined, bought_on = np.split(
        answer[9:], [MOST_COUNTED + 1, MOST_COUNTED + 1 + as_of - since + 1]
    )
    return Surveyed(
        repeat_purchases=int(repeats),
        spenders=int(n),
        correlation=float((n * both - x * spend) / np.sqrt(variances)) if is_known else 0.0,
        spend_variation=variation(n, spend, spend2),
        spent_total=float(total),
        spent_again=float(again),
        by_count=by_count,
        joined=joined,
        bought_on=bought_on,
    )


SAMPLE_COLUMNS = 6
"""Numbers a row of a sample."""


@dataclass(frozen=True, slots=True)
class Sample:
    """About one in so many customers, chosen by a hash of their key: rows, not a sum."""

    as_of: int
    one_in: int

    def answer(self, crowd: Crowd) -> Array:
        view = crowd.views[self.as_of]
        histories = view.histories
        chosen = hashed(histories.customer) % np.uint64(self.one_in) == 0
        some = histories.where(chosen)
        rows: list[Numbers] = [
            some.customer,
            some.x,
            some.first_day,
            some.last_day,
            some.mean_spend,
            view.last_year[chosen],
        ]
        return np.column_stack(rows).astype(np.float64)

    def combine(self, answers: Sequence[Array]) -> Array:
        """All rows, by customer, so that the split into shards leaves no trace."""
        rows = np.concatenate([answer.reshape(-1, SAMPLE_COLUMNS) for answer in answers])
        return np.asarray(rows[np.argsort(rows[:, 0], kind="stable")])


@dataclass(frozen=True, slots=True)
class Likelihood(Additive):
    """The sums of a purchase model at a point of log-parameters."""

    model: str
    as_of: int
    at: tuple[float, ...]

    def answer(self, crowd: Crowd) -> Array:
        sums = crowd.sums(self.model, self.as_of, self._objective)
        return flat(sums(np.array(self.at)))

    def _objective(self, view: View) -> Objective:
        return FAMILIES[self.model].objective(view.columns)


@dataclass(frozen=True, slots=True)
class SpendLikelihood(Additive):
    """The same for the spend model."""

    as_of: int
    at: tuple[float, ...]

    def answer(self, crowd: Crowd) -> Array:
        return flat(crowd.sums("gamma_gamma", self.as_of, spend_objective)(np.array(self.at)))


def spend_objective(view: View) -> Objective:
    histories = view.histories
    used = (histories.x > 0) & (histories.mean_spend > 0)
    return gamma_gamma.objective(histories.x[used], histories.mean_spend[used])


def flat(sums: Sums) -> Array:
    return np.concatenate([[sums.value], sums.slope, sums.curvature.ravel()])


def unflat(answer: Array) -> Sums:
    count = int(np.sqrt(len(answer)))
    slope, curvature = np.split(answer[1:], [count])
    return Sums(float(answer[0]), slope, curvature.reshape(count, count))


@dataclass(frozen=True, slots=True)
class Check(Additive):
    """How well a model known at a day foretells what came after it.

    gains: forecasts, ascending, that part the customers into classes of likely buyers.
    """

    model: str
    parameters: tuple[float, ...]
    as_of: int
    gains: tuple[float, ...]

    def answer(self, crowd: Crowd) -> Array:
        view = crowd.views[self.as_of]
        histories = view.histories
        length = (view.last_day - self.as_of) / DAYS_IN[histories.unit]
        fitted = model_of(self.model, self.parameters)
        alive = alive_of(fitted, view.columns)
        ahead = if_alive_by_place(
            view.columns, lambda x, T: fitted.purchases_if_alive(x, T, length)
        )
        forecast = alive * ahead
        actual = view.held_out.astype(np.float64)
        naive = naive_forecast(histories, length)
        group = np.minimum(histories.x, OFTEN)
        by_count = [_sums_by(group, OFTEN + 1, each) for each in (None, actual, forecast)]
        gain = np.searchsorted(self.gains, forecast, side="right")
        by_gain = [_sums_by(gain, len(self.gains) + 1, each) for each in (None, actual)]
        errors = [
            np.array([forecast.sum(), actual.sum(), naive.sum()]),
            np.array([np.abs(forecast - actual).sum(), np.abs(naive - actual).sum()]),
            np.array([((forecast - actual) ** 2).sum(), ((naive - actual) ** 2).sum()]),
            np.array([deviance(actual, forecast), deviance(actual, naive)]),
            np.array([alive.sum()]),
        ]
        return np.concatenate([*errors, *by_count, *by_gain])


CHECKED = 10
"""Leading numbers of a check's answer, before its tables."""


def naive_forecast(histories: Histories, length: float) -> Array:
    """Everybody goes on at the rate x / T seen so far; 0 where T is 0."""
    x, T = histories.x, histories.T
    return np.asarray(length * np.divide(x, T, out=np.zeros(len(x)), where=T > 0))


def deviance(actual: Array, forecast: Array) -> float:
    """Poisson deviance of counts from their forecasts: 0 is perfect, and a miss weighs more where
    little was expected. A forecast of nothing counts as one in a thousand."""
    expected = np.maximum(forecast, 1e-3)
    bought = np.where(actual > 0, actual * np.log(np.maximum(actual, 1) / expected), 0.0)
    return float(2 * np.sum(bought - (actual - expected)))


@dataclass(frozen=True, slots=True)
class Coverage(Additive):
    """How many customers there are, and how many bought within their own bounds in the test.

    parameters, covariance (row by row, empty where there is none): of the fit known at as_of.
    counts: the numbers of repeat purchases that occur; oldest: the largest T.
    """

    model: str
    parameters: tuple[float, ...]
    covariance: tuple[float, ...]
    as_of: int
    counts: tuple[int, ...]
    oldest: float

    def answer(self, crowd: Crowd) -> Array:
        view = crowd.views[self.as_of]
        histories = view.histories
        length = (view.last_day - self.as_of) / DAYS_IN[histories.unit]
        size = len(self.parameters)
        covariance = np.reshape(self.covariance, (size, size)) if self.covariance else None
        model = model_of(self.model, self.parameters)
        fit = Fit(model, None, covariance, 0.0, True)
        chance = chance_table(fit, None, self.counts, self.oldest, length)
        alive = alive_of(model, view.columns)
        ahead = if_alive_by_place(view.columns, lambda x, T: model.purchases_if_alive(x, T, length))
        low, high = (
            ahead * bound
            for bound in chance.quantiles(
                chance.purchases, histories.x, histories.T, alive, (0.05, 0.95)
            )
        )
        inside = (np.floor(low) <= view.held_out) & (view.held_out <= np.ceil(high))
        return np.array([np.count_nonzero(inside), len(histories)], dtype=np.float64)


def _sums_by(group: Numbers, groups: int, weights: Array | None) -> Array:
    return np.bincount(group, weights, minlength=groups).astype(np.float64)
