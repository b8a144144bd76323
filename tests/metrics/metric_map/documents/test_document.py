"""A map as a document: written and read without loss, compared in words, signed by what matters."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.models import User
from metrics.indicators.counting import Counted, Counting
from metrics.metric_map.changing.at_once import start_map
from metrics.metric_map.document import (
    LinkEntry,
    MapDocument,
    MetricEntry,
    UnusableDocument,
    differences,
    fingerprint,
    graph_of,
    read_document,
    read_metric,
    stored_document,
    written,
    written_metric,
)
from metrics.metric_map.graph import read_map
from metrics.models import Metric

COUNTED = Counted(
    "orders",
    "sum",
    "amount",
    (("items", "gte", Decimal("2.5")), ("has_customer", "eq", Decimal(1))),
)
FULL = MetricEntry(
    key="orders",
    name="Orders: “big” ones, no: 'all' – № 1",
    description="yes",
    department="no",
    level=3,
    direction="up",
    control="shared",
    owner="ann@example.com",
    consumers=("Service", "IT"),
    actions=("Call: them", "# not a comment"),
    sensitive="staff",
    target=0.1,
    target_on=date(2030, 1, 31),
    base=-2e-7,
    counting=Counting("week", "% of it", 100, 2, 7, 0, COUNTED, Counted("orders", "count")),
)
LINK = LinkEntry("orders", "top", "leading", slope=0.25, se=0.1, lag_days=30, longest_lag_days=60)
SMALL = MapDocument("Small", {"orders": FULL}, {LINK.ends: LINK})
VALUES = st.floats(-1e9, 1e9) | st.none()
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn", "Co"]),
    min_size=1,
    max_size=60,
).filter(str.strip)


def test_what_is_written_is_read_again():
    assert read_document(written(SMALL)) == SMALL
    assert read_metric(written_metric(FULL)) == FULL


@given(name=WORDS, note=WORDS, base=VALUES, slope=VALUES)
def test_whatever_the_words_and_numbers_nothing_is_lost(name, note, base, slope):
    entry = replace(FULL, name=name, description=note, base=base)
    document = SMALL.with_metric(entry).with_link(replace(LINK, note=note, slope=slope))
    assert read_document(written(document)) == document


def test_the_order_of_what_has_none_makes_no_difference():
    turned = replace(FULL, consumers=("IT", "Service", "IT"), actions=FULL.actions[::-1])
    assert turned == FULL
    other = COUNTED._replace(where=COUNTED.where[::-1])
    assert replace(FULL, counting=FULL.counting._replace(numerator=other)) == FULL


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a", "A map is written as map, metrics and links."),
        ("map: [", "This is no YAML"),
        ("map: a\nmap: b", "“map” is there twice, below line 1."),
        ("metrics: {}\nlinks: &a []\nmap: *a", "without references"),
        ("metrics: {}\ncolour: red", "A map has no “colour”."),
        ("metrics: {a: {level: 9}}", "In metric a: level: Value 9 is not a valid choice."),
        ("metrics: {a: {name: [1]}}", "In metric a: name is text, not “[1]”."),
        ("metrics: {a: {base: .nan}}", "In metric a: base is a number, not “nan”."),
        ("metrics: {a: {level: true}}", "level is a whole number, not “True”"),
        ("metrics: {a: {target_on: soon}}", "target_on is a day, not “soon”"),
        ("metrics: {a: {review_on: 2024-02-31}}", "This is no YAML"),
        ("metrics: {a: {colour: red}}", "In metric a: there is no “colour”."),
        ("metrics: {a b: {}}", "In metric a b: key:"),
        ("metrics: {a: {counting: {grain: year, unit: x}}}", "grain: Value 'year'"),
        ("metrics: {a: {counting: {grain: week, unit: x}}}", "what is counted has a numerator"),
        ("metrics: {a: {counting: {grain: week, unit: x, way: derived}}}", "has a formula"),
        (
            "metrics: {a: {counting: {grain: week, unit: x,"
            " numerator: {source: orders, aggregate: count, where: [x is 1]}}}}",
            "“x is 1” is no condition",
        ),
        ("metrics: {}\nlinks: [{child: a}]", "In link 1: it needs its child and its parent."),
        (
            "metrics: {}\nlinks: [{child: a, parent: b, kind: risk}, {child: a, parent: b,"
            " kind: risk}]",
            "The link from a to b is there twice.",
        ),
        ("metrics: {}\nlinks: [{child: a, parent: b}]", "from a to b: kind is missing."),
    ],
)
def test_what_is_no_map_is_told_in_a_sentence(text, told):
    with pytest.raises(UnusableDocument) as refused:
        read_document(text)
    assert any(told in sentence for sentence in refused.value.sentences)


def test_all_problems_are_told_at_once():
    with pytest.raises(UnusableDocument) as refused:
        read_document("metrics: {a: {level: 9}, b: {direction: left}}\nlinks: [1]")
    told = " ".join(refused.value.sentences)
    assert "level: Value 9" in told
    assert "direction: Value 'left'" in told
    assert "In link 1" in told


def test_a_metric_goes_with_its_links_and_as_a_counter_metric():
    other = replace(FULL, key="other", counter_metric="orders")
    left = SMALL.with_metric(other).without_metric("orders")
    assert left.links == {}
    assert left.metrics["other"].counter_metric == ""


def test_differences_are_told_in_words_and_say_whether_they_matter():
    changed = replace(FULL, description="New.", target=5.0, actions=())
    after = SMALL.with_metric(changed).with_link(replace(LINK, slope=0.5, note="Why."))
    found = {(d.field, d.before, d.after, d.is_material) for d in differences(SMALL, after)}
    assert found == {
        ("description", "yes", "New.", False),
        ("target", "0.1", "5", True),
        ("what its owner can do", "# not a comment; Call: them", "", False),
        ("slope", "0.25", "0.5", True),
        ("note", "", "Why.", False),
    }
    (gone, link) = differences(SMALL, SMALL.without_metric("orders"))
    assert gone.sentence == f"{FULL.name} is removed."
    assert link.change == "removed"
    assert differences(SMALL, SMALL) == []


MATERIAL = [
    {"direction": "down"},
    {"data_source": "ledger"},
    {"target": 7.0},
    {"counting": FULL.counting._replace(unit="of them")},
    {"counting": FULL.counting._replace(grain="month")},
    {"counting": FULL.counting._replace(numerator=COUNTED._replace(where=()))},
]
WORDING = [
    {"name": "New"},
    {"description": "New."},
    {"owner": ""},
    {"actions": ()},
    {"level": 2},
    {"counting": FULL.counting._replace(decimals=0)},
]


@pytest.mark.parametrize("values", MATERIAL)
def test_what_is_material_changes_the_fingerprint(values):
    after = SMALL.with_metric(replace(FULL, **values))
    assert fingerprint(after, "orders") != fingerprint(SMALL, "orders")
    assert any(difference.is_material for difference in differences(SMALL, after))


@pytest.mark.parametrize("values", WORDING)
def test_wording_does_not_change_the_fingerprint(values):
    after = SMALL.with_metric(replace(FULL, **values))
    assert fingerprint(after, "orders") == fingerprint(SMALL, "orders")
    assert not any(difference.is_material for difference in differences(SMALL, after))


def test_a_links_slope_and_delay_are_material_and_its_evidence_is_not():
    before = fingerprint(SMALL, "orders")
    assert fingerprint(SMALL.with_link(replace(LINK, slope=0.3)), "orders") != before
    assert fingerprint(SMALL.with_link(replace(LINK, lag_days=31)), "orders") != before
    assert fingerprint(SMALL.without_link(*LINK.ends), "orders") != before
    assert fingerprint(SMALL.with_link(replace(LINK, rung=3, note="a")), "orders") == before


def test_the_stored_map_and_its_document_draw_the_same(db):
    start_map(None)
    stored, drawn = read_map(), graph_of(stored_document())
    assert list(drawn.metrics) == list(stored.metrics)
    assert {link.pk for link in drawn.links} == {link.pk for link in stored.links}
    assert drawn.top == stored.top


def test_what_is_not_stored_is_drawn_with_a_key_below_zero(db):
    start_map(None)
    graph = graph_of(
        stored_document()
        .with_metric(replace(FULL, key="new", owner=""))
        .with_link(LinkEntry("new", "net_sales", "identity"))
    )
    (new,) = [metric for metric in graph.metrics.values() if metric.key == "new"]
    assert new.pk < 0
    assert new.department.name == "no"
    assert [link.parent.key for link in graph.links_up[new.pk]] == ["net_sales"]
    assert Metric.objects.count() == 15


def test_a_map_is_read_in_the_same_queries_at_any_size(db, django_assert_max_num_queries):
    start_map(None)
    ann = User.objects.create_user("ann@example.com", "Ann")
    Metric.objects.filter(key="orders").update(owner=ann)
    with django_assert_max_num_queries(13):
        document = stored_document()
    assert document.metrics["orders"].owner == "ann@example.com"
    with django_assert_max_num_queries(4):
        graph_of(document)
