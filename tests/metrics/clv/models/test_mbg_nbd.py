"""Published numbers and properties of the MBG/NBD model; fifty digits: test_reference.py."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clv.models import mbg_nbd
from metrics.clv.models.mbg_nbd import MbgNbd
from metrics.clv.models.purchase_model import expected_new, expected_purchases

CDNOW = MbgNbd(0.525, 6.183, 0.891, 1.614)

# x, t_x, T of customers 1, 2, 3 and 1516
CUSTOMERS = np.array([(2, 30.43, 38.86), (1, 1.71, 38.86), (0, 0, 38.86), (26, 30.86, 31.00)]).T


def test_the_fit_finds_the_published_parameters(cdnow):
    fit = mbg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T)
    found = (fit.model.r, fit.model.alpha, fit.model.a, fit.model.b)
    assert found == pytest.approx((0.52484, 6.18309, 0.89136, 1.61400), abs=2e-5)
    assert fit.log_likelihood == pytest.approx(-9582.1357, abs=1e-4)
    assert fit.converged


def test_the_likelihood_is_the_published_one(cdnow):
    value = mbg_nbd.log_likelihood(CDNOW, cdnow.x, cdnow.t_x, cdnow.T)
    assert value == pytest.approx(-9582.135826, abs=1e-6)


def test_customers_are_forecast_as_published():
    alive = CDNOW.probability_alive(*CUSTOMERS)
    assert alive == pytest.approx([0.706202, 0.170836, 0.389735, 0.965566], abs=1e-6)
    in_39 = expected_purchases(CDNOW, *CUSTOMERS, 39)
    assert in_39 == pytest.approx([1.262961, 0.188837, 0.154013, 19.450723], rel=1e-5)
    in_52 = expected_purchases(CDNOW, *CUSTOMERS, 52)
    assert in_52 == pytest.approx([1.597217, 0.240132, 0.197706, 24.003923], rel=1e-5)


def test_new_customers_may_leave_at_once(cdnow):
    fitted = mbg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T).model
    assert expected_new(fitted, 52) == pytest.approx(1.41888, rel=1e-5)
    assert CDNOW.probability_alive(0, 0, 0) == pytest.approx(1.614 / (1.614 + 0.891))


def test_the_holdout_forecast_is_the_published_one(cdnow):
    model = mbg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T).model
    columns = cdnow.x, cdnow.t_x, cdnow.T
    assert expected_purchases(model, *columns, 39).sum() == pytest.approx(1576.73, abs=0.05)
    assert model.probability_alive(*columns).mean() == pytest.approx(0.4487, abs=1e-4)


def test_the_sum_over_counts_is_the_forecast_of_a_new_customer():
    counts = np.arange(3_000)
    chances = CDNOW.repeat_probability(counts, 30.0)
    assert chances.sum() == pytest.approx(1, abs=1e-9)
    assert (counts * chances).sum() == pytest.approx(expected_new(CDNOW, 30.0), rel=1e-6)


def test_draws_have_the_mean_of_the_forecast():
    random = np.random.default_rng(12)
    drawn = CDNOW.draw_if_alive(np.full(100_000, 3), 30.0, 52.0, random)
    error = drawn.std() / np.sqrt(len(drawn))
    assert abs(drawn.mean() - CDNOW.purchases_if_alive(3, 30.0, 52.0)) < 4 * error


def test_the_fit_finds_the_parameters_that_made_the_purchases():
    draw = np.random.default_rng(4)
    histories = [one_history(draw, MbgNbd(1.2, 8.0, 0.7, 2.5)) for _ in range(12_000)]
    fit = mbg_nbd.fit(*np.transpose(histories))
    for name, truth in {"r": 1.2, "alpha": 8.0, "a": 0.7, "b": 2.5}.items():
        error = fit.standard_errors[name]
        assert abs(getattr(fit.model, name) - truth) < 3.5 * error < 0.5 * truth


def one_history(draw, model):
    """Purchase by purchase, from the story that the model tells."""
    rate, leaving = draw.gamma(model.r, 1 / model.alpha), draw.beta(model.a, model.b)
    x, clock, last, T = 0, 0.0, 0.0, draw.uniform(20, 60)
    while draw.random() > leaving:
        clock += draw.exponential(1 / rate)
        if clock > T:
            break
        x, last = x + 1, clock
    return x, last, T


@given(x=st.integers(0, 500), T=st.floats(0.1, 500), share=st.floats(0, 1))
def test_silence_lowers_the_chance(x, T, share):
    now, later = CDNOW.probability_alive(x, share * T * (x > 0), np.array([T, T + 10]))
    assert 0 <= later <= now < 1


@given(x=st.integers(0, 300), T=st.floats(0.1, 300), rate=st.floats(1e-4, 1))
def test_a_higher_rate_leaves_less_of_a_value_without_an_end(x, T, rate):
    low, high = (float(CDNOW.residual_if_alive(x, T, each)) for each in (rate, 1.1 * rate))
    assert 0 < high < low < (CDNOW.r + x) / (CDNOW.alpha + T) / rate
