"""Who is asked for a signature, and whose no longer counts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Membership, User
from metrics.metric_map.agreement import drafting, signing
from metrics.metric_map.agreement.drafting import NotNow
from metrics.metric_map.document import LinkEntry, MetricEntry
from metrics.metric_map.graph import changing_map
from metrics.models import MapEdition, Signature
from tests.metrics.value.by_hand import valuation_of


@pytest.fixture
def people(person, sales, marketing):
    return {
        "admin": person("map_admin"),
        "executive": person("executive"),
        "owner": person("manager", sales),
        "consumer": person("manager", marketing),
        "steward": person("data_steward"),
    }


@pytest.fixture
def late(people, returns):
    return MetricEntry(
        key="late",
        name="Late deliveries",
        description="Deliveries after the promised day.",
        department="Sales",
        level=4,
        direction="down",
        control="full",
        owner=people["owner"].email,
        lever="keep",
        actions=("Call the carrier",),
    )


@pytest.fixture
def propose(people):
    def make(entry):
        with changing_map():
            edition = drafting.draft_for(people["admin"])
            link = LinkEntry(entry.key, "return_rate", "leading", slope=0.2, lag_days=30)
            document = drafting.document_of(edition).with_metric(entry).with_link(link)
            drafting.change_draft(edition, document, people["admin"], "Changed")
            drafting.propose(edition, people["admin"], "Punctuality")
        return edition

    return make


def sign_all(edition):
    for needed in signing.needed_for(edition):
        if needed.signature is None:
            signing.sign(edition, needed, needed.people[0])


@pytest.fixture
def agreed(propose, late, people):
    edition = propose(late)
    sign_all(edition)
    with changing_map():
        signing.publish(edition, people["executive"])
    return edition


def waiting(edition):
    return [(one.party, one.department) for one in signing.needed_for(edition) if not one.signature]


def test_a_department_that_joins_an_agreed_metric_signs_it_and_nobody_else_does(
    agreed, propose, late, people, marketing, client
):
    edition = propose(replace(late, consumers=("Marketing",)))
    assert waiting(edition) == [("consumer", marketing)]
    client.force_login(people["admin"])
    assert '<span class="tag">signed by who joins</span>' in client.get("/map/edit/").text
    with pytest.raises(NotNow, match="Marketing, which steers by it"):
        signing.publish(edition, people["executive"])
    sign_all(edition)
    with changing_map():
        signing.publish(edition, people["executive"])
    client.force_login(people["executive"])
    page = client.get(f"/map/editions/{edition.number}/")
    told = [(one.signature.party, one.name) for one in page.context["board"].signatures]
    assert told == [("consumer", "Late deliveries")]
    assert "<b>late</b>" not in page.text


def test_the_owning_department_that_becomes_a_consumer_signs_as_one(
    agreed, propose, late, marketing, sales
):
    moved = replace(late, department="Marketing", consumers=("Marketing", "Sales"))
    assert waiting(propose(moved)) == [("consumer", sales)]


def test_who_lost_the_role_before_publication_has_not_signed(
    propose, late, people, person, marketing, client
):
    edition = propose(replace(late, consumers=("Marketing",)))
    sign_all(edition)
    successor = person("manager", marketing)
    Membership.objects.filter(user=people["consumer"]).delete()
    assert waiting(edition) == [("consumer", marketing)]
    with pytest.raises(NotNow, match="Marketing, which steers by it"):
        signing.publish(edition, people["executive"])
    client.force_login(people["admin"])
    for address in ("/map/edit/", "/agreements/"):
        assert "who no longer speaks for it" in client.get(address).text
    (needed,) = [one for one in signing.needed_for(edition) if not one.signature]
    signing.sign(edition, needed, successor)
    with changing_map():
        signing.publish(edition, people["executive"])
    client.force_login(people["executive"])
    board = client.get(f"/map/editions/{edition.number}/").context["board"]
    signers = {one.signature.person for one in board.signatures}
    assert signers == {people["owner"], successor, people["steward"]}


def test_who_left_before_publication_has_not_signed(propose, late, people, person):
    edition = propose(late)
    sign_all(edition)
    person("data_steward")
    User.objects.filter(pk=people["steward"].pk).update(is_active=False)
    assert waiting(edition) == [("steward", None)]
    User.objects.filter(pk=people["steward"].pk).update(is_active=True)
    assert waiting(edition) == []


def test_who_signed_and_still_may_stays_signed_when_another_becomes_owner(
    propose, late, people, person, sales
):
    edition = propose(late)
    sign_all(edition)
    with changing_map():
        drafting.take_back(edition, people["admin"])
    edition = propose(replace(late, owner=person("manager", sales).email))
    assert waiting(edition) == []


def test_an_executives_signature_in_the_place_of_others_counts(propose, late, people):
    edition = propose(late)
    needed = next(one for one in signing.needed_for(edition) if one.party == "owner")
    instead = replace(needed, instead=(people["executive"],))
    signing.sign(edition, instead, people["executive"], "The owner is on leave.")
    assert waiting(edition) == [("steward", None)]
    Membership.objects.filter(user=people["executive"]).delete()
    assert len(waiting(edition)) == 2
    assert Signature.objects.count() == 1


def test_an_executives_first_page_says_what_waits_past_its_day(propose, late, people, client):
    valuation_of()
    propose(late)
    client.force_login(people["executive"])
    assert "signatures are overdue" not in client.get("/story/").text
    MapEdition.objects.update(sign_until=timezone.localdate() - timedelta(1))
    page = client.get("/story/").text
    assert "2 signatures are overdue" in page
    assert 'href="/agreements/"' in page


@pytest.mark.parametrize(("who", "address"), [("steward", "/map/"), ("owner", "/board/")])
def test_who_has_to_sign_is_told_so_on_a_first_page(propose, late, people, client, who, address):
    propose(late)
    client.force_login(people[who])
    assert "1 definition to sign." in client.get(address).text


def test_what_is_signed_by_all_waits_for_a_publisher_and_what_is_countered_for_an_answer(
    propose, late, people, person, client
):
    edition = propose(late)
    other = replace(late, data_source="WMS")
    document = drafting.document_of(edition).with_metric(other)
    signing.counter(edition, document, "late", "Ask the warehouse.", people["owner"])
    client.force_login(person("map_admin"))
    assert "1 definition that somebody would have otherwise." in client.get("/map/").text
    sign_all(edition)
    assert "publish it" not in client.get("/map/").text
    counter = edition.counter_proposals.get()
    signing.answer(counter, people["admin"], is_taken=False, said="The ledger knows.")
    assert "Edition 1 is signed by all: publish it." in client.get("/map/").text
    client.force_login(people["admin"])
    assert "publish it" not in client.get("/map/").text


def test_an_open_dispute_waits_for_the_map_administrator(people, returns, client):
    returns.disputes.create(raised_by=people["owner"], said="The weather does.")
    client.force_login(people["admin"])
    assert "1 dispute about control to answer." in client.get("/map/").text


def test_whoever_publishes_sees_what_changes_and_for_how_many_people(
    propose, late, people, person, sales, client
):
    for _ in range(6):
        person("front_line", sales)
    propose(late)
    client.force_login(people["executive"])
    page = " ".join(client.get("/agreements/").text.split())
    assert "Late deliveries is added." in page
    assert "7 people see another board then." in page
    assert "The same for 2 more people" in page
    client.force_login(people["owner"])
    assert "another board" not in client.get("/agreements/").text


def test_who_owns_a_metric_of_another_department_is_told_that_their_board_changes(
    propose, late, people, client
):
    propose(replace(late, owner=people["consumer"].email))
    client.force_login(people["admin"])
    board = client.get("/map/edit/").context["board"]
    assert {user for page in board.page_changes for user in page.people} == {
        people["owner"],
        people["consumer"],
    }


def test_a_map_is_drawn_as_it_would_be_as_it_is_and_as_it_was(propose, late, people, client):
    edition = propose(late)
    client.force_login(people["executive"])
    address = f"/map/editions/{edition.number}/"
    assert "The map as it would be" in client.get(address).text
    sign_all(edition)
    with changing_map():
        signing.publish(edition, people["executive"])
    assert "The map as it is<" in client.get(address).text
