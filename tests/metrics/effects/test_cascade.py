"""A target handed down, against the closed form and by what no better answer may do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.effects.cascade import JointCap, cascade
from metrics.effects.roll_up import Arrow, spread


def test_two_metrics_without_bounds_share_by_their_worth():
    found = cascade([10, 5], [1, 1], 100)
    assert found.steps == pytest.approx([8, 4])
    assert found.is_possible


def test_money_and_efforts_may_be_of_any_size():
    found = cascade([131_250, 17_398], [4, 0.5], 1e6, headroom=[1e9, 1e9])
    assert found.steps[1] / found.steps[0] == pytest.approx(17_398 / 131_250 * 4 / 0.5)
    assert found.reached == pytest.approx(1e6)


def test_what_has_no_more_room_leaves_the_rest_to_the_others():
    found = cascade([10, 5], [1, 1], 100, headroom=[6, 50])
    assert found.steps == pytest.approx([6, 8], rel=1e-6)
    assert found.reached == pytest.approx(100)


def test_too_little_room_gives_the_most_there_is_and_says_so():
    found = cascade([10, 5], [1, 1], 100, headroom=[6, 3])
    assert found.steps == pytest.approx([6, 3])
    assert (found.reached, found.is_possible) == (pytest.approx(75), False)


def test_metrics_that_share_a_parent_are_capped_together():
    # Both move satisfaction, by 0.5 and 0.8; it has room for 2 points.
    cap = JointCap({0: 0.5, 1: 0.8}, most=2.0)
    found = cascade([10, 16, 3], [1, 1, 1], 70, caps=[cap])
    assert 0.5 * found.steps[0] + 0.8 * found.steps[1] == pytest.approx(2.0, abs=1e-6)
    assert found.steps[2] == pytest.approx(10, rel=1e-6)  # 40 come by satisfaction, 30 are left
    assert found.steps[1] / found.steps[0] == pytest.approx(1.6, rel=1e-4)


def test_a_parent_without_room_stops_its_children():
    found = cascade([10, 5], [1, 1], 100, headroom=[50, 50], caps=[JointCap({0: 1.0}, most=0.0)])
    assert found.steps == pytest.approx([0, 20], abs=1e-6)


def test_a_metric_whose_cautious_worth_is_on_the_wrong_side_gets_no_step():
    arrows = [Arrow("sure", "top", 5, 0.5), Arrow("unsure", "top", 1, 4.0)]
    cautious = [one.cautious for one in spread(arrows, "top").values()]
    assert cautious[0] == pytest.approx(5 - 0.6745 * 0.5, abs=0.02)
    assert cautious[1] < 0
    found = cascade(cautious, [1, 1], 10)
    assert found.steps == pytest.approx([10 / cautious[0], 0])


def test_where_nothing_is_worth_anything_nothing_is_possible():
    found = cascade([0, -1], [1, 1], 10)
    assert (found.steps.tolist(), found.is_possible) == ([0, 0], False)


@pytest.mark.parametrize("wrong", [([1], [0], 1), ([1], [1], 0)])
def test_impossible_questions_are_refused(wrong):
    with pytest.raises(ValueError, match="above 0"):
        cascade(*wrong)


@settings(max_examples=40, deadline=None)
@given(
    worth=st.lists(st.floats(0.1, 1e5), min_size=2, max_size=6),
    share=st.floats(0.05, 0.95),
    data=st.data(),
)
def test_the_answer_reaches_the_target_and_equalises_effort_where_there_is_room(worth, share, data):
    count = len(worth)
    effort = data.draw(st.lists(st.floats(0.1, 10), min_size=count, max_size=count))
    room = data.draw(st.lists(st.floats(0.1, 100), min_size=count, max_size=count))
    target = share * float(np.dot(worth, room))
    found = cascade(worth, effort, target, headroom=room)
    assert found.reached == pytest.approx(target, rel=1e-5)
    assert np.all(found.steps >= -1e-9)
    assert np.all(found.steps <= np.array(room) * (1 + 1e-9))
    # A step's marginal effort by worth is one price for all with room, and no less for the rest.
    price = np.array(effort) * found.steps / worth
    free = found.steps < np.array(room) * (1 - 1e-6)
    assert np.all(price[~free] <= price[free].max(initial=np.inf if not free.any() else 0) * 1.001)
    assert np.ptp(price[free]) <= 1e-3 * price[free].max() if free.any() else True
