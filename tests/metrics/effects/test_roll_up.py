"""Total effects, their spread and their timing, against hand-made maps and matrix algebra."""

from graphlib import CycleError
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.effects.roll_up import (
    Arrow,
    arrival,
    doubt,
    product_spread,
    second_order,
    spread,
    total_effects,
)
from metrics.effects.routes import double_routes, routes

TOY = [
    Arrow("late", "satisfaction", -0.4),
    Arrow("billing", "satisfaction", -0.3),
    Arrow("satisfaction", "retention", 0.2),
    Arrow("late", "retention", -0.05),
    Arrow("retention", "clv", 5.0, exact=True),
]
DELIVERIES = [
    Arrow("late", "satisfaction", -0.5, 0.15, (30, 30)),
    Arrow("satisfaction", "retention", 0.25, 0.10, (90, 90)),
    Arrow("retention", "clv", 131_250, exact=True),
]
SEARS = [
    Arrow("attitude", "impression", 1.3 / 5, 0.08),
    Arrow("impression", "revenue", 0.5 / 1.3, 0.12),
]


@st.composite
def maps(draw):
    """Arrows that only lead from a number to a higher one; the highest is the top."""
    size = draw(st.integers(2, 8))
    pairs = [(low, high) for high in range(size) for low in range(high)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=20))
    slopes = st.floats(-3, 3).filter(lambda slope: abs(slope) > 1e-3)
    return size, [Arrow(low, high, draw(slopes)) for low, high in chosen]


def test_the_toy_map_adds_both_ways_of_late_deliveries():
    effects = total_effects(TOY, "clv")
    assert effects["late"] == pytest.approx(-0.65)
    assert effects["billing"] == pytest.approx(-0.30)
    assert "clv" not in effects


@given(maps())
def test_the_effect_is_the_matrix_inverse_and_the_sum_over_all_ways(drawn):
    size, arrows = drawn
    slopes = np.zeros((size, size))
    for arrow in arrows:
        slopes[arrow.parent, arrow.child] = arrow.slope
    inverse = np.linalg.inv(np.eye(size) - slopes)
    effects = total_effects(arrows, size - 1)
    for node in range(size - 1):
        ways = list(routes(arrows, node, size - 1))
        assert (node in effects) == bool(ways)
        by_ways = sum(prod(arrow.slope for arrow in way) for way in ways)
        assert effects.get(node, 0.0) == pytest.approx(by_ways, rel=1e-9, abs=1e-9)
        assert effects.get(node, 0.0) == pytest.approx(inverse[-1, node], rel=1e-9, abs=1e-9)


def test_a_circle_is_refused_and_named():
    with pytest.raises(CycleError) as refused:
        total_effects([*TOY, Arrow("clv", "late", 1.0)], "clv")
    assert set(refused.value.args[1]) >= {"late", "clv"}


def test_two_arrows_between_the_same_metrics_would_count_twice():
    with pytest.raises(ValueError, match="late to satisfaction"):
        total_effects([*TOY, Arrow("late", "satisfaction", -0.4)], "clv")


def test_a_risk_acts_by_way_of_the_discount_rate():
    stable = Arrow("stable_share", "discount", -0.0206, 0.0165)
    arrows = [*TOY, stable, Arrow("discount", "clv", -93_750, exact=True)]
    assert total_effects(arrows, "clv")["stable_share"] == pytest.approx(1931.25)


@pytest.mark.parametrize(
    "wrong",
    [
        {"slope": float("nan")},
        {"slope": 1, "se": -0.1},
        {"slope": 1, "se": 0.1, "exact": True},
        {"slope": 1, "lag_days": (30, 10)},
    ],
)
def test_an_impossible_arrow_is_refused(wrong):
    with pytest.raises(ValueError, match=r"slope|standard error|lag"):
        Arrow("a", "b", **wrong)


def test_the_late_deliveries_of_the_notes():
    mean, se = product_spread(0.5 * 131_250, 0.15 * 131_250, 0.25, 0.10)
    assert (mean, se) == pytest.approx((16_406, 8_436), rel=1e-4)
    one_less = spread(DELIVERIES, "clv", draws=200_000)["late"].times(-1)
    assert one_less.effect == pytest.approx(16_406.25)
    assert (one_less.low, one_less.high) == pytest.approx((4_329, 31_594), rel=0.03)


def test_the_chain_of_sears_and_its_interval():
    assert total_effects(SEARS, "revenue")["attitude"] == pytest.approx(0.100, abs=1e-3)
    assert product_spread(0.26, 0.08, 0.3846, 0.12)[1] == pytest.approx(0.0449, abs=1e-4)
    whole = spread(SEARS, "revenue", draws=200_000, ends=(0.025, 0.975))["attitude"]
    assert (whole.low, whole.high) == pytest.approx((0.026, 0.200), rel=0.03)


def test_draws_spread_as_the_delta_formula_says():
    found = spread(SEARS, "revenue", draws=200_000, ends=(0.1587, 0.8413))["attitude"]
    assert (found.high - found.low) / 2 == pytest.approx(0.0449, rel=0.03)


def test_what_is_exact_has_no_spread():
    found = spread(TOY, "clv")["retention"]
    assert (found.is_exact, found.low, found.right_sign) == (True, 5.0, 1.0)


