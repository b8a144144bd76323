"""A file arrives: it is kept, looked into, and what it and its columns hold is guessed."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from uuid import uuid4

from django.core.files import File
from django.db import transaction

from customers.imports.facts.kinds import COLUMNS, recognised
from customers.imports.room import keeping
from customers.imports.table import UnreadableFile, peek
from customers.models import Department, Source, Upload, User

LONGEST_NAME = Upload._meta.get_field("file_name").max_length
ENDINGS = (".csv.gz", ".csv", ".gz", ".txt", ".tsv")


def receive(
    file: File,
    *,
    source_name: str = "",
    department: Department | None = None,
    holds: str = "",
    complete_until: date | None = None,
    columns: Mapping[str, str] | None = None,
    sent_by: User | None = None,
) -> Upload:
    """A draft of this file, with its columns as given or else as guessed.

    holds: one of Upload.Holds; empty: seen by its columns. Raises UnreadableFile, and keeps
    nothing of such a file; also where the disk is full, or it does not say whose facts these are.
    """
    upload = Upload(
        department=department,
        file_name=_fitting(file.name),
        complete_until=complete_until,
        sent_by=sent_by,
    )
    name = _own_name(file.name)
    stored = upload.file.field.generate_filename(upload, name)
    try:
        with keeping(), transaction.atomic():
            upload.file.save(name, file, save=False)
            headers = peek(upload).headers
            upload.holds = holds or recognised(headers)
            _find_source(upload, source_name, headers)
            upload.save()
            upload.map_columns(columns or _guess(upload, headers))
    except UnreadableFile:
        upload.file.storage.delete(stored)
        raise
    return upload


def hold(upload: Upload, holds: str) -> None:
    """Let a draft be a file of these facts; its columns are guessed anew. Raises UnreadableFile."""
    upload.holds = holds
    with transaction.atomic():
        headers = peek(upload).headers
        _find_source(upload, upload.source.name if upload.source else "", headers)
        upload.save(update_fields=["holds", "source"])
        upload.map_columns(_guess(upload, headers))


def _find_source(upload: Upload, name: str, headers: Iterable[str]) -> None:
    """Raises UnreadableFile where it has to be said whose facts these are, and is not."""
    what = upload.get_holds_display().lower()
    if upload.holds not in Upload.OF_KNOWN_CUSTOMERS and upload.department is None:
        raise UnreadableFile(f"It holds {what}: say who looks after these customers.")
    if upload.holds not in Upload.OF_NO_SOURCE and not name:
        raise UnreadableFile(f"It holds {what}: say which system knows these customers.")
    if upload.holds == Upload.Holds.INTERACTIONS and _comes_too_early(name, headers):
        raise UnreadableFile(f"There is no source {name}: its customers come first.")
    upload.source = Source.objects.get_or_create(name=name)[0] if name else None


def _comes_too_early(source_name: str, headers: Iterable[str]) -> bool:
    """Whether these are interactions of a new source, and not of prospects."""
    of_prospects = "prospect" in COLUMNS[Upload.Holds.INTERACTIONS].guess(headers)
    return not of_prospects and not Source.objects.filter(name=source_name).exists()


def _guess(upload: Upload, headers: Iterable[str]) -> dict[str, str]:
    return COLUMNS[upload.holds].guess(headers, _last_mapping(upload))


def _own_name(given: str) -> str:
    """A short name to store a file by that nobody else has, with the ending that it came with."""
    ending = next((ending for ending in ENDINGS if given.lower().endswith(ending)), "")
    return f"{uuid4().hex}{ending}"


def _fitting(given: str) -> str:
    """The name that a file came with; of a very long one, its beginning and its ending."""
    name = Path(given).name
    if len(name) <= LONGEST_NAME:
        return name
    end = name[-20:]
    return f"{name[: LONGEST_NAME - len(end) - 1]}…{end}"


def _last_mapping(upload: Upload) -> dict[str, str] | None:
    """Which columns the last imported file of these facts and this source had."""
    last = Upload.objects.filter(
        source=upload.source, holds=upload.holds, doing=Upload.Doing.IMPORT
    )
    found = last.order_by("-pk").first()
    return found and found.mapping()
