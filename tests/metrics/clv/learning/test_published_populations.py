"""CLV of whole populations as published: online groceries, copies of CDNOW, 78 weeks of CDNOW."""

import csv
from pathlib import Path

import numpy as np
import pytest

from metrics.clv.models import bg_nbd, gamma_gamma, mbg_nbd, pareto_nbd
from metrics.clv.models.bg_nbd import BgNbd
from metrics.clv.models.gamma_gamma import GammaGamma
from metrics.clv.models.purchase_model import discounted_residual, expected_purchases
from metrics.clv.purchases.grouping import group_histories
from metrics.clv.worth.cash import Horizon, discounted_purchases

GROCERIES = Path(__file__).parents[3] / "data" / "grocery_histories.csv"
A_WEEK = 0.0027
COPIES = 200
ONE_PERCENT_A_MONTH = 1.01**12 - 1


@pytest.fixture(scope="module")
def groceries():
    """x, t_x and T in weeks to 2006-12-31, purchase days in the 52 weeks after; one a customer."""
    with GROCERIES.open() as lines:
        rows = np.array(list(csv.reader(lines))[1:], dtype=int)
    x, days_to_last, days_known, held_out = np.repeat(rows[:, :4], rows[:, 4], axis=0).T
    return (x, days_to_last / 7, days_known / 7), held_out


@pytest.mark.parametrize(
    ("model", "parameters", "log_likelihood", "forecast", "ratio"),
    [
        (bg_nbd, (0.34865, 2.58167, 0.50385, 3.64439), -15836.57, 3996, 0.710),
        (mbg_nbd, (1.25692, 6.03914, 0.36828, 0.71576), -15781.94, 4025, 0.681),
        (pareto_nbd, (0.78644, 5.67904, 0.38624, 5.71779), -15782.39, 3991, 0.679),
    ],
    ids=["BG/NBD", "MBG/NBD", "Pareto/NBD"],
)
def test_online_groceries_are_fitted_and_forecast_as_published(
    groceries, model, parameters, log_likelihood, forecast, ratio
):
    """The ratio is the errors' sum over the purchases', as the source reports its models."""
    columns, held_out = groceries
    assert (len(held_out), columns[0].sum(), held_out.sum()) == (1525, 5569, 3389)
    fit = model.fit(*columns)
    assert list(fit.parameters.values()) == pytest.approx(parameters, rel=1e-3)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=0.01)
    found = expected_purchases(fit.model, *columns, 52)
    assert found.sum() == pytest.approx(forecast, rel=0.005)
    assert np.abs(found - held_out).sum() / held_out.sum() == pytest.approx(ratio, abs=1e-3)


def test_copies_of_cdnow_leave_as_much_open_as_the_published_ones(cdnow):
    """Bootstrap over customers: quantiles of 200 copies are known to a fifth of their spread."""
    columns, draw = (cdnow.x, cdnow.t_x, cdnow.T), np.random.default_rng(1)
    spend = gamma_gamma.fit(cdnow.x, cdnow.mean_spend).model.expected_spend(
        cdnow.x, cdnow.mean_spend
    )
    found = []
    for _ in range(COPIES):
        copies = draw.multinomial(len(cdnow), np.full(len(cdnow), 1 / len(cdnow)))
        model = bg_nbd.fit(*columns, copies).model
        year = discounted_purchases(model, *columns, Horizon(12, ONE_PERCENT_A_MONTH), "week")
        in_39 = expected_purchases(model, *columns, 39).sum()
        found.append((model.r, model.alpha, model.a, model.b, in_39, (year * spend).mean()))
    low, high = np.quantile(found, [0.025, 0.975], axis=0)
    assert low == pytest.approx([0.215, 3.53, 0.54, 1.45, 1514, 27.3], rel=0.05)
    assert high == pytest.approx([0.273, 5.39, 1.22, 4.33, 1791, 33.2], rel=0.05)
    assert high[4] < 1882, "the actual lies outside: parameters alone understate"


@pytest.mark.parametrize(
    ("model", "published"), [(pareto_nbd, 60_455.68), (bg_nbd, 59_931.66)], ids=["Pareto", "BG"]
)
def test_the_spend_of_39_weeks_is_forecast_as_published(cdnow, model, published):
    columns = cdnow.x, cdnow.t_x, cdnow.T
    spend = gamma_gamma.fit(cdnow.x, cdnow.mean_spend).model
    purchases = expected_purchases(model.fit(*columns).model, *columns, 39)
    found = purchases @ spend.expected_spend(cdnow.x, cdnow.mean_spend)
    assert found == pytest.approx(published, rel=5e-4)


def residual_value(histories):
    model = pareto_nbd.fit(histories.x, histories.t_x, histories.T).model
    spend = gamma_gamma.fit(histories.x, histories.mean_spend).model
    residual = discounted_residual(model, histories.x, histories.t_x, histories.T, A_WEEK)
    return residual * spend.expected_spend(histories.x, histories.mean_spend)


def test_the_fitted_value_without_an_end_is_the_published_one(cdnow):
    assert residual_value(cdnow).sum() == pytest.approx(260_903.89, rel=1e-3)


def test_who_never_came_back_holds_a_twentieth_of_the_value_after_78_weeks(cdnow_days):
    whole = group_histories(*cdnow_days, until=np.datetime64("1998-06-30"))
    value, never = 0.3 * residual_value(whole), whole.x == 0
    assert never.sum() == 1218
    assert value.mean() == pytest.approx(44.05, abs=0.005)
    assert value[never].mean() == pytest.approx(4.38, abs=0.006)
    assert value[never].sum() / value.sum() == pytest.approx(0.051, abs=5e-4)


def test_the_trap_of_weeks_read_as_days_gives_the_known_wrong_total(cdnow, monkeypatch):
    monkeypatch.setattr("metrics.clv.worth.cash.DAYS_IN_A_MONTH", 30)
    columns = cdnow.x, cdnow.t_x, cdnow.T
    spend = gamma_gamma.fit(cdnow.x, cdnow.mean_spend).model
    model = bg_nbd.fit(*columns).model
    wrong = discounted_purchases(model, *columns, Horizon(12, ONE_PERCENT_A_MONTH), "day")
    wrong = wrong * spend.expected_spend(cdnow.x, cdnow.mean_spend)
    assert wrong[:3] == pytest.approx([140.0962, 18.9435, 38.1806], rel=1e-3)
    assert wrong.sum() == pytest.approx(266_621.60, rel=1e-3)


def test_customer_1516_is_forecast_as_in_the_walkthrough():
    """The last of 26 repeat purchases a day before 31 weeks were over."""
    model = BgNbd(0.2425945, 4.4136019, 0.7929199, 2.4258881)
    history = (26, 216 / 7, 31.0)
    assert model.probability_alive(*history) == pytest.approx(0.9688523, abs=1e-5)
    assert expected_purchases(model, *history, 52) == pytest.approx(25.75659, rel=5e-5)


def test_two_means_are_drawn_to_the_company_as_by_btyd():
    spend = GammaGamma(6.2496, 3.7442, 15.4435).expected_spend([2, 3], [40, 35])
    assert spend == pytest.approx([39.13052, 35.02177], abs=2e-4)