def test_another_links_change_leaves_an_interval_as_it_is():
    alone = spread(DELIVERIES, "clv", draws=500)["late"]
    beside = [Arrow("billing", "satisfaction", -0.7, 0.25), *DELIVERIES]
    assert spread(beside, "clv", draws=500)["late"] == alone


def test_a_step_downward_turns_the_interval_round():
    up = spread(DELIVERIES, "clv", draws=2_000)["late"]
    down = up.times(-2)
    assert (down.low, down.high) == (-2 * up.high, -2 * up.low)
    assert 0 < down.low < down.cautious < down.middle < down.high
    assert down.right_sign == up.right_sign > 0.98


def test_the_doubt_rests_on_the_link_that_is_known_worst():
    first, second = doubt(DELIVERIES, "clv", "late")
    assert (first.arrow.child, second.arrow.child) == ("satisfaction", "late")
    # Known exactly, what is left is a straight multiple of the other: 0.5 x 0.10, 0.25 x 0.15.
    whole = np.hypot(np.hypot(0.05, 0.0375), 0.015)
    assert first.share == pytest.approx(1 - 0.0375 / whole, abs=0.03)
    assert second.share == pytest.approx(1 - 0.05 / whole, abs=0.03)
    assert doubt(DELIVERIES, "clv", "retention") == []


def test_a_metric_without_a_way_has_no_doubt_and_no_arrival():
    for ask in (doubt, arrival):
        with pytest.raises(ValueError, match="weather has no way"):
            ask(DELIVERIES, "clv", "weather")


def test_lags_along_a_way_add_up():
    found = arrival(DELIVERIES, "clv", "late")
    assert found.shares.tolist() == [0, 0, 0, 0, 1]
    assert found.half_by == 4


def test_what_comes_the_same_period_is_there_at_once():
    found = arrival(DELIVERIES, "clv", "retention")
    assert (found.shares.tolist(), found.half_by) == ([1.0], 0)


def test_a_lag_range_is_spread_evenly_and_ways_arrive_by_their_weight():
    arrows = [
        Arrow("a", "top", 3.0, lag_days=(0, 0)),
        Arrow("a", "b", 1.0, lag_days=(1, 304)),
        Arrow("b", "top", 1.0),
    ]
    shares = arrival(arrows, "top", "a").shares
    assert shares[0] == pytest.approx(0.75)
    assert shares[5] == pytest.approx(0.75 + 0.25 * 152 / 304)
    assert (len(shares), shares[-1]) == (11, pytest.approx(1.0))


def test_later_money_is_worth_less():
    found = arrival([Arrow("a", "top", 1.0, lag_days=(365, 365))], "top", "a")
    assert found.discounted(0.12) == pytest.approx(1 / 1.12, rel=1e-6)


def test_ways_that_cancel_have_no_arrival():
    arrows = [
        Arrow("a", "top", 1.0),
        Arrow("a", "b", -1.0, lag_days=(9, 9)),
        Arrow("b", "top", 1.0),
    ]
    with pytest.raises(ValueError, match="cancel"):
        arrival(arrows, "top", "a")


def test_a_straight_line_is_off_where_the_top_is_curved():
    found = second_order(lambda step: (3 + step) ** 2, step=2.0, slope=6.0)
    assert (found.linear, found.exact, found.gap) == (12, 16, 4)


def test_ways_that_meet_by_belief_are_flagged_once_where_they_first_meet():
    (found,) = double_routes(TOY, "clv")
    assert (found.child, found.parent) == ("late", "retention")
    assert set(found.last) == {"late", "satisfaction"}


def test_ways_that_meet_in_a_definition_are_not_flagged():
    arrows = [
        Arrow("trouble", "cost", 0.3),
        Arrow("trouble", "retention", -0.1),
        Arrow("cost", "clv", -10, exact=True),
        Arrow("retention", "clv", 5, exact=True),
    ]
    assert double_routes(arrows, "clv") == []


def test_ways_that_all_pass_one_metric_are_flagged_only_up_to_it():
    arrows = [
        Arrow("release", "defects", 1.0), Arrow("release", "trouble", 1.0),
        Arrow("defects", "satisfaction", -1.0), Arrow("trouble", "satisfaction", -1.0),
        Arrow("satisfaction", "nps", 1.0), Arrow("satisfaction", "retention", 1.0),
        Arrow("nps", "top", 1.0), Arrow("retention", "top", 1.0),
    ]  # fmt: skip
    pairs = {(one.child, one.parent) for one in double_routes(arrows, "top")}
    assert pairs == {("release", "satisfaction"), ("satisfaction", "top")}


def test_a_belief_below_what_moves_nothing_is_in_no_doubt():
    arrows = [Arrow("a", "b", 2.0, se=0.5), Arrow("b", "top", 0.0, exact=True)]
    assert doubt(arrows, "top", "a") == []


def test_half_has_come_when_it_is_there_to_stay():
    ways = [Arrow("a", "top", 2.0), Arrow("a", "b", -4.0, lag_days=(31, 31)),
            Arrow("b", "top", 1.0), Arrow("a", "c", 3.0, lag_days=(200, 200)),
            Arrow("c", "top", 1.0)]  # fmt: skip
    assert arrival(ways, "top", "a").half_by == 7
