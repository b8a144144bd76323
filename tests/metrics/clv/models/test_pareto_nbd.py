"""Published numbers and properties of the Pareto/NBD model."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metrics.clv.models import pareto_nbd
from metrics.clv.models.columns import columns_of
from metrics.clv.models.pareto_nbd import ParetoNbd
from metrics.clv.models.purchase_model import (
    discounted_residual,
    expected_new,
    expected_purchases,
)
from metrics.clv.purchases.grouping import group_histories

CDNOW = ParetoNbd(0.553, 10.578, 0.606, 11.669)
FITTED = ParetoNbd(0.55328, 10.5777, 0.60624, 11.6687)

# x, t_x, T of customers 1, 2, 3 and 1516
CUSTOMERS = np.array([(2, 30.43, 38.86), (1, 1.71, 38.86), (0, 0, 38.86), (26, 30.86, 31.00)]).T

A_WEEK = 0.0027
"""Fifteen per cent a year, continuous."""

parameters = st.builds(
    ParetoNbd,
    *(st.floats(low, high) for low, high in ((0.05, 20), (0.05, 200), (0.02, 20), (0.05, 200))),
)
extremes = st.builds(ParetoNbd, *4 * [st.floats(-6, 5).map(lambda power: 10**power)])


def columns(histories):
    return histories.x, histories.t_x, histories.T


@pytest.fixture(scope="module")
def cdnow_fit(cdnow):
    return pareto_nbd.fit(*columns(cdnow))


def test_the_fit_finds_the_published_parameters(cdnow_fit):
    model = cdnow_fit.model
    assert (model.r, model.s) == pytest.approx((0.55328, 0.60624), abs=5e-5)
    assert (model.alpha, model.beta) == pytest.approx((10.5777, 11.6687), abs=2e-3)
    assert cdnow_fit.log_likelihood == pytest.approx(-9594.9762, abs=1e-4)
    assert cdnow_fit.converged


def test_the_standard_errors_are_the_published_ones(cdnow_fit):
    errors = cdnow_fit.standard_errors
    assert [errors[name] for name in pareto_nbd.PARAMETERS] == pytest.approx(
        [0.0476, 0.843, 0.187, 6.21], rel=2e-3
    )


def test_the_fit_of_all_78_weeks_is_the_published_one(cdnow_days):
    whole = group_histories(*cdnow_days, until=np.datetime64("1998-06-30"))
    fit = pareto_nbd.fit(*columns(whole))
    found = (fit.model.r, fit.model.alpha, fit.model.s, fit.model.beta)
    assert found == pytest.approx((0.5629966, 12.559037, 0.4081095, 10.5148048), rel=1e-3)
    assert fit.log_likelihood == pytest.approx(-17135.836, abs=1e-3)


def test_the_fit_does_not_depend_on_the_unit(cdnow, cdnow_fit):
    by_day = pareto_nbd.fit(cdnow.x, 7 * cdnow.t_x, 7 * cdnow.T)
    assert by_day.model.alpha == pytest.approx(7 * cdnow_fit.model.alpha, rel=1e-4)
    assert by_day.model.s == pytest.approx(cdnow_fit.model.s, rel=1e-3)
    assert by_day.log_likelihood == pytest.approx(
        cdnow_fit.log_likelihood - cdnow.x.sum() * np.log(7), rel=1e-9
    )


def test_the_likelihood_is_the_published_one(cdnow):
    value = pareto_nbd.log_likelihood(CDNOW, *columns(cdnow))
    assert value == pytest.approx(-9594.976259, abs=1e-6)


def test_customers_are_forecast_as_published():
    alive = CDNOW.probability_alive(*CUSTOMERS)
    assert alive == pytest.approx([0.869168, 0.168002, 0.295287, 0.997919], abs=1e-6)
    in_39 = expected_purchases(CDNOW, *CUSTOMERS, 39)
    assert in_39 == pytest.approx([1.455123, 0.171093, 0.107081, 20.117026], rel=1e-5)
    in_52 = expected_purchases(CDNOW, *CUSTOMERS, 52)
    assert in_52 == pytest.approx([1.850827, 0.217620, 0.136201, 25.458473], rel=1e-5)
    residual = discounted_residual(CDNOW, *CUSTOMERS, A_WEEK)
    assert residual == pytest.approx([6.483774, 0.762360, 0.477136, 86.056494], rel=1e-5)


def test_a_customer_is_forecast_as_in_the_walkthrough():
    assert FITTED.probability_alive(26, 30.86, 31) == pytest.approx(0.997874, abs=5e-5)
    in_52 = expected_purchases(FITTED, 26, 30.86, 31, 52)
    assert in_52 == pytest.approx(25.45647, rel=1e-4)


def test_a_long_silence_of_a_frequent_buyer_counts_most():
    """The increasing-frequency paradox of the walkthrough: t_x 20, T 39, 52 weeks."""
    forecast = expected_purchases(FITTED, [10, 15, 20, 25], 20, 39, 52)
    published = [0.7062289, 0.1442396, 0.02250658, 0.00309267]
    assert forecast == pytest.approx(published, rel=1e-3)


def test_a_new_customer_is_forecast_as_published():
    assert expected_new(FITTED, 52) == pytest.approx(1.473434, rel=1e-4)


def test_discounted_residuals_are_the_published_ones():
    model = ParetoNbd(0.5629966, 12.5590370, 0.4081095, 10.5148048)
    weekly = 0.0027
    assert discounted_residual(model, 7, 35, 77.86, weekly) == pytest.approx(1.864183, abs=1e-5)
    table = discounted_residual(model, np.arange(1, 11), 30, 77.86, weekly)
    published = [
        2.19916, 2.84353, 2.86713, 2.44541, 1.84050, 1.26242, 0.80962, 0.49480, 0.29202, 0.16793,
    ]  # fmt: skip
    assert table == pytest.approx(published, abs=1e-5)


def test_the_value_of_the_cohort_is_the_published_one(cdnow, cdnow_fit):
    rounded = discounted_residual(CDNOW, *columns(cdnow), A_WEEK)
    assert rounded.sum() == pytest.approx(7188.63, abs=0.01)
    fitted = discounted_residual(cdnow_fit.model, *columns(cdnow), A_WEEK)
    assert fitted.sum() == pytest.approx(7185.97, rel=1e-3)


def test_the_most_valuable_customers_are_the_published_ones(cdnow):
    p, q, v = 6.25, 3.74, 15.44
    spend = p * (v + cdnow.x * cdnow.mean_spend) / (p * cdnow.x + q - 1)
    value = discounted_residual(CDNOW, *columns(cdnow), A_WEEK) * spend
    best = np.argsort(-value)[:5]
    assert list(cdnow.customer[best]) == [509, 1081, 1516, 1560, 1981]
    published = [4325.56, 3709.06, 3432.75, 3028.41, 2799.50]
    assert value[best] == pytest.approx(published, rel=1e-5)
    assert value.mean() == pytest.approx(110.7338, rel=1e-5)


def test_the_holdout_is_forecast_as_published(cdnow, cdnow_days, cdnow_fit):
    forecast = expected_purchases(cdnow_fit.model, *columns(cdnow), 39)
    whole = group_histories(*cdnow_days, until=np.datetime64("1998-06-30"))
    missed = forecast - (whole.x - cdnow.x)
    assert forecast.sum() == pytest.approx(1665.51, abs=0.1)
    assert np.abs(missed).mean() == pytest.approx(0.7545, abs=1e-4)
    assert np.sqrt((missed**2).mean()) == pytest.approx(1.603, abs=1e-3)
    alive = cdnow_fit.model.probability_alive(*columns(cdnow))
    assert alive.mean() == pytest.approx(0.4463, abs=1e-4)
    by_frequency = [forecast[np.minimum(cdnow.x, 7) == x].mean() for x in range(8)]
    published = [0.1384, 0.5995, 1.1958, 1.7138, 2.3983, 2.9072, 3.8186, 6.4031]
    assert by_frequency == pytest.approx(published, abs=2e-4)


@pytest.mark.parametrize("start", [(0.4, 6, 0.5, 9), (1, 1, 1, 1), (3, 200, 0.01, 0.1)])
@pytest.mark.parametrize("weighted", [False, True], ids=["even", "weighted"])
def test_gradient_and_hessian_are_the_slopes_of_what_they_belong_to(cdnow, start, weighted):
    weights = np.arange(len(cdnow)) % 3 if weighted else None
    sums = pareto_nbd.objective(columns_of(*columns(cdnow), weights))
    here, moves = np.log(start), 1e-4 * np.eye(4)
    ahead, behind = [sums(here + move) for move in moves], [sums(here - move) for move in moves]
    pairs = list(zip(ahead, behind, strict=True))
    slope = [(one.value - other.value) / 2e-4 for one, other in pairs]
    curvature = np.array([(one.slope - other.slope) / 2e-4 for one, other in pairs])
    size = np.abs(curvature).max()
    assert sums(here).slope == pytest.approx(slope, rel=1e-6, abs=1e-6 * size)
    assert sums(here).curvature == pytest.approx(curvature, rel=1e-6, abs=1e-6 * size)


def test_a_weight_is_as_many_customers(cdnow):
    some = cdnow.where(slice(0, 400))
    weights = np.arange(400) % 4
    repeated = [np.repeat(column, weights) for column in columns(some)]
    weighed = pareto_nbd.objective(columns_of(*columns(some), weights))(CDNOW.log_parameters)
    counted = pareto_nbd.objective(columns_of(*repeated))(CDNOW.log_parameters)
    assert weighed.value == pytest.approx(counted.value, rel=1e-12)
    assert weighed.slope == pytest.approx(counted.slope, rel=1e-10)
    assert weighed.curvature == pytest.approx(counted.curvature, rel=1e-10)


def test_shards_add_up_to_the_whole(cdnow):
    whole = columns_of(*columns(cdnow))
    halves = [whole.where(whole.x % 2 == half) for half in (0, 1)]
    one, other = (pareto_nbd.objective(half)(CDNOW.log_parameters) for half in halves)
    together = pareto_nbd.objective(whole)(CDNOW.log_parameters)
    assert one.value + other.value == pytest.approx(together.value, rel=1e-12)
    assert one.slope + other.slope == pytest.approx(together.slope, rel=1e-9, abs=1e-9)
    assert one.curvature + other.curvature == pytest.approx(together.curvature, rel=1e-9)


@given(model=parameters, x=st.integers(0, 200), T=st.floats(0.1, 500), share=st.floats(0, 1))
@settings(deadline=None, max_examples=60)
def test_silence_lowers_the_chance(model, x, T, share):
    now, later = model.probability_alive(x, share * T * (x > 0), np.array([T, T + 10]))
    assert 0 <= later <= now * (1 + 1e-12)
    assert now <= 1
    known_now = model.probability_alive(x, share * T * (x > 0), T, later=np.array([0, 10]))
    assert known_now[0] == pytest.approx(now, rel=1e-11)
    assert 0 <= known_now[1] <= known_now[0]


@given(model=extremes, x=st.integers(0, 1000), T=st.floats(0, 1e4), share=st.floats(0, 1))
@example(model=ParetoNbd(1.0, 1.0, 1e4, 0.1), x=0, T=1.0, share=0.0)  # nearly all leave at once
@settings(deadline=None, max_examples=60)
def test_nothing_is_ever_unknown_or_negative(model, x, T, share):
    t_x = share * T * (x > 0)
    alive = model.probability_alive(x, t_x, T)
    assert 0 <= alive <= 1
    assert 0 <= model.purchases_if_alive(x, T, 1000) < np.inf
    assert 0 <= model.residual_if_alive(x, T, 1e-3) < np.inf
    assert 0 <= model.repeat_probability(x, T) <= 1 + 1e-9
    sums = pareto_nbd.objective(columns_of(x, t_x, T))(model.log_parameters)
    assert all(np.all(np.isfinite(each)) for each in sums)


@given(model=parameters, x=st.integers(0, 200), T=st.floats(0.1, 500), rate=st.floats(1e-4, 1))
@settings(deadline=None, max_examples=60)
def test_a_higher_discount_leaves_less(model, x, T, rate):
    dear, cheap = (float(model.residual_if_alive(x, T, each)) for each in (2 * rate, rate))
    assert 0 < dear < cheap < 2 * dear * (1 + 1e-9)


@given(model=parameters, t=st.floats(0, 20))
@settings(deadline=None, max_examples=30)
def test_the_chances_of_all_counts_are_one_together(model, t):
    longest = 200 + 40 * model.r / model.alpha * t + 40 * t / model.alpha
    counts = np.arange(min(int(longest), 40_000))
    chances = model.repeat_probability(counts, t)
    assert np.all(chances >= 0)
    assert chances.sum() == pytest.approx(1, rel=1e-9)
    assert (counts * chances).sum() == pytest.approx(float(expected_new(model, t)), rel=1e-6)


def test_draws_are_as_many_as_expected():
    draw = np.random.default_rng(5)
    drawn = CDNOW.draw_if_alive(np.full(200_000, 3), 30.0, 52.0, draw)
    error = drawn.std() / np.sqrt(len(drawn))
    assert abs(drawn.mean() - CDNOW.purchases_if_alive(3, 30, 52)) < 4 * error
    new = CDNOW.draw_if_alive(np.zeros(200_000), 0.0, 30.0, draw)
    seen = np.bincount(new.astype(int), minlength=5)[:5] / len(new)
    assert seen == pytest.approx(CDNOW.repeat_probability(np.arange(5), 30), abs=0.004)


def test_the_limit_at_s_equal_to_one_is_smooth():
    around = [expected_new(ParetoNbd(0.5, 5, s, 9), 40) for s in (1 - 1e-9, 1, 1 + 1e-9)]
    assert around[0] > around[1] > around[2]
    assert around[0] == pytest.approx(around[2], rel=1e-8)


def test_who_leaves_twice_as_fast_has_half_the_time():
    """Where the rates of leaving hardly differ: a life is exponential, with mean 1 / 0.1."""
    alike = ParetoNbd(0.5, 5, 1e5, 1e6)
    assert alike.purchases_if_alive(2, 3, 20, drop_out=2.0) == pytest.approx(
        (2.5 / 8) * (1 - np.exp(-4)) / 0.2, rel=1e-4
    )


def test_an_array_of_customers_gives_what_each_gives_alone():
    x, t_x, T = np.array([0, 3, 3, 40]), np.array([0, 2.0, 9.0, 11.5]), np.array([1, 10, 30, 12])
    together = expected_purchases(CDNOW, x, t_x, T, 26)
    alone = [float(expected_purchases(CDNOW, *each, 26)) for each in zip(x, t_x, T, strict=True)]
    assert together == pytest.approx(alone, rel=1e-11)
    assert CDNOW.probability_alive([], [], []).shape == (0,)
    assert CDNOW.residual_if_alive([], [], A_WEEK).shape == (0,)


@pytest.mark.parametrize("wrong", [0, -1, np.nan, np.inf])
def test_a_parameter_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="s must be positive"):
        ParetoNbd(1, 1, wrong, 1)


@pytest.mark.parametrize("rate", [0, -0.1, np.nan])
def test_a_discount_that_cannot_be_is_refused(rate):
    with pytest.raises(ValueError, match="discount rate"):
        CDNOW.residual_if_alive(1, 1, rate)
