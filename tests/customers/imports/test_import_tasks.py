"""A message is only a signal: the row says what is to be done."""

import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from customers import tasks
from customers.models import PurchaseLine, Upload, WorkMoved

ANN = "ann,2024-01-05,o1,mug,2,10.00"


@pytest.fixture
def sent(monkeypatch):
    """The uploads that messages were sent for."""
    messages = []
    monkeypatch.setattr(tasks.import_upload, "delay_on_commit", messages.append)
    return messages


@pytest.fixture
def no_messages_kept(settings):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}


def test_the_task_does_whatever_step_was_asked_for(draft):
    upload = draft(ANN)
    for doing, lines in (("check", 0), ("import", 1), ("undo", 0)):
        upload.refresh_from_db()
        upload.ask(doing=doing)
        tasks.import_upload(upload.pk)
        upload.refresh_from_db()
        assert (upload.status, PurchaseLine.objects.count()) == (Upload.Status.DONE, lines)


def test_a_second_message_finds_nothing_to_do(draft):
    upload = draft(ANN)
    upload.ask(doing=Upload.Doing.IMPORT)
    tasks.import_upload(upload.pk)
    with pytest.raises(WorkMoved):
        tasks.import_upload(upload.pk)


def test_the_sweep_sends_again_what_waits_or_was_left(draft, sent, settings, no_messages_kept):
    waiting, left, held, _draft = (draft(ANN) for _ in range(4))
    waiting.ask(doing=Upload.Doing.CHECK)
    for upload in (left, held):
        upload.ask(doing=Upload.Doing.IMPORT)
        Upload.objects.claim(upload.pk)
    silent = timezone.now() - settings.WORK_LEASE - timedelta(seconds=1)
    Upload.objects.filter(pk=left.pk).update(heartbeat_at=silent)
    tasks.sweep()
    assert sent == [waiting.pk, left.pk]


def test_the_sweep_throws_delivered_messages_away_after_an_hour(db, sent, settings, tmp_path):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"processed_folder": str(tmp_path)}
    old, new = tmp_path / "old.msg", tmp_path / "new.msg"
    for message in (old, new):
        message.touch()
    os.utime(old, (time.time() - 3700,) * 2)
    tasks.sweep()
    assert not old.exists()
    assert new.exists()
