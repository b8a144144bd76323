"""Published numbers and properties of the BG/NBD model; fifty digits: test_reference.py."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clv.models import bg_nbd
from metrics.clv.models.bg_nbd import BgNbd
from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.clv.models.columns import columns_of
from metrics.clv.models.purchase_model import discounted_residual, expected_new, expected_purchases

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426)
FITTED = BgNbd(0.2425945, 4.4136019, 0.7929199, 2.4258881)

# x, t_x, T of customers 1, 2, 3 and 1516
CUSTOMERS = np.array([(2, 30.43, 38.86), (1, 1.71, 38.86), (0, 0, 38.86), (26, 30.86, 31.00)]).T


def test_the_fit_finds_the_published_parameters(cdnow):
    fit = bg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T)
    found = (fit.model.r, fit.model.alpha, fit.model.a, fit.model.b)
    assert found == pytest.approx((0.24259, 4.41360, 0.79292, 2.42591), abs=1e-5)
    assert fit.log_likelihood == pytest.approx(-9582.4292, abs=1e-4)
    assert fit.converged


def test_the_fit_does_not_depend_on_the_unit(cdnow):
    by_week = bg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T)
    by_day = bg_nbd.fit(cdnow.x, 7 * cdnow.t_x, 7 * cdnow.T)
    assert by_day.model.alpha == pytest.approx(7 * by_week.model.alpha, rel=1e-6)
    assert by_day.model.a == pytest.approx(by_week.model.a, rel=1e-6)
    assert by_day.log_likelihood == pytest.approx(
        by_week.log_likelihood - cdnow.x.sum() * np.log(7), rel=1e-12
    )


@pytest.mark.parametrize(
    ("parameters", "published"),
    [((0.243, 4.414, 0.793, 2.426), -9582.430478), ((1, 1, 1, 1), -13887.712625)],
)
def test_the_likelihood_is_the_published_one(cdnow, parameters, published):
    value = bg_nbd.log_likelihood(BgNbd(*parameters), cdnow.x, cdnow.t_x, cdnow.T)
    assert value == pytest.approx(published, abs=1e-6)


def test_the_standard_errors_cover_what_the_bootstrap_found(cdnow):
    """Two hundred bootstrap copies gave 95 % ranges; the normal range is wider for the skew b."""
    errors = bg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T).standard_errors
    assert errors["r"] == pytest.approx((0.273 - 0.215) / 3.92, rel=0.2)
    assert errors["alpha"] == pytest.approx((5.39 - 3.53) / 3.92, rel=0.3)
    assert errors["a"] == pytest.approx((1.22 - 0.54) / 3.92, rel=0.3)
    assert errors["b"] == pytest.approx((4.33 - 1.45) / 3.92, rel=0.3)


def test_customers_are_forecast_as_published():
    alive = CDNOW.probability_alive(*CUSTOMERS)
    assert alive == pytest.approx([0.726579, 0.212101, 1, 0.968916], abs=1e-6)
    in_39 = expected_purchases(CDNOW, *CUSTOMERS, 39)
    assert in_39 == pytest.approx([1.226028, 0.203187, 0.195098, 20.749726], rel=1e-5)
    in_52 = expected_purchases(CDNOW, *CUSTOMERS, 52)
    assert in_52 == pytest.approx([1.558721, 0.259823, 0.252073, 25.758196], rel=1e-5)
    without_end = discounted_residual(CDNOW, *CUSTOMERS, 0.0027)
    assert without_end == pytest.approx([5.1564, 0.9150, 1.0157, 70.9065], rel=1e-4)


def test_a_long_silence_of_a_frequent_buyer_counts_most():
    """The increasing-frequency paradox of the walkthrough: t_x 20, T 39, 52 weeks."""
    forecast = expected_purchases(FITTED, [10, 20, 25], 20, 39, 52)
    assert forecast == pytest.approx([0.3474606, 0.004158973, 0.0003583685], rel=1e-4)


def test_new_customers_are_forecast_as_published():
    weeks = [0.1429, 1, 3, 31.8571, 32, 78]
    published = [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576]
    assert expected_new(CDNOW, weeks) == pytest.approx(published, rel=0.003, abs=5e-5)
    assert expected_new(FITTED, 52) == pytest.approx(1.444004, rel=1e-5)


def test_the_holdout_forecast_is_the_published_one(cdnow):
    model = bg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T).model
    columns = cdnow.x, cdnow.t_x, cdnow.T
    assert expected_purchases(model, *columns, 39).sum() == pytest.approx(1653.41, abs=0.05)
    assert model.probability_alive(*columns).mean() == pytest.approx(0.8134, abs=1e-4)


def test_counts_of_new_customers_have_the_published_chances():
    assert CDNOW.repeat_probability(10, 2) == pytest.approx(1.07869e-07, rel=1e-5)
    assert CDNOW.repeat_probability(0, 39) == pytest.approx(0.5737864, rel=1e-7)


@pytest.mark.parametrize("wrong", [0, -1, np.nan, np.inf])
def test_a_parameter_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="a must be positive"):
        BgNbd(1, 1, wrong, 1)


@pytest.mark.parametrize("horizon", [-1, np.nan, np.inf])
def test_a_horizon_that_cannot_be_is_refused(horizon):
    with pytest.raises(ValueError, match="horizon"):
        expected_new(CDNOW, horizon)


@pytest.mark.parametrize("rate", [0, -0.1, np.nan, np.inf])
def test_a_value_without_an_end_wants_a_discount_rate(rate):
    with pytest.raises(ValueError, match="discount rate"):
        CDNOW.residual_if_alive(1, 2, rate)


@pytest.mark.parametrize(
    ("model", "x", "T", "t"),
    [
        (BgNbd(0.06, 0.05, 0.0001, 1894), 1, 0.0, 300.0),
        (BgNbd(0.9, 0.1, 0.9, 9000), 0, 0.0, 500.0),
        (BgNbd(1.0, 5.0, 1000, 1000), 0, 10.0, 100.0),
    ],
)
def test_extreme_parameters_agree_with_quadrature_of_the_defining_integral(model, x, T, t):
    """Where SciPy's 2F1 overflows: E[(1 - (1 + p t / (alpha + T))^-(r + x)) / p], p ~ Beta."""
    with mp.workdps(30):
        a, b, shape = mp.mpf(model.a), mp.mpf(model.b) + x, mp.mpf(model.r) + x
        ahead = mp.mpf(t) / (mp.mpf(model.alpha) + T)

        def density_times_purchases(v):
            p = 1 / (1 + mp.exp(-v))
            purchases = -mp.expm1(-shape * mp.log1p(p * ahead)) / p
            return p**a * (1 - p) ** b / mp.beta(a, b) * purchases

        centre = mp.log(a / b)
        width = mp.sqrt(1 / a + 1 / b)
        middle = [centre + step * width for step in range(-12, 13, 6)]
        edges = [centre - 70 / a - 12 * width, *middle, centre + 70 / b + 12 * width]
        wanted = mp.quad(density_times_purchases, edges)
    assert float(model.purchases_if_alive(x, T, t)) == pytest.approx(float(wanted), rel=1e-9)


