"""The form that makes and changes a scenario: what is stored, refused, said, and by whom."""

from datetime import date

import pytest
from celery import current_app

from customers.models import AuditEvent, Role, User
from metrics.models import Scenario, ScenarioShock, ScenarioValue
from tests.metrics.value.by_hand import scenario_of, valued

pytestmark = pytest.mark.django_db


@pytest.fixture
def signals(monkeypatch, django_capture_on_commit_callbacks):
    """What is sent to workers, in the block that `signals` opens."""
    sent = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args: sent.append((name, *args)))

    class Signals(list):
        def __enter__(self):
            self.capturing = django_capture_on_commit_callbacks(execute=True)
            self.capturing.__enter__()
            return sent

        def __exit__(self, *error):
            return self.capturing.__exit__(*error)

    return Signals()


def filled(shocks=(), **changes):
    """The form as a browser sends it."""
    sent = {
        "name": "Loyalty plan", "note": "", "drop_out": "", "rate": "", "spend": "",
        "margin_points": "", "yearly_rate": "", "months": "", "shocks-TOTAL_FORMS": "2",
        "shocks-INITIAL_FORMS": "0", "shocks-MIN_NUM_FORMS": "0", "shocks-MAX_NUM_FORMS": "12",
    }  # fmt: skip
    for number, (band, from_on, purchases) in enumerate(shocks):
        sent |= {
            f"shocks-{number}-band": band,
            f"shocks-{number}-from_on": from_on,
            f"shocks-{number}-purchases": purchases,
        }
    return sent | changes


def test_who_makes_none_is_not_told_that_something_stays(signed_in, valuation, jo):
    client = signed_in(Role.ANALYST)
    assert "Leave it as it was" not in client.get("/scenarios/new/").text
    scenario = scenario_of("Loyalty plan", jo, rate="1.1")
    assert "Leave it as it was" in client.get(f"/scenarios/{scenario.pk}/edit/").text


def test_a_new_scenario_is_stored_as_factors_written_down_and_valued(signed_in, valuation, signals):
    client = signed_in(Role.EXECUTIVE)
    sent = filled(
        [("Large", "2027-03-01", "-20")], drop_out="−10", rate="2.5", margin_points="2",
        yearly_rate="12", months="24",
    )  # fmt: skip
    with signals as told:
        page = client.post("/scenarios/new/", sent, follow=True).text
    scenario = Scenario.objects.get()
    changed = (scenario.drop_out, scenario.rate, scenario.spend, scenario.margin_points)
    assert [float(each) for each in changed] == [0.9, 1.025, 1, 2]
    assert (float(scenario.yearly_rate), scenario.months) == (0.12, 24)
    shock = ScenarioShock.objects.get()
    assert (shock.band, shock.from_on, float(shock.purchases)) == (
        "Large",
        date(2027, 3, 1),
        0.8,
    )
    value = ScenarioValue.objects.get()
    assert (value.status, value.valuation) == ("waiting", valuation)
    assert told == [("metrics.tasks.run_scenario_value", value.pk)]
    assert scenario.owner.name == "Executive"
    assert "a tenth fewer leave" in AuditEvent.objects.get().about.lower()
    assert "Waiting for a worker" in page


def test_an_edited_scenario_keeps_its_owner_and_is_valued_anew(signed_in, valuation, jo, signals):
    plan = scenario_of("Loyalty plan", jo, drop_out="0.9", margin_points="2", yearly_rate="0.12")
    before = valued(plan, valuation, "1921400")
    client = signed_in(Role.ANALYST)
    page = client.get(f"/scenarios/{plan.pk}/edit/").text
    assert 'value="−10"' in page
    assert 'value="12"' in page
    with signals as told:
        client.post(f"/scenarios/{plan.pk}/edit/", filled(rate="5"))
    plan.refresh_from_db()
    assert (float(plan.drop_out), float(plan.rate), plan.owner) == (1, 1.05, jo)
    value = ScenarioValue.objects.get()
    assert value.pk != before.pk
    assert (value.status, value.by_month.count()) == ("waiting", 0)
    assert told == [("metrics.tasks.run_scenario_value", value.pk)]


