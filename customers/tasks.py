"""Work of this app that outlives a request: files are checked, imported, and undone."""

import time
from datetime import timedelta
from pathlib import Path

from celery import shared_task
from django.conf import settings

from customers.imports.loader import load
from customers.imports.undo import undo
from customers.models import EarlierRow, Upload, WorkMoved

KEPT_MESSAGES = timedelta(hours=1)


@shared_task(acks_late=True, reject_on_worker_lost=True, throws=(WorkMoved,))
def import_upload(upload_id: int) -> None:
    upload = Upload.objects.claim(upload_id)
    if upload.doing == Upload.Doing.UNDO:
        undo(upload)
    else:
        load(upload)


@shared_task
def sweep() -> None:
    """Send again what waits or was left by a worker that died; throw old messages away."""
    for pk in Upload.objects.to_signal():
        import_upload.delay_on_commit(pk)
    _throw_old_messages_away()


@shared_task
def forget_earlier_rows() -> None:
    """What files said of persons before later ones changed it is kept for a time only."""
    EarlierRow.objects.forget_old()


def _throw_old_messages_away() -> None:
    """The filesystem transport keeps every message that it has delivered."""
    folder = getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {}).get("processed_folder")
    if not folder:
        return
    oldest = time.time() - KEPT_MESSAGES.total_seconds()
    for message in Path(folder).iterdir():
        if message.stat().st_mtime < oldest:
            message.unlink(missing_ok=True)
