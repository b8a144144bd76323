"""Interactions come as a file; what they cost is the cost to serve."""

from datetime import date

import pytest
from django.core.management import CommandError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer, Interaction, Source, SourceRecord

HEADER = "customer,kind,happened_on,number,cost,description"
TICKET = "ann,ticket,2024-01-15,t1,12.50,broken handle"
CALL = "ann,call,2024-02-15,,4,"


@pytest.fixture
def ann(sales):
    source = Source.objects.create(name="billing")
    customer = Customer.objects.create(code="ann", department=sales)
    return SourceRecord.objects.create(source=source, key="ann", customer=customer)


@pytest.fixture
def brought(bring, ann):
    def run(*rows, header=HEADER):
        return bring("import_interactions", header, *rows)

    return run


def costs(until=date(2024, 12, 31)):
    return list(Interaction.objects.costs_to_serve(until))


def test_an_interaction_is_stored_with_what_is_known_of_it(brought, ann):
    assert brought(TICKET, CALL)["new"] == 2
    ticket = Interaction.objects.get(kind="ticket")
    assert (ticket.record, ticket.key, ticket.happened_on) == (ann, "t1", date(2024, 1, 15))
    assert (ticket.cost, ticket.description) == (12.5, "broken handle")


def test_the_same_file_again_changes_nothing_with_numbers_or_without(brought):
    brought(TICKET, CALL, CALL)
    changes = Source.objects.get().changes
    again = brought(TICKET, CALL, CALL)
    assert (again["new"], again["changed"], again["here_already"]) == (0, 0, 3)
    assert Source.objects.get().changes == changes


def test_a_cost_that_is_known_later_is_taken_over(brought):
    brought("ann,ticket,2024-01-15,t1,,")
    assert costs() == []
    assert brought(TICKET)["changed"] == 1
    assert [cost for _, cost in costs()] == [12.5]


def test_two_equal_rows_without_a_number_are_two(brought):
    brought(CALL, CALL)
    assert Interaction.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("bob,call,2024-02-15,,4,", "billing knows no customer bob."),
        (
            "ann,dance,2024-02-15,,4,",
            "There is no kind dance. The kinds are dispatch, delivery, return, defect, ticket,"
            " call, invoice, survey, offer, referral, visit, install, notice, other.",
        ),
        ("ann,,2024-02-15,,4,", "The row has no kind."),
        ("ann,call,,,4,", "The row has no day."),
        ("ann,call,2099-02-15,,4,", "The day is still to come."),
        ("ann,call,2024-02-15,,-4,", "The cost is below zero."),
        (f"ann,call,2024-02-15,,4,{'x' * 201}", "The description has 201 characters; 200 fit."),
        ("ann,ticket,2024-02-15,t1,4,", "Line 2 of the file says the same one already."),
    ],
)
def test_a_bad_row_is_set_aside_with_its_sentence_and_the_rest_goes_in(brought, row, sentence):
    answer = brought(TICKET, row)
    assert answer["set_aside"] == [{"line": 3, "sentence": sentence}]
    assert Interaction.objects.count() == 1


def test_a_source_that_nobody_knows_is_said_so(bring):
    with pytest.raises(CommandError, match="There is no source billing: its customers come first"):
        bring("import_interactions", HEADER, TICKET)


def test_the_cost_to_serve_sums_what_carries_a_cost_up_to_a_day(brought, ann):
    brought(TICKET, CALL, "ann,visit,2024-02-16,,,", "ann,visit,2024-03-01,,100,")
    assert costs(date(2024, 2, 29)) == [(ann.pk, pytest.approx(16.5))]
    assert costs(date(2024, 1, 14)) == []


def test_the_cost_to_serve_is_one_question(brought, ann):
    brought(TICKET, CALL)
    with CaptureQueriesContext(connection) as seen:
        costs()
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"kind": "dance"}, "interaction_kind_is_known"),
        ({"cost": "-0.01"}, "interaction_cost_not_negative"),
        ({"key": ""}, "interaction_has_a_key"),
    ],
)
def test_the_database_refuses_an_impossible_interaction(ann, said, sentence):
    said = {"kind": "call", "key": "c1", "cost": None} | said
    with pytest.raises(IntegrityError, match=sentence):
        Interaction.objects.create(
            record=ann, happened_at="2024-01-01T10:00Z", happened_on="2024-01-01", **said
        )
