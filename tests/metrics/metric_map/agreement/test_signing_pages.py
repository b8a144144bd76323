"""Agreement by its pages: who signs what they read, what is overdue, and who sees a draft."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Department, Membership
from metrics.metric_map.agreement import drafting, signing
from metrics.metric_map.agreement.drafting import NotNow
from metrics.metric_map.document import LinkEntry, MetricEntry
from metrics.metric_map.graph import changing_map
from metrics.models import CounterProposal, Figure, MapEdition, Metric, MetricVersion, Signature


@pytest.fixture
def people(person, sales):
    return {
        "admin": person("map_admin"),
        "executive": person("executive"),
        "owner": person("manager", sales),
        "steward": person("data_steward"),
    }


def entry(people, number=0, **values):
    told = {
        "key": f"late_{number}",
        "name": f"Late {number}",
        "description": "Deliveries after the promised day.",
        "department": "Sales",
        "level": 4,
        "direction": "down",
        "control": "full",
        "owner": people["owner"].email,
        "lever": "keep",
        "actions": ("Call the carrier",),
    }
    return MetricEntry(**told | values)


@pytest.fixture
def propose(people, returns):
    """Propose these metrics, each linked upward, in the draft that is open or a new one."""

    def make(*entries):
        with changing_map():
            edition = drafting.draft_for(people["admin"])
            document = drafting.document_of(edition)
            for one in entries:
                link = LinkEntry(one.key, "return_rate", "leading", slope=0.2, lag_days=30)
                document = document.with_metric(one).with_link(link)
            drafting.change_draft(edition, document, people["admin"], "Changed")
            drafting.propose(edition, people["admin"], "Punctuality")
        return edition

    return make


def signing_form(client):
    """What the page sends for the first definition that waits for this person."""
    board = client.get("/agreements/").context["board"]
    (needed, *_) = [one.needed for one in (*board.mine, *board.overdue)]
    return {
        "key": needed.key,
        "party": needed.party,
        "department": needed.department.pk if needed.department else "",
        "fingerprint": needed.fingerprint,
    }


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "nowhere"])
def test_a_refusal_leads_to_no_other_site(signed_in, back):
    answer = signed_in("map_admin").post("/map/withdraw/", {"back": back})
    assert answer["Location"] == "/agreements/"


def test_what_was_changed_since_it_was_read_is_not_signed(client, people, propose):
    edition = propose(entry(people))
    client.force_login(people["owner"])
    form = signing_form(client)
    with changing_map():
        drafting.take_back(edition, people["admin"])
    propose(entry(people, direction="up"))
    page = client.post("/map/sign/", form, follow=True).text
    assert "Late 0 was changed since you read it" in page
    assert not Signature.objects.exists()
    client.post("/map/sign/", signing_form(client))
    assert Signature.objects.get().party == "owner"


def test_what_is_overdue_comes_to_the_executives_who_sign_with_a_reason(client, people, propose):
    edition = propose(entry(people))
    client.force_login(people["executive"])
    assert not client.get("/agreements/").context["board"].overdue
    MapEdition.objects.update(sign_until=timezone.localdate() - timedelta(1))
    assert "2 signatures are overdue" in client.get("/agreements/").text
    form = signing_form(client)
    assert "Say why you sign" in client.post("/map/sign/", form, follow=True).text
    client.post("/map/sign/", form | {"said": "The owner is on leave."})
    signed = Signature.objects.get()
    assert (signed.party, signed.person) == ("owner", people["executive"])
    edition.refresh_from_db()
    steward = next(one for one in signing.needed_for(edition) if one.party == "steward")
    with pytest.raises(NotNow, match="Somebody else"):
        signing.sign(edition, steward, people["owner"], "I know better.")


def test_who_has_left_or_has_no_role_that_signs_is_spoken_for_by_the_manager(
    people, propose, person
):
    counter = person("front_line")
    edition = propose(entry(people, owner=counter.email))
    owner = next(one for one in signing.needed_for(edition) if one.party == "owner")
    assert owner.people == (people["owner"],)
    Membership.objects.filter(user=people["owner"]).delete()
    owner = next(one for one in signing.needed_for(edition) if one.party == "owner")
    assert owner.people == (counter,)


def test_a_metric_leaves_the_map_only_with_its_owners_signature(people, propose, returns):
    returns.owner = people["owner"]
    returns.save()
    with changing_map():
        edition = drafting.draft_for(people["admin"])
        document = drafting.document_of(edition).without_metric("return_rate")
        drafting.change_draft(edition, document, people["admin"], "Removed")
        drafting.propose(edition, people["admin"], "Without it")
    with pytest.raises(NotNow, match=r"Return rate \(leaves the map\) still needs: owner"):
        signing.publish(edition, people["executive"])
    (needed,) = signing.needed_for(edition)
    signing.sign(edition, needed, people["owner"])
    with changing_map():
        signing.publish(edition, people["executive"])
    assert not Metric.objects.on_the_map().filter(key="return_rate").exists()


def test_nobody_publishes_over_a_counter_proposal_that_waits(client, people, propose):
    edition = propose(entry(people))
    document = drafting.document_of(edition)
    other = document.with_metric(replace(document.metrics["late_0"], data_source="WMS"))
    signing.counter(edition, other, "late_0", "Ask the warehouse.", people["owner"])
    for needed in signing.needed_for(edition):
        signing.sign(edition, needed, needed.people[0])
    with pytest.raises(NotNow, match="Department manager would have Late 0 otherwise"):
        signing.publish(edition, people["executive"])
    client.force_login(people["admin"])
    assert "Late 0: data source from nothing to WMS." in client.get("/map/edit/").text
    address = f"/map/answer/{CounterProposal.objects.get().pk}/"
    client.post(address, {"does": "decline", "said": "The ledger knows as well."})
    client.force_login(people["owner"])
    assert "Declined: The ledger knows as well." in client.get("/agreements/").text
    signing.publish(MapEdition.objects.open(), people["executive"])


def test_a_counter_proposal_brings_no_metric_back_that_has_left(people, propose):
    edition = propose(entry(people), entry(people, 1))
    document = drafting.document_of(edition)
    other = document.with_metric(replace(document.metrics["late_1"], data_source="WMS"))
    signing.counter(edition, other, "late_1", "Ask the warehouse.", people["owner"])
    with changing_map():
        drafting.take_back(edition, people["admin"])
        without = document.without_metric("late_1")
        drafting.change_draft(edition, without, people["admin"], "Removed")
        drafting.propose(edition, people["admin"], "Without")
    with pytest.raises(NotNow, match="has left the edition"):
        signing.answer(CounterProposal.objects.get(), people["admin"], is_taken=True)
    assert "late_1" not in drafting.document_of(MapEdition.objects.open()).metrics


def test_a_roll_back_that_is_refused_leaves_no_draft_behind(client, people, propose):
    edition = propose(entry(people))
    for needed in signing.needed_for(edition):
        signing.sign(edition, needed, needed.people[0])
    with changing_map():
        signing.publish(edition, people["executive"])
    client.force_login(people["admin"])
    page = client.post(f"/map/editions/{edition.number}/again/", follow=True).text
    assert "changes nothing yet" in page
    assert MapEdition.objects.open() is None


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("front_line", set()),
        ("analyst", set()),
        ("manager", {"proposed"}),
        ("executive", {"proposed"}),
        ("map_admin", {"draft", "proposed"}),
    ],
)
def test_a_draft_is_its_editors_and_a_proposal_its_signers(signed_in, people, propose, role, sees):
    edition = propose(entry(people))
    client = signed_in(role)
    for state in ("draft", "proposed"):
        MapEdition.objects.filter(pk=edition.pk).update(state=state)
        status = client.get(f"/map/editions/{edition.number}/").status_code
        assert (status == 200) == (state in sees), state
        assert ("Edition 1<" in client.get("/map/editions/").text) == (state in sees), state


def test_a_draft_cannot_be_countered_before_it_is_proposed(client, people, propose):
    edition = propose(entry(people))
    client.force_login(people["owner"])
    assert client.get("/map/counter/late_0/").status_code == 200
    with changing_map():
        drafting.take_back(edition, people["admin"])
    assert client.get("/map/counter/late_0/").status_code == 302


def test_an_edition_tells_only_who_signed_what_was_published(client, people, propose):
    edition = propose(entry(people))
    with changing_map():
        owner = signing.needed_for(edition)[0]
        signing.sign(edition, owner, people["owner"], "As it was at first")
        drafting.take_back(edition, people["admin"])
    edition = propose(entry(people, direction="up"))
    for needed in signing.needed_for(edition):
        signing.sign(edition, needed, needed.people[0])
    with changing_map():
        signing.publish(edition, people["executive"])
    client.force_login(people["executive"])
    board = client.get(f"/map/editions/{edition.number}/").context["board"]
    assert sorted(one.signature.party for one in board.signatures) == ["owner", "steward"]


def test_editions_follow_each_other_by_the_time_they_came_into_force(client, people, returns):
    now = timezone.now()
    for number, days in ((1, 1), (2, 5)):
        MapEdition.objects.create(
            number=number,
            state="published",
            document="metrics: {}",
            published_at=now - timedelta(days),
        )
    client.force_login(people["admin"])
    board = client.get("/map/editions/2/").context["board"]
    assert (board.earlier, board.later.number) == (None, 1)


def test_a_metric_that_leaves_gives_its_name_to_another(people, propose, returns):
    version = MetricVersion.objects.create(
        metric=returns, number=1, grain="week", unit="orders", way="reported"
    )
    Figure.objects.create(
        version=version, starts_on="2026-01-05", ends_on="2026-01-11", numerator=1
    )
    with changing_map():
        edition = drafting.draft_for(people["admin"])
        document = drafting.document_of(edition).without_metric("return_rate")
        new = entry(people, name="Return rate")
        link = LinkEntry(new.key, "active_customers", "leading", lag_days=30)
        document = document.with_metric(new).with_link(link)
        drafting.change_draft(edition, document, people["admin"], "Exchanged")
        drafting.propose(edition, people["admin"], "Counted better")
        for needed in signing.needed_for(edition):
            signing.sign(edition, needed, needed.people[0])
        signing.publish(edition, people["executive"])
    assert Metric.objects.get(key="late_0").name == "Return rate"
    assert Metric.objects.get(key="return_rate").name == "Return rate (return_rate)"


@pytest.mark.parametrize("address", ["/agreements/", "/map/edit/"])
def test_forty_metrics_ask_no_more_queries_than_one(
    client, people, propose, address, django_assert_max_num_queries
):
    edition = propose(entry(people))
    Department.objects.get_or_create(name="Sales")
    client.force_login(people["admin"])
    with django_assert_max_num_queries(80) as few:
        client.get(address)
    with changing_map():
        drafting.take_back(edition, people["admin"])
    many = [entry(people, number, owner="") for number in range(40)]
    propose(*many)
    with django_assert_max_num_queries(len(few)):
        client.get(address)
