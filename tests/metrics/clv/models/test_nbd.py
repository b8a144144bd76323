import mpmath as mp
import numpy as np
import pytest

from benchmarks.population import simulate
from metrics.clv.models import bg_nbd, nbd
from metrics.clv.models.bg_nbd import BgNbd
from metrics.clv.models.nbd import Nbd
from metrics.clv.models.purchase_model import expected_new, expected_purchases


def test_nbd_is_the_limit_of_bg_nbd_without_drop_out(cdnow):
    stays = BgNbd(0.4, 12.0, 1e-14, 1.0)
    with_limit = bg_nbd.log_likelihood(stays, cdnow.x, cdnow.t_x, cdnow.T)
    plain = nbd.log_likelihood(Nbd(0.4, 12.0), cdnow.x, cdnow.T)
    assert plain == pytest.approx(with_limit, rel=1e-9)
    assert expected_new(Nbd(0.4, 12.0), 52) == pytest.approx(expected_new(stays, 52), rel=1e-6)


def test_the_likelihood_agrees_with_fifty_digits():
    with mp.workdps(50):
        r, alpha = mp.mpf(0.7), mp.mpf(9.5)
        exact = sum(
            mp.log(mp.gamma(r + x) / mp.gamma(r) * alpha**r / (alpha + T) ** (r + x))
            for x, T in [(0, 3), (4, 10), (150, 52)]
        )
    assert nbd.log_likelihood(Nbd(0.7, 9.5), [0, 4, 150], [3, 10, 52]) == pytest.approx(
        float(exact), rel=1e-13
    )


def test_the_fit_finds_the_parameters_that_made_the_purchases():
    draw = np.random.default_rng(5)
    T = draw.uniform(20, 60, 20_000)
    x = draw.poisson(T * draw.gamma(0.8, 1 / 12.0, len(T)))
    fit = nbd.fit(x, T)
    assert fit.converged
    assert abs(fit.model.r - 0.8) < 3 * fit.standard_errors["r"] < 0.08
    assert abs(fit.model.alpha - 12) < 3 * fit.standard_errors["alpha"] < 1.2


def test_nobody_leaves_and_everybody_goes_on_at_the_rate_seen():
    model = Nbd(2.0, 10.0)
    assert model.probability_alive([0, 5], [0, 1], [90, 90]).tolist() == [1, 1]
    assert expected_purchases(model, [0, 5], [0, 1], 90, 50) == pytest.approx([1, 3.5])


def test_the_standard_errors_have_the_spread_of_many_fits():
    """Fits on ten disjoint tenths of a population scatter as the errors say they should."""
    x, _, T, _ = simulate(10_000, 3).histories()
    fits = [nbd.fit(x[tenth::10], T[tenth::10]) for tenth in range(10)]
    scatter = np.std([fit.model.r for fit in fits], ddof=1)
    stated = np.mean([fit.standard_errors["r"] for fit in fits])
    assert 0.4 < scatter / stated < 2
