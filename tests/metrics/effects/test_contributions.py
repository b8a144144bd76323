"""Changes in parts that add up, against worked figures and for all inputs."""

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.effects.contributions import (
    DoesNotAddUp,
    Lead,
    Segment,
    by_leads,
    lmdi,
    of_product,
    rate_and_mix,
    shapley,
)

BEFORE = {"customers": 1_000, "frequency": 4.0, "order value": 50, "margin": 0.30}
AFTER = {"customers": 1_100, "frequency": 3.8, "order value": 55, "margin": 0.32}
CHURN = (
    {"small": Segment(800, 2.0), "large": Segment(200, 10.0)},
    {"small": Segment(600, 1.8), "large": Segment(400, 9.5)},
)


def test_lmdi_of_the_worked_example():
    parts = lmdi(BEFORE, AFTER)
    assert list(parts.values()) == pytest.approx(
        [6_343.24, -3_413.76, 6_343.24, 4_295.28], abs=6e-3
    )
    assert sum(parts.values()) == pytest.approx(13_568)


def test_shapley_of_the_worked_example():
    parts = shapley(BEFORE, AFTER)
    assert list(parts.values()) == pytest.approx(
        [6_346.17, -3_423.83, 6_346.17, 4_299.50], abs=6e-3
    )
    assert sum(parts.values()) == pytest.approx(13_568)


def test_shapley_of_a_formula_that_is_no_product():
    parts = shapley({"a": 1, "b": 2}, {"a": 3, "b": 5}, formula=lambda x: x[0] * x[1] + x[0])
    assert parts == pytest.approx({"a": (6 + 12) / 2, "b": (3 + 9) / 2})


FACTORS = st.lists(st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)), min_size=1, max_size=5)


@given(FACTORS)
def test_both_add_up_and_agree_in_sign_for_any_factors(pairs):
    before, after = ({str(i): pair[side] for i, pair in enumerate(pairs)} for side in (0, 1))
    change = prod(after.values()) - prod(before.values())
    size = max(prod(after.values()), prod(before.values()))
    for parts in (lmdi(before, after), shapley(before, after)):
        assert sum(parts.values()) == pytest.approx(change, rel=1e-6, abs=1e-9 * size)
        for name, part in parts.items():
            assert part * (after[name] - before[name]) >= 0


@pytest.mark.parametrize("tiny", [0.0, 1e-15, 1e-10, 1e-6])
def test_hardly_any_change_is_split_too(tiny):
    parts = lmdi({"a": 3.0, "b": 2.0}, {"a": 6.0, "b": 1.0 + tiny})
    assert parts == pytest.approx({"a": 4.158883, "b": -4.158883}, abs=1e-5)
    assert sum(parts.values()) == pytest.approx(6 * tiny, abs=1e-14)


def test_a_factor_of_zero_needs_shapley():
    sold_out = {**AFTER, "frequency": 0.0}
    with pytest.raises(ValueError, match="above 0"):
        lmdi(BEFORE, sold_out)
    assert of_product(BEFORE, sold_out) == shapley(BEFORE, sold_out)
    assert of_product(BEFORE, AFTER) == lmdi(BEFORE, AFTER)


@pytest.mark.parametrize("split", [lmdi, shapley])
def test_parts_that_are_not_the_reported_change_are_refused(split):
    assert split(BEFORE, AFTER, change=13_568.0)
    with pytest.raises(DoesNotAddUp, match=r"13568, the change is 14000"):
        split(BEFORE, AFTER, change=14_000.0)


def test_other_factors_before_than_after_are_refused():
    with pytest.raises(ValueError, match="same factors"):
        lmdi(BEFORE, {"customers": 1})


def test_every_segment_got_better_while_the_whole_got_worse():
    found = rate_and_mix(*CHURN, change=4.88 - 3.60)
    assert (found.rate_effect, found.mix_effect) == pytest.approx((-0.29, 1.57))
    assert max(found.rate.values()) < 0
    # More of the many that leave, and less of the few, both worsen the mix.
    assert min(found.mix.values()) > 0


def test_a_new_segment_is_all_mix():
    found = rate_and_mix(
        {"old": Segment(100, 5.0)}, {"old": Segment(50, 5.0), "new": Segment(50, 9.0)}
    )
    assert found.rate == {"old": 0.0, "new": 0.0}
    assert found.mix_effect == pytest.approx(2.0)


def test_a_ratio_that_is_reported_otherwise_is_refused():
    with pytest.raises(DoesNotAddUp):
        rate_and_mix(*CHURN, change=1.0)


def test_leading_links_say_what_was_expected_and_what_is_unexplained():
    leads = {
        "late": Lead({1: -0.5}, [2.0, -1.0, 0.0]),
        "billing": Lead({0: -0.3, 2: -0.2}, [1.0, 0.0, 4.0]),
    }
    found = by_leads(leads, actual=-1.5)
    assert found.parts == pytest.approx({"late": 0.5, "billing": -1.4})
    assert (found.expected, found.unexplained) == pytest.approx((-0.9, -0.6))


@pytest.mark.parametrize("changes", [[1.0], [float("nan"), 1.0]])
def test_a_child_that_is_not_known_far_enough_back_is_refused(changes):
    with pytest.raises(DoesNotAddUp):
        by_leads({"late": Lead({1: -0.5}, changes)}, actual=1.0)
