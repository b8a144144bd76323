"""Files of other facts go the same way as purchases: seen, checked, imported, and undone."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from customers import tasks
from customers.imports.facts import loading
from customers.imports.facts.kinds import recognised
from customers.imports.loader import load
from customers.models import (
    Contract,
    Customer,
    EarlierRow,
    Interaction,
    ProductMargin,
    Role,
    StaffMonth,
    Upload,
    User,
)

INTERACTIONS = "customer,kind,happened_on,number,cost"
T1 = "ann,ticket,2024-01-15,t1,5"
FILES = {
    "interactions": (Interaction, INTERACTIONS, T1, "ann,ticket,2024-01-15,t1,7"),
    "contracts": (
        Contract, "customer,number,start,term,fee", "zoe,k1,2024-01-15,12,5",
        "zoe,k1,2024-01-15,12,7",
    ),
    "staff": (
        StaffMonth, "department,group,month,headcount", "Sales,North,2024-01,12",
        "Sales,North,2024-01,14",
    ),
    "margins": (ProductMargin, "product,margin", "mug,0.5", "mug,0.7"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def ann(imported):
    """A customer whom the web shop knows."""
    imported("ann,2024-01-05,o1,mug,2,10.00")


def stored(model):
    return list(model.objects.order_by("pk").values())


@pytest.mark.parametrize("holds", FILES)
def test_a_file_is_seen_by_its_columns_and_its_undoing_leaves_what_was(imported, undone, holds):
    model, header, row, later = FILES[holds]
    first = imported(row, header=header)
    assert (first.holds, first.outcomes()) == (holds, {"stored": 1})
    was = stored(model)
    second = imported(later, header=header)
    assert second.outcomes() == {"changed": 1}
    assert stored(model) != was
    assert undone(second).outcomes() == {"put back": 1}
    assert stored(model) == was
    assert undone(first).outcomes() == {"removed": 1}
    assert not model.objects.exists()
    assert not EarlierRow.objects.exists()
    assert not Customer.objects.filter(code="zoe").exists()


def test_an_earlier_file_that_is_undone_leaves_what_a_later_one_said(imported, undone):
    first, second, third = (
        imported(f"ann,ticket,2024-01-15,t1,{cost}", header=INTERACTIONS) for cost in (5, 6, 7)
    )
    undone(second)
    assert Interaction.objects.get().cost == 7
    undone(third)
    assert Interaction.objects.get().cost == 5
    undone(first)
    assert not Interaction.objects.exists()


def test_a_dry_run_stores_nothing_and_says_what_would_be(draft, asked):
    upload = asked(draft(T1, "zed,call,2024-01-15,,", header=INTERACTIONS), Upload.Doing.CHECK)
    load(upload)
    assert upload.outcomes() == {"stored": 1, "unknown_customer": 1}
    assert (upload.customers, upload.set_aside.get().value) == (1, "zed")
    assert not Interaction.objects.exists()


class Stopped(Exception):
    """The machine stops."""


def test_an_import_that_was_stopped_goes_on_and_stores_each_row_once(
    draft, asked, monkeypatch, settings
):
    monkeypatch.setattr(loading, "CHUNK", 2)
    rows = [f"ann,call,2024-01-{day:02},," for day in (1, 1, 1, 2, 3)]
    upload = asked(draft(*rows, header=INTERACTIONS))

    def stop(upload):
        if upload.steps_done == 4:
            raise Stopped

    with pytest.raises(Stopped):
        load(upload, stop)
    settings.WORK_LEASE = timedelta(0)
    load(Upload.objects.claim(upload.pk))
    assert Upload.objects.get(pk=upload.pk).outcomes() == {"stored": 5}
    assert Interaction.objects.count() == 5


def test_purchases_stay_the_guess_where_columns_tell_nothing():
    assert recognised(["a", "b"]) == Upload.Holds.PURCHASES
    assert recognised(["customer", "date", "order", "type", "quantity", "amount", "product"]) == (
        Upload.Holds.PURCHASES
    )


def test_a_steward_sees_changes_and_imports_what_a_file_holds(client, monkeypatch):
    monkeypatch.setattr(tasks.import_upload, "delay_on_commit", tasks.import_upload)
    steward = User.objects.create_user("petra@example.com", "Petra")
    steward.memberships.create(role=Role.DATA_STEWARD)
    client.force_login(steward)
    file = SimpleUploadedFile("calls.csv", f"{INTERACTIONS}\n{T1}".encode())
    page = client.post(
        reverse("upload-new"), {"file": file, "source": "web shop"}, follow=True
    ).text
    assert '<option value="interactions" selected>' in page
    upload = Upload.objects.latest("pk")
    address = reverse("upload-holds", args=[upload.pk])
    assert "say who looks after" in client.post(address, {"holds": "contracts"}, follow=True).text
    client.post(address, {"holds": "interactions"})
    columns = ("customer", "kind", "day", "number", "cost")
    said = {f"column_{place}": fact for place, fact in enumerate(columns)}
    checked = client.post(reverse("upload-check", args=[upload.pk]), said, follow=True).text
    assert "Import 1 row" in checked
    done = client.post(reverse("upload-import", args=[upload.pk]), follow=True).text
    assert "1 row imported" in done
    assert "<span>1 row</span><span><b>15 Jan 2024</b></span>" in done
    assert "Interactions" in client.get(reverse("upload-list")).text
