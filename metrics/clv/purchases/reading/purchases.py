"""Purchases of a CSV or Parquet file, a chunk at a time; what cannot be one is counted."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from metrics.clv.purchases.grouping import books_of, merge_days
from metrics.clv.purchases.histories import EARLIEST, Array, Day, Integers, Unit
from metrics.clv.purchases.ledger import Books, DaysOutOfOrder, Ledger, TooManyDays
from metrics.clv.purchases.reading import cells
from metrics.clv.purchases.reading.headers import UnreadableFile, find_headers
from metrics.clv.purchases.reading.roster import Roster

ROWS = 2**17
"""Rows of a Parquet file looked at together."""

BYTES = 2**24
"""The same of a CSV file, in bytes."""

REASONS = ("no customer", "no day", "day before 1900", "amount not a number", "negative amount")
"""Why a row may be left out; a row counts under the first that fits."""

WRONG_CELLS = "wrong number of cells"

UNKNOWN = ["", "null", "NULL", "nan", "NaN"]


class Purchases(NamedTuple):
    """customer: its number in the file's roster; day: since 1970-01-01; amount: zero or more."""

    customer: Integers
    day: Integers
    amount: Array


class PurchaseFile:
    """The purchases of a file in chunks, read anew by each loop over it.

    headers: the columns that are read; all amounts are 0 where there is no such column. After a
    loop, roster: the customers' own names; dropped: rows left out, by reason.
    """

    def __init__(
        self,
        path: str | Path,
        customer: str | None = None,
        date: str | None = None,
        amount: str | None = None,
    ) -> None:
        """customer, date, amount: names of columns; guessed where None. Raises UnreadableFile."""
        self._path = Path(path)
        self.roster, self.dropped = Roster(), Counter[str]()
        with self._plain_words():
            with self._path.open("rb") as file:
                self._is_parquet = file.read(4) == b"PAR1"
            self.headers = find_headers(self._columns_present(), customer, date, amount)

    def __iter__(self) -> Iterator[Purchases]:
        self.roster, self.dropped = Roster(), Counter()
        with self._plain_words():
            for batch in self._parquet_batches() if self._is_parquet else self._csv_batches():
                yield self._purchases(*batch.columns)

    def all_at_once(self) -> Purchases:
        """The whole file as three arrays."""
        chunks = list(self)
        if not chunks:
            nobody = np.zeros(0, dtype=np.int64)
            return Purchases(nobody, nobody, np.zeros(0))
        return Purchases(*(np.concatenate(column) for column in zip(*chunks, strict=True)))

    def _purchases(
        self, customer: pa.Array, day: pa.Array, amount: pa.Array | None = None
    ) -> Purchases:
        names, days = cells.customer_names(customer), cells.days(day)
        spent = np.zeros(len(names)) if amount is None else _numbers(cells.amounts(amount))
        if names.null_count or not _all_known(days) or not _all_possible(spent):
            kept = self._kept(names, days, spent)
            names, days, spent = (
                names.filter(pa.array(kept)),
                days.filter(pa.array(kept)),
                spent[kept],
            )
        return Purchases(self.roster.numbers(names), cells.as_array(days).astype(np.int64), spent)

    def _kept(self, names: pa.Array, days: pa.Array, spent: Array) -> NDArray[np.bool_]:
        """False for the rows to leave out, which are counted."""
        kept = np.ones(len(spent), dtype=np.bool_)
        too_early = pc.less(days, EARLIEST).fill_null(False)
        wrong = (names.is_null(), days.is_null(), too_early, ~np.isfinite(spent), spent < 0)
        for reason, rows in zip(REASONS, wrong, strict=True):
            hit = kept & np.asarray(rows)
            kept &= ~hit
            if hit.any():
                self.dropped[reason] += int(hit.sum())
        return kept

    def _columns_present(self) -> list[str]:
        if self._is_parquet:
            names: list[str] = pa.parquet.read_schema(self._path).names
            return names
        with self._open_csv([]) as reader:
            return list(reader.schema.names)

    def _wanted(self) -> list[str]:
        return [name for name in self.headers if name is not None]

    def _parquet_batches(self) -> Iterator[pa.RecordBatch]:
        # Not buffered before, or a row group of a million purchases is held at once
        with pa.parquet.ParquetFile(self._path, pre_buffer=False) as file:
            for batch in file.iter_batches(ROWS, columns=self._wanted()):
                yield batch.select(self._wanted())

    def _csv_batches(self) -> Iterator[pa.RecordBatch]:
        # Closed, or a thread that reads ahead may outlive the process and end it in a crash
        with self._open_csv(self._wanted()) as reader:
            yield from reader

    def _open_csv(self, wanted: Sequence[str]) -> Any:
        return pa.csv.open_csv(
            self._path,
            read_options=pa.csv.ReadOptions(block_size=BYTES, encoding=self._encoding()),
            parse_options=pa.csv.ParseOptions(
                delimiter=self._delimiter(), invalid_row_handler=self._skip
            ),
            convert_options=pa.csv.ConvertOptions(
                include_columns=list(wanted),
                column_types=dict.fromkeys(wanted, pa.string()),
                strings_can_be_null=True,
                null_values=UNKNOWN,
            ),
        )

    def _encoding(self) -> str:
        """How the file's text is written, by its beginning: as UTF-8, or as Windows does."""
        begins = self._beginning()
        if begins.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            return "utf-16"
        try:
            getincrementaldecoder("utf-8")().decode(begins)
        except UnicodeDecodeError:
            return "windows-1252"
        return "utf8"

    def _delimiter(self) -> str:
        """The sign that occurs most in the first line."""
        first = self._beginning().partition(b"\n")[0].decode("utf-8", "replace")
        return max(",;\t|", key=first.count)

    def _beginning(self) -> bytes:
        with pa.input_stream(self._path, compression="detect") as file:
            return bytes(file.read(2**16))

    def _skip(self, row: Any) -> str:
        self.dropped[WRONG_CELLS] += 1
        return "skip"

    @contextmanager
    def _plain_words(self) -> Iterator[None]:
        """UnreadableFile in place of what reading may raise."""
        try:
            yield
        except FileNotFoundError:
            raise UnreadableFile(f"There is no file {self._path}.") from None
        except UnicodeDecodeError:
            raise UnreadableFile(f"{self._path} is not text: save it as CSV in UTF-8.") from None
        except (OSError, pa.ArrowException) as reason:
            line = str(reason).splitlines()[0] if str(reason) else type(reason).__name__
            raise UnreadableFile(f"{self._path} cannot be read: {line}") from reason


