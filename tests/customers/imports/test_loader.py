"""Files become purchases once, whatever stops, repeats or overlaps."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from customers.imports import loader
from customers.imports.loader import load
from customers.models import (
    Customer,
    Purchase,
    PurchaseDay,
    PurchaseLine,
    SetAsideRow,
    Source,
    SourceRecord,
    Upload,
    WorkMoved,
)

ANN = "ann,2024-01-05,o1,mug,2,10.00"
BOB = "bob,2024-01-06,o2,cup,1,4.00"
CAT = "cat,2024-01-07,o3,pot,1,9.00"
GUEST = ",2024-01-07,o4,pot,1,9.00"
BAD = "dan,2024-01-45,o5,pot,1,9.00"


def test_rows_become_customers_orders_lines_and_days(imported, sales):
    upload = imported(ANN, "ann,2024-01-05,o1,cup,1,4.00", BOB)
    assert upload.outcomes() == {"stored": 3}
    ann = Customer.objects.get(code="ann")
    assert ann.department == sales
    order = Purchase.objects.get(order_key="o1")
    assert (order.record.customer, order.lines.count()) == (ann, 2)
    day = PurchaseDay.objects.get(record=order.record)
    assert (day.day, day.amount, day.lines_bought) == (date(2024, 1, 5), Decimal("14.00"), 2)


def test_an_order_without_a_code_is_its_moment(imported):
    header = "customer,date,amount"
    imported(
        "ann,2024-01-05 10:00,1", "ann,2024-01-05 10:00,2", "ann,2024-01-05 11:00,3", header=header
    )
    assert sorted(Purchase.objects.values_list("order_key", flat=True)) == [
        "@2024-01-05T10:00:00",
        "@2024-01-05T11:00:00",
    ]
    assert PurchaseDay.objects.get().amount == 6


def test_an_order_begins_with_its_earliest_line_in_whatever_order_they_come(imported):
    imported("ann,2024-01-06,o1,mug,1,1")
    imported("ann,2024-01-05,o1,cup,1,1")
    assert Purchase.objects.get().bought_on == date(2024, 1, 5)


def test_equal_lines_of_one_file_are_separate_purchases_of_a_thing(imported):
    imported(ANN, ANN, ANN)
    assert sorted(PurchaseLine.objects.values_list("occurrence", flat=True)) == [1, 2, 3]
    assert PurchaseDay.objects.get().amount == 30


def test_the_same_file_twice_is_stored_once(imported):
    first, second = imported(ANN, ANN, BOB), imported(ANN, ANN, BOB)
    assert second.outcomes() == {"here already": 3}
    assert set(PurchaseLine.objects.values_list("upload", flat=True)) == {first.pk}
    assert PurchaseDay.objects.get(record__key="ann").amount == 20


def test_a_file_that_overlaps_adds_what_is_new(imported):
    imported(ANN, BOB)
    assert imported(BOB, CAT, ANN, ANN).outcomes() == {"stored": 2, "here already": 2}
    assert PurchaseLine.objects.count() == 4


def test_the_same_rows_of_another_source_are_other_purchases(imported):
    imported(ANN)
    assert imported(ANN, source="till").outcomes() == {"stored": 1}
    assert Customer.objects.filter(code="ann").count() == 2


def test_a_sale_to_a_guest_has_lines_but_no_customer_and_no_day(imported):
    imported(GUEST)
    line = PurchaseLine.objects.get()
    assert (line.amount, line.purchase.record.customer, line.counts_in) == (9, None, None)
    assert not Customer.objects.exists()
    assert not PurchaseDay.objects.exists()


def test_a_bad_row_is_set_aside_and_the_rest_goes_in(imported):
    upload = imported(ANN, BAD, BOB)
    assert upload.outcomes() == {"stored": 2, "bad_date": 1}
    row = SetAsideRow.objects.get()
    assert (row.number, row.value, row.raw, row.sentence) == (
        3,
        "2024-01-45",
        BAD,
        "January has 31 days.",
    )


def test_the_source_reaches_to_the_last_day_unless_the_steward_says_otherwise(imported):
    imported(ANN, CAT)
    assert Source.objects.get().complete_until == date(2024, 1, 7)
    imported(BOB, complete_until=date(2024, 1, 31))
    assert Source.objects.get().complete_until == date(2024, 1, 31)
    imported(ANN)
    assert Source.objects.get().complete_until == date(2024, 1, 31)


def test_only_an_import_that_changes_something_makes_values_due(imported):
    imported(ANN)
    changes = Source.objects.get().changes
    assert changes > 0
    imported(ANN)
    assert Source.objects.get().changes == changes


def test_an_import_that_dies_half_way_has_already_counted_its_change(imported, monkeypatch):
    stop_in_chunk(monkeypatch, 2)
    with pytest.raises(Stopped):
        imported(ANN, BOB, CAT)
    assert Source.objects.get().changes == 1


def test_a_dry_run_counts_what_an_import_would_do_and_stores_nothing(draft, asked, imported):
    imported(ANN)
    upload = asked(draft(ANN, BOB, GUEST, BAD), Upload.Doing.CHECK)
    load(upload)
    assert upload.outcomes() == {"stored": 2, "here already": 1, "bad_date": 1}
    assert (upload.customers, upload.new_customers) == (2, 1)
    assert PurchaseLine.objects.count() == SourceRecord.objects.count() == 1
    assert upload.set_aside.get().reason == "bad_date"


def test_a_dry_run_keeps_the_first_problems_only(draft, asked, monkeypatch):
    monkeypatch.setattr(loader, "PROBLEMS_SHOWN", 3)
    monkeypatch.setattr(loader, "CHUNK", 2)
    upload = asked(draft(*[BAD] * 7), Upload.Doing.CHECK)
    load(upload)
    assert upload.outcomes() == {"bad_date": 7}
    assert upload.set_aside.count() == 3


def test_a_dry_run_that_was_stopped_begins_anew(draft, asked, monkeypatch, settings):
    upload = asked(draft(ANN, BOB, CAT), Upload.Doing.CHECK)
    with monkeypatch.context() as patch:
        stop_in_chunk(patch, 2)
        with pytest.raises(Stopped):
            load(upload)
    settings.WORK_LEASE = timedelta(0)
    resumed = Upload.objects.claim(upload.pk)
    load(resumed)
    assert resumed.outcomes() == {"stored": 3}
    assert resumed.new_customers == 3


def test_a_file_that_cannot_be_read_ends_the_import_with_a_sentence(draft, asked):
    upload = draft(ANN)
    upload.map_columns({"customer": "customer"})
    upload = asked(upload)
    load(upload)
    assert upload.status == Upload.Status.FAILED
    assert upload.failure.startswith("Say which column holds the day")


def test_a_file_that_has_gone_ends_the_import_with_a_sentence(draft, asked):
    upload = draft(ANN)
    upload.file.storage.delete(upload.file.name)
    upload = asked(upload)
    load(upload)
    assert upload.failure == "The file is no longer here. Send it again."


def test_only_one_of_two_workers_goes_on(draft, asked):
    sent = asked(draft(ANN, BOB))
    slow = Upload.objects.get(pk=sent.pk)
    load(sent)
    with pytest.raises(WorkMoved):
        load(slow)
    assert PurchaseLine.objects.count() == 2


def test_a_worker_that_lost_its_lease_cannot_add_to_what_its_successor_wrote(
    draft, asked, settings
):
    lost = asked(draft(ANN, BOB))
    settings.WORK_LEASE = timedelta(0)
    successor = Upload.objects.claim(lost.pk)
    with pytest.raises(WorkMoved):
        load(lost)
    load(successor)
    assert successor.outcomes() == {"stored": 2}


@pytest.mark.parametrize("stopped_in", [1, 2, 3])
def test_an_import_stopped_inside_a_chunk_goes_on_with_exact_counts(
    draft, asked, monkeypatch, settings, stopped_in
):
    upload = asked(draft(ANN, ANN, BAD, BOB, ANN, GUEST))
    monkeypatch.setattr(loader, "CHUNK", 2)
    with monkeypatch.context() as patch:
        stop_in_chunk(patch, stopped_in, of=2)
        with pytest.raises(Stopped):
            load(upload)
    settings.WORK_LEASE = timedelta(0)
    resumed = Upload.objects.claim(upload.pk)
    assert resumed.steps_done == 2 * (stopped_in - 1)
    load(resumed)
    assert resumed.outcomes() == {"stored": 5, "bad_date": 1}
    assert (resumed.customers, resumed.last_on) == (2, date(2024, 1, 7))
    occurrences = PurchaseLine.objects.filter(purchase__order_key="o1")
    assert sorted(occurrences.values_list("occurrence", flat=True)) == [1, 2, 3]
    assert PurchaseDay.objects.get(record__key="ann").amount == 30


def test_a_chunk_asks_no_more_for_many_rows_than_for_few(
    draft, asked, django_assert_max_num_queries
):
    rows = [f"c{n},2024-01-{n % 28 + 1:02},o{n},mug,1,5.00" for n in range(400)]
    upload = asked(draft(*rows, "c1,2024-02-01,r1,mug,-1,-5.00"))
    with django_assert_max_num_queries(80):
        load(upload)


class Stopped(Exception):
    """The machine stops."""


def stop_in_chunk(monkeypatch, number, of=1):
    """Let chunks be of so many rows, and let one fail when everything of it is written."""
    monkeypatch.setattr(loader, "CHUNK", of)
    passed = []
    keep = loader.keep

    def keep_or_stop(upload, rows):
        passed.append(rows)
        if len(passed) == number:
            raise Stopped
        keep(upload, rows)

    monkeypatch.setattr(loader, "keep", keep_or_stop)
