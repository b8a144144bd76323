"""An import taken back: its lines go, and everything computed from them is computed anew."""

from django.db import transaction
from django.db.models import QuerySet

from customers.imports.facts.loading import undo_facts
from customers.imports.purchases.days import rebuild
from customers.imports.purchases.returns import rematch
from customers.imports.purchases.writer import begin_with_first_line, take_over_channels
from customers.imports.room import working_on
from customers.imports.strangers import remove_strangers
from customers.models import (
    Change,
    Purchase,
    PurchaseLine,
    Source,
    Upload,
    UploadCount,
)

CHUNK = 1000


def undo(upload: Upload) -> None:
    """Remove this upload's lines, and the orders and customers that stood on them alone.

    Safe to run again at any point. A line that a later file had too stays gone until that file
    is sent again. A row of other facts that this upload had changed says again what it said
    before. Raises WorkMoved where another worker has it.
    """
    if not upload.is_over:
        with working_on(upload):
            (_undo if upload.holds == Upload.Holds.PURCHASES else undo_facts)(upload)


def _undo(upload: Upload) -> None:
    upload.begin(upload.steps_done + upload.lines.count())
    Change.objects.mark(Change.PURCHASE, upload.set_aside.values_list("bought_on", flat=True))
    while lines := list(_next_lines(upload)):
        with transaction.atomic():
            upload.advance(len(lines))
            Source.objects.hold(upload.source_id)
            _remove(lines)
            UploadCount.objects.add(upload, {UploadCount.REMOVED: len(lines)})
            Source.objects.count_marked_change(upload.source_id)
        upload.let_others_write()
    with transaction.atomic():
        upload.finish()
        _reach_less_far(upload.source_id)


def _next_lines(upload: Upload) -> QuerySet:
    """Rows of pk, item, bought_on, purchase, counts_in, record, and customer: None for a guest."""
    return upload.lines.order_by("pk").values_list(
        "pk",
        "item",
        "bought_on",
        "purchase",
        "counts_in",
        "purchase__record",
        "purchase__record__customer",
        named=True,
    )[:CHUNK]


def _remove(lines: list) -> None:
    """Remove these lines; returns that reduced them look for another sale."""
    purchases = {line.purchase for line in lines}
    Change.objects.mark(Change.PURCHASE, {line.bought_on for line in lines})
    PurchaseLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
    moved = rematch(
        {line.item for line in lines} - {None},
        {line.purchase for line in lines if line.purchase__record__customer},
    )
    rebuild((moved | {line.counts_in for line in lines}) - {None})
    Purchase.objects.filter(pk__in=purchases, lines=None).delete()
    begin_with_first_line(purchases)
    records = {line.purchase__record for line in lines}
    remove_strangers(records)
    take_over_channels(records)


def _reach_less_far(source_id: int) -> None:
    """Let the source reach as far as the imports that are left of it."""
    left = Upload.objects.filter(
        source=source_id,
        holds=Upload.Holds.PURCHASES,
        doing=Upload.Doing.IMPORT,
        status=Upload.Status.DONE,
    )
    reached = [upload.complete_until or upload.last_on for upload in left]
    Source.objects.filter(pk=source_id).update(
        complete_until=max(filter(None, reached), default=None)
    )
    Source.objects.count_marked_change(source_id)
