"""A file of rows: found out how it is written, then read row by row, never held as a whole."""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import islice

from django.db.models.fields.files import FieldFile

from customers.models import Upload

SAMPLE = 1000
LONGEST_HEADER = 120
DELIMITERS = ",;\t|"
HEAD = 1024
GZIP = b"\x1f\x8b"

NOT_CSV = {
    b"PK\x03\x04": "It is an Excel file. Save it as CSV and send it again.",
    b"\xd0\xcf\x11\xe0": "It is an Excel file. Save it as CSV and send it again.",
    b"%PDF": "It is a PDF. Send the rows as CSV.",
    b"\x89PNG": "It is a picture. Send the rows as CSV.",
}
NOT_TEXT = "It is not a text file. Save it as CSV and send it again."
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
LOOKS_LIKE_A_VALUE = re.compile(r"[-−]?[0-9][0-9.,]*|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}.*")

Row = tuple[int, list[str]]


class UnreadableFile(Exception):
    """The file cannot be read as rows; the text is the sentence for the person."""


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
        with _reading(self.file), _text_of(self.file, self.encoding) as text:
            yield from islice(_numbered(text, self.delimiter), 1, None)

    def column(self, header: str) -> list[str]:
        """The first values of a column, without empty ones."""
        place = self.headers.index(header)
        values = (cells[place].strip() for _, cells in self.sample if place < len(cells))
        return [value for value in values if value]


def peek(upload: Upload) -> Table:
    """The upload's file by its first thousand rows. Raises UnreadableFile."""
    return _look(upload.file, SAMPLE)


def survey(upload: Upload) -> Table:
    """The upload's file after one reading of all of it. Raises UnreadableFile."""
    return _look(upload.file, None)


def _look(file: FieldFile, most_rows: int | None) -> Table:
    with _reading(file):
        with _bytes_of(file) as binary:
            head = binary.read(HEAD)
        if head[:2] in UTF_16:
            return _look_as(file, "utf-16", most_rows)
        if b"\0" in head:
            raise UnreadableFile(NOT_TEXT)
        try:
            return _look_as(file, "utf-8-sig", most_rows)
        except UnicodeDecodeError:
            return _look_as(file, "cp1252", most_rows)


def _look_as(file: FieldFile, encoding: str, most_rows: int | None) -> Table:
    with _text_of(file, encoding) as text:
        delimiter = _delimiter(text)
    with _text_of(file, encoding) as text:
        rows = _numbered(text, delimiter)
        headers = _headers(next(rows, (1, []))[1])
        sample = tuple(islice(rows, SAMPLE))
        if not sample:
            raise UnreadableFile("The file has a header, but no rows below it.")
        left = islice(rows, None if most_rows is None else most_rows - len(sample))
        row_count = len(sample) + sum(1 for _ in left)
    return Table(file, encoding, delimiter, headers, sample, row_count)


def _numbered(text: TextIOWrapper, delimiter: str) -> Iterator[Row]:
    """All rows that are not blank, with the line that each begins on."""
    reader = csv.reader((line.replace("\0", "") for line in text), delimiter=delimiter)
    line = 1
    for cells in reader:
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


def _delimiter(text: TextIOWrapper) -> str:
    first = next((line for line in text if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=bare.count)


def _headers(cells: list[str]) -> tuple[str, ...]:
    """The names of the columns; one without a name is called by its place."""
    names = [cell.strip() or f"column {place}" for place, cell in enumerate(cells, start=1)]
    if not any(cell.strip() for cell in cells):
        raise UnreadableFile("The file is empty.")
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


@contextmanager
def _bytes_of(file: FieldFile) -> Iterator:
    """The file as it was before it was compressed."""
    with file.storage.open(file.name, "rb") as stored:
        head = stored.read(HEAD)
        stored.seek(0)
        if not head:
            raise UnreadableFile("The file is empty.")
        for start, sentence in NOT_CSV.items():
            if head.startswith(start):
                raise UnreadableFile(sentence)
        if head.startswith(GZIP):
            with gzip.GzipFile(fileobj=stored) as plain:
                yield plain
        elif file.name.endswith(".gz"):
            raise UnreadableFile("It is called .gz, but it is not compressed. Rename it to .csv.")
        else:
            yield stored


@contextmanager
def _text_of(file: FieldFile, encoding: str) -> Iterator[TextIOWrapper]:
    errors = "replace" if encoding == "cp1252" else "strict"
    with _bytes_of(file) as plain, TextIOWrapper(plain, encoding, errors, newline="") as text:
        yield text


@contextmanager
def _reading(file: FieldFile) -> Iterator[None]:
    """Turns what can go wrong while reading into the sentence for the person."""
    try:
        yield
    except FileNotFoundError:
        raise UnreadableFile("The file is no longer here. Send it again.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UnreadableFile("The file was cut off on its way. Send it again.") from None
    except UnicodeError:
        raise UnreadableFile(NOT_TEXT) from None
    except csv.Error:
        raise UnreadableFile(
            "A value is longer than 131,072 characters: a quotation mark is missing its pair."
        ) from None
