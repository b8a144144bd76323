"""A file of facts brought here and now, by the same road as an upload."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from customers.imports.loader import import_file
from customers.models import Department, Upload


@dataclass
class Brought:
    """What became of a file's rows. set_aside: line of the file and the sentence that says why."""

    rows: int
    outcomes: Mapping[str, int]
    set_aside: list[tuple[int, str]] = field(default_factory=list)


def bring(
    path: Path, holds: str, *, source_name: str = "", department: Department | None = None
) -> Brought:
    """Store the facts of a file, and tell what became of each row. Raises UnreadableFile."""
    upload = import_file(path, holds=holds, source_name=source_name, department=department)
    return Brought(upload.steps_total, upload.outcomes(), _set_aside(upload))


def _set_aside(upload: Upload) -> list[tuple[int, str]]:
    rows = upload.set_aside.filter(doing=Upload.Doing.IMPORT).order_by("number")
    return list(rows.values_list("number", "sentence"))
