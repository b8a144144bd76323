"""What rows of persons said before a later file changed them is kept for ninety days only."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from customers import tasks
from customers.models import Contract, EarlierRow, Interaction, ProductMargin, Role, Upload
from customers.models.facts.earlier import EARLIER_KEPT
from tests.customers.imports.facts.test_other_facts import FILES

AGO = timedelta(days=1)
OF_PERSONS = ["contracts", "interactions"]


@pytest.fixture(autouse=True)
def ann(imported):
    imported("ann,2024-01-05,o1,mug,2,10.00")


@pytest.fixture
def changed(imported):
    """Bring a file and one that changes its row, the latter as long ago as this."""

    def bring(holds, since):
        _, header, row, later = FILES[holds]
        imported(row, header=header)
        upload = imported(later, header=header)
        EarlierRow.objects.update(kept_at=timezone.now() - since)
        Upload.objects.filter(pk=upload.pk).update(asked_at=timezone.now() - since)
        upload.refresh_from_db()
        return upload

    return bring


@pytest.mark.parametrize(
    ("holds", "since", "kept"),
    [
        *((holds, EARLIER_KEPT - AGO, 1) for holds in FILES),
        *((holds, EARLIER_KEPT + AGO, 0) for holds in OF_PERSONS),
        *((holds, EARLIER_KEPT + AGO, 1) for holds in FILES if holds not in OF_PERSONS),
    ],
)
def test_what_was_said_of_persons_is_forgotten_after_its_time(changed, holds, since, kept):
    changed(holds, since)
    tasks.forget_earlier_rows()
    assert EarlierRow.objects.count() == kept


@pytest.mark.parametrize(
    ("holds", "model"), [("contracts", Contract), ("interactions", Interaction)]
)
def test_an_undo_after_that_time_takes_the_changed_row_out(changed, undone, imported, holds, model):
    later = changed(holds, EARLIER_KEPT + AGO)
    tasks.forget_earlier_rows()
    assert undone(later).outcomes() == {"removed": 1}
    assert not model.objects.exists()
    _, header, row, _ = FILES[holds]
    assert imported(row, header=header).outcomes() == {"stored": 1}


def test_a_product_margin_is_put_back_however_old_the_change_is(changed, undone):
    later = changed("margins", EARLIER_KEPT + AGO)
    tasks.forget_earlier_rows()
    assert undone(later).outcomes() == {"put back": 1}
    assert ProductMargin.objects.get().margin == 0.5


def test_beat_forgets_every_day():
    (entry,) = (
        entry
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if entry["task"] == tasks.forget_earlier_rows.name
    )
    due = entry["schedule"]
    assert (due.hour, due.minute) == ({3}, {0})
    assert len(due.day_of_week) == 7


@pytest.mark.parametrize(
    ("since", "says"),
    [
        (EARLIER_KEPT - AGO, "What changed rows said before is kept until"),
        (EARLIER_KEPT + AGO, "it is no longer known what they said before"),
    ],
)
def test_the_page_tells_what_an_undo_can_still_put_back(client, person, changed, since, says):
    client.force_login(person(Role.DATA_STEWARD))
    upload = changed("interactions", since)
    assert says in client.get(reverse("upload-page", args=[upload.pk])).text
