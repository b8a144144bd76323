"""Every rule of the map, broken once, says which one it is."""

import pytest

from metrics.metric_map.graph import read_map
from metrics.metric_map.rules import rules_broken_by_link, rules_broken_by_metric
from metrics.models import Link, Metric


def broken(child: Metric, parent: Metric, kind: str = "leading", **values) -> str:
    link = Link(child=child, parent=parent, kind=kind, **values)
    return " ".join(rule.sentence for rule in rules_broken_by_link(read_map(), link))


def test_a_sound_link_breaks_no_rule(metric, active):
    assert broken(metric("Orders"), active) == ""


def test_a_circle_is_refused_and_named_in_order(metric, link, returns, active):
    late = metric("Late deliveries", level=3)
    link(late, returns)
    assert broken(active, late, note="why not") == (
        "That would close a circle: Active customers → late deliveries → return rate"
        " → active customers."
    )


def test_one_pair_is_linked_once(returns, active):
    assert "linked already" in broken(returns, active)


def test_a_stored_link_may_be_stored_again(returns, active):
    stored = Link.objects.get(child=returns, parent=active)
    assert rules_broken_by_link(read_map(), stored) == []


def test_a_metric_does_not_lead_to_itself(returns):
    assert broken(returns, returns) == "A metric cannot lead to itself."


def test_the_top_leads_to_nothing(metric, equity):
    aside = metric("Aside", level=2)
    assert "Customer equity is the top of the map" in broken(equity, aside, note="because")


def test_what_follows_exactly_takes_no_leading_link(metric, active, equity):
    assert broken(metric("Orders"), equity) == (
        "Customer equity follows exactly from active customers, so it takes only identity"
        " and risk links."
    )


@pytest.mark.parametrize("kind", ["identity", "risk"])
def test_what_follows_exactly_takes_identity_and_risk(metric, active, equity, kind):
    assert broken(metric("Orders"), equity, kind) == ""


def test_what_is_believed_does_not_also_follow_exactly(metric, returns, active):
    assert broken(metric("Orders"), active, "identity") == (
        "Active customers has a leading link from return rate, so it cannot also follow"
        " exactly by definition."
    )


def test_a_link_down_a_level_needs_its_reason(metric, active):
    orders = metric("Orders", level=4)
    assert "points down, from active customers (customer outcome) to orders (front line)" in (
        broken(active, orders)
    )
    assert "say why in the note" in broken(active, orders, note="  ")
    assert broken(active, orders, note="Regulars order by standing order.") == ""


def test_what_holds_by_definition_has_no_delay(metric, active, equity):
    assert "the delay is 0" in broken(metric("Orders"), equity, "identity", lag_days=7)


def test_there_is_one_top(metric, equity):
    second = Metric(pk=None, name="Profit", level=1)
    (rule,) = rules_broken_by_metric(read_map(), second)
    assert rule == (
        "level",
        "Customer equity is the top already: a map has one metric at the board level.",
    )


def test_the_top_may_be_stored_again(equity, active):
    assert rules_broken_by_metric(read_map(), equity) == []


def test_a_metric_with_links_up_does_not_become_the_top(equity, active, returns):
    equity.delete()
    returns.level = 1
    sentences = [rule.sentence for rule in rules_broken_by_metric(read_map(), returns)]
    assert "The top leads to nothing: remove its link to active customers first." in sentences


def test_a_level_that_turns_a_link_down_is_refused(active, returns):
    active.level = 4
    (rule,) = rules_broken_by_metric(read_map(), active)
    assert rule.field == "level"
    assert "from return rate to active customers would point down" in rule.sentence
