"""Less noisy effects, against worked figures and simulation."""

import numpy as np
import pytest

from metrics.effects.shrinkage import cuped, positive_part_james_stein


def test_the_worked_example():
    shrunk = positive_part_james_stein([3, 1, -1, 2, 0, 1], 1)
    assert shrunk == pytest.approx([2.25, 0.75, -0.75, 1.5, 0, 0.75])


def test_effects_within_their_noise_shrink_to_nothing_and_two_stay_as_they_are():
    assert positive_part_james_stein([0.5, -0.5, 0.1, 0.2], 1).tolist() == [0, 0, 0, 0]
    assert positive_part_james_stein([0.5, -0.5], 1).tolist() == [0.5, -0.5]
    assert positive_part_james_stein([0, 0, 0], 1).tolist() == [0, 0, 0]


def test_shrunk_effects_are_nearer_the_truth():
    draw = np.random.default_rng(4)
    truth = draw.normal(0, 0.7, (2_000, 8))
    seen = truth + draw.normal(size=truth.shape)
    shrunk = np.array([positive_part_james_stein(row, 1) for row in seen])
    assert np.sum((shrunk - truth) ** 2) < 0.6 * np.sum((seen - truth) ** 2)


def test_effects_measured_with_other_errors_shrink_by_their_own_measure():
    same = positive_part_james_stein([3, 10, -1, 2], [1, 10, 1, 1])
    assert same == pytest.approx((1 - 2 / 15) * np.array([3, 10, -1, 2]))


def test_an_error_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        positive_part_james_stein([1, 2, 3], 0)


def test_history_takes_out_rho_squared_of_the_variance_and_keeps_the_mean():
    draw = np.random.default_rng(12)
    before = draw.normal(10, 1, 200_000)
    after = 0.7 * before + np.sqrt(1 - 0.7**2) * draw.normal(size=before.size)
    found = cuped(after, before)
    assert found.variance_left == pytest.approx(0.51, abs=0.006)
    assert found.theta == pytest.approx(0.7, abs=0.01)
    assert found.values.mean() == pytest.approx(after.mean())


def test_a_history_that_says_nothing_changes_nothing():
    found = cuped([1.0, 2.0, 4.0], [3.0, 3.0, 3.0])
    assert (found.values.tolist(), found.theta) == ([1.0, 2.0, 4.0], 0.0)
    assert found.variance_left == pytest.approx(1.0)


def test_a_customer_without_history_is_refused():
    with pytest.raises(ValueError, match="each with an outcome"):
        cuped([1, 2, 3], [1, 2])
