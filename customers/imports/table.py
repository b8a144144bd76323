"""A file of rows: found out how it is written, then read row by row, never held as a whole."""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db.models.fields.files import FieldFile

from customers.imports.opened import (
    HEAD,
    NOT_TEXT,
    Row,
    UnreadableFile,
    bytes_of,
    delimiter_of,
    numbered,
    reading,
    text_of,
)
from customers.models import Upload

__all__ = ["Row", "Table", "UnreadableFile", "look_into", "peek", "survey"]

SAMPLE = 1000
LONGEST_HEADER = 120
MOST_COLUMNS = 200
BLOCK = 1 << 20

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
NO_LETTERS = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")
LOOKS_LIKE_A_VALUE = re.compile(r"[-−]?[0-9][0-9.,]*|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}.*")


@dataclass(frozen=True)
class Table:
    """What a file of rows holds and how it is written. row_count: as far as it has been read."""

    file: FieldFile = field(repr=False)
    encoding: str
    delimiter: str
    headers: tuple[str, ...]
    sample: tuple[Row, ...]
    row_count: int

    def rows(self) -> Iterator[Row]:
        """Each row with the number of its line; the header is line 1. Raises UnreadableFile."""
        with reading(self.file), text_of(self.file, self.encoding, "replace") as text:
            yield from islice(numbered(text, self.delimiter), 1, None)

    def column(self, header: str) -> list[str]:
        """The first values of a column, without empty ones."""
        place = self.headers.index(header)
        values = (cells[place].strip() for _, cells in self.sample if place < len(cells))
        return [value for value in values if value]


def peek(upload: Upload) -> Table:
    """The upload's file by its first thousand rows. Raises UnreadableFile."""
    return look_into(upload.file, SAMPLE)


def survey(upload: Upload) -> Table:
    """The upload's file after one reading of all of it. Raises UnreadableFile."""
    return look_into(upload.file)


def look_into(file: FieldFile, most_rows: int | None = None) -> Table:
    """A stored file, read as far as this row; to its end where none is said.

    Raises UnreadableFile.
    """
    with reading(file):
        with bytes_of(file) as binary:
            head = binary.read(HEAD)
        if head[:2] in UTF_16:
            return _look_as(file, "utf-16", "strict", most_rows)
        if b"\0" in head:
            raise UnreadableFile(NOT_TEXT)
        try:
            return _look_as(file, "utf-8-sig", "strict", most_rows)
        except UnicodeDecodeError:
            return _look_as(file, _meant_encoding(file), "replace", most_rows)


def _meant_encoding(file: FieldFile) -> str:
    """How a file with bytes that are no UTF-8 was meant: its mark or its first letter tells."""
    decoder = getincrementaldecoder("utf-8")()
    with bytes_of(file) as binary:
        while block := binary.read(BLOCK):
            try:
                is_ascii = decoder.decode(block).isascii()
            except UnicodeDecodeError as bad:
                is_ascii = bad.object[: bad.start].isascii()
                return "cp1252" if is_ascii else "utf-8-sig"
            if not is_ascii:
                return "utf-8-sig"
    return "cp1252"


def _look_as(file: FieldFile, encoding: str, errors: str, most_rows: int | None) -> Table:
    with text_of(file, encoding, errors) as text:
        delimiter = delimiter_of(text)
    with text_of(file, encoding, errors) as text:
        rows = numbered(text, delimiter)
        headers = _headers(next(rows, (1, []))[1])
        sample = tuple(islice(rows, SAMPLE))
        if not sample:
            raise UnreadableFile("The file has a header, but no rows below it.")
        left = islice(rows, None if most_rows is None else most_rows - len(sample))
        row_count = len(sample) + sum(1 for _ in left)
    return Table(file, encoding, delimiter, headers, sample, row_count)


def _headers(cells: list[str]) -> tuple[str, ...]:
    """The names of the columns; one without a name is called by its place."""
    names = [cell.strip() or f"column {place}" for place, cell in enumerate(cells, start=1)]
    if not any(cell.strip() for cell in cells):
        raise UnreadableFile("The file is empty.")
    if any(NO_LETTERS.search(name) for name in names):
        raise UnreadableFile(NOT_TEXT)
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(
            f"The first line names {len(names):,} columns, and {MOST_COLUMNS} is the most."
        )
    if any(len(name) > LONGEST_HEADER for name in names):
        raise UnreadableFile(
            f"The first line has a name of more than {LONGEST_HEADER} characters."
            " It has to name the columns."
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UnreadableFile(f"Two columns are called {twice}. Rename one and send it again.")
    if sum(bool(LOOKS_LIKE_A_VALUE.fullmatch(name)) for name in names) * 2 >= len(names):
        raise UnreadableFile(
            "The first line holds values. Put a line with the names of the columns above it."
        )
    return tuple(names)
