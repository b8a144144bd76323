"""The process behaviour chart, against printed tables, simulation and plain cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.indicators.steadiness import (
    Direction,
    Limits,
    Rule,
    Verdict,
    judge,
    limits_of,
    median_limits_of,
    periods_to_join,
    signals_in,
    too_few_to_judge,
)

NIST_FLOW_RATES = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
STANDARD = Limits(centre=0.0, lower=-3.0, upper=3.0, mean_range=1.128, range_limit=3.69)
QUIET = [10, 11, 9, 10.5, 9.5, 10, 11, 9, 10.5, 9.5, 10, 11]


def test_the_worked_example_of_the_nist_handbook():
    limits = limits_of(NIST_FLOW_RATES, d2=1.128)
    assert limits.centre == pytest.approx(50.81)
    assert limits.mean_range == pytest.approx(1.8778, rel=1e-4)
    assert (limits.lower, limits.upper) == pytest.approx((45.8159, 55.8041), abs=1e-4)


def test_the_factors_are_the_exact_ones():
    limits = limits_of([0, 1])
    assert limits.upper - limits.centre == pytest.approx(2.6587, abs=1e-4)
    assert limits.range_limit == pytest.approx(3.2665, abs=1e-4)


def test_the_factors_of_the_median_form_are_the_exact_ones():
    limits = median_limits_of([0, 1])
    assert limits.upper - limits.centre == pytest.approx(3.1451, abs=1e-4)
    assert limits.range_limit == pytest.approx(3.8641, abs=1e-4)


def test_a_wild_point_of_the_baseline_widens_all_but_the_median_form():
    wild = [*QUIET, 60, *QUIET]
    assert median_limits_of(wild).upper < 16
    assert limits_of(wild).upper > 20
    assert judge([*wild, 18], Direction.UP, median_limits_of(wild)).verdict is Verdict.BETTER


@pytest.mark.parametrize(
    ("shift", "expected"), [(0, 370.4), (0.5, 155.2), (1, 43.9), (1.5, 15.0), (2, 6.3), (3, 2.0)]
)
def test_with_known_limits_a_point_outside_comes_as_often_as_theory_says(shift, expected):
    values = (
        np.random.default_rng(20).normal(shift, 1, min(300_000, int(1_000 * expected))).tolist()
    )
    outside = [one for one in signals_in(values, STANDARD) if one.rule is Rule.OUTSIDE]
    points = sum(len(signal.points) for signal in outside)
    assert len(values) / points == pytest.approx(expected, rel=0.08)


def test_under_twelve_points_there_are_no_limits_and_no_verdict():
    judged = judge(QUIET[:11], Direction.UP)
    assert (judged.verdict, judged.limits) == (Verdict.LITTLE, None)


def test_up_to_24_points_the_last_one_is_judged_by_all_others():
    assert judge(QUIET, Direction.UP).baseline == 11
    assert judge(QUIET * 2, Direction.UP).baseline == 23
    assert judge([*QUIET * 2, 10], Direction.UP).baseline == 24


def test_late_points_do_not_move_the_limits():
    calm, wild = (
        judge(QUIET * 2 + [10] * 6, Direction.UP),
        judge(QUIET * 2 + [50] * 6, Direction.UP),
    )
    assert calm.limits == wild.limits


@pytest.mark.parametrize(
    ("direction", "verdict"), [("up", "better"), ("down", "worse"), ("none", "signal")]
)
def test_a_point_above_the_limits_means_what_the_direction_says(direction, verdict):
    judged = judge([*QUIET, 30], Direction(direction))
    assert judged.verdict is Verdict(verdict)
    assert (judged.current.rule, judged.current.points) == (Rule.OUTSIDE, (12,))


def test_a_point_below_the_limits_of_a_metric_that_should_be_high_is_worse():
    assert judge([*QUIET, 1], Direction.UP).verdict is Verdict.WORSE


def test_eight_in_a_row_on_one_side_are_a_signal_and_seven_are_not():
    level = judge(QUIET * 2, Direction.UP).limits.centre
    seven = judge([*QUIET * 2, *[level - 1, *[level + 0.4] * 7]], Direction.UP)
    eight = judge([*QUIET * 2, *[level - 1, *[level + 0.4] * 8]], Direction.UP)
    assert seven.verdict is Verdict.NOISE
    assert (eight.current.rule, eight.current.points) == (Rule.ONE_SIDE, tuple(range(25, 33)))


def test_a_point_on_the_centre_ends_a_row():
    values = [1, 1, 1, 1, 0, 1, 1, 1, 1]
    assert not signals_in(values, STANDARD)


def test_three_of_four_near_the_same_limit_are_a_signal_without_the_one_between():
    (signal,) = signals_in([0, 2, -1, 2, 2, 0], STANDARD)
    assert (signal.rule, signal.points, signal.is_above) == (Rule.NEAR_LIMIT, (1, 3, 4), True)


def test_points_near_different_limits_are_no_signal():
    assert not signals_in([2, -2, 2, -2, 2, -2], STANDARD)


def test_a_signal_that_ended_more_than_four_points_ago_is_not_the_verdict():
    old = judge([*QUIET * 2, 30, 10, 11, 9, 10], Direction.UP)
    assert (old.verdict, old.current, len(old.signals)) == (Verdict.NOISE, None, 1)
    assert judge([*QUIET * 2, 30, 10, 11, 9], Direction.UP).verdict is Verdict.BETTER


def test_of_several_signals_the_latest_gives_the_verdict():
    assert judge([*QUIET * 2, 30, 1], Direction.UP).verdict is Verdict.WORSE


@given(value=st.floats(-1e9, 1e9), count=st.integers(12, 60))
def test_what_never_changes_is_never_a_signal(value, count):
    assert judge([value] * count, Direction.UP).verdict is Verdict.NOISE


SERIES = st.lists(st.integers(-1000, 1000), min_size=12, max_size=60)


@given(values=SERIES, factor=st.integers(1, 50), shift=st.integers(-1000, 1000))
def test_the_verdict_does_not_depend_on_the_unit(values, factor, shift):
    there = judge([factor * value + shift for value in values], Direction.UP)
    here = judge(values, Direction.UP)
    assert (there.verdict, there.signals) == (here.verdict, here.signals)


@given(values=SERIES)
def test_upside_down_better_becomes_worse(values):
    turned = judge([-value for value in values], Direction.DOWN)
    assert turned.verdict is judge(values, Direction.UP).verdict


def first_alarm(phi: float, rules: set[Rule], periods: int, draw: np.random.Generator) -> int:
    """Periods until limits from 24 points first speak, though nothing happens; else one more."""
    noise = draw.standard_normal(24 + periods)
    noise[0] /= np.sqrt(1 - phi**2)
    for place in range(1, len(noise)):
        noise[place] += phi * noise[place - 1]
    values = noise.tolist()
    signals = signals_in(values[24:], limits_of(values[:24]))
    needed = {Rule.OUTSIDE: 0, Rule.ONE_SIDE: 7, Rule.NEAR_LIMIT: 2}
    found = [one.points[needed[one.rule]] + 1 for one in signals if one.rule in rules]
    return min(found, default=periods + 1)


@pytest.mark.parametrize(
    ("phi", "rules", "expected", "periods"),
    [(0, {Rule.OUTSIDE}, 180, 300), (0, set(Rule), 50, 100), (0.5, set(Rule), 10, 30)],
)
def test_false_alarms_come_as_often_as_was_simulated(phi, rules, expected, periods):
    draw = np.random.default_rng(27)
    waits = [first_alarm(phi, rules, periods, draw) for _ in range(800)]
    assert np.median(waits) == pytest.approx(expected, rel=0.15)


LOCKED = Limits(centre=10.0, lower=7.0, upper=13.0, mean_range=1.128, range_limit=3.69)


def test_a_locked_baseline_judges_every_point_however_few():
    judged = judge([10, 14], Direction.UP, LOCKED)
    assert (judged.verdict, judged.limits, judged.baseline) == (Verdict.BETTER, LOCKED, 0)
    assert judge([], Direction.UP, LOCKED).verdict is Verdict.LITTLE


def test_a_locked_baseline_does_not_move_with_the_points():
    wild = [30, 2] * 12
    assert judge(wild, Direction.UP, LOCKED).signals[0].points[0] == 0
    assert not judge(wild, Direction.UP).signals


@pytest.mark.parametrize(
    ("values", "rule", "confirmed_at"),
    [
        ([0, 4, 0], Rule.OUTSIDE, 1),
        ([1] * 8, Rule.ONE_SIDE, None),
        ([1] * 8 + [-1], Rule.ONE_SIDE, None),
        ([1] * 9, Rule.ONE_SIDE, 8),
        ([0, 2, -1, 2, 2, 0], Rule.NEAR_LIMIT, None),
        ([0, 2, -1, 2, 2, 2], Rule.NEAR_LIMIT, 5),
        ([2, 2, 2, 0, 2, 0], Rule.NEAR_LIMIT, None),
        ([2, 2, 2, 0, 2, 2], Rule.NEAR_LIMIT, 5),
    ],
)
def test_a_pattern_is_confirmed_by_the_next_period_and_a_point_outside_at_once(
    values, rule, confirmed_at
):
    signal = next(one for one in signals_in(values, STANDARD) if one.rule is rule)
    assert signal.confirmed_at == confirmed_at


def test_few_events_a_period_call_for_longer_periods():
    assert too_few_to_judge([4, 3, 2, 3])
    assert not too_few_to_judge([10, 12, 9])
    assert periods_to_join([4, 3, 2, 3]) == 4
    assert periods_to_join([10, 12, 9]) == 1
    assert periods_to_join([0, 0]) == float("inf")