def test_parameters_out_of_reach_are_an_error_and_not_a_number():
    with pytest.raises(ImpossibleValue, match="out of reach"):
        BgNbd(1e5, 0.01, 1e5, 1e-6).purchases_if_alive(0, 0, 1000)


def test_the_limit_at_a_equal_to_one_is_smooth():
    around = [expected_new(BgNbd(0.5, 5, a, 2), 40) for a in (1 - 1e-9, 1, 1 + 1e-9)]
    assert around[0] >= around[1] >= around[2]
    assert around[0] == pytest.approx(around[2], rel=1e-8)


def test_who_is_alive_later_bought_until_then():
    """The rate of purchases at T + u is P(alive at T + u) times what the survivors buy."""
    x, t_x, T = 3, 20.0, 30.0
    later = np.array([0.0, 5.0, 40.0])
    alive = CDNOW.probability_alive(x, t_x, T, later)
    assert alive[0] == pytest.approx(CDNOW.probability_alive(x, t_x, T), rel=1e-14)
    assert (np.diff(alive) < 0).all()
    with mp.workdps(30):
        exact = [
            mp.hyp2f1(x + 0.243, 0.793, 0.793 + 2.426 + x, -u / (4.414 + T)) for u in later.tolist()
        ]
    assert alive / alive[0] == pytest.approx([float(value) for value in exact], rel=1e-12)


