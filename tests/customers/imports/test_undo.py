"""An import can be taken back, and leaves nothing of its own behind."""

from datetime import date, timedelta

import pytest

from customers.imports import undo as undoing
from customers.imports.undo import undo
from customers.models import (
    Customer,
    Purchase,
    PurchaseDay,
    PurchaseLine,
    Source,
    SourceRecord,
    Upload,
    WorkMoved,
)

ANN = "ann,2024-01-05,o1,mug,2,10.00"
ANN_LATER = "ann,2024-02-05,o2,mug,2,12.00"
BOB = "bob,2024-01-06,o3,cup,1,4.00"
GUEST = ",2024-01-07,o4,pot,1,9.00"


def test_an_undone_import_leaves_nothing(imported, undone):
    upload = undone(imported(ANN, BOB, GUEST))
    assert upload.outcomes() == {"removed": 3}
    for model in (PurchaseLine, Purchase, PurchaseDay, SourceRecord, Customer):
        assert not model.objects.exists()


def test_a_customer_of_another_import_stays(imported, undone):
    imported(ANN)
    undone(imported(ANN_LATER, BOB))
    assert list(Customer.objects.values_list("code", flat=True)) == ["ann"]
    assert PurchaseDay.objects.get().amount == 10


def test_a_row_that_a_later_file_had_too_stays_gone_until_that_is_sent_again(imported, undone):
    first = imported(ANN, BOB)
    imported(ANN)
    undone(first)
    assert not PurchaseLine.objects.exists()
    assert imported(ANN).outcomes() == {"stored": 1}


def test_an_order_begins_anew_when_its_first_line_goes(imported, undone):
    first = imported("ann,2024-01-05,o1,mug,1,1")
    imported("ann,2024-01-09,o1,cup,1,1")
    undone(first)
    assert Purchase.objects.get().bought_on == date(2024, 1, 9)


def test_the_source_reaches_as_far_as_what_is_left(imported, undone):
    first, later = imported(ANN), imported(ANN_LATER)
    undone(later)
    assert Source.objects.get().complete_until == date(2024, 1, 5)
    undone(first)
    assert Source.objects.get().complete_until is None


def test_undoing_makes_values_due(imported, undone):
    upload = imported(ANN)
    changes = Source.objects.get().changes
    undone(upload)
    assert Source.objects.get().changes > changes


def test_only_one_of_two_workers_undoes(imported, asked):
    first = asked(imported(ANN, BOB), Upload.Doing.UNDO)
    slow = Upload.objects.get(pk=first.pk)
    undo(first)
    with pytest.raises(WorkMoved):
        undo(slow)


class Stopped(Exception):
    """The machine stops."""


def test_an_undo_that_was_stopped_goes_on(imported, asked, monkeypatch, settings):
    monkeypatch.setattr(undoing, "CHUNK", 2)
    upload = asked(imported(ANN, ANN_LATER, BOB, GUEST), Upload.Doing.UNDO)
    remove = undoing._remove

    def remove_or_stop(lines):
        remove(lines)
        if upload.steps_done > 2:
            raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(undoing, "_remove", remove_or_stop)
        with pytest.raises(Stopped):
            undo(upload)
    assert PurchaseLine.objects.count() == 2
    settings.WORK_LEASE = timedelta(0)
    resumed = Upload.objects.claim(upload.pk)
    undo(resumed)
    assert (resumed.steps_total, resumed.outcomes()) == (4, {"removed": 4})
    assert not Customer.objects.exists()
