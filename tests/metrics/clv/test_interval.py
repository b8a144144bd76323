import numpy as np
import pytest

from metrics.clv.fit import Fit
from metrics.clv.interval import parameter_spread, total_interval
from metrics.clv.models import bg_nbd
from metrics.clv.models.bg_nbd import BgNbd
from metrics.clv.models.purchase_model import expected_purchases


def test_independent_spreads_add_their_variances():
    low, high = total_interval(100, 0.03, 0.04)
    assert (low, high) == pytest.approx((100 * np.exp(-1.6449 * 0.05), 100 * np.exp(1.6449 * 0.05)))


def test_the_parameters_spread_is_the_spread_of_seeded_draws(cdnow):
    fit = bg_nbd.fit(cdnow.x, cdnow.t_x, cdnow.T)
    columns = (cdnow.x[::5], cdnow.t_x[::5], cdnow.T[::5])

    def total(model):
        return float(expected_purchases(model, *columns, 39).sum())

    centre = np.log([fit.model.r, fit.model.alpha, fit.model.a, fit.model.b])
    draws = np.random.default_rng(2).multivariate_normal(centre, fit.covariance, 200)
    scatter = np.std([np.log(total(BgNbd(*np.exp(draw)))) for draw in draws])
    assert parameter_spread(fit, total) == pytest.approx(scatter, rel=0.15)


def test_a_flat_likelihood_has_no_spread_to_give():
    flat = Fit(BgNbd(1, 1, 1, 1), None, None, -1.0, converged=False)
    with pytest.raises(ValueError, match="without covariance"):
        parameter_spread(flat, lambda model: 1.0)
