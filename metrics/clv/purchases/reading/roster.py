"""A number for each customer, whatever a file calls them, so that arrays can be kept by number."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from metrics.clv.purchases.histories import Integers
from metrics.clv.purchases.reading.cells import as_array

CLOSE = 2**22
"""Whole numbers from 0 up to here may stand for themselves; further where rows are as many."""


class Roster:
    """Numbers customers from 0 as they come in; `names` gives their own names back.

    Whole numbers that lie close together are their own numbers and cost nothing. Others are
    numbered in the order in which they first come; one table of names is kept.
    """

    def __init__(self) -> None:
        self._names: pa.Array | None = None
        self._highest = -1
        self._rows = 0

    def numbers(self, names: pa.Array) -> Integers:
        """The numbers of these customers: integers or strings, none of them unknown."""
        self._rows += len(names)
        if self._names is None:
            if pa.types.is_integer(names.type):
                numbers: Integers = as_array(names).astype(np.int64)
                highest = int(numbers.max(initial=-1))
                if highest < max(CLOSE, self._rows) and int(numbers.min(initial=0)) >= 0:
                    self._highest = max(self._highest, highest)
                    return numbers
            self._names = pa.array(np.arange(self._highest + 1))
        return self._looked_up(names)

    def names(self, numbers: Integers) -> pa.Array:
        """The file's own names of the customers with these numbers."""
        return pa.array(numbers) if self._names is None else self._names.take(pa.array(numbers))

    def _looked_up(self, names: pa.Array) -> Integers:
        known: pa.Array = self._names
        if not pa.types.is_integer(names.type):
            names, known = names.cast(pa.string()), known.cast(pa.string())
        elif not pa.types.is_integer(known.type):
            names = names.cast(pa.string())
        else:
            names = names.cast(pa.int64())
        coded = names.dictionary_encode()
        at = pc.index_in(coded.dictionary, value_set=known)
        new = coded.dictionary.filter(at.is_null())
        place = np.asarray(at.fill_null(-1), dtype=np.int64)
        place[place < 0] = len(known) + np.arange(len(new))
        self._names = pa.concat_arrays([known, new])
        found: Integers = place[np.asarray(coded.indices)]
        return found
