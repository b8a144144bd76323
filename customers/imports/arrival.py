"""A file arrives: it is kept, looked into, and its columns are guessed."""

from collections.abc import Mapping
from datetime import date

from django.core.files import File
from django.db import transaction

from customers.imports.columns import guess_columns
from customers.imports.table import UnreadableFile, peek
from customers.models import Department, Source, Upload, User


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

    Raises UnreadableFile, and keeps nothing of such a file.
    """
    with transaction.atomic():
        source, _ = Source.objects.get_or_create(name=source_name)
        upload = Upload(
            source=source,
            department=department,
            file_name=file.name,
            complete_until=complete_until,
            sent_by=sent_by,
        )
        upload.file.save(file.name, file)
    try:
        headers = peek(upload).headers
    except UnreadableFile:
        upload.discard()
        raise
    upload.map_columns(columns or guess_columns(headers, _last_mapping(source)))
    return upload


def _last_mapping(source: Source) -> dict[str, str] | None:
    """Which columns the last imported file of this source had."""
    last = source.uploads.filter(doing=Upload.Doing.IMPORT).order_by("-pk").first()
    return last and last.mapping()
