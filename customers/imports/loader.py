"""From a file to what it holds: dry run and import, chunk by chunk, safe at any point."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path

from django.core.files import File
from django.db import transaction

from customers.imports.arrival import receive
from customers.imports.facts.loading import load_facts
from customers.imports.purchases.lines import FileSoFar, Line
from customers.imports.purchases.reader import PurchaseRow, RowReader, reader_of
from customers.imports.purchases.writer import here_already, strangers, write
from customers.imports.room import working_on
from customers.imports.set_aside import PROBLEMS_SHOWN, BadRow, keep
from customers.imports.table import UnreadableFile, survey
from customers.models import Department, Source, Upload, UploadCount

CHUNK = 1000

Rows = list[PurchaseRow | BadRow]
Watch = Callable[[Upload], None]


def _unwatched(upload: Upload) -> None:
    pass


def load(upload: Upload, watch: Watch = _unwatched) -> None:
    """Do the present step, dry run or import, from its checkpoint to its end.

    Safe to run again at any point. watch: called after each chunk. A file that cannot be read, or
    a disk that is full, ends the step with the sentence that says why. Raises WorkMoved where
    another worker has it.
    """
    if upload.is_over:
        return
    try:
        with working_on(upload):
            (_load if upload.holds == Upload.Holds.PURCHASES else load_facts)(upload, watch)
    except UnreadableFile as unreadable:
        upload.fail(str(unreadable))


def import_file(
    path: Path,
    *,
    source_name: str = "",
    department: Department | None = None,
    holds: str = Upload.Holds.PURCHASES,
    columns: Mapping[str, str] | None = None,
    complete_until: date | None = None,
    doing: Upload.Doing = Upload.Doing.IMPORT,
    watch: Watch = _unwatched,
) -> Upload:
    """Import a file, or check it, here and now; columns are guessed where they are not given.

    Raises UnreadableFile with the sentence that says why.
    """
    with path.open("rb") as file:
        upload = receive(
            File(file, path.name),
            source_name=source_name,
            department=department,
            holds=holds,
            columns=columns,
            complete_until=complete_until,
        )
    with transaction.atomic():
        upload.ask(doing=doing)
        upload = Upload.objects.claim(upload.pk)
    load(upload, watch)
    if upload.failure:
        raise UnreadableFile(upload.failure)
    return upload


def _load(upload: Upload, watch: Watch) -> None:
    reader = reader_of(upload, survey(upload))
    upload.begin(reader.table.row_count)
    (_check if upload.doing == Upload.Doing.CHECK else _import)(upload, reader, watch)


def _check(upload: Upload, reader: RowReader, watch: Watch) -> None:
    """Count what an import would do. It stores no purchases, so it begins anew each time."""
    upload.start_over()
    so_far = FileSoFar(upload.source_id)
    new_keys: set[str] = set()
    room = PROBLEMS_SHOWN
    for rows in _chunks(reader.read_all()):
        lines, bad = _taken(so_far, rows)
        new_keys |= strangers(upload, lines)
        known = here_already(lines)
        with transaction.atomic():
            upload.advance(len(rows))
            _count(upload, sum(line.identity in known for line in lines), len(lines), bad)
            keep(upload, bad[:room])
        room -= len(bad[:room])
        watch(upload)
        upload.let_others_write()
    upload.finish(**_summary(so_far), new_customers=len(new_keys))


def _import(upload: Upload, reader: RowReader, watch: Watch) -> None:
    if not upload.steps_done:
        upload.start_over()
    so_far = FileSoFar(upload.source_id)
    rows_left = reader.read_all()
    for rows in _chunks(islice(rows_left, upload.steps_done)):
        _taken(so_far, rows)
        upload.advance(0)
    is_change_counted = False
    for rows in _chunks(rows_left):
        lines, bad = _taken(so_far, rows)
        with transaction.atomic():
            upload.advance(len(rows))
            Source.objects.hold(upload.source_id)
            known = here_already(lines)
            new = [line for line in lines if line.identity not in known]
            if new:
                upload.count_new_customers(write(upload, new))
            _count(upload, len(lines) - len(new), len(lines), bad)
            keep(upload, bad)
            if new and not is_change_counted:
                Source.objects.count_marked_change(upload.source_id)
        is_change_counted |= bool(new)
        watch(upload)
        upload.let_others_write()
    with transaction.atomic():
        upload.finish(**_summary(so_far))
        _complete(upload)


def _complete(upload: Upload) -> None:
    """Note how far the source's data now reach, and that purchases have changed."""
    source = Source.objects.hold(upload.source_id)
    until = upload.complete_until or upload.last_on
    reaches_further = until and (source.complete_until is None or until > source.complete_until)
    if reaches_further:
        Source.objects.filter(pk=source.pk).update(complete_until=until)
    if reaches_further or upload.outcomes().get(UploadCount.STORED):
        Source.objects.count_marked_change(source.pk)


def _chunks(rows: Iterable[PurchaseRow | BadRow]) -> Iterator[Rows]:
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _taken(so_far: FileSoFar, rows: Rows) -> tuple[list[Line], list[BadRow]]:
    bad = [row for row in rows if isinstance(row, BadRow)]
    return so_far.take(row for row in rows if isinstance(row, PurchaseRow)), bad


def _count(upload: Upload, here: int, lines: int, bad: list[BadRow]) -> None:
    outcomes = Counter(row.reason.value for row in bad)
    outcomes[UploadCount.HERE_ALREADY] = here
    outcomes[UploadCount.STORED] = lines - here
    UploadCount.objects.add(upload, +outcomes)


def _summary(so_far: FileSoFar) -> dict[str, int | date | None]:
    return {
        "customers": len(so_far.customers),
        "first_on": so_far.first_on,
        "last_on": so_far.last_on,
    }
