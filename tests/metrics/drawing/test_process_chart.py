"""Where things stand in the process behaviour chart."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.drawing.process_chart import BOTTOM, TOP, Point, Run, Usual, process_chart
from metrics.drawing.spark import spark

USUAL = Usual(centre=10, lower=5, upper=15, range_limit=6)


def points(*values):
    first = date(2024, 1, 7)
    return [Point(first + timedelta(7 * week), value, "") for week, value in enumerate(values)]


def drawn(*values, usual=USUAL, run=None):
    return process_chart(points(*values), usual, run, lambda value: f"{value:g}")


def heights(chart):
    return [float(dot.y) for dot in chart.dots]


def test_larger_values_stand_higher():
    low, middle, high = heights(drawn(6, 10, 14))
    assert low > middle > high


def test_the_band_lies_between_the_limits():
    chart = drawn(5, 15, 10)
    lower, upper, _ = heights(chart)
    assert float(chart.band.y) == upper
    assert float(chart.band.y) + float(chart.band.height) == lower


def test_a_limit_below_what_can_be_is_not_drawn():
    chart = drawn(1, 2, 3, usual=Usual(centre=2, lower=-4, upper=8, range_limit=7))
    assert chart.band.lower is None
    assert chart.starts_at == ""


def test_an_axis_that_does_not_start_at_zero_says_where_it_starts():
    assert drawn(100, 101).starts_at == ""
    assert drawn(100, 101, usual=None).starts_at == "99.94"


def test_a_limit_close_to_the_centre_is_not_named_over_it():
    chart = drawn(10, 500, usual=Usual(centre=10, lower=9, upper=11, range_limit=2))
    assert (chart.band.upper.label, chart.band.lower.label) == ("", "")
    assert chart.band.centre.label == "10"


def test_the_place_of_a_point_is_its_day_so_that_a_gap_shows():
    first, second, fourth = points(1, 2, 3)
    late = fourth._replace(day=fourth.day + timedelta(7))
    chart = process_chart([first, second, late], None, None, str)
    xs = [float(dot.x.rstrip("%")) for dot in chart.dots]
    assert xs[2] - xs[1] == pytest.approx(2 * (xs[1] - xs[0]), abs=0.02)


def test_a_bracket_spans_its_points_on_the_other_side_of_the_centre():
    chart = drawn(10, 12, 13, run=Run(1, 2, True, "better", "2 in a row above 10", "2 in a row"))
    assert (chart.bracket.x1, chart.bracket.x2) == (chart.dots[1].x, chart.dots[2].x)
    assert float(chart.bracket.y) > float(chart.band.centre.y)


def test_each_change_has_a_bar_and_the_largest_is_the_highest():
    bars = drawn(10, 11, 14, 13).ranges.bars
    assert [float(bar.height) for bar in bars] == [8, 24, 8]


def test_without_points_nothing_is_drawn():
    assert process_chart([], None, None, str) is None
    assert spark([], None) is None


def test_a_small_chart_marks_its_signals_and_else_its_last_point():
    plain = points(9, 10, 11)
    marked = [plain[0]._replace(mark="worse"), *plain[1:]]
    assert [dot.mark for dot in spark(plain, USUAL).dots] == ["last"]
    assert [dot.mark for dot in spark(marked, USUAL).dots] == ["worse"]


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40),
    centre=st.floats(-1e6, 1e6),
    reach=st.floats(0, 1e6),
)
def test_nothing_leaves_the_plot(values, centre, reach):
    usual = Usual(centre, centre - reach, centre + reach, reach)
    chart = drawn(*values, usual=usual)
    assert all(TOP - 0.01 <= y <= BOTTOM + 0.01 for y in heights(chart))
    assert float(chart.band.height) >= 0
