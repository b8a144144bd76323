"""SQLite takes one writer at a time and queues nobody: a long import leaves room for others."""

from itertools import count
from types import SimpleNamespace

import pytest
from django.db import connection

from customers.imports import loader, undo
from customers.imports.facts import loading
from customers.models import Upload, work

PURCHASES = "customer,date,order,product,quantity,amount"
INTERACTIONS = "customer,kind,happened_on,number,cost"
FILES = {
    PURCHASES: [f"ann,2024-01-05,o{number},mug,2,10.00" for number in range(3)],
    INTERACTIONS: [f"ann,ticket,2024-01-15,t{number},5" for number in range(3)],
}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def pauses(monkeypatch):
    """Of each pause, whether a transaction is open in it. A chunk takes as long as is allowed."""
    found = []
    clock = SimpleNamespace(
        monotonic=count(step=work.SECONDS_WRITING).__next__,
        sleep=lambda seconds: found.append((seconds, connection.in_atomic_block)),
    )
    monkeypatch.setattr(work, "time", clock)
    for module in (loader, loading, undo):
        monkeypatch.setattr(module, "CHUNK", 1)
    return found


@pytest.mark.parametrize("header", FILES)
@pytest.mark.parametrize("doing", Upload.Doing)
def test_a_step_of_many_transactions_pauses_between_them(
    imported, undone, draft, asked, pauses, header, doing
):
    imported("ann,2024-01-01,o9,mug,2,10.00")
    rows = FILES[header]
    if doing == Upload.Doing.CHECK:
        loader.load(asked(draft(*rows, header=header), doing))
    else:
        upload = imported(*rows, header=header)
        if doing == Upload.Doing.UNDO:
            pauses.clear()
            undone(upload)
    assert pauses == [(work.SECONDS_OF_ROOM, False)] * 2


def test_a_short_step_does_not_pause(imported, monkeypatch):
    monkeypatch.setattr(loader, "CHUNK", 1)
    found = []
    clock = SimpleNamespace(monotonic=count(step=0.01).__next__, sleep=found.append)
    monkeypatch.setattr(work, "time", clock)
    imported(*FILES[PURCHASES])
    assert not found
