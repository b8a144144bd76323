"""A stored file, opened: unpacked, decoded and cut into rows, each within bounds."""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase, TextIOWrapper

from django.db.models.fields.files import FieldFile

GZIP = b"\x1f\x8b"
HEAD = 1024
DELIMITERS = ",;\t|"
LONGEST_LINE = 1_000_000
MOST_LINES_OF_A_ROW = 50

MEGABYTE = 1_000_000
ALWAYS_UNPACKED = 50 * MEGABYTE
MOST_UNPACKED = 2000 * MEGABYTE
MOST_TIMES_PACKED = 200  # files of purchases unpack to 5 to 20 times their size

NOT_CSV = {
    b"PK\x03\x04": "It is an Excel file. Save it as CSV and send it again.",
    b"\xd0\xcf\x11\xe0": "It is an Excel file. Save it as CSV and send it again.",
    b"%PDF": "It is a PDF. Send the rows as CSV.",
    b"\x89PNG": "It is a picture. Send the rows as CSV.",
}
NOT_TEXT = "It is not a text file. Save it as CSV and send it again."
EXCELS_OWN_LINE = re.compile(r"sep=([^\s\"]|\t)", re.IGNORECASE)

Row = tuple[int, list[str]]


class UnreadableFile(Exception):
    """The file cannot be read as rows; the text is the sentence for the person."""


@contextmanager
def reading(file: FieldFile) -> Iterator[None]:
    """Turns what can go wrong while reading into the sentence for the person."""
    try:
        yield
    except (FileNotFoundError, IsADirectoryError):
        raise UnreadableFile("The file is no longer here. Send it again.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UnreadableFile("The file was cut off on its way. Send it again.") from None
    except UnicodeError:
        raise UnreadableFile(NOT_TEXT) from None


@contextmanager
def bytes_of(file: FieldFile) -> Iterator:
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
                yield BufferedReader(_Bounded(plain, _most_unpacked(file.size)))
        elif file.name.endswith(".gz"):
            raise UnreadableFile("It is called .gz, but it is not compressed. Rename it to .csv.")
        else:
            yield stored


@contextmanager
def text_of(file: FieldFile, encoding: str, errors: str) -> Iterator[TextIOWrapper]:
    """The file's text with its ends of lines as they are; errors: "strict" or "replace"."""
    with bytes_of(file) as plain, TextIOWrapper(plain, encoding, errors, newline="") as text:
        yield text


def numbered(text: TextIOWrapper, delimiter: str) -> Iterator[Row]:
    """All rows that are not blank, with the line that each begins on. Raises UnreadableFile."""
    lines = Lines(text)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if lines.are_over:  # within a row only an open quotation mark reads on to the end
                raise UnreadableFile(_not_closed(lines.row))
            if any(cells):
                yield lines.row, cells
            lines.row = reader.line_num + 1
    except csv.Error:
        raise UnreadableFile(
            f"Line {lines.row} has a value of more than {csv.field_size_limit():,} characters;"
            " perhaps a quotation mark is not closed."
        ) from None


def delimiter_of(text: TextIOWrapper) -> str:
    """What stands between the values: what Excel's own first line says, or the header shows."""
    first = text.readline(LONGEST_LINE)
    if said := EXCELS_OWN_LINE.fullmatch(first.rstrip("\r\n")):
        return said[1]
    while first and not first.strip():
        first = text.readline(LONGEST_LINE)
    bare = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=bare.count)


class Lines:
    """The lines of a text, one by one. row: the line that the row being read begins on."""

    def __init__(self, text: TextIOWrapper) -> None:
        self.text = text
        self.number = 0
        self.row = 1
        self.are_over = False

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        """The next line, blank where it is Excel's own. Raises UnreadableFile."""
        line = self.text.readline(LONGEST_LINE + 1)
        if not line:
            self.are_over = True
            raise StopIteration
        self.number += 1
        if len(line) > LONGEST_LINE:
            raise UnreadableFile(
                f"Line {self.number} has more than a million characters:"
                " this is not a file of rows."
            )
        if self.number - self.row >= MOST_LINES_OF_A_ROW:
            raise UnreadableFile(_not_closed(self.row))
        if self.number == 1 and EXCELS_OWN_LINE.fullmatch(line.rstrip("\r\n")):
            return "\n"
        return line.replace("\0", "")


class _Bounded(RawIOBase):
    """Unpacked bytes, no more than a file of its size can hold in earnest."""

    def __init__(self, plain: gzip.GzipFile, most: int) -> None:
        self.plain = plain
        self.most = most
        self.seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, room: memoryview) -> int:
        count = self.plain.readinto(room)
        self.seen += count
        if self.seen > self.most:
            raise UnreadableFile(
                f"The file unpacks to more than {self.most // MEGABYTE:,} MB."
                " Send it in parts, or not compressed."
            )
        return count


def _most_unpacked(packed: int) -> int:
    return min(max(ALWAYS_UNPACKED, packed * MOST_TIMES_PACKED), MOST_UNPACKED)


def _not_closed(line: int) -> str:
    return f"A quotation mark opened on line {line} is not closed."
