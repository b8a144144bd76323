"""What it would take: a gain handed down to the metrics that can be moved."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Department, Role
from metrics.boards.cascade import cascade_board
from metrics.metric_map.graph import read_map
from metrics.metric_map.worth.candidates import Asked, field_of
from metrics.metric_map.worth.roll_up import worths_of
from metrics.models import Figure, MetricVersion, RollUp
from tests.metrics.value.by_hand import PULLS, valuation_of, with_pulls

MONDAY = date(2026, 1, 5)
PAGE = "/map/cascade/"
A_POINT = 21_400.0
"""What a point of retention is worth."""


@pytest.fixture
def weekly():
    """Weekly shares in percent, so many a quarter: the first quarter is its best."""

    def make(made, best, now, unit="% of deliveries"):
        version = MetricVersion.objects.create(
            metric=made, number=1, grain="week", unit=unit, scale=100, decimals=1
        )
        Figure.objects.bulk_create(
            Figure(
                version=version,
                starts_on=MONDAY + timedelta(weeks=week),
                ends_on=MONDAY + timedelta(weeks=week, days=6),
                numerator=5 * (best if week < 13 else now),
                denominator=500,
            )
            for week in range(39)
        )
        return version

    return make


@pytest.fixture
def top(metric):
    return metric("Customer equity", level=1)


@pytest.fixture
def retention(metric, link, top, weekly):
    made = metric("Retention", level=2)
    link(made, top, "identity", driver="keep")
    weekly(made, best=84, now=80, unit="% of customers")
    return made


@pytest.fixture
def late(metric, link, retention, weekly):
    made = metric("Late deliveries", level=4)
    made.direction = "down"
    made.save()
    link(made, retention, slope=-0.5, se=0.1)
    weekly(made, best=5, now=8)
    return made


@pytest.fixture
def billing(metric, link, retention, weekly, marketing):
    made = metric("First contact", level=4, department=marketing)
    link(made, retention, slope=0.25, se=0.05)
    weekly(made, best=74, now=70)
    return made


@pytest.fixture
def valuation(db):
    return with_pulls(valuation_of(), PULLS)


@pytest.fixture
def rolled_up(valuation):
    """Work out all worths of the map as it stands then."""

    def work_out():
        roll_up = RollUp.objects.create(
            status="done", valuation=valuation, currency="GBP", as_of=valuation.as_of
        )
        for worth in worths_of(read_map(), valuation):
            worth.roll_up = roll_up
            worth.save()
        return roll_up

    return work_out


def asked(goal, amount, *metrics, room=1.0, **efforts):
    return Asked(goal, amount, frozenset(one.pk for one in metrics), efforts, room)


def taken(board):
    return {move.metric.key: (move.change, move.before, move.after) for move in board.moves}


def test_the_least_effort_is_shared_by_what_a_step_brings(top, late, billing, rolled_up):
    """One step: 3 points at -0.5, so 1.5 of retention; 4 points at 0.25, so 1."""
    roll_up = rolled_up()
    field = field_of(asked(top, 10_000, late, billing), roll_up)
    first, second = field.candidates
    assert first.expected == pytest.approx(1.5 * A_POINT)
    assert first.gain == pytest.approx(1.5 * A_POINT * (1 - 0.6745 * 0.2), rel=0.01)
    board = cascade_board(asked(top, 10_000, late, billing), roll_up)
    assert board.missing == ""
    assert board.reached == "£10,000"
    steps = [10_000 * one.gain / (first.gain**2 + second.gain**2) for one in field.candidates]
    assert taken(board) == {
        "late_deliveries": (f"−{3 * steps[0]:.2g} points", "8.0%", f"{8 - 3 * steps[0]:.1f}%"),
        "first_contact": (f"+{4 * steps[1]:.2g} points", "70.0%", f"{70 + 4 * steps[1]:.1f}%"),
    }


def test_a_higher_effort_leaves_more_to_the_others(top, late, billing, rolled_up):
    roll_up = rolled_up()
    usual = cascade_board(asked(top, 10_000, late, billing), roll_up)
    harder = cascade_board(asked(top, 10_000, late, billing, late_deliveries=5), roll_up)
    assert harder.moves[0].share < usual.moves[0].share
    assert harder.moves[1].share > usual.moves[1].share
    assert harder.reached == usual.reached


def test_nobody_goes_further_than_one_achievable_step_or_twice_that(top, late, rolled_up):
    roll_up = rolled_up()
    once = cascade_board(asked(top, 1e6, late), roll_up)
    twice = cascade_board(asked(top, 1e6, late, room=2.0), roll_up)
    assert taken(once) == {"late_deliveries": ("−3 points", "8.0%", "5.0%")}
    assert taken(twice) == {"late_deliveries": ("−6 points", "8.0%", "2.0%")}
    assert once.moves[0].is_at_its_limit
    assert once.missing
    assert once.capped == []


def test_those_who_act_through_one_metric_are_capped_together(
    top, late, billing, retention, rolled_up
):
    """Its own best quarter is 2 points above; the two could bring 2.5."""
    Figure.objects.filter(version__metric=retention, numerator=5 * 84).update(numerator=5 * 82)
    board = cascade_board(asked(top, 1e6, late, billing), rolled_up())
    moved = {move.metric.key: move.share for move in board.moves}
    assert 1.5 * moved["late_deliveries"] + moved["first_contact"] == pytest.approx(2, rel=1e-3)
    (told,) = board.capped
    assert told == "Late deliveries and first contact act through retention: capped together."
    assert board.missing


def test_the_goal_may_be_a_metric_between(retention, late, billing, rolled_up):
    board = cascade_board(asked(retention, 1, late, billing), rolled_up())
    assert (board.wanted, board.reached, board.missing) == ("1 point", "1 point", "")
    assert len(board.moves) == 2


def test_a_goal_that_should_fall_gains_by_falling(metric, link, weekly, top, rolled_up):
    loss, calls = metric("Loss rate", level=2), metric("Save calls", level=4)
    loss.direction = "down"
    loss.save()
    link(loss, top, "identity", driver="discount")
    link(calls, loss, slope=-0.2, se=0.01)
    weekly(calls, best=60, now=50, unit="% of calls")
    board = cascade_board(asked(loss, 1, calls), rolled_up())
    assert board.missing == ""
    assert board.moves[0].change.startswith("+")


def test_who_is_not_counted_on_is_named_with_the_reason(
    top, metric, link, retention, weekly, late, rolled_up
):
    watched, silent, unknown, doubtful = (
        metric(name, level=4) for name in ("Weather", "Silent", "Unknown", "Doubtful")
    )
    watched.control = "none"
    watched.save()
    for one, slope, se in ((watched, 1, 0), (silent, 1, 0), (doubtful, 0.1, 0.5)):
        link(one, retention, slope=slope, se=se)
    link(unknown, retention)
    for one in (watched, unknown, doubtful):
        weekly(one, best=60, now=50)
    everything = (watched, silent, unknown, doubtful, late)
    board = cascade_board(asked(top, 1e6, *everything), rolled_up())
    assert {left.metrics[0].name: left.why.split(":")[0] for left in board.left_out} == {
        "Weather": "Nobody here can move them; they are only watched.",
        "Silent": "They have no figures yet, so nobody would see them move.",
        "Unknown": "What they are worth, or how far they can move, is not known yet.",
        "Doubtful": "It is not sure enough that they help",
    }
    assert [move.metric for move in board.moves] == [late]


def test_a_share_stops_at_its_end(top, metric, link, retention, weekly, rolled_up):
    made = metric("Answered", level=4)
    link(made, retention, slope=0.1)
    weekly(made, best=98, now=90)
    board = cascade_board(asked(top, 1e6, made, room=2.0), rolled_up())
    assert taken(board) == {"answered": ("+10 points", "90.0%", "100.0%")}


def test_who_brings_too_little_is_counted_but_not_named(
    top, metric, link, retention, weekly, late, rolled_up
):
    tiny = metric("Tiny", level=4)
    link(tiny, retention, slope=0.001)
    weekly(tiny, best=60, now=50)
    board = cascade_board(asked(top, 1, late, tiny), rolled_up())
    assert [move.metric for move in board.moves] == [late]
    assert (board.small, board.reached, board.missing) == (1, "£1.00", "")


def test_the_page_asks_for_an_amount_and_answers(signed_in, top, late, billing, rolled_up):
    rolled_up()
    client = signed_in(Role.EXECUTIVE)
    text = client.get(PAGE).text
    assert 'name="amount" value="18000"' in text
    assert "A gain of £18,000 would take a part of 2 metrics." in text
    text = client.get(PAGE, {"amount": "1000000", "goal": top.key, "room": "1"}).text
    assert "cannot be reached" in text
    assert "8.0%" in text
    assert "5.0%" in text
    text = client.get(PAGE, {"amount": "-3", "goal": top.key, "room": "1"}).text
    assert "A gain is more than 0." in text
    assert "Who would move what" not in text


def test_another_goal_comes_with_an_amount_of_its_own(
    signed_in, top, late, billing, retention, rolled_up
):
    rolled_up()
    sent = {"amount": "18000", "of": top.key, "goal": retention.key, "room": "1"}
    text = signed_in(Role.EXECUTIVE).get(PAGE, sent).text
    assert 'name="amount" value="4"' in text
    assert "points of retention" in text


def test_a_manager_hands_down_to_the_own_department_only(
    signed_in, late, billing, marketing, rolled_up
):
    rolled_up()
    Department.objects.create(name="Nobody's")
    client = signed_in(Role.MANAGER, marketing)
    sent = {"amount": "1000000", "department": str(late.department_id), "room": "1"}
    assert "is not one of the available choices" in client.get(PAGE, sent).text
    text = client.get(PAGE).text
    assert "First contact" in text
    assert "Late deliveries" not in text
    assert "Sales" not in text


def test_only_the_map_admin_is_led_to_the_draft(signed_in, late, rolled_up):
    rolled_up()
    assert "Put a target into the draft" in signed_in(Role.MAP_ADMIN).get(PAGE).text
    assert "Put a target into the draft" not in signed_in(Role.EXECUTIVE).get(PAGE).text


def test_without_a_roll_up_the_page_says_what_it_waits_for(signed_in, late):
    assert "Nothing can be handed down yet" in signed_in(Role.EXECUTIVE).get(PAGE).text


def test_the_page_asks_as_little_for_many_as_for_one(
    signed_in, metric, link, retention, weekly, late, rolled_up
):
    rolled_up()
    client = signed_in(Role.EXECUTIVE)
    client.get(PAGE)
    one = _queries(client)
    for number in range(12):
        more = metric(f"More {number}", level=4)
        link(more, retention, slope=0.1 + number / 100, se=0.02)
        weekly(more, best=60, now=50)
    rolled_up()
    assert _queries(client) == one


def _queries(client):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(PAGE).status_code == 200
    return len(captured)
