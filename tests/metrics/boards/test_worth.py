"""What a step is worth, as pages tell it."""

import pytest

from metrics.boards.worth import gain_of, worths_of
from metrics.drawing.spans import spans
from metrics.indicators.reading import readings_of
from metrics.models import Measure


@pytest.fixture
def told(worth, with_figures):
    """The worth of a metric as a page tells it: of the values of its row, its unit, figures."""

    def make(values, *figures, out_of="orders", **declared):
        version = with_figures(*(figures or (70,)), **declared)
        version.figures.update(denominator=1000)
        Measure.objects.create(
            version=version, side="denominator", source=out_of, aggregate="count"
        )
        worth(version.metric, **values)
        return worths_of(readings_of([version.metric]))[version.metric.pk]

    return make


SHARE = {"unit": "% of deliveries", "scale": 100, "decimals": 1, "direction": "down"}


def test_a_worth_has_its_interval_its_evidence_and_its_step(told):
    shown = told({"gain": 14_000, "low": 5_000, "high": 24_000, "step": -1.2}, **SHARE)
    assert shown.gain == "about +£14,000"
    assert shown.between == "£5,000 to £24,000"
    assert shown.step == "1.2 points fewer, as in its own best quarter"
    assert (shown.evidence, shown.rung) == ("assumed", 1)


def test_a_step_of_a_share_is_told_in_things_too(told):
    assert told({"gain": 9, "step": -1.2}, **SHARE).in_rows == "about 12 fewer a week"


def test_a_step_of_less_than_one_thing_a_period_is_not(told):
    assert told({"gain": 9, "step": -0.05}, **SHARE).in_rows == ""


def test_what_holds_by_definition_has_no_interval(told):
    shown = told({"gain": 14_000, "lowest_rung": None})
    assert shown.is_exact
    assert (shown.between, shown.evidence) == ("", "by definition")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, ""),
        (0, ""),
        (9, "half of it after 9 days"),
        (28, "half of it after about 4 weeks"),
        (91, "half of it after about 3 months"),
    ],
)
def test_a_delay_is_told_in_days_weeks_or_months(told, days, words):
    assert told({"gain": 9, "half_after_days": days}).arrives == words


@pytest.mark.parametrize(("share", "words"), [(0.93, "93 chances in 100"), (1.0, "")])
def test_a_chance_is_told_where_it_is_not_certain(told, share, words):
    assert told({"gain": 9, "p_right": share}).chance.startswith(words)


def test_what_is_not_known_says_why_and_ranks_last(told):
    unknown = told({"unknown": "The model in force sees nobody leave."})
    assert unknown.gain == ""
    assert unknown.unknown == "The model in force sees nobody leave."
    assert gain_of(unknown) < gain_of(told({"gain": 1})) < gain_of(told({"gain": -5}))


def test_before_the_first_roll_up_nothing_has_a_worth(with_figures):
    assert worths_of(readings_of([with_figures(1).metric])) == {}


def test_intervals_stand_on_one_scale_with_zero_on_it():
    wide, none, narrow = spans([(-10.0, 40.0, 90.0), None, (10.0, 15.0, 20.0)])
    assert none is None
    assert wide.zero == narrow.zero
    low, zero, high = (float(at.rstrip("%")) for at in (wide.low, wide.zero, wide.high))
    assert 0 < low < zero < high < 100
    assert zero < float(narrow.low.rstrip("%")) < float(narrow.high.rstrip("%")) < high


def test_what_stands_at_the_end_of_a_period_does_not_come_each_period(told):
    shown = told({"gain": 9, "step": 1.0}, out_of="customers", unit="% a year", scale=100)
    assert shown.in_rows == "about 10 more in all"


def test_a_step_that_costs_is_not_said_to_help(told):
    assert told({"gain": -9, "p_right": 0.96}).chance.startswith("4 chances in 100")
