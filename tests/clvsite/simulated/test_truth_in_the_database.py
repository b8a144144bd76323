"""The whole simulated company in the site: its own evidence run finds what is written down."""

from datetime import date

import pytest
from django.test import override_settings

from clvsite.sample.tarnholm.loading import SEED, load
from clvsite.simulated.company import simulate
from clvsite.simulated.effects import EFFECTS
from clvsite.simulated.surroundings.changes import Changes
from clvsite.simulated.truth import DESKTOP, ROUTES, acts, leads_to
from metrics.metric_map.evidence import runs
from metrics.models import CustomersLost, EvidenceRun, Finding, Project

pytestmark = pytest.mark.long
Z_95 = 1.96

AS_WRITTEN, NOISY = 0.1, 0.3
"""How exactly slopes between metrics are written down: see test_between_metrics."""

NOISY_PARENTS = {"cross_sell_value", "word_of_mouth", "retention_rate"}
COUNTED_OTHERWISE = {
    ("escaped_defects", "product_defect_rate"): "by units, where the truth is by order lines",
    ("save_contact_rate", "customer_loss_rate"): "of all customers, where the truth is of trade",
}
MEANS = {("first_contact_resolution", "complaint_resolution_time")}
"""The site counts mean hours, as the simulator acts; the written slope is of the median."""

BY_DEFINITION = {"cost_to_serve"}
"""The cost of deliveries, tickets, calls and corrected invoices: whatever brings one moves it."""


@pytest.fixture(scope="module")
def stored(stored_once, tmp_path_factory):
    """Findings by the keys of their metrics, and projects by name."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        load(lambda told: None)
        runs.run(EvidenceRun.objects.claim(runs.due_run().pk))
    findings = Finding.objects.select_related("child", "parent")
    return (
        {(one.child.key, one.parent.key): one for one in findings},
        {one.name: one for one in Project.objects.all()},
    )


@pytest.fixture
def found(stored, db):
    return stored


def truth(one):
    ends = one.child, one.parent
    return acts(*ends) if ends in MEANS else one.between_metrics


def is_inside(one, finding):
    written = NOISY if one.parent in NOISY_PARENTS else AS_WRITTEN
    return abs(finding.slope - truth(one)) < Z_95 * finding.se + written * abs(truth(one))


def on_the_map(findings):
    return {(one.child, one.parent): one for one in EFFECTS if (one.child, one.parent) in findings}


def test_effects_are_claimed_with_the_truth_in_their_interval(found):
    findings, _ = found
    effects = on_the_map(findings)
    assert len(effects) >= 20
    claimed = {ends: one for ends, one in effects.items() if findings[ends].verdict == "link"}
    assert len(claimed) >= 0.9 * len(effects), effects.keys() - claimed.keys()
    asked = claimed.keys() - COUNTED_OTHERWISE.keys()
    outside = [ends for ends in asked if not is_inside(claimed[ends], findings[ends])]
    assert len(outside) <= 0.1 * len(asked), outside


def test_satisfaction_is_found_to_keep_customers(found):
    findings, _ = found
    ends = "customer_satisfaction", "retention_rate"
    (written,) = (one for one in EFFECTS if (one.child, one.parent) == ends)
    finding = findings[ends]
    assert (finding.verdict, finding.method, finding.lag_days) == ("link", "survival", 30)
    assert abs(finding.slope - written.between_metrics) < Z_95 * finding.se
    assert finding.sentence.startswith("Customer satisfaction: one more point is followed by +0.")
    assert "points in" in finding.sentence


def test_no_link_is_claimed_that_is_not_there(found):
    findings, _ = found
    claimed = {ends for ends, one in findings.items() if one.verdict == "link"}
    assert {
        ends for ends in claimed if not leads_to(*ends) and ends[1] not in BY_DEFINITION
    } == set()


def test_the_desktop_is_seen_to_help_and_the_route_planner_to_do_nothing(found):
    _, projects = found
    desktop, planner = projects[DESKTOP.name], projects[ROUTES.name]
    assert "it moved customer record complete at the point of contact by +" in desktop.sentence
    assert desktop.effect_low < DESKTOP.effect < desktop.effect_high
    assert "no effect on late deliveries is seen" in planner.sentence
    assert planner.effect_low < ROUTES.effect < planner.effect_high


def trade_in_danger(facts):
    """By customer and month of 2025: the chance to leave, of trade accounts."""
    trade = facts.customers.loc[facts.customers["kind"] == "trade", "customer"]
    known = facts.hidden.dropna(subset="danger")
    known = known[known["customer"].isin(trade) & (known["month"] >= "2025-01-01")]
    return known.set_index(["customer", "month"])["danger"]


def test_late_deliveries_have_cost_as_many_customers_as_are_counted(found):
    """Held against the same year without any: what is late in November is felt in January."""
    lost = CustomersLost.objects.get(metric__key="late_delivery_rate")
    no_more_late = Changes(fewer_late_a_week=10**6, from_on=date(2024, 11, 1))
    before, without = (
        trade_in_danger(facts) for facts in (simulate(SEED), simulate(SEED, changes=no_more_late))
    )
    assert lost.until == date(2025, 12, 31)
    assert lost.lost_low < (before - without.reindex(before.index)).sum() < lost.lost_high
