"""What every likelihood and its way up must hold to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.clv.fit import SMALLEST, Sums, climb, highest_peak, uphill
from metrics.clv.models import bg_nbd, gamma_gamma, mbg_nbd, nbd
from metrics.clv.models.columns import Columns, alive_of, columns_of, if_alive_by_place

FAMILIES = [bg_nbd.FAMILY, mbg_nbd.FAMILY, nbd.FAMILY]


def some_columns(seed, weights=False):
    draw = np.random.default_rng(seed)
    x = draw.choice([0, 0, 1, 2, 5, 30, 300], 60)
    T = np.round(draw.uniform(0.1, 80, 60), 1)
    t_x = np.where(x > 0, T * draw.uniform(size=60), 0)
    return columns_of(x, t_x, T, draw.uniform(0, 3, 60) if weights else None)


def assert_slope_and_curvature_are_differences(objective, here):
    sums, moves = objective(here), 1e-5 * np.eye(len(here))
    sides = [(objective(here + move), objective(here - move)) for move in moves]
    slope = np.array([(up.value - down.value) / 2e-5 for up, down in sides])
    curvature = np.array([(up.slope - down.slope) / 2e-5 for up, down in sides])
    size = max(1.0, float(np.abs(sums.curvature).max()), abs(sums.value))
    assert sums.slope == pytest.approx(slope, rel=1e-5, abs=1e-8 * size)
    assert sums.curvature == pytest.approx(curvature, rel=1e-5, abs=1e-8 * size)
    assert sums.curvature == pytest.approx(sums.curvature.T, rel=1e-12)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.key)
@given(seed=st.integers(0, 99), logs=st.lists(st.floats(-4, 4), min_size=4, max_size=4))
@settings(max_examples=25, deadline=None)
def test_gradient_and_hessian_are_differences_of_the_likelihood(family, seed, logs):
    objective = family.objective(some_columns(seed, weights=seed % 2 == 1))
    assert_slope_and_curvature_are_differences(objective, np.array(logs[: len(family.parameters)]))


@given(seed=st.integers(0, 99), logs=st.lists(st.floats(-3, 4), min_size=3, max_size=3))
@settings(max_examples=25, deadline=None)
def test_those_of_the_spend_model_are_too(seed, logs):
    draw = np.random.default_rng(seed)
    weights = draw.uniform(0, 3, 50) if seed % 2 else None
    objective = gamma_gamma.objective(draw.integers(1, 90, 50), draw.gamma(2, 20, 50), weights)
    assert_slope_and_curvature_are_differences(objective, np.array(logs))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.key)
@given(seed=st.integers(0, 99), tens=st.lists(st.floats(-6, 5), min_size=4, max_size=4))
@settings(max_examples=25, deadline=None)
def test_nothing_overflows_wherever_parameters_are_looked_for(family, seed, tens):
    point = np.log(10.0) * np.array(tens[: len(family.parameters)])
    sums = family.objective(some_columns(seed))(point)
    assert np.isfinite(sums.value)
    assert np.isfinite(sums.slope).all()
    assert np.isfinite(sums.curvature).all()


def test_the_value_of_a_row_does_not_depend_on_the_others():
    columns = some_columns(3)
    point = np.log([0.5, 7.0, 0.8, 2.0])
    together = bg_nbd.objective(columns)(point).value
    alone = [bg_nbd.objective(columns.where(slice(row, row + 1)))(point).value for row in range(60)]
    assert sum(alone) == pytest.approx(together, rel=1e-13)


def parabola(point):
    away = point - np.log([2.0, 3.0])
    return Sums(-float(away @ away), -2 * away, -2 * np.eye(2))


def test_a_parabola_is_climbed_in_one_step():
    steps = climb(np.log([1.0, 1.0]))
    second = steps.send(parabola(next(steps)))
    with pytest.raises(StopIteration) as end:
        steps.send(parabola(second))
    peak = end.value.value
    assert peak.parameters == pytest.approx([2, 3], rel=1e-12)
    assert peak.errors_of(["a", "b"])["b"] == pytest.approx(3 * np.sqrt(0.5))


def test_a_likelihood_that_ends_at_an_edge_has_not_converged_and_no_error():
    def falling(point):
        return Sums(-float(point[0]), np.array([-1.0]), np.zeros((1, 1)))

    peak = uphill(falling, np.zeros(1))
    assert peak.parameters == pytest.approx([SMALLEST])
    assert not peak.converged
    assert peak.covariance is None


def test_the_highest_of_several_peaks_is_taken():
    def two_hills(point):
        hills = [(2.0, 1.0), (-2.0, 3.0)]
        weights = [high * np.exp(-((point[0] - at) ** 2) / 2) for at, high in hills]
        away = [at - point[0] for at, _ in hills]
        slope = sum(weight * far for weight, far in zip(weights, away, strict=True))
        bend = sum(weight * (far**2 - 1) for weight, far in zip(weights, away, strict=True))
        return Sums(sum(weights), np.array([slope]), np.array([[bend]]))

    peak = highest_peak(two_hills, two_hills, np.exp([[1.5], [-1.5]]))
    assert peak.log_parameters == pytest.approx([-2], abs=0.01)


@pytest.mark.parametrize("step", [1.0, 7.0, 1.7])
def test_columns_give_back_the_histories(step):
    draw = np.random.default_rng(1)
    T = draw.integers(1, 700, 5_000) / step
    x = draw.poisson(2, 5_000)
    t_x = np.where(x > 0, np.floor(T * step * draw.uniform(size=5_000)) / step, 0)
    columns = columns_of(x, t_x, T)
    assert np.array_equal(columns.counts[columns.x], x)
    assert np.array_equal(columns.times[columns.t_x], t_x)
    assert np.array_equal(columns.times[columns.T], T)
    assert (np.diff(columns.times) > 0).all()
    some = columns.every(7)
    assert np.array_equal(some.times[some.T], T[::7])
    assert columns.tally().repeats @ columns.times == pytest.approx((x * T).sum())


@pytest.mark.parametrize("step", [7.0, 1e9])
def test_customers_are_counted_with_and_without_a_table_alike(step):
    draw = np.random.default_rng(2)
    x, T = draw.poisson(2, 3_000), np.floor(draw.uniform(1, 90, 3_000) * step) / step
    columns = columns_of(x, np.zeros(3_000) + T * (x > 0), T, draw.integers(0, 4, 3_000))
    tally = columns.tally()
    assert tally.customers.sum() == tally.joined.sum() == columns.customers
    assert tally.customers @ columns.counts == pytest.approx(tally.repeats.sum())
    assert tally.repeats @ columns.times == pytest.approx((x * T * columns.weights).sum())


@pytest.mark.parametrize("step", [7.0, 1e9])
def test_values_of_pairs_reach_their_customers(step):
    draw = np.random.default_rng(3)
    x, T = draw.poisson(2, 20_000), np.floor(draw.uniform(1, 90, 20_000) * step) / step
    asked = []

    def value_of(x, T):
        asked.append(len(x))
        return 1000 * x + T

    columns = columns_of(x, T * (x > 0), T)
    assert np.array_equal(if_alive_by_place(columns, value_of), 1000 * x + T)
    assert asked == [len(np.unique(np.stack([x, T]), axis=1).T)]
    model = bg_nbd.BgNbd(0.243, 4.414, 0.793, 2.426)
    alive = alive_of(model, columns)
    assert np.array_equal(alive, model.probability_alive(x, T * (x > 0), T))


def test_weights_must_not_be_negative():
    with pytest.raises(ValueError, match="weights must be zero or more"):
        columns_of([0, 1], [0, 1], [2, 2], [1, -1])


def test_no_customers_are_columns_too():
    empty = columns_of([], [], [])
    assert isinstance(empty, Columns)
    assert len(empty) == 0
    assert bg_nbd.objective(empty)(np.zeros(4)).value == 0
