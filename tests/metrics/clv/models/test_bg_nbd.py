"""Published numbers, fifty-digit arithmetic and properties of the BG/NBD model."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clv.models import bg_nbd
from metrics.clv.models.bg_nbd import BgNbd
from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.clv.models.purchase_model import expected_new, expected_purchases

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426)

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


def test_the_gradient_is_the_slope_of_the_likelihood(cdnow):
    objective = bg_nbd._objective(cdnow.x, cdnow.t_x, cdnow.T)
    here = np.log([0.4, 6.0, 0.5, 2.0])
    slope = [
        (objective(here + move)[0] - objective(here - move)[0]) / 2e-5 for move in 1e-5 * np.eye(4)
    ]
    assert objective(here)[1] == pytest.approx(slope, rel=1e-6)


def test_the_standard_errors_cover_what_the_bootstrap_found(cdnow):
    """Two hundred bootstrap copies gave 95 % ranges of r 0.215-0.273 and alpha 3.53-5.39."""
    errors = bg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T).standard_errors
    assert errors["r"] == pytest.approx((0.273 - 0.215) / 3.92, rel=0.2)
    assert errors["alpha"] == pytest.approx((5.39 - 3.53) / 3.92, rel=0.3)


def test_customers_are_forecast_as_published():
    alive = CDNOW.probability_alive(*CUSTOMERS)
    assert alive == pytest.approx([0.726579, 0.212101, 1, 0.968916], abs=1e-6)
    in_39 = expected_purchases(CDNOW, *CUSTOMERS, 39)
    assert in_39 == pytest.approx([1.226028, 0.203187, 0.195098, 20.749726], rel=1e-5)
    in_52 = expected_purchases(CDNOW, *CUSTOMERS, 52)
    assert in_52 == pytest.approx([1.558721, 0.259823, 0.252073, 25.758196], rel=1e-5)


def test_a_long_silence_of_a_frequent_buyer_counts_most():
    """The increasing-frequency paradox of the walkthrough: t_x 20, T 39, 52 weeks."""
    fitted = BgNbd(0.2425945, 4.4136019, 0.7929199, 2.4258881)
    forecast = expected_purchases(fitted, [10, 20, 25], 20, 39, 52)
    assert forecast == pytest.approx([0.3474606, 0.004158973, 0.0003583685], rel=1e-4)


def test_new_customers_are_forecast_as_published():
    weeks = [0.1429, 1, 3, 31.8571, 32, 78]
    published = [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576]
    assert expected_new(CDNOW, weeks) == pytest.approx(published, rel=0.003, abs=5e-5)
    fitted = BgNbd(0.2425945, 4.4136019, 0.7929199, 2.4258881)
    assert expected_new(fitted, 52) == pytest.approx(1.444004, rel=1e-5)


@pytest.mark.parametrize("wrong", [0, -1, np.nan, np.inf])
def test_a_parameter_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="a must be positive"):
        BgNbd(1, 1, wrong, 1)


@pytest.mark.parametrize("horizon", [-1, np.nan, np.inf])
def test_a_horizon_that_cannot_be_is_refused(horizon):
    with pytest.raises(ValueError, match="horizon"):
        expected_new(CDNOW, horizon)


def random_points(count, seed):
    draw = np.random.default_rng(seed)
    for number in range(count):
        r, alpha = 10 ** draw.uniform(-1.3, 0.7), 10 ** draw.uniform(-1, 2)
        a, b = 10 ** draw.uniform(-2, 1), 10 ** draw.uniform(-1.5, 2)
        x = int(draw.choice([0, 0, 1, 2, 5, 20, 100, 500, 2000]))
        T = draw.uniform(1, 300)
        t_x = T * draw.choice([0.001, draw.uniform(), 1]) * (x > 0)
        yield (
            BgNbd(r, alpha, 1.0 if number % 7 == 0 else a, b),
            x,
            t_x,
            T,
            10 ** draw.uniform(-1, 2.7),
        )


def exact(model, x, t_x, T, t):
    """log-likelihood, P(alive) and expected purchases by the papers' formulas, to 50 digits."""
    with mp.workdps(50):
        r, alpha, a, b, t_x, T, t = map(mp.mpf, (model.r, model.alpha, model.a, model.b, t_x, T, t))
        a += mp.mpf(10) ** -30 if a == 1 else 0
        stayed = (alpha + T) ** -(r + x)
        left = a / (b + x - 1) * (alpha + t_x) ** -(r + x) if x else mp.mpf(0)
        log_likelihood = (
            mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)
            + mp.log(mp.beta(a, b + x) / mp.beta(a, b)) + mp.log(stayed + left)
        )  # fmt: skip
        alive = stayed / (stayed + left)
        gauss = mp.hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + T + t))
        growth = 1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * gauss
        return log_likelihood, alive, alive * (a + b + x - 1) / (a - 1) * growth


@pytest.mark.parametrize("seed", [1, 2])
def test_random_histories_agree_with_fifty_digits(seed):
    for model, x, t_x, T, t in random_points(100, seed):
        log_likelihood, alive, purchases = exact(model, x, t_x, T, t)
        found = bg_nbd.log_likelihood(model, [x], [t_x], [T])
        assert found == pytest.approx(float(log_likelihood), rel=1e-11, abs=1e-9)
        assert float(model.probability_alive(x, t_x, T)) == pytest.approx(
            float(alive), rel=1e-10, abs=1e-300
        )
        assert float(expected_purchases(model, x, t_x, T, t)) == pytest.approx(
            float(purchases), rel=1e-10, abs=1e-300
        )


@pytest.mark.parametrize(
    ("model", "x", "T", "t"),
    [
        (BgNbd(0.06, 0.05, 0.0001, 1894), 1, 0.0, 300.0),
        (BgNbd(3.1, 0.05, 21.8, 3289), 1, 0.0, 120.0),
        (BgNbd(6.3, 2.0, 557.1, 158.4), 3, 9.0, 40.0),
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


def test_an_array_of_customers_gives_what_each_gives_alone():
    x, t_x, T = np.array([0, 3, 3, 40]), np.array([0, 2.0, 9.0, 11.5]), np.array([1, 10, 30, 12])
    together = expected_purchases(CDNOW, x, t_x, T, 26)
    alone = [float(expected_purchases(CDNOW, *each, 26)) for each in zip(x, t_x, T, strict=True)]
    assert together == pytest.approx(alone, rel=1e-12)
