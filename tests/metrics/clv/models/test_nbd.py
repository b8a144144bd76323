import mpmath as mp
import numpy as np
import pytest

from benchmarks.population import simulate
from metrics.clv.models import bg_nbd, nbd
from metrics.clv.models.bg_nbd import BgNbd
from metrics.clv.models.nbd import Nbd, rising
from metrics.clv.models.purchase_model import InfiniteHorizon, expected_new, expected_purchases


def test_nbd_is_the_limit_of_bg_nbd_without_drop_out(cdnow):
    stays = BgNbd(0.4, 12.0, 1e-14, 1.0)
    with_limit = bg_nbd.log_likelihood(stays, cdnow.x, cdnow.t_x, cdnow.T)
    plain = nbd.log_likelihood(Nbd(0.4, 12.0), cdnow.x, cdnow.t_x, cdnow.T)
    assert plain == pytest.approx(with_limit, rel=1e-9)
    assert expected_new(Nbd(0.4, 12.0), 52) == pytest.approx(expected_new(stays, 52), rel=1e-6)


def test_the_fit_finds_the_parameters_that_made_the_purchases():
    draw = np.random.default_rng(5)
    T = draw.uniform(20, 60, 20_000)
    x = draw.poisson(T * draw.gamma(0.8, 1 / 12.0, len(T)))
    fit = nbd.fit(x, np.where(x > 0, T, 0), T)
    assert fit.converged
    assert abs(fit.model.r - 0.8) < 3 * fit.standard_errors["r"] < 0.08
    assert abs(fit.model.alpha - 12) < 3 * fit.standard_errors["alpha"] < 1.2


def test_nobody_leaves_and_everybody_goes_on_at_the_rate_seen():
    model = Nbd(2.0, 10.0)
    assert model.probability_alive([0, 5], [0, 1], [90, 90], 10).tolist() == [1, 1]
    assert expected_purchases(model, [0, 5], [0, 1], 90, 50) == pytest.approx([1, 3.5])


def test_a_value_without_an_end_is_refused_in_words():
    with pytest.raises(InfiniteHorizon, match="choose a horizon"):
        Nbd(2.0, 10.0).residual_if_alive(1, 2, 0.1)


def test_counts_and_draws_of_new_customers_follow_the_negative_binomial():
    model = Nbd(2.0, 10.0)
    assert model.repeat_probability(np.arange(500), 20.0).sum() == pytest.approx(1, abs=1e-12)
    assert model.repeat_probability([0, 1], 0.0).tolist() == [1, 0]
    assert model.repeat_probability(2, 20.0) == pytest.approx(3 * (1 / 3) ** 2 * (2 / 3) ** 2)
    drawn = model.draw_if_alive(np.full(100_000, 3), 10.0, 20.0, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(model.purchases_if_alive(3, 10.0, 20.0), rel=0.01)


@pytest.mark.parametrize("last", [500.0, 9_999.0, 10_001.0, 1e7])
def test_rising_factorials_are_exact_summed_and_by_gamma_functions(last):
    with mp.workdps(40):
        base = mp.mpf(0.37)
        exact = [mp.loggamma(base + last) - mp.loggamma(base)]
        exact += [mp.psi(order, base + last) - mp.psi(order, base) for order in (0, 1)]
    found = [each[-1] for each in rising(0.37, np.array([0.0, 1.0, last]))]
    assert found == pytest.approx([float(value) for value in exact], rel=1e-13)


def test_the_standard_errors_have_the_spread_of_many_fits():
    """Fits on ten disjoint tenths of a population scatter as the errors say they should."""
    x, t_x, T, _ = simulate(10_000, 3).histories()
    fits = [nbd.fit(x[tenth::10], t_x[tenth::10], T[tenth::10]) for tenth in range(10)]
    scatter = np.std([fit.model.r for fit in fits], ddof=1)
    stated = np.mean([fit.standard_errors["r"] for fit in fits])
    assert 0.4 < scatter / stated < 2
