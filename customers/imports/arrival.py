"""A file arrives: it is kept, looked into, and its columns are guessed."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from uuid import uuid4

from django.core.files import File
from django.db import transaction

from customers.imports.columns import guess_columns
from customers.imports.room import keeping
from customers.imports.table import UnreadableFile, peek
from customers.models import Department, Source, Upload, User

LONGEST_NAME = Upload._meta.get_field("file_name").max_length
ENDINGS = (".csv.gz", ".csv", ".gz", ".txt", ".tsv")


def receive(
    file: File,
    *,
    source_name: str,
    department: Department,
    complete_until: date | None = None,
    columns: Mapping[str, str] | None = None,
    sent_by: User | None = None,
) -> Upload:
    """A draft of this file, with its columns as given or else as guessed.

    Raises UnreadableFile, and keeps nothing of such a file; also where the disk is full.
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
            upload.source, _ = Source.objects.get_or_create(name=source_name)
            upload.file.save(name, file)
            headers = peek(upload).headers
            upload.map_columns(columns or guess_columns(headers, _last_mapping(upload.source)))
    except UnreadableFile:
        upload.file.storage.delete(stored)
        raise
    return upload


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


def _last_mapping(source: Source) -> dict[str, str] | None:
    """Which columns the last imported file of this source had."""
    last = source.uploads.filter(doing=Upload.Doing.IMPORT).order_by("-pk").first()
    return last and last.mapping()
