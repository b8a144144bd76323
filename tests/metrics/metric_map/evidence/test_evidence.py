"""What the data say of links: found among customers, kept beside what was agreed, never in it."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from customers.models import Interaction, Role
from metrics.effects.evidence.discovery import RATE, adjusted, adjusted_strictly
from metrics.metric_map.agreement.drafting import NotNow, document_of
from metrics.metric_map.evidence import runs
from metrics.metric_map.evidence.looking import Looking
from metrics.metric_map.evidence.measures import Facts, exposure_of, outcome_of
from metrics.metric_map.evidence.pairs import pairs_to_look_at
from metrics.metric_map.evidence.taking import take_into_draft, with_findings
from metrics.metric_map.graph import read_map
from metrics.models import EvidenceRun, Finding, Link, MapEdition
from tests.metrics.metric_map.evidence import by_hand as company


def looked():
    """Look at everything now."""
    company.figures_are_done()
    run = runs.due_run()
    runs.run(EvidenceRun.objects.claim(run.pk))
    return EvidenceRun.objects.get(pk=run.pk)


def test_what_customers_lived_through_is_in_the_metrics_own_unit(late, satisfaction):
    first = Interaction.objects.filter(kind="delivery").order_by("pk").first()
    first.done_on = first.done_on.replace(month=2)
    first.save()
    facts = Facts.until(company.AS_OF)
    lived = exposure_of(late.versions.get(), facts)
    said = outcome_of(satisfaction.versions.get(), facts)
    assert lived.shape == said.shape == (company.CUSTOMERS, company.MONTHS)
    assert np.isnan(lived[0, 0]), "felt in the month in which it came"
    assert lived[0, 1] in {50.0, 100.0}
    assert set(np.unique(lived[1:])) == {0.0, 100.0}
    row = Interaction.objects.filter(kind="survey", record__customer__code="c3", key="s4").get()
    assert said[3, 4] == pytest.approx(row.score, abs=0.001)


def test_a_link_is_found_with_its_delay_its_doubt_and_its_quarters(late, satisfaction, link):
    link(late, satisfaction, lag_days=30)
    run = looked()
    finding = run.findings.get()
    assert (run.status, run.steps_done) == ("done", 1)
    assert (finding.verdict, finding.method, finding.rung) == ("link", "panel", 3)
    assert abs(finding.slope - company.HARM) < 1.96 * finding.se < 0.05
    assert finding.lag_days == 30
    assert finding.sentence.startswith("Late deliveries: one more point is followed by −0.")
    assert all(abs(one.slope - company.HARM) < 0.1 for one in finding.quarters.all())


def test_where_nothing_is_to_be_seen_nothing_is_claimed(metric, sales, satisfaction, link):
    company.live(sales, harm=0.0)
    late = metric("Late deliveries")
    company.late_rate(late)
    link(late, satisfaction, slope=-0.5, se=0.1, lag_days=30)
    finding = looked().findings.get()
    assert (finding.verdict, finding.rung) == ("none", 0)
    assert "not shown to move satisfaction" in finding.sentence


def test_few_customers_say_how_much_more_is_needed(late, satisfaction, link):
    link(late, satisfaction, lag_days=30)
    Interaction.objects.filter(kind="survey", happened_on__gt="2024-02-28").delete()
    finding = looked().findings.get()
    assert finding.verdict == "little"
    assert finding.missing_periods > 0
    assert "more months would tell" in finding.sentence


def test_a_link_that_the_map_lacks_is_proposed_unless_a_way_is_there(
    late, satisfaction, metric, link
):
    assert [pair.key for pair in pairs_to_look_at()] == [(late.pk, satisfaction.pk)]
    between = metric("Trouble")
    link(late, between)
    link(between, satisfaction)
    assert pairs_to_look_at() == []
    Link.objects.all().delete()
    finding = looked().findings.get()
    assert (finding.verdict, finding.child) == ("link", late)


def test_a_finding_changes_no_agreed_link(late, satisfaction, link):
    agreed = link(late, satisfaction, slope=-0.5, se=0.1, lag_days=30)
    looked()
    agreed.refresh_from_db()
    assert (agreed.slope, agreed.se, agreed.rung) == (-0.5, 0.1, 0)
    assert with_findings(read_map()).links[0].slope == -0.5


def test_an_assumed_link_without_a_number_uses_what_was_found(late, satisfaction, link):
    link(late, satisfaction, lag_days=30)
    looked()
    (used,) = with_findings(read_map()).links
    assert used.slope == pytest.approx(company.HARM, abs=0.05)
    assert used.rung == 3
    assert Link.objects.get().slope is None


def test_what_was_found_is_taken_into_the_draft_to_be_signed(late, satisfaction, link, person):
    link(late, satisfaction, slope=-0.5, se=0.1, lag_days=30)
    finding = looked().findings.get()
    edition = take_into_draft(finding, person(Role.MAP_ADMIN))
    taken = document_of(edition).links[late.key, satisfaction.key]
    assert taken.slope == pytest.approx(finding.slope, rel=1e-3)
    assert (taken.lag_days, taken.rung, edition.state) == (30, 3, "draft")
    assert Link.objects.get().slope == -0.5
    Finding.objects.update(verdict="none")
    with pytest.raises(NotNow, match="Nothing was found"):
        take_into_draft(Finding.objects.get(), person(Role.MAP_ADMIN))


def test_it_is_looked_weekly_and_when_another_map_is_in_force(late, satisfaction, link):
    link(late, satisfaction, lag_days=30)
    assert runs.due_run() is None
    run = looked()
    assert runs.due_run() is None
    EvidenceRun.objects.update(asked_at=timezone.now() - timedelta(days=8))
    assert runs.due_run()
    EvidenceRun.objects.exclude(pk=run.pk).delete()
    EvidenceRun.objects.update(asked_at=timezone.now() - timedelta(days=1))
    assert runs.due_run() is None
    MapEdition.objects.create(number=9, state="published", published_at=timezone.now())
    assert runs.due_run()


def test_a_run_that_was_killed_goes_on_where_it_was(late, satisfaction, metric, link, monkeypatch):
    other = metric("Other satisfaction", level=2)
    company.satisfaction_score(other)
    link(late, satisfaction, lag_days=30)
    link(late, other, lag_days=30)
    company.figures_are_done()
    run = EvidenceRun.objects.claim(runs.due_run().pk)
    look, killed = Looking.at, []

    def dies_once(self, pair):
        if pair.parent.metric_id == other.pk and not killed:
            killed.append(pair)
            raise KeyboardInterrupt
        return look(self, pair)

    monkeypatch.setattr(Looking, "at", dies_once)
    with pytest.raises(KeyboardInterrupt):
        runs.run(run)
    assert run.findings.count() == 1
    runs.run(EvidenceRun.objects.get(pk=run.pk))
    assert run.findings.count() == 2
    assert EvidenceRun.objects.get(pk=run.pk).status == "done"


def test_figures_speak_where_no_customer_does(metric, link):
    draw = np.random.default_rng(4)
    child = draw.normal(size=90)
    parent = 5 + 2 * np.roll(child, 2) + 0.3 * draw.normal(size=90)
    low, high = metric("Missed checks"), metric("Escapes")
    for made, values in ((low, child), (high, parent)):
        version = made.versions.create(number=1, grain="week", unit="points", way="reported")
        company.weekly_figures(version, values)
    link(low, high)
    finding = looked().findings.get()
    assert (finding.method, finding.verdict, finding.lag_days) == ("series", "link", 14)
    assert abs(finding.slope - 2) < 3 * finding.se < 0.2


def test_the_page_shows_what_was_found_and_the_administrator_takes_it(
    client, late, satisfaction, link, person
):
    link(late, satisfaction, slope=-0.5, se=0.1, lag_days=30)
    finding = looked().findings.get()
    client.force_login(person(Role.ANALYST))
    page = client.get("/map/evidence/").text
    assert finding.sentence in page
    assert "−0.5" in page
    assert "Take into the draft" not in page
    assert client.post(f"/map/evidence/{finding.pk}/take/").status_code == 404
    client.force_login(person(Role.MAP_ADMIN))
    assert "Take into the draft" in client.get("/map/evidence/").text
    answer = client.post(f"/map/evidence/{finding.pk}/take/", follow=True)
    assert "has it now" in answer.text
    assert MapEdition.objects.open().state == "draft"


def test_a_candidate_has_to_stand_out_further_than_a_link_that_people_believe_in():
    """Of a hundred pairs, one chance in a thousand is expected of ten links, and of none other."""
    few_believed, many = [0.0, 0.002], [0.0, 0.002, *(n / 100 for n in range(1, 99))]
    assert (adjusted(few_believed) <= RATE).all()
    assert (adjusted_strictly(many) <= RATE).tolist()[:2] == [True, False]


def test_the_page_asks_as_often_for_one_finding_as_for_many(
    client, late, satisfaction, link, person, django_assert_max_num_queries
):
    link(late, satisfaction, lag_days=30)
    looked()
    client.force_login(person(Role.ANALYST))
    client.get("/map/evidence/")
    with django_assert_max_num_queries(25):
        client.get("/map/evidence/")
