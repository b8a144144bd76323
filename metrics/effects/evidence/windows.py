"""Rows of single facts as matrices of customers (or sites) and windows, for what looks at those."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from metrics.effects.evidence.clusters import Array, Codes


def totals(
    who: ArrayLike, window: ArrayLike, amount: ArrayLike | float, shape: tuple[int, int]
) -> Array:
    """(units, windows): the amounts added up; 0 where there is none.

    who, window: places from 0; rows with a place outside of the shape are left out.
    """
    rows, columns = np.asarray(who, np.int64), np.asarray(window, np.int64)
    amounts = np.broadcast_to(np.asarray(amount, np.float64), rows.shape)
    inside = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
    cells = rows[inside] * shape[1] + columns[inside]
    many = shape[0] * shape[1]
    total = np.bincount(cells, amounts[inside], minlength=many)[:many].reshape(shape)
    return np.asarray(total, dtype=np.float64)


def ratio(numerator: Array, denominator: Array, scale: float = 1.0) -> Array:
    """scale times one over the other; NaN where there was nothing to divide by."""
    known = denominator != 0
    return np.where(known, scale * numerator / np.where(known, denominator, 1.0), np.nan)


def carried_forward(
    values: Array, ends: NDArray[np.bool_] | None = None, most: int | None = None
) -> Array:
    """The last known value of each row in the windows after it, until the next.

    People go by the last order that they had, not by the calendar: a month without one says
    nothing. ends: windows that put an end to it without a value of their own (a delivery without
    a ticket); true there. most: windows that it lasts after its own; without an end where None.
    """
    stamped = values if ends is None else np.where(ends & np.isnan(values), np.inf, values)
    lasting = np.asarray(pd.DataFrame(stamped).ffill(axis=1, limit=most), dtype=np.float64)
    return np.where(np.isinf(lasting), np.nan, lasting)


def months_since(first: date, days: ArrayLike) -> Codes:
    """Whole calendar months from that of the first day to that of each day; negative before."""
    months = np.asarray(days, "datetime64[M]") - np.datetime64(first, "M")
    return np.asarray(months.astype(np.int64))


def weeks_since(first: date, days: ArrayLike) -> Codes:
    """Whole weeks from the first day, a Monday, to each day; negative before."""
    gone = np.asarray(days, "datetime64[D]") - np.datetime64(first, "D")
    return np.asarray(gone.astype(np.int64) // 7)


def well_founded(values: Array, counted: Array, share: float = 0.5) -> Array:
    """The values of windows in which enough was counted; NaN in the others.

    share: of the usual count. A rate over a tenth of the usual orders is mostly noise, and would
    weigh as much as the rest.
    """
    return np.where(counted >= share * np.nanmedian(counted), values, np.nan)
