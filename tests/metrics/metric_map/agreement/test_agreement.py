"""From a draft to its publication: signatures, counter-proposals, two people, past days."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from customers.models import AuditEvent, Company, Department, Membership, User
from metrics.metric_map.agreement import drafting, signing
from metrics.metric_map.agreement.drafting import NotNow
from metrics.metric_map.document import LinkEntry, MetricEntry, stored_document
from metrics.metric_map.graph import changing_map
from metrics.models import CounterProposal, Link, MapEdition, Metric, Signature

WEEKS = 13


@pytest.fixture
def people(person, sales, marketing):
    """One of each who has a word, by what they do."""
    return {
        "admin": person("map_admin"),
        "other": person("executive"),
        "owner": person("manager", sales),
        "consumer": person("manager", marketing),
        "steward": person("data_steward"),
    }


@pytest.fixture
def late(people, returns, sales):
    """A metric that is not on the map yet: of Sales, steered by Marketing too."""
    return MetricEntry(
        key="late_deliveries",
        name="Late deliveries",
        description="Deliveries after the promised day.",
        department=sales.name,
        level=4,
        direction="down",
        control="full",
        owner=people["owner"].email,
        consumers=("Marketing",),
        lever="keep",
        actions=("Call the carrier",),
    )


@pytest.fixture
def proposed(people, late):
    """An edition with that metric and its link up, waiting for signatures."""
    with changing_map():
        edition = drafting.draft_for(people["admin"])
        document = drafting.document_of(edition).with_metric(late)
        document = document.with_link(
            LinkEntry(late.key, "return_rate", "leading", slope=0.2, se=0.1, lag_days=30)
        )
        drafting.change_draft(edition, document, people["admin"], "Added late deliveries")
        drafting.propose(edition, people["admin"], "Punctuality belongs on the map")
    return edition


def sign_all(edition, people):
    for needed in signing.needed_for(edition):
        if needed.signature is None:
            signing.sign(edition, needed, needed.people[0])


def parties(edition):
    return {(one.key, one.party): one.signature is not None for one in signing.needed_for(edition)}


def test_a_draft_changes_nothing_that_people_see(proposed):
    assert not Metric.objects.filter(key="late_deliveries").exists()
    assert "late_deliveries" not in stored_document().metrics


def test_owner_consumer_and_steward_have_to_sign_what_is_new_and_nothing_else(proposed):
    assert parties(proposed) == {
        ("late_deliveries", "owner"): False,
        ("late_deliveries", "consumer"): False,
        ("late_deliveries", "steward"): False,
    }


def test_finance_signs_what_links_to_money(people, late, equity, marketing):
    Company.objects.filter(pk=Company.objects.current().pk).update(finance_department=marketing)
    with changing_map():
        edition = drafting.draft_for(people["admin"])
        document = drafting.document_of(edition).with_metric(late)
        link = LinkEntry(late.key, equity.key, "identity", driver="cash")
        drafting.change_draft(edition, document.with_link(link), people["admin"], "Added")
        drafting.propose(edition, people["admin"], "Money")
    assert ("late_deliveries", "finance") in parties(edition)


def test_only_who_it_concerns_can_sign_and_only_once(proposed, people):
    owner = next(one for one in signing.needed_for(proposed) if one.party == "owner")
    with pytest.raises(NotNow, match="Somebody else"):
        signing.sign(proposed, owner, people["consumer"])
    signing.sign(proposed, owner, people["owner"], "That is right.")
    (signed,) = [one for one in signing.needed_for(proposed) if one.party == "owner"]
    with pytest.raises(NotNow, match="signed already"):
        signing.sign(proposed, signed, people["owner"])
    assert AuditEvent.objects.filter(verb="signed", actor=people["owner"]).count() == 1


def test_the_database_takes_no_second_signature_of_one_party(proposed, people):
    owner = next(one for one in signing.needed_for(proposed) if one.party == "owner")
    signed = signing.sign(proposed, owner, people["owner"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.create(
            key=signed.key, fingerprint=signed.fingerprint, party="owner", person=people["owner"]
        )


def test_it_is_published_by_a_second_person_once_all_have_signed(proposed, people):
    with pytest.raises(NotNow, match="Late deliveries still needs: owner and 2 more"):
        signing.publish(proposed, people["other"])
    sign_all(proposed, people)
    with pytest.raises(NotNow, match="Somebody else than who proposed it"):
        signing.publish(proposed, people["admin"])
    with changing_map():
        signing.publish(proposed, people["other"])
    late = Metric.objects.get(key="late_deliveries")
    assert (late.owner, late.control) == (people["owner"], "full")
    assert [action.text for action in late.actions.all()] == ["Call the carrier"]
    assert Link.objects.get(child=late).slope == 0.2
    assert MapEdition.objects.in_force() == proposed


def test_the_database_lets_nobody_publish_what_they_proposed(proposed):
    with pytest.raises(IntegrityError, match="map_edition_is_published_by_two"):
        MapEdition.objects.filter(pk=proposed.pk).update(confirmed_by=proposed.proposed_by)


def test_a_material_change_resets_signatures_and_a_wording_does_not(proposed, people):
    sign_all(proposed, people)
    with changing_map():
        drafting.take_back(proposed, people["admin"])
        document = drafting.document_of(proposed)
        worded = replace(document.metrics["late_deliveries"], description="In other words.")
        drafting.change_draft(proposed, document.with_metric(worded), people["admin"], "Worded")
        drafting.propose(proposed, people["admin"], "Again")
        assert all(parties(proposed).values())
        drafting.take_back(proposed, people["admin"])
        turned = replace(worded, direction="up")
        drafting.change_draft(proposed, document.with_metric(turned), people["admin"], "Turned")
        drafting.propose(proposed, people["admin"], "Again")
    assert not any(parties(proposed).values())


def test_a_counter_proposal_that_is_taken_changes_the_edition(proposed, people):
    sign_all(proposed, people)
    document = drafting.document_of(proposed)
    other = document.with_metric(replace(document.metrics["late_deliveries"], data_source="WMS"))
    signing.counter(proposed, other, "late_deliveries", "Ask the warehouse.", people["consumer"])
    (proposal,) = CounterProposal.objects.all()
    with pytest.raises(NotNow, match="Say why"):
        signing.answer(proposal, people["admin"], is_taken=False)
    with changing_map():
        signing.answer(proposal, people["admin"], is_taken=True)
    proposed.refresh_from_db()
    assert drafting.document_of(proposed).metrics["late_deliveries"].data_source == "WMS"
    assert not any(parties(proposed).values())


def test_a_draft_that_breaks_a_rule_cannot_be_proposed(people, late):
    with changing_map():
        edition = drafting.draft_for(people["admin"])
        document = drafting.document_of(edition).with_metric(late)
        around = document.with_link(LinkEntry("return_rate", late.key, "leading", note="x"))
        around = around.with_link(LinkEntry(late.key, "return_rate", "leading"))
        drafting.change_draft(edition, around, people["admin"], "A circle")
        with pytest.raises(NotNow, match="circle"):
            drafting.propose(edition, people["admin"], "Round and round")


def test_a_draft_without_a_change_cannot_be_proposed(people, returns):
    edition = drafting.draft_for(people["admin"])
    with pytest.raises(NotNow, match="changes nothing"):
        drafting.propose(edition, people["admin"], "Nothing")


def test_there_is_one_open_edition(proposed, people):
    with pytest.raises(NotNow, match="is proposed"):
        drafting.draft_for(people["admin"])
    with pytest.raises(IntegrityError, match="one_map_edition_is_open"):
        MapEdition.objects.create(number=99, document="")


@pytest.mark.parametrize(
    "gone",
    [
        lambda user: Membership.objects.filter(user=user).delete(),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
    ],
    ids=["lost the role", "left"],
)
def test_a_confirmation_lapses_when_who_gave_it_no_longer_publishes(proposed, people, gone):
    sign_all(proposed, people)
    soon = timezone.now() + timedelta(hours=1)
    MapEdition.objects.filter(pk=proposed.pk).update(publish_at=soon)
    proposed.refresh_from_db()
    with changing_map():
        signing.publish(proposed, people["other"])
        MapEdition.objects.filter(pk=proposed.pk).update(publish_at=timezone.now())
        gone(people["other"])
        assert signing.publish_due() is None
    proposed.refresh_from_db()
    assert (proposed.state, proposed.confirmed_by) == ("proposed", None)
    assert "confirmed anew" in AuditEvent.objects.latest("pk").about


def test_a_confirmed_edition_waits_for_its_time(proposed, people):
    sign_all(proposed, people)
    soon = timezone.now() + timedelta(hours=1)
    MapEdition.objects.filter(pk=proposed.pk).update(publish_at=soon)
    proposed.refresh_from_db()
    with changing_map():
        signing.publish(proposed, people["other"])
        assert proposed.state == "proposed"
        assert signing.publish_due() is None
        MapEdition.objects.filter(pk=proposed.pk).update(publish_at=timezone.now())
        assert signing.publish_due() == proposed
    assert Metric.objects.filter(key="late_deliveries").exists()


def test_an_earlier_edition_is_proposed_again_in_one_step(proposed, people):
    before = MapEdition.objects.create(
        number=90,
        state="published",
        document=MapEdition.objects.get(pk=proposed.pk).document,
        published_at=timezone.now() - timedelta(days=1),
    )
    sign_all(proposed, people)
    with changing_map():
        signing.publish(proposed, people["other"])
        document = drafting.document_of(proposed).without_metric("late_deliveries")
        edition = drafting.draft_for(people["admin"])
        drafting.change_draft(edition, document, people["admin"], "Removed")
        drafting.propose(edition, people["admin"], "Without it")
        sign_all(edition, people)
        signing.publish(edition, people["other"])
        assert not Metric.objects.on_the_map().filter(key="late_deliveries").exists()
        again = drafting.roll_back_to(before, people["admin"])
        signing.publish(again, people["other"])
    assert Metric.objects.on_the_map().filter(key="late_deliveries").exists()
    assert Department.objects.filter(name="Sales").count() == 1


def test_the_map_of_a_past_day_is_that_of_the_edition_then_in_force(proposed, people):
    sign_all(proposed, people)
    with changing_map():
        signing.publish(proposed, people["other"])
    yesterday = timezone.localdate() - timedelta(1)
    assert MapEdition.objects.in_force(yesterday) is None
    assert MapEdition.objects.in_force(timezone.localdate()) == proposed
