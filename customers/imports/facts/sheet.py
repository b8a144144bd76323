"""A file of facts by the names of its columns: cells become values, or a sentence says why not."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from django.core.files.storage import FileSystemStorage
from django.db.models import FileField
from django.db.models.fields.files import FieldFile

from customers.imports.columns import plain
from customers.imports.notation.dates import DateNotation, Moment, see_dates
from customers.imports.notation.numbers import NumberNotation, see_numbers
from customers.imports.notation.reasons import BadCell
from customers.imports.table import Table, UnreadableFile, look_into
from customers.models import Company

TOO_LARGE = Decimal(10) ** 11
NOTHING = {"null", "none", "nan", "n/a", "#n/a", "\\n", "-"}


class UnusableRow(ValueError):
    """The row cannot be stored; the text is the sentence for the person."""


@dataclass(frozen=True)
class Columns:
    """What a file of one kind of facts holds.

    names: fact -> what systems call its column, without case and signs, the likeliest first.
    """

    names: Mapping[str, str]
    needed: Collection[str]
    days: Collection[str] = ()
    numbers: Collection[str] = ()


class Sheet:
    """One file of facts. row_count: without its header."""

    def __init__(self, path: Path, columns: Columns) -> None:
        """Raises UnreadableFile, also where a column that is needed is not there."""
        self._table = _table_at(path)
        company = Company.objects.current()
        places = _places(columns, self._table)
        headers = {name: self._table.headers[place] for name, place in places.items()}
        self.row_count = self._table.row_count
        self._notation = Notation(
            len(self._table.headers),
            places,
            {
                name: see_dates(self._table.column(headers[name]), company.clock)
                for name in columns.days
                if name in headers
            },
            see_numbers(
                {
                    name: self._table.column(headers[name])
                    for name in columns.numbers
                    if name in headers
                },
                company.currency,
                self._table.delimiter,
            ),
            datetime.now(company.clock),
        )

    def rows(self) -> "Iterator[Cells]":
        """Every row. Raises UnreadableFile."""
        return (Cells(number, cells, self._notation) for number, cells in self._table.rows())


@dataclass(frozen=True)
class Notation:
    """Where each fact stands, and how days and numbers are written. now: by the company's clock."""

    width: int
    places: Mapping[str, int]
    dates: Mapping[str, DateNotation]
    numbers: Mapping[str, NumberNotation]
    now: datetime


@dataclass(frozen=True)
class Cells:
    """One row. Each question raises UnusableRow where its cell does not hold what is asked for."""

    number: int
    cells: list[str]
    notation: Notation

    def hold_to_header(self) -> None:
        """Refuse a row with more or fewer values than there are columns."""
        width = self.notation.width
        if len(self.cells) < width or any(self.cells[width:]):
            raise UnusableRow(f"The row has {len(self.cells)} values, the header {width}.")

    def text(self, name: str, longest: int) -> str:
        """Empty where there is no such column or nothing in it."""
        place = self.notation.places.get(name)
        text = "" if place is None else self.cells[place].strip()
        if len(text) > longest:
            raise UnusableRow(f"The {name} has {len(text)} characters; {longest} fit.")
        return "" if text.casefold() in NOTHING else text

    def code(self, name: str, longest: int) -> str:
        """A text that has to be there."""
        return self.text(name, longest) or _refuse_nothing(name)

    def moment(self, name: str) -> Moment | None:
        text = self.text(name, longest=40)
        try:
            return self.notation.dates[name].read(text) if text else None
        except BadCell as bad:
            raise UnusableRow(f"The {name} is {text}. {bad.sentence}") from None

    def past_moment(self, name: str) -> Moment:
        """A moment that has to be there, not after today."""
        moment = self.moment(name) or _refuse_nothing(name)
        if moment.day > self.notation.now.date():
            raise UnusableRow(f"The {name} is still to come.")
        return moment

    def quantity(self, name: str, places: int = 2) -> Decimal | None:
        """A number with so many decimal places."""
        text = self.text(name, longest=40)
        if not text:
            return None
        try:
            number = self.notation.numbers[name].read(text)
        except BadCell as bad:
            raise UnusableRow(bad.sentence) from None
        if abs(number) >= TOO_LARGE:
            raise UnusableRow(f"A {name} of this size cannot be true.")
        return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)

    def money(self, name: str) -> Decimal | None:
        """A number that is not below zero, to the cent."""
        amount = self.quantity(name)
        if amount is not None and amount < 0:
            raise UnusableRow(f"The {name} is below zero.")
        return amount

    def share(self, name: str) -> Decimal | None:
        """A number between -1 and 1."""
        share = self.quantity(name, places=4)
        if share is not None and abs(share) > 1:
            raise UnusableRow(f"The {name} is a share: write 0.3 for 30%.")
        return share


def _table_at(path: Path) -> Table:
    field = FileField(storage=FileSystemStorage(path.parent))
    return look_into(FieldFile(None, field, path.name))


def _places(columns: Columns, table: Table) -> dict[str, int]:
    by_name = {plain(header): place for place, header in reversed([*enumerate(table.headers)])}
    places = {}
    for fact, names in columns.names.items():
        name = next((name for name in names.split() if name in by_name), None)
        if name:
            places[fact] = by_name.pop(name)
    missing = [fact for fact in columns.needed if fact not in places]
    if missing:
        raise UnreadableFile(
            f"The file has no column for {' and '.join(missing)}."
            f" Its columns are {', '.join(table.headers)}."
        )
    return places


def _refuse_nothing(name: str) -> None:
    raise UnusableRow(f"The row has no {name}.")
