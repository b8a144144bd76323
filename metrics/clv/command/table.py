"""Named columns of a CSV, CSV.gz or Parquet file, as numbers, words or yes and no."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute, csv, parquet

from metrics.clv.purchases.histories import Array
from metrics.clv.purchases.reading import cells
from metrics.clv.purchases.reading.headers import UnreadableFile

PARQUET = (".parquet", ".pq")

YES = ("yes", "y", "true", "t", "1", "1.0")
NO = ("no", "n", "false", "f", "0", "0.0")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns as the file has them. Rows are counted from 1, the header not among them."""

    path: Path
    columns: pa.Table

    def numbers(self, name: str) -> Array:
        """The column as numbers; UnreadableFile naming the first cell that is none."""
        values = cells.amounts(self._texts(name)).fill_null(np.nan).to_numpy()
        wrong = ~np.isfinite(values)
        if wrong.any():
            self._refuse(name, int(np.argmax(wrong)), "where a number belongs")
        return np.asarray(values, dtype=np.float64)

    def words(self, name: str) -> NDArray[np.str_]:
        """The column as text, without blanks around it."""
        return np.asarray(self._texts(name).to_numpy().astype(str))

    def yes_or_no(self, name: str) -> NDArray[np.bool_]:
        """The column as truth: Yes/No, true/false or 1/0, in any case of letters."""
        texts = compute.utf8_lower(self._texts(name))
        yes = compute.is_in(texts, pa.array(YES)).to_numpy()
        known = yes | compute.is_in(texts, pa.array(NO)).to_numpy()
        if not known.all():
            self._refuse(name, int(np.argmin(known)), "where Yes or No belongs")
        return np.asarray(yes, dtype=bool)

    def _texts(self, name: str) -> pa.ChunkedArray:
        texts = compute.utf8_trim_whitespace(self.columns.column(name).cast(pa.string()))
        empty = compute.equal(compute.fill_null(texts, ""), "").to_numpy()
        if empty.any():
            raise UnreadableFile(
                f"{self.path}: column {name!r} is empty in row {int(np.argmax(empty)) + 1}."
            )
        return texts

    def _refuse(self, name: str, row: int, where: str) -> None:
        cell = str(self.columns.column(name)[row])
        raise UnreadableFile(
            f"{self.path}: column {name!r} has {cell[:40]!r} in row {row + 1}, {where}."
        )


def read_table(path: Path, names: Sequence[str]) -> Table:
    """The named columns of the file; UnreadableFile where it or one of them is missing."""
    if not path.exists():
        raise UnreadableFile(f"There is no file {path}.")
    try:
        columns = _read(path, names)
        found = columns.column_names
    except (pa.ArrowException, OSError, UnicodeDecodeError) as reason:
        first_line = str(reason).strip().partition("\n")[0]
        raise UnreadableFile(f"{path} cannot be read: {first_line}") from None
    for name in names:
        if found.count(name) != 1:
            times = "more than one column" if name in found else "no column"
            shown = ", ".join(found[:20])
            raise UnreadableFile(f"{path} has {times} {name!r}; it has {shown}.")
    if not columns.num_rows:
        raise UnreadableFile(f"{path} has a header and no rows.")
    return Table(path, columns)


def _read(path: Path, names: Sequence[str]) -> pa.Table:
    if path.suffix.lower() in PARQUET:
        found = [name for name in parquet.read_schema(path).names if name in names]
        return parquet.read_table(path, columns=found) if found else parquet.read_table(path)
    as_text = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    return csv.read_csv(path, convert_options=as_text)
