"""Simulated populations: the engine must find what made them."""

import numpy as np
import pytest

from benchmarks.population import BUYING, LAST_DAY, SPENDING, simulate
from metrics.clv.appraisal import appraise
from metrics.clv.models import bg_nbd, gamma_gamma


@pytest.mark.parametrize("seed", [1, 2])
def test_the_parameters_that_made_the_purchases_are_found(seed):
    x, t_x, T, mean_spend = simulate(20_000, seed).histories()
    for fit, truth in [
        (bg_nbd.fit(x, t_x, T), BUYING),
        (gamma_gamma.fit(x, mean_spend), SPENDING),
    ]:
        assert fit.converged
        for name, value in truth.items():
            error = fit.standard_errors[name]
            assert abs(getattr(fit.model, name) - value) < 3.5 * error < 0.35 * value


def test_a_forecast_of_simulated_customers_comes_true():
    population = simulate(8_000, 3)
    until = LAST_DAY - 7 * 26
    appraisal = appraise(
        population.customer, population.day, population.amount, until=until, holdout_until=LAST_DAY
    )
    assert appraisal.holdout.forecast == pytest.approx(appraisal.holdout.actual, rel=0.05)
    assert appraisal.holdout.mae < appraisal.holdout.naive_mae
    assert np.abs(appraisal.tracking.expected / appraisal.tracking.actual - 1)[-26:].max() < 0.05
