"""What interactions of each kind can say, and what is set aside because it cannot be so."""

from datetime import date

import pytest
from django.db import IntegrityError

from customers.models import Change, Customer, Interaction, Source, SourceRecord

HEADER = "customer,kind,happened_on,number"


@pytest.fixture(autouse=True)
def known(sales):
    source = Source.objects.create(name="billing")
    for code in ("ann", "bob"):
        customer = Customer.objects.create(code=code, department=sales)
        SourceRecord.objects.create(source=source, key=code, customer=customer)


@pytest.fixture
def brought(bring):
    def run(more, *rows):
        return bring("import_interactions", f"{HEADER},{more}", *rows)

    return run


def test_a_delivery_is_promised_and_done_whatever_a_system_calls_it(brought):
    brought("promised_date,Delivered at,status", "ann,shipment,2024-01-05,s1,,,in transit",
            "ann,delivery,2024-01-05,d1,2024-01-08,2024-01-09T10:00,late")  # fmt: skip
    delivery = Interaction.objects.get(kind="delivery")
    assert (delivery.due_on, delivery.done_on) == (date(2024, 1, 8), date(2024, 1, 9))
    assert (delivery.done_at.hour, delivery.outcome) == (10, "")
    assert Interaction.objects.get(kind="dispatch").done_at is None


def test_a_ticket_is_answered_closed_and_opened_again(brought):
    ticket = "ann,ticket,2024-01-05T09:00,t1,2024-01-05T11:30,2024-01-05,Re-opened,Bills,North"
    answer = brought("first_response_at,closed_at,status,category,depot", ticket)
    assert answer["set_aside"] == []
    ticket = Interaction.objects.get()
    assert (ticket.answered_at - ticket.happened_at).seconds == 9000
    assert (ticket.done_at, ticket.done_on) == (ticket.happened_at, ticket.happened_on)
    assert (ticket.outcome, ticket.topic) == ("reopened", "bills")
    assert ticket.site == "North"


def test_a_survey_an_invoice_a_referral_and_a_visit_say_what_is_their_own(brought):
    answer = brought("score,consent,flagged,referred,outcome,visitor",
            "ann,survey,2024-01-05,s1,80,yes,,,,", "ann,invoice,2024-01-05,i1,,,no,,credited,",
            "ann,referral,2024-01-05,r1,,,,bob,paid,", ",visit,2024-01-05,v1,,,,,trial,v77",
            "ann,visit,2024-01-05,v2,,,,,,v77")  # fmt: skip
    assert answer["set_aside"] == []
    found = {one.key: one for one in Interaction.objects.all()}
    assert (found["s1"].score, found["s1"].may_be_quoted) == (80, True)
    assert (found["i1"].is_flagged, found["i1"].outcome) == (False, "corrected")
    assert found["r1"].referred.key == "bob"
    assert (found["v1"].record, found["v1"].prospect, found["v1"].outcome) == (None, "v77", "trial")
    assert (found["v2"].record.key, found["v2"].prospect) == ("ann", "")


def test_a_notice_says_who_leaves_and_a_contact_whether_the_record_was_there(brought):
    answer = brought("reason,record_shown",
            "ann,account closed,2024-03-05,n1,Service,", "ann,ticket,2024-01-05,t1,,yes",
            "bob,call,2024-01-05,c1,,no", "bob,call,2024-01-06,c2,,")  # fmt: skip
    assert answer["set_aside"] == []
    found = {one.key: one for one in Interaction.objects.all()}
    assert (found["n1"].kind, found["n1"].topic) == ("notice", "service")
    assert [found[key].is_record_shown for key in ("t1", "c1", "c2")] == [True, False, None]


def test_the_database_keeps_records_shown_to_tickets_and_calls(brought):
    brought("score", "ann,survey,2024-01-05,s1,80")
    with pytest.raises(IntegrityError, match="interaction_record_is_shown_at_a_ticket_or_call"):
        Interaction.objects.update(is_record_shown=True)


@pytest.mark.parametrize(
    ("more", "row", "sentence"),
    [
        ("score", "ann,delivery,2024-01-05,d1,50", "Only a survey has a score"),
        ("score", "ann,survey,2024-01-05,s1,101", "The score is from 0 to 100."),
        ("done_on", "ann,delivery,2024-01-05,d1,2024-01-04", "It was done before it happened."),
        ("answered_at", "ann,ticket,2024-01-05,t1,2024-01-04", "answered before it happened."),
        ("done_on", "ann,delivery,2024-01-05,d1,2099-01-04", "day it was done is still to come."),
        ("due_on", "ann,delivery,2024-01-05,d1,2024-01-04", "promised for a day before"),
        ("due_on", "ann,survey,2024-01-05,d1,2024-01-06", "There is no promised day of a survey."),
        ("visitor", ",ticket,2024-01-05,t1,v7", "Only visits, installs and offers are with a pros"),
        ("visitor", ",visit,2024-01-05,t1,", "The row has no customer."),
        ("flagged", "ann,ticket,2024-01-05,t1,yes", "Only an invoice is flagged"),
        ("record_shown", "ann,invoice,2024-01-05,t1,yes", "is on the screen at a ticket or a call"),
        ("due_on", "ann,notice,2024-01-05,n1,2024-02-05", "There is no promised day of a notice"),
        ("visitor", ",notice,2024-01-05,n1,v7", "a notice of leaving is with a customer."),
        ("flagged", "ann,invoice,2024-01-05,t1,perhaps", "is yes or no, not perhaps."),
        ("referred", "ann,call,2024-01-05,t1,bob", "Only a referral brings another customer"),
        ("referred", "ann,referral,2024-01-05,t1,ann", "A referral brings somebody else"),
        ("referred", "ann,referral,2024-01-05,t1,zed", "billing knows no customer zed."),
        ("outcome", "ann,ticket,2024-01-05,t1,paid", "The outcome of a ticket is never paid."),
        ("outcome", "ann,ticket,2024-01-05,t1,blue", "There is no outcome blue."),
        ("outcome", "ann,delivery,2024-01-05,t1,late", "The row calls it late"),
    ],
)
def test_what_cannot_be_so_is_set_aside_with_its_sentence(brought, more, row, sentence):
    (aside,) = brought(more, row)["set_aside"]
    assert sentence in aside["sentence"]
    assert not Interaction.objects.exists()


def test_a_row_without_a_number_that_is_done_later_is_the_same_one(brought):
    brought("done_on", "ann,delivery,2024-01-05,,")
    assert brought("done_on", "ann,delivery,2024-01-05,,2024-01-07")["changed"] == 1
    assert Interaction.objects.get().done_on == date(2024, 1, 7)


def test_only_the_days_of_what_changed_are_to_be_counted_anew(brought):
    brought("due_on", "ann,delivery,2024-01-05,d1,2024-03-06")
    Change.objects.all().delete()
    brought("due_on", "ann,delivery,2024-01-05,d1,2024-05-06")
    days = Change.objects.values_list("kind", "first_on").order_by("first_on")
    assert list(days) == [
        ("delivery", date(2024, 1, 5)), ("delivery", date(2024, 3, 6)),
        ("delivery", date(2024, 5, 6)),
    ]  # fmt: skip
