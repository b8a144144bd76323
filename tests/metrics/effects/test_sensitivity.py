"""What can be noticed and when, against worked figures and simulated noise."""

from math import inf, sqrt

import numpy as np
import pytest

from metrics.effects.sensitivity import (
    Fitness,
    Remedy,
    autocorrelation,
    fitness,
    inflation,
    per_arm_of_means,
    per_arm_of_shares,
    periods_to_notice,
    smallest_noticed,
    smallest_that_matters,
    survey_sigma,
    z_sum,
)


def test_the_printed_factors():
    assert z_sum() == pytest.approx(2.8016, abs=1e-4)
    assert inflation(0.5) == pytest.approx(1.73, abs=3e-3)
    assert inflation(0) == 1


def test_customers_needed_in_each_arm():
    assert per_arm_of_shares(0.05, 0.045) == pytest.approx(28_405, abs=1)  # 28,405.1 rounded up
    assert per_arm_of_means(0.2) in {393, 394}


def test_the_smallest_noticed_change_shrinks_with_more_periods_but_not_below_the_baselines_own():
    by_periods = [smallest_noticed(2.0, 24, periods) for periods in (1, 6, 24, inf)]
    assert by_periods == sorted(by_periods, reverse=True)
    assert by_periods[2] == pytest.approx(2.8016 * 2 * sqrt(2 / 24), rel=1e-4)
    assert by_periods[3] == pytest.approx(2.8016 * 2 / sqrt(24), rel=1e-4)


@pytest.mark.parametrize("delta", [1.3, 2.0, 5.0, 50.0])
@pytest.mark.parametrize("phi", [0.0, 0.3])
def test_periods_to_notice_are_the_first_that_suffice(delta, phi):
    needed = periods_to_notice(delta, 2.0, 60, phi)
    assert smallest_noticed(2.0, 60, needed, phi) <= delta * (1 + 1e-9)
    assert needed == 1 or smallest_noticed(2.0, 60, needed - 1, phi) > delta


def test_a_change_smaller_than_the_baselines_own_error_is_never_noticed():
    assert periods_to_notice(1.0, 2.0, 24) is None


def test_four_in_five_changes_of_the_smallest_noticed_size_are_noticed():
    draw = np.random.default_rng(8)
    change = smallest_noticed(1.0, 24, 12)
    before, after = draw.normal(0, 1, (20_000, 24)), draw.normal(change, 1, (20_000, 12))
    z = (after.mean(axis=1) - before.mean(axis=1)) / sqrt(1 / 24 + 1 / 12)
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.80, abs=0.01)


def test_autocorrelation_widens_the_error_of_a_mean_as_it_says():
    draw = np.random.default_rng(3)
    noise = draw.normal(size=(4_000, 260))
    for period in range(1, 260):
        noise[:, period] += 0.5 * noise[:, period - 1]
    settled = noise[:, 60:]
    wider = settled.mean(axis=1).std() * sqrt(200) / settled.std()
    assert wider == pytest.approx(inflation(0.5), rel=0.03)
    found = [autocorrelation(row.tolist()) for row in settled[:200]]
    assert np.mean(found) == pytest.approx(0.5, abs=0.03)
    assert autocorrelation([5.0] * 12) == 0


@pytest.mark.parametrize(
    ("has_signal", "phi", "periods", "expected", "remedy"),
    [
        (False, 0.1, 6, Fitness.BOTH, Remedy.SET_A_TARGET),
        (False, 0.1, 13, Fitness.STABLE_ONLY, Remedy.LENGTHEN),
        (False, -0.1, None, Fitness.STABLE_ONLY, Remedy.LENGTHEN),
        (True, 0.1, 12, Fitness.SENSITIVE_ONLY, Remedy.FIX_FIRST),
        (False, 0.4, 12, Fitness.SENSITIVE_ONLY, Remedy.FIX_FIRST),
        (True, -0.5, None, Fitness.NEITHER, Remedy.WATCH),
    ],
)
def test_the_verdict_and_what_to_do(has_signal, phi, periods, expected, remedy):
    found = fitness(has_signal, phi, periods, horizon=12)
    assert (found, found.what_to_do) == (expected, remedy)


def test_a_survey_of_few_answers_is_less_sure():
    assert survey_sigma(3.0, 20.0, 25) == pytest.approx(5.0)
    assert survey_sigma(3.0, 20.0, inf) == 3.0


def test_the_smallest_change_that_matters_is_money_by_worth():
    assert smallest_that_matters(10_000, -2_000) == 5
    assert smallest_that_matters(10_000, 0) is None


@pytest.mark.parametrize(
    "ask",
    [
        lambda: inflation(1.0),
        lambda: periods_to_notice(0, 1, 24),
        lambda: smallest_noticed(-1, 24, 6),
        lambda: per_arm_of_shares(0.05, 0.05),
        lambda: per_arm_of_means(0),
        lambda: survey_sigma(1, 1, 0),
    ],
)
def test_what_has_no_answer_is_refused(ask):
    with pytest.raises(ValueError, match=r".{10}"):
        ask()
