"""The archived lifetimes library as the oracle."""

import warnings

import numpy as np
import pandas as pd
import pytest

from benchmarks.population import LAST_DAY, simulate
from metrics.clv.models import bg_nbd, gamma_gamma
from metrics.clv.models.purchase_model import expected_purchases
from metrics.clv.purchases.grouping import group_histories
from metrics.clv.worth.cash import Horizon, discounted_purchases

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    from lifetimes.utils import summary_data_from_transaction_data

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def population():
    return simulate(3_000, 8)


@pytest.fixture(scope="module")
def theirs(population):
    table = pd.DataFrame(
        {"id": population.customer, "day": population.day, "amount": population.amount}
    )
    return summary_data_from_transaction_data(
        table, "id", "day", "amount", observation_period_end=LAST_DAY, freq="D", freq_multiplier=7
    )


@pytest.fixture(scope="module")
def ours(population):
    return group_histories(population.customer, population.day, population.amount, until=LAST_DAY)


@pytest.fixture(scope="module")
def their_buying(theirs):
    return BetaGeoFitter().fit(theirs.frequency, theirs.recency, theirs["T"])


def test_histories_are_the_same(ours, theirs):
    assert np.array_equal(ours.customer, theirs.index)
    assert np.array_equal(ours.x, theirs.frequency)
    assert ours.t_x == pytest.approx(theirs.recency.to_numpy())
    assert pytest.approx(theirs["T"].to_numpy()) == ours.T
    assert ours.mean_spend == pytest.approx(theirs.monetary_value.to_numpy())


def test_our_fits_are_the_same_or_more_likely(ours, theirs, their_buying):
    fit = bg_nbd.fit(ours.x, ours.t_x, ours.T)
    r, alpha, a, b = their_buying.params_[["r", "alpha", "a", "b"]]
    assert (fit.model.r, fit.model.alpha) == pytest.approx((r, alpha), rel=5e-3)
    at_theirs = bg_nbd.log_likelihood(bg_nbd.BgNbd(r, alpha, a, b), ours.x, ours.t_x, ours.T)
    assert at_theirs - 1e-6 <= fit.log_likelihood <= at_theirs + 0.5
    again = theirs[theirs.frequency > 0]
    spend = GammaGammaFitter().fit(again.frequency, again.monetary_value)
    found = gamma_gamma.fit(ours.x, ours.mean_spend).model
    assert (found.p, found.q, found.v) == pytest.approx(
        tuple(spend.params_[["p", "q", "v"]]), rel=5e-3
    )


def test_predictions_are_the_same_with_the_same_parameters(ours, theirs, their_buying):
    model = bg_nbd.BgNbd(
        *(float(value) for value in their_buying.params_[["r", "alpha", "a", "b"]])
    )
    columns = (theirs.frequency, theirs.recency, theirs["T"])
    alive = model.probability_alive(ours.x, ours.t_x, ours.T)
    assert alive == pytest.approx(their_buying.conditional_probability_alive(*columns), rel=1e-9)
    theirs_in_26 = their_buying.conditional_expected_number_of_purchases_up_to_time(26, *columns)
    in_26 = expected_purchases(model, ours.x, ours.t_x, ours.T, 26)
    assert in_26 == pytest.approx(theirs_in_26.to_numpy(), rel=1e-7)


def test_values_are_the_same_with_the_same_parameters(ours, theirs, their_buying, monkeypatch):
    model = bg_nbd.BgNbd(
        *(float(value) for value in their_buying.params_[["r", "alpha", "a", "b"]])
    )
    again = theirs[theirs.frequency > 0]
    spend = GammaGammaFitter().fit(again.frequency, again.monetary_value)
    their_value = spend.customer_lifetime_value(
        their_buying, theirs.frequency, theirs.recency, theirs["T"], theirs.monetary_value,
        time=12, discount_rate=0.01, freq="W",
    )  # fmt: skip
    spending = gamma_gamma.GammaGamma(*(float(value) for value in spend.params_[["p", "q", "v"]]))
    monkeypatch.setattr("metrics.clv.worth.cash.DAYS_IN_A_MONTH", 7 * 4.345)
    purchases = discounted_purchases(
        model, ours.x, ours.t_x, ours.T, Horizon(12, 1.01**12 - 1), "week"
    )
    value = purchases * spending.expected_spend(ours.x, ours.mean_spend)
    assert value == pytest.approx(their_value.to_numpy(), rel=1e-6)
