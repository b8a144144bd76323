"""Holes of a whole map: every rule finds its own, and the map to start from has those known."""

from dataclasses import replace
from datetime import date

import pytest

from metrics.indicators.counting import Counted, Counting
from metrics.metric_map.document import LinkEntry, MapDocument, MetricEntry
from metrics.metric_map.holes import Known, data_request_for, hole_report
from metrics.metric_map.starting import Starting, starting_document

COUNTING = Counting("week", "orders", 1, 0, 0, 0, Counted("orders", "count"))


def entry(key: str, level: int = 3, **values) -> MetricEntry:
    described = {"name": key.title(), "description": "What it is.", "department": "Sales"}
    plain = {"direction": "up", "control": "full", "owner": "ann@example.com"}
    return MetricEntry(key=key, level=level, **described | plain | {"counting": COUNTING} | values)


def drawn(*entries: MetricEntry, links: tuple[tuple[str, str, int], ...] = ()) -> MapDocument:
    return MapDocument(
        "Small",
        {one.key: one for one in entries},
        {(c, p): LinkEntry(c, p, "leading", rung=rung) for c, p, rung in links},
    )


def keys(document: MapDocument, rule: str, known: Known | None = None) -> list[str]:
    return [hole.key or hole.about for hole in hole_report(document, known).of(rule)]


@pytest.fixture
def whole(db):
    return starting_document(Starting.WHOLE_COMPANY)


def test_the_whole_company_has_the_holes_that_it_is_known_to_have(whole):
    assert keys(whole, "H1") == keys(whole, "H2") == keys(whole, "H7") == keys(whole, "H10") == []
    assert set(keys(whole, "H3")) == {
        "acquisition_cost",
        "stable_revenue_share",
        "price_premium",
        "average_order_value",
        "returns_cycle_time",
        "data_product_revenue",
    }
    assert keys(whole, "H11") == ["aware"]
    assert len(keys(whole, "H4")) == 40


def test_what_is_awaited_is_a_hole_and_becomes_a_request(whole):
    assert set(keys(whole, "H5")) == {
        key for key, one in whole.metrics.items() if one.counting.way == "awaited"
    }
    asked = data_request_for(whole.metrics["social_review_score"])
    assert asked.department == "IT"
    assert asked.source == "review sites"
    assert asked.wanted.startswith("Social review score shown to the front line: Mean of")


def test_a_metric_without_a_way_up_is_a_hole():
    document = drawn(
        entry("top", 1), entry("lost"), entry("below", 4), links=(("below", "lost", 0),)
    )
    assert keys(document, "H2") == ["lost", "below"]


def test_a_department_with_people_and_an_empty_level_is_a_hole():
    document = drawn(entry("top", 1, department="Executive"), entry("head"))
    found = keys(document, "H1", Known(peopled=frozenset({"Sales", "Service", "Executive"})))
    assert found == ["Sales, front line", "Service, department head", "Service, front line"]


@pytest.mark.parametrize(
    ("values", "working", "is_hole"),
    [
        ({}, None, False),
        ({"owner": ""}, None, True),
        ({}, frozenset(), True),
        ({"control": "none"}, None, True),
        ({"control": "none", "watch_note": "The board asked."}, None, False),
    ],
)
def test_who_cannot_act_is_a_hole(values, working, is_hole):
    document = drawn(entry("top", 1, **values))
    assert bool(keys(document, "H4", Known(working=working))) == is_hole


@pytest.mark.parametrize(
    ("last_on", "is_hole"), [(date(2024, 6, 16), False), (date(2024, 6, 9), True)]
)
def test_figures_older_than_two_periods_are_a_hole(last_on, is_hole):
    known = Known(as_of=date(2024, 6, 30), last_on={"top": last_on})
    assert bool(keys(drawn(entry("top", 1)), "H5", known)) == is_hole


def test_a_way_up_of_assumptions_is_a_hole_until_another_way_is_founded():
    metrics = entry("top", 1), entry("head"), entry("front", 4)
    assumed = drawn(*metrics, links=(("front", "head", 0), ("head", "top", 3)))
    assert keys(assumed, "H6") == ["front"]
    founded = assumed.with_link(LinkEntry("front", "top", "leading", rung=2))
    assert keys(founded, "H6") == []


def test_a_target_wants_a_counter_metric_and_a_metric_that_can_show_it():
    chased = entry("chased", target=5.0, target_on=date(2030, 1, 1))
    document = drawn(entry("top", 1), chased)
    assert keys(document, "H8") == ["chased"]
    assert keys(document, "H9", Known(unfit=frozenset({"chased", "top"}))) == ["chased"]
    countered = document.with_metric(replace(chased, counter_metric="top"))
    assert keys(countered, "H8") == keys(countered, "H9") == []


def test_what_is_counted_twice_is_told_once():
    assert keys(drawn(entry("one"), entry("other")), "H10") == ["other"]


def test_the_score_falls_with_each_hole():
    sound = drawn(entry("top", 1), entry("head", counting=None), links=(("head", "top", 1),))
    broken = sound.without_link("head", "top")
    assert 0 < hole_report(broken).score < hole_report(sound).score < 1
    assert hole_report(MapDocument()).score < 1
