"""Spending, returns and mixes, against worked figures."""

import numpy as np
import pytest

from metrics.effects.allocation import Response, best_plan, minimum_variance, return_on
from metrics.effects.simple_formula import equity_formula

KEEPING = Response(ceiling=0.9, k=0.5, heads=10_000)


def kept(rates):
    return equity_formula(10_000, 100, rates[0], 0.12)


def test_the_best_retention_spending_of_the_worked_example():
    found = best_plan([KEEPING], kept)
    assert found.spend[0] == pytest.approx(13.88, abs=0.01)
    assert found.rates[0] == pytest.approx(0.8991, abs=1e-4)
    assert found.net == pytest.approx(3_932_023, abs=2)


def test_past_the_knee_more_spending_loses_money():
    net = [kept([float(KEEPING.rate(s))]) - 10_000 * s for s in (5, 13.88, 30, 60)]
    assert net[0] < net[1] > net[2] > net[3]


def test_a_budget_is_spent_and_not_more():
    found = best_plan([KEEPING], kept, budget=50_000)
    assert found.spend[0] == pytest.approx(5.0, rel=1e-6)


def test_two_levers_under_a_budget_earn_the_same_by_the_last_coin():
    getting = Response(ceiling=0.2, k=0.1, heads=20_000)

    def value(rates):
        return equity_formula(10_000, 100, rates[0], 0.12, A=20_000 * rates[1])

    found = best_plan([KEEPING, getting], value, budget=150_000)
    assert 10_000 * found.spend[0] + 20_000 * found.spend[1] == pytest.approx(150_000, rel=1e-6)
    assert np.all(found.spend > 0.1)

    def with_more(place):
        spend = found.spend.copy()
        spend[place] += 0.001
        rates = np.array([KEEPING.rate(spend[0]), getting.rate(spend[1])])
        return (value(rates) - value(found.rates)) / [10, 20][place]

    assert with_more(0) == pytest.approx(with_more(1), rel=0.01)


def test_a_lever_that_never_pays_gets_nothing():
    found = best_plan([Response(ceiling=0.9, k=0.5, heads=10_000)], lambda rates: 100 * rates[0])
    assert (found.spend[0], found.net) == (pytest.approx(0, abs=1e-6), pytest.approx(0, abs=1))
    assert best_plan([KEEPING], kept, budget=0).net == 0


def test_the_return_of_the_published_airline_case():
    assert return_on(101.29, 70) == pytest.approx(0.447, abs=1e-4)
    assert pytest.approx(101.3, abs=0.02) == 70 * (1 + 0.447)
    with pytest.raises(ValueError, match="above 0"):
        return_on(1, 0)


def test_the_steadiest_mix_of_two_segments():
    assert minimum_variance([[4, 0.5], [0.5, 1]]) == pytest.approx([0.125, 0.875])


def test_nobody_can_owe_customers_so_no_weight_is_negative():
    covariance = np.array([[4.0, 1.8, 0.2], [1.8, 1.0, 0.1], [0.2, 0.1, 2.0]])
    assert np.linalg.solve(covariance, np.ones(3)).min() < 0
    found = minimum_variance(covariance)
    assert found[0] == pytest.approx(0, abs=1e-6)
    assert found[1:] == pytest.approx(minimum_variance(covariance[1:, 1:]), abs=1e-4)


def test_a_covariance_that_is_none_is_refused():
    with pytest.raises(ValueError, match="positive definite"):
        minimum_variance([[1, 2], [2, 1]])