def test_a_shock_is_changed_and_taken_out(signed_in, valuation, jo):
    plan = scenario_of("Loyalty plan", jo)
    shocks = [
        plan.shocks.create(band=band, from_on=date(2027, 1, 1), purchases="0.8")
        for band in ("Large", "Small")
    ]
    sent = filled([("Large", "2027-02-01", "-50"), ("Small", "2027-01-01", "-20")]) | {
        "shocks-INITIAL_FORMS": "2",
        "shocks-0-id": shocks[0].pk,
        "shocks-1-id": shocks[1].pk,
        "shocks-1-DELETE": "on",
    }
    signed_in(Role.ANALYST).post(f"/scenarios/{plan.pk}/edit/", sent)
    shock = plan.shocks.get()
    assert (shock.pk, shock.from_on, float(shock.purchases)) == (
        shocks[0].pk,
        date(2027, 2, 1),
        0.5,
    )


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (filled(), "Change at least one thing"),
        (filled(drop_out="-100"), "It cannot be less than −99."),
        (filled([("", "2027-03-01", "5")]), "Choose whose purchases change."),
        (filled(name=" ", rate="5"), "A scenario needs a name."),
        (filled(rate="much"), "Write a number, like 2.5 or −10."),
        (filled([("Large", "2026-11-18", "-20")]), "The forecast begins after 18 Nov 2026."),
        (filled([("Large", "2027-03-01", "")]), "Say by how much."),
        (
            filled([("Large", "2027-03-01", "-20"), ("Large", "2027-03-01", "5")]),
            "Two lines change the same customers from the same day.",
        ),
        (
            filled([("Large", "2027-03-01", "-20"), ("Large", "2027-03-01", "5")]),
            "A line above changes the same customers from the same day.",
        ),
        (filled(name="Taken", rate="5"), "Another scenario has this name already."),
        (filled(rate="5.55"), "Write 1 decimal at most."),
        (filled(yearly_rate="5.555"), "Write 2 decimals at most."),
        (filled(months="0"), "Look 1 month ahead at least."),
        (filled(months="-3"), "Look 1 month ahead at least."),
        (filled(months="61"), "Look 60 months ahead at most."),
        (filled(months="1.5"), "Write whole months, like 24."),
    ],
)
def test_what_cannot_be_valued_is_said_and_not_stored(signed_in, valuation, jo, sent, sentence):
    scenario_of("Taken", jo, rate="1.1")
    page = signed_in(Role.ANALYST).post("/scenarios/new/", sent)
    assert page.status_code == 200
    assert sentence in page.text
    assert Scenario.objects.count() == 1


def test_the_form_says_in_words_what_has_been_filled_in_so_far(signed_in, valuation):
    client = signed_in(Role.EXECUTIVE)
    words = client.post("/scenarios/words/", filled(name="", spend="3", drop_out="x")).text
    assert "They spend 3% more a purchase." in words
    assert "<html" not in words
    words = client.post("/scenarios/words/", filled([("Small", "2027-03-01", "-100")])).text
    assert "From 1 Mar 2027 small customers buy nothing." in words
    for months in ("0", "61", "100000"):
        words = client.post("/scenarios/words/", filled(months=months)).text
        assert "Nothing is changed yet." in words, "what is refused is not put into words"
    assert "Nothing is changed yet." in client.post("/scenarios/words/", filled()).text
    assert not Scenario.objects.exists()


def test_only_the_owner_or_an_analyst_changes_or_removes_a_scenario(client, valuation, person, jo):
    ruth, other = person(Role.EXECUTIVE), person(Role.EXECUTIVE)
    plan = scenario_of("Loyalty plan", ruth, rate="1.1")
    for user, status in [(other, 404), (ruth, 200), (jo, 200)]:
        client.force_login(user)
        for address in ("edit", "remove"):
            assert client.get(f"/scenarios/{plan.pk}/{address}/").status_code == status
        offered = "Change it" in client.get(f"/scenarios/{plan.pk}/").text
        assert offered == (status == 200)
    client.force_login(other)
    assert client.post(f"/scenarios/{plan.pk}/remove/").status_code == 404
    client.force_login(ruth)
    page = client.post(f"/scenarios/{plan.pk}/remove/", follow=True).text
    assert "Loyalty plan is gone." in page
    assert not Scenario.objects.exists()
    assert AuditEvent.objects.get().about == "Removed scenario Loyalty plan"


def test_a_failed_scenario_is_tried_again_and_one_on_its_way_is_left_alone(
    signed_in, valuation, jo, signals
):
    plan = scenario_of("Loyalty plan", jo, rate="1.1")
    ScenarioValue.objects.create(scenario=plan, valuation=valuation, status="failed")
    client = signed_in(Role.EXECUTIVE)
    with signals as told:
        client.post(f"/scenarios/{plan.pk}/value/")
    value = ScenarioValue.objects.get()
    assert value.status == "waiting"
    with signals:
        client.post(f"/scenarios/{plan.pk}/value/")
    assert ScenarioValue.objects.get() == value
    assert told == [("metrics.tasks.run_scenario_value", value.pk)]


def test_a_scenario_made_before_the_first_valuation_waits_for_it(signed_in, company):
    client = signed_in(Role.ANALYST)
    client.post("/scenarios/new/", filled(rate="5"))
    assert Scenario.objects.count() == 1
    assert not ScenarioValue.objects.exists()
    assert User.objects.get().scenarios.count() == 1
