"""The drawings of the valuation page: contest, gain curve, doubts and tests, as geometry."""

from math import exp, log

import pytest

from metrics.drawing.value.contest import contest_of, drawn_tests, frequency_table
from metrics.drawing.value.doubts import doubts_of
from metrics.drawing.value.gain import gain_curve
from metrics.models import Contender, GainPoint, HoldoutFrequency, HoldoutTest


def contender(model, deviance, forecast=100.0, **more):
    return Contender(model=model, deviance=deviance, forecast=forecast, mae=1, rmse=1, **more)


def test_bars_of_the_contest_run_from_what_happened_to_what_was_expected():
    drawn = contest_of(
        [contender("nbd", 2.0, forecast=150.0), contender("bg_nbd", 1.0, forecast=50.0)],
        100,
        "naive",
    )
    low, high = drawn.rows
    assert (low.error, high.error) == (-0.5, 0.5)
    assert (low.bar_x, low.bar_width, drawn.zero) == ("4.00%", "46.00%", "50.00%")
    assert (high.bar_x, high.bar_width) == ("50.00%", "46.00%")


def test_the_benchmark_never_wins_and_a_barred_model_is_not_the_least():
    drawn = contest_of(
        [
            contender("naive", 0.1),
            contender("bg_nbd", 0.2, barred="No."),
            contender("nbd", 0.9, is_chosen=True),
        ],
        100,
        "naive",
    )
    assert [row.of.model for row in drawn.rows] == ["nbd", "bg_nbd", "naive"]
    assert drawn.least.model == "nbd"
    assert drawn.over_benchmark == pytest.approx(-8.0)


def test_where_nobody_bought_again_no_error_is_stated():
    (row,) = contest_of([contender("nbd", 0.9)], 0, "naive").rows
    assert row.error is None


def test_rows_from_before_there_were_contests_are_the_published_models_own():
    table = frequency_table(
        [HoldoutFrequency(frequency=0, customers=3, actual=1, forecast=2)], "bg_nbd"
    )
    assert table.others == []
    assert table.rows[0].forecast == 2


def test_a_mean_of_nobody_is_not_drawn_as_nothing():
    known = {"model": "bg_nbd", "actual": 0.0, "forecast": 0.0}
    rows = [HoldoutFrequency(frequency=0, customers=3, **known | {"actual": 1.0})]
    empty = frequency_table([*rows, HoldoutFrequency(frequency=1, customers=0, **known)], "bg_nbd")
    (_, nobody) = empty.rows
    assert (nobody.customers, nobody.actual, nobody.forecast) == (0, None, None)
    assert (nobody.actual_x, nobody.forecast_x) == ("", "")


def test_the_gain_curve_is_read_off_straight_between_its_points():
    drawn = gain_curve(
        [
            GainPoint(customers_share=0.1, purchases_share=0.4),
            GainPoint(customers_share=0.5, purchases_share=0.8),
            GainPoint(customers_share=1.0, purchases_share=1.0),
        ]
    )
    assert drawn.named == pytest.approx(0.5)
    assert drawn.line.startswith("0.00,236.00 10.00,148.00")


def test_the_squares_of_the_three_doubts_add_up_to_the_interval():
    bounds = (1_000 * exp(-0.3), 1_000 * exp(0.3))
    doubts = doubts_of(1_000, bounds, 0.05, 0.02)
    widths = [log(each.high / 1_000) for each in (doubts.tests, doubts.parameters, doubts.chance)]
    assert sum(width**2 for width in widths) == pytest.approx(0.3**2)
    assert widths[1] == pytest.approx(1.6449 * 0.05)
    assert (doubts.together.low, doubts.together.high) == pytest.approx(bounds)
    assert doubts.together.low_x == "4.00%"


def test_a_total_below_zero_has_its_ends_in_order():
    doubts = doubts_of(-100, (-120, -83.3), 0.05, 0.02)
    assert doubts.together.low < -100 < doubts.together.high


def test_an_interval_across_zero_is_not_taken_apart():
    assert doubts_of(10, (-5, 30), 0.1, 0.1) is None


def test_tests_that_all_fell_short_hang_to_the_left_of_zero():
    drawn = drawn_tests([HoldoutTest(actual=100, forecast=80)])
    assert drawn.zero == "96.00%"
    assert drawn.rows[0].bar_x == "4.00%"
