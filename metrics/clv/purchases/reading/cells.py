"""Cells of a file as numbers: customers, days, amounts; null where a cell does not hold one."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from metrics.clv.purchases.histories import Numbers

A_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
"""How amounts are written: 1234.5, never 1,234.5 or 1234,5."""

UNIX_EPOCH = date(1970, 1, 1)


def as_array(column: pa.Array) -> Numbers:
    """Numbers without a null, not to be written to. By DLPack: pyarrow's own way loads pandas."""
    return np.from_dlpack(column)


def customer_names(column: pa.Array) -> pa.Array:
    """Whole numbers where all cells are such as they stand, else text: 007 is not 7."""
    column = _undictionaried(column)
    if pa.types.is_integer(column.type):
        return column
    if not _is_text(column.type):
        column = column.cast(pa.string())
        return _whole(pc.replace_substring_regex(column, r"\.0+$", ""))
    return _whole(column)


def days(column: pa.Array) -> pa.Array:
    """Days since 1970-01-01 as int32, from dates, moments and ISO text.

    Of moments with a zone it is the day there; of text the day as written.
    """
    column = _undictionaried(column)
    if _is_text(column.type):
        return _written_days(column)
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = pc.local_timestamp(column)
    if not (pa.types.is_date(column.type) or pa.types.is_timestamp(column.type)):
        return pa.nulls(len(column), pa.int32())
    return column.cast(pa.date32(), safe=False).cast(pa.int32())


def amounts(column: pa.Array) -> pa.Array:
    """Numbers as float64; infinity and what is not a number are left as they are."""
    column = _undictionaried(column)
    if _is_text(column.type):
        return _written_amounts(column)
    if pa.types.is_boolean(column.type) or pa.types.is_temporal(column.type):
        return pa.nulls(len(column), pa.float64())
    return column.cast(pa.float64())


def _undictionaried(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _whole(column: pa.Array) -> pa.Array:
    try:
        numbers = column.cast(pa.int64())
    except pa.ArrowInvalid:
        column = pc.utf8_trim_whitespace(column.cast(pa.string()))
        return pc.if_else(pc.equal(column, ""), None, column)
    starts_with_0 = pc.and_(pc.starts_with(column, "0"), pc.greater(pc.binary_length(column), 1))
    is_unusual = pc.or_(starts_with_0, pc.starts_with(column, "-"))
    return column if pc.any(is_unusual).as_py() else numbers


def _written_days(column: pa.Array) -> pa.Array:
    day = pc.utf8_slice_codeunits(column, 0, 10)
    try:
        return day.cast(pa.date32()).cast(pa.int32())
    except pa.ArrowInvalid:
        day = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(column), 0, 10)
        coded = day.dictionary_encode()
        known = pa.array([_day_of(text) for text in coded.dictionary.to_pylist()], pa.int32())
        return known.take(coded.indices)


def _day_of(text: str) -> int | None:
    try:
        return (date.fromisoformat(text) - UNIX_EPOCH).days
    except ValueError:
        return None


def _written_amounts(column: pa.Array) -> pa.Array:
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        is_number = pc.match_substring_regex(column, A_NUMBER)
        numbers = pc.utf8_trim_whitespace(pc.if_else(is_number, column, None))
        return numbers.cast(pa.float64())
