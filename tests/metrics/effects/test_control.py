"""Who moves a metric, against simulated departments and markets."""

import numpy as np
import pytest

from metrics.effects.control import Declared, Gate, gate, outside_share, own_part, response_rate

PERIODS = 60


@pytest.fixture
def market():
    return np.random.default_rng(5).normal(size=PERIODS).cumsum()


@pytest.fixture
def own():
    return np.random.default_rng(6).normal(size=PERIODS).cumsum()


def test_a_metric_that_the_market_moves_is_mostly_outside(market, own):
    found = outside_share(3 * market + own, market)
    # Changes have variance 9 from outside and 1 of its own.
    assert found.share == pytest.approx(0.9, abs=0.05)
    assert found.control_share == pytest.approx(1 - found.share)
    assert found.slopes == pytest.approx([3], abs=0.3)
    assert found.changes == PERIODS - 1


def test_a_metric_of_its_own_is_not_outside_however_many_factors_are_tried(own):
    noise = np.random.default_rng(7).normal(size=(PERIODS, 10)).cumsum(axis=0)
    plain = np.corrcoef(np.diff(own), np.diff(noise[:, 0]))[0, 1] ** 2
    assert outside_share(own, noise).share < 0.15
    assert plain < 0.15


def test_on_average_chance_alone_explains_nothing():
    draw = np.random.default_rng(9)
    shares = [
        outside_share(*(draw.normal(size=(40, k)).cumsum(axis=0).squeeze() for k in (1, 5))).share
        for _ in range(200)
    ]
    assert np.median(shares) < 0.02


def test_under_24_changes_nothing_is_said(market, own):
    assert outside_share(own[:24], market[:24]) is None
    assert outside_share(own[:25], market[:25]) is not None


def test_a_gap_takes_both_its_changes_out(market, own):
    own[10] = np.nan
    assert outside_share(own, market).changes == PERIODS - 3


def test_more_factors_than_changes_say_nothing(own):
    factors = np.random.default_rng(1).normal(size=(30, 40))
    assert outside_share(own[:30], factors) is None


def test_a_metric_that_stands_still_is_not_moved_from_outside(market):
    assert outside_share(np.full(PERIODS, 7.0), market).share == 0


def test_the_owner_is_scored_on_what_the_market_did_not_do(market, own):
    values = 50 + 3 * market + own
    left = own_part(values, market, outside_share(values, market))
    assert left[0] == values[0]
    assert np.diff(left) == pytest.approx(np.diff(own), abs=1.5)
    assert abs(np.corrcoef(np.diff(left), np.diff(market))[0, 1]) < 1e-9


def test_the_first_period_has_to_be_known(market, own):
    found = outside_share(own, market)
    market[0] = np.nan
    with pytest.raises(ValueError, match="first period"):
        own_part(own, market, found)


def test_a_factor_of_other_length_is_refused(market, own):
    with pytest.raises(ValueError, match="one value a period"):
        outside_share(own, market[1:])


@pytest.mark.parametrize(
    ("declared", "has_lever", "control", "waived", "expected"),
    [
        ("none", True, 0.9, True, Gate.NOT_THEIRS),
        ("full", False, 0.9, True, Gate.NO_LEVER),
        ("shared", True, None, False, Gate.OPEN),
        ("full", True, 0.3, False, Gate.OPEN),
        ("full", True, 0.29, False, Gate.MOVED_FROM_OUTSIDE),
        ("full", True, 0.29, True, Gate.WAIVED),
    ],
)
def test_a_target_needs_control_a_lever_and_data_that_do_not_object(
    declared, has_lever, control, waived, expected
):
    found = gate(Declared(declared), has_lever, control, waived)
    assert found is expected
    assert found.is_open == (expected in {Gate.OPEN, Gate.WAIVED})


def test_how_often_the_metric_answered():
    assert response_rate([True, False, False, True]) == 0.5
    assert response_rate([]) is None
