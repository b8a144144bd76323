"""Simulated populations: the engine must find what made them, and know how surely."""

import os
from collections import Counter

import numpy as np
import pytest

from benchmarks.population import BUYING, LAST_DAY, SPENDING, simulate
from metrics.clv.appraisal import appraise
from metrics.clv.models import bg_nbd, gamma_gamma, mbg_nbd, nbd, pareto_nbd

POPULATIONS = 400 if "CLVSITE_PROVE" in os.environ else 100
CUSTOMERS, WEEKS = 800, 104.0


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
        population.customer, population.day, population.amount,
        until=until, tests=((until, LAST_DAY),), model="bg_nbd",
    )  # fmt: skip
    holdout, tracking = appraisal.findings.holdout, appraisal.findings.tracking
    assert holdout.forecast == pytest.approx(holdout.actual, rel=0.05)
    assert holdout.mae < holdout.naive_mae
    assert np.abs(tracking.expected / tracking.actual - 1)[-26:].max() < 0.05
    assert 0.9 <= appraisal.findings.coverage <= 0.99


def purchases_of(model, draw):
    """x, t_x and T of customers who live by one of the models, from first principles.

    Times are rounded to a quarter of a day, as tables of times are what makes a fit fast.
    """
    T = np.ceil(draw.uniform(0.25 * WEEKS, WEEKS, CUSTOMERS) * 28) / 28
    rate = draw.gamma(model.r, 1 / model.alpha, CUSTOMERS)
    ends, leaving = T.copy(), np.zeros(CUSTOMERS)
    if isinstance(model, pareto_nbd.ParetoNbd):
        ends = np.minimum(T, draw.exponential(1 / draw.gamma(model.s, 1 / model.beta, CUSTOMERS)))
    elif not isinstance(model, nbd.Nbd):
        leaving = draw.beta(model.a, model.b, CUSTOMERS)
    x, t_x, clock = np.zeros(CUSTOMERS), np.zeros(CUSTOMERS), np.zeros(CUSTOMERS)
    active = np.arange(CUSTOMERS)
    if isinstance(model, mbg_nbd.MbgNbd):
        active = active[draw.random(CUSTOMERS) > leaving]
    while len(active):
        clock[active] += draw.exponential(1 / rate[active])
        active = active[clock[active] < ends[active]]
        x[active] += 1
        t_x[active] = clock[active]
        active = active[draw.random(len(active)) > leaving[active]]
    return x, np.round(t_x * 28) / 28, T


@pytest.mark.parametrize(
    ("fit", "model"),
    [
        (bg_nbd.fit, bg_nbd.BgNbd(0.8, 6.0, 0.8, 2.5)),
        (mbg_nbd.fit, mbg_nbd.MbgNbd(0.8, 6.0, 0.8, 2.5)),
        (pareto_nbd.fit, pareto_nbd.ParetoNbd(0.8, 6.0, 0.8, 20.0)),
        (nbd.fit, nbd.Nbd(0.8, 6.0)),
    ],
    ids=["BG/NBD", "MBG/NBD", "Pareto/NBD", "NBD"],
)
def test_intervals_of_95_in_100_hold_the_truth_in_90_to_99(fit, model):
    """On the log scale, where the fit's covariance is."""
    held = Counter()
    for seed in range(POPULATIONS):
        found = fit(*purchases_of(model, np.random.default_rng([seed, 7])))
        if found.covariance is None:
            continue
        held["fits"] += 1
        errors = np.sqrt(np.diag(found.covariance))
        for (name, value), error in zip(found.parameters.items(), errors, strict=True):
            held[name] += abs(np.log(value / getattr(model, name))) < 1.96 * error
    assert held["fits"] >= 0.95 * POPULATIONS
    shares = {name: held[name] / held["fits"] for name in found.parameters}
    assert all(0.90 <= share <= 0.99 for share in shares.values()), shares
    assert all(share >= 0.80 for share in shares.values()), shares


def test_spend_intervals_of_95_in_100_hold_the_truth_in_90_to_99():
    held = Counter()
    for seed in range(POPULATIONS):
        draw = np.random.default_rng([seed, 8])
        x = draw.geometric(0.25, CUSTOMERS)
        level = draw.gamma(4.0, 1 / 15.0, CUSTOMERS)
        found = gamma_gamma.fit(x, draw.gamma(6.0 * x, 1 / level) / x)
        errors = np.sqrt(np.diag(found.covariance))
        for (name, value), error in zip(found.parameters.items(), errors, strict=True):
            held[name] += abs(np.log(value / SPENDING[name])) < 1.96 * error
    shares = {name: held[name] / POPULATIONS for name in SPENDING}
    assert all(0.90 <= share <= 0.99 for share in shares.values()), shares
