"""What a file looks like before anything is stored: its columns, and its first rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from customers.imports.columns import PURCHASES
from customers.imports.facts.kinds import COLUMNS
from customers.imports.notation.dates import see_dates
from customers.imports.notation.numbers import see_numbers
from customers.imports.notation.reasons import Reason
from customers.imports.purchases.reader import PurchaseRow, RowReader
from customers.imports.set_aside import BadRow
from customers.imports.table import Table
from customers.models import Company, Upload, UploadCount

ROWS_SHOWN = 5
TITLES = {
    UploadCount.STORED: ("New", ""),
    UploadCount.CHANGED: ("Changed", ""),
    UploadCount.HERE_ALREADY: ("Here already, skipped", "pale"),
    UploadCount.REMOVED: ("Removed", ""),
    UploadCount.PUT_BACK: ("Put back as they were", "pale"),
}


@dataclass(frozen=True)
class ColumnSeen:
    """One column of a file: its first value that is not empty, and what we make of it."""

    header: str
    first_value: str
    seen: str


@dataclass(frozen=True)
class Outcome:
    """How many rows came to one thing. width: their share of the file, as a CSS length."""

    title: str
    rows: int
    width: str
    look: str


def outcomes_of(upload: Upload) -> list[Outcome]:
    """What the present step came to, for a table with bars: used rows, then those set aside."""
    rows = upload.outcomes()
    all_rows = max(1, upload.steps_total)
    titles = TITLES | {reason.value: (f"Set aside: {reason.label}", "worse") for reason in Reason}
    return [
        Outcome(title, rows[code], f"{100 * rows[code] / all_rows:.2f}%", look)
        for code, (title, look) in titles.items()
        if code in rows
    ]


def columns_seen(
    table: Table, holds: str, mapping: Mapping[str, str], company: Company
) -> list[ColumnSeen]:
    """Every column of the table, in its order. mapping: fact -> header, whole or not."""
    notations = _notations(table, holds, mapping, company)
    columns = []
    for header in table.headers:
        values = table.column(header)
        seen = ", ".join(filter(None, [notations.get(header), _filled(table, values)]))
        columns.append(ColumnSeen(header, values[0] if values else "", seen))
    return columns


def first_rows(
    table: Table, holds: str, mapping: Mapping[str, str], company: Company
) -> list[PurchaseRow | BadRow]:
    """The first rows of purchases as an import would take them; none while a needed column is not
    named, and none of other facts."""
    if holds != Upload.Holds.PURCHASES or PURCHASES.problems(mapping, table.headers):
        return []
    return list(islice(RowReader(table, mapping, company).read_all(), ROWS_SHOWN))


def _notations(
    table: Table, holds: str, mapping: Mapping[str, str], company: Company
) -> dict[str, str]:
    """How the columns of days and numbers are written, in words: header -> words."""
    columns = COLUMNS[holds]
    here = {fact: header for fact, header in mapping.items() if header in table.headers}
    numbers = {fact: table.column(here[fact]) for fact in columns.numbers if fact in here}
    seen = see_numbers(numbers, company.currency, table.delimiter)
    notations = {here[fact]: notation.seen for fact, notation in seen.items()}
    for fact in columns.days:
        if fact in here:
            notations[here[fact]] = see_dates(table.column(here[fact]), company.clock).seen
    return notations


def _filled(table: Table, values: list[str]) -> str:
    """How much of the column is filled, as far as it has been looked into."""
    rows = len(table.sample)
    if not values:
        return "empty"
    if len(values) == rows:
        return "all filled"
    percent = round(100 * (1 - len(values) / rows))
    return f"missing in {percent}%" if percent else "missing in under 1%"