def read_purchases(
    path: str | Path,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
) -> Iterator[Purchases]:
    """The purchases of a file, a chunk at a time; see PurchaseFile."""
    return iter(PurchaseFile(path, customer, date, amount))


def books_of_file(
    file: PurchaseFile, as_of: Sequence[Day], unit: Unit = "week", *, by_day: bool = False
) -> Books:
    """The histories in a file at several days, customers by their number in its roster.

    A file in the order of its days is read once and not kept; another is read again and sorted.
    """
    ledger = Ledger(as_of, unit, by_day=by_day)
    try:
        for chunk in file:
            ledger.enter(*chunk)
    except (DaysOutOfOrder, TooManyDays):
        return books_of(merge_days(*file.all_at_once()), as_of, unit, by_day=by_day)
    return ledger.close()


def _numbers(amounts: pa.Array) -> Array:
    """As an array, NaN where there is none."""
    return cells.as_array(amounts.fill_null(np.nan) if amounts.null_count else amounts)


def _all_known(days: pa.Array) -> bool:
    return not days.null_count and int(cells.as_array(days).min(initial=EARLIEST)) >= EARLIEST


def _all_possible(amounts: Array) -> bool:
    return bool(amounts.min(initial=0.0) >= 0 and amounts.max(initial=0.0) < np.inf)
