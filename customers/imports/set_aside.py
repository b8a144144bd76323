"""Rows that could not be used: kept as they came, and handed back to be mended."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO

from customers.imports.notation.reasons import Reason
from customers.imports.table import UnreadableFile, peek
from customers.models import Change, SetAsideRow, Upload

PROBLEMS_SHOWN = 200  # of a dry run; an import keeps every row that it sets aside
BYTE_ORDER_MARK = "\ufeff"  # by it spreadsheets know that a CSV is UTF-8
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot be used, and why. bought_on: its day, where that at least can be read."""

    number: int
    column: str
    value: str
    reason: Reason
    sentence: str
    bought_on: date | None
    raw: str


def keep(upload: Upload, rows: Iterable[BadRow]) -> None:
    """Store these rows with the present step of their upload."""
    rows = list(rows)
    if upload.doing == Upload.Doing.IMPORT:
        Change.objects.mark(Change.PURCHASE, {row.bought_on for row in rows})
    longest = SetAsideRow._meta.get_field("value").max_length
    SetAsideRow.objects.bulk_create(
        SetAsideRow(
            upload=upload,
            doing=upload.doing,
            number=row.number,
            column=row.column,
            value=row.value[:longest],
            reason=row.reason,
            sentence=row.sentence,
            bought_on=row.bought_on,
            raw=row.raw,
        )
        for row in rows
    )


def as_line(cells: list[str]) -> str:
    """The values as one line of CSV with commas; read again by csv.reader."""
    line = StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def lines_of(upload: Upload) -> Iterator[str]:
    """The rows set aside as lines of CSV: those of the file, then the line and what is wrong.

    A value that a spreadsheet would run as a formula has an apostrophe before it.
    """
    yield BYTE_ORDER_MARK + _line(
        [*map(_harmless, _headers(upload)), "line of the file", "what is wrong"]
    )
    rows = upload.set_aside.filter(doing=upload.doing).order_by("number")
    for row in rows.iterator(chunk_size=1000):
        cells = next(csv.reader([row.raw]))
        yield _line([*map(_harmless, cells), str(row.number), row.sentence])


def _headers(upload: Upload) -> tuple[str, ...]:
    try:
        return peek(upload).headers
    except UnreadableFile:
        return ("row",)


def _harmless(cell: str) -> str:
    is_number = cell.lstrip("+-").replace(".", "").replace(",", "").isdecimal()
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) and not is_number else cell


def _line(cells: Iterable[str]) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