def test_draws_have_the_mean_and_the_spread_of_the_forecast():
    random = np.random.default_rng(11)
    drawn = FITTED.draw_if_alive(np.full(200_000, 2), 30.0, 52.0, random)
    error = drawn.std() / np.sqrt(len(drawn))
    assert abs(drawn.mean() - FITTED.purchases_if_alive(2, 30.0, 52.0)) < 4 * error
    new = FITTED.draw_if_alive(np.zeros(200_000), 0.0, 39.0, random)
    shares = np.bincount(new.astype(int), minlength=6)[:6] / len(new)
    assert shares == pytest.approx(FITTED.repeat_probability(np.arange(6), 39.0), abs=0.005)


def test_weights_count_a_customer_several_times(cdnow):
    weights = np.arange(len(cdnow)) % 3
    repeated = [np.repeat(column, weights) for column in (cdnow.x, cdnow.t_x, cdnow.T)]
    weighted = bg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T, weights)
    plain = bg_nbd.fit(*repeated)
    assert weighted.model.a == pytest.approx(plain.model.a, rel=1e-6)
    assert weighted.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
    assert weighted.standard_errors == pytest.approx(plain.standard_errors, rel=1e-5)


def test_the_sums_of_shards_add_up(cdnow):
    columns = columns_of(cdnow.x, cdnow.t_x, cdnow.T)
    here = np.log([0.3, 5.0, 0.7, 2.0])
    whole = bg_nbd.objective(columns)(here)
    halves = [bg_nbd.objective(columns.where(slice(start, None, 2)))(here) for start in (0, 1)]
    for part, both in zip(whole, zip(*halves, strict=True), strict=True):
        assert sum(both) == pytest.approx(part, rel=1e-11, abs=1e-9)


@given(x=st.integers(0, 500), T=st.floats(0.1, 500), share=st.floats(0, 1))
def test_silence_lowers_the_chance(x, T, share):
    now, later = CDNOW.probability_alive(x, share * T * (x > 0), np.array([T, T + 10]))
    assert 0 <= later <= now <= 1


@given(x=st.integers(0, 300), T=st.floats(0.1, 300), horizon=st.floats(0, 300))
def test_a_longer_horizon_brings_more_but_never_more_than_the_rate_seen(x, T, horizon):
    shorter, longer = CDNOW.purchases_if_alive(x, T, np.array([horizon, horizon + 1]))
    assert 0 <= shorter < longer
    nobody_leaves = (CDNOW.r + x) / (CDNOW.alpha + T) * (horizon + 1)
    assert longer <= nobody_leaves * (1 + 1e-12)


@given(x=st.integers(0, 300), T=st.floats(0.1, 300), rate=st.floats(1e-4, 1))
def test_a_higher_rate_leaves_less_of_a_value_without_an_end(x, T, rate):
    low, high = (float(CDNOW.residual_if_alive(x, T, each)) for each in (rate, 1.1 * rate))
    assert 0 < high < low < (CDNOW.r + x) / (CDNOW.alpha + T) / rate


@given(t=st.floats(0, 100), a=st.floats(0.05, 20), r=st.floats(0.05, 5))
def test_some_count_is_certain(t, a, r):
    chances = BgNbd(r, 10.0, a, 2.0).repeat_probability(np.arange(2_000), t)
    assert (chances >= 0).all()
    assert chances.sum() == pytest.approx(1, abs=1e-9)


def test_an_array_of_customers_gives_what_each_gives_alone():
    x, t_x, T = np.array([0, 3, 3, 40]), np.array([0, 2.0, 9.0, 11.5]), np.array([1, 10, 30, 12])
    together = expected_purchases(CDNOW, x, t_x, T, 26)
    alone = [float(expected_purchases(CDNOW, *each, 26)) for each in zip(x, t_x, T, strict=True)]
    assert together == pytest.approx(alone, rel=1e-12)


def test_many_ages_are_valued_as_each_alone():
    T = np.linspace(0, 120, 300)
    together = CDNOW.residual_if_alive(4, T, 0.0027)
    alone = [float(CDNOW.residual_if_alive(4, age, 0.0027)) for age in T[::30]]
    assert together[::30] == pytest.approx(alone, rel=1e-11)
