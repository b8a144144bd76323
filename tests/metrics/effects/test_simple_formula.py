"""The plain retention formula, against the figures of the base case and of the literature."""

import pytest
from simpleeval import simple_eval

from metrics.effects.roll_up import second_order
from metrics.effects.simple_formula import elasticities, equity_formula, gradient, multiple

BASE = {"N": 10_000, "m": 100, "r": 0.80, "d": 0.12, "A": 2_000, "c": 40}


def moved(**steps):
    return equity_formula(**{name: BASE[name] + steps.get(name, 0) for name in BASE})


def test_a_written_formula_gives_the_first_term():
    names = {"n": 10_000, "m": 100, "r": 0.8, "d": 0.12}
    assert simple_eval("n*m*r/(1+d-r)", names=names) == pytest.approx(2_500_000)
    assert equity_formula(10_000, 100, 0.8, 0.12) == pytest.approx(2_500_000)


@pytest.mark.parametrize(
    ("steps", "change"),
    [({"r": 0.01}, 135_484), ({"r": 0.05}, 777_778), ({"m": 1}, 32_000), ({"A": 1}, 310),
     ({"c": 1}, -2_000), ({"d": 0.01}, -90_909), ({}, 0)],
)  # fmt: skip
def test_a_step_from_the_base_case(steps, change):
    assert moved() == pytest.approx(3_120_000)
    assert moved(**steps) - moved() == pytest.approx(change, abs=0.6)


@pytest.mark.parametrize(("r", "value"), [(0.70, 2_120_000), (0.80, 3_120_000), (0.90, 5_029_091)])
def test_the_scenarios_of_the_base_case(r, value):
    assert equity_formula(**{**BASE, "r": r}) == pytest.approx(value, abs=0.6)


def test_the_gradient_is_what_tiny_steps_give():
    for name, slope in gradient(**BASE).items():
        tiny = 1e-5 * BASE[name]
        two_sided = (moved(**{name: tiny}) - moved(**{name: -tiny})) / (2 * tiny)
        assert slope == pytest.approx(two_sided, rel=1e-6)


@pytest.mark.parametrize(
    ("points", "linear", "exact"), [(1, 131_250, 135_484), (5, 656_250, 777_778)]
)
def test_large_steps_of_retention_are_worth_more_than_the_slope_says(points, linear, exact):
    slope = gradient(**BASE)["r"] / 100
    found = second_order(lambda step: moved(r=step / 100), points, slope)
    assert (found.linear, found.exact) == pytest.approx((linear, exact), abs=0.6)
    assert found.gap == pytest.approx(exact - linear, abs=1.1)


@pytest.mark.parametrize(
    ("r", "times", "retention"),
    [(0.60, 1.154, 2.15), (0.70, 1.667, 2.67), (0.75, 2.027, 3.03), (0.80, 2.500, 3.50),
     (0.85, 3.148, 4.15), (0.90, 4.091, 5.09), (0.94, 5.222, 6.22)],
)  # fmt: skip
def test_multiples_and_elasticities_at_a_rate_of_12_per_cent(r, times, retention):
    found = elasticities(r, 0.12)
    assert multiple(r, 0.12) == pytest.approx(times, abs=6e-4)
    assert found["r"] == pytest.approx(retention, abs=6e-3)
    assert found["m"] == 1
    assert found["r"] / -found["d"] == pytest.approx(9.33, abs=0.01)


@pytest.mark.parametrize(("r", "gain"), [(0.70, 0.225), (0.80, 0.275), (0.90, 0.407)])
def test_five_points_of_retention_gain_more_the_higher_it_is(r, gain):
    assert multiple(r + 0.05, 0.10) / multiple(r, 0.10) - 1 == pytest.approx(gain, abs=6e-4)


@pytest.mark.parametrize(("r", "d"), [(1.2, 0.3), (-0.1, 0.1), (1.0, 0.0), (0.5, float("nan"))])
def test_rates_without_a_finite_value_are_refused(r, d):
    with pytest.raises(ValueError, match="retention"):
        equity_formula(1, 1, r, d)
