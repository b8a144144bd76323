"""Sums over groups of a valuation's customers, whatever they are grouped by."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.clv.purchases.histories import Integers

OTHERS, NOT_KNOWN = "All others", "Not known"
"""What groups together are called; a channel or country of such a name goes into the last."""

MOST_NAMED = 40
"""Countries or channels shown by name, the ones with most value; the rest are one group."""

Values = dict[str, NDArray[np.float64]]
"""Columns of a valuation's customers, in the order of their keys."""

Grouped = tuple[list[tuple[Any, str]], Integers]
"""Names with their steadiness, and each customer's place among them."""


@dataclass(frozen=True)
class Group:
    """Some customers together. below_zero: how many are worth less than nothing. known: of how
    many it is known what winning them cost, and winning: that cost. cash: of one purchase day of
    each. Money in currency, variance of its square."""

    name: Any
    steadiness: str
    customers: int
    below_zero: int
    known: int
    spent: float
    value: float
    variance: float
    winning: float
    cash: float


SUMMED = tuple(Group.__annotations__)[2:]


def groups_of(values: Values, grouped: Grouped) -> list[Group]:
    """The groups that somebody is in, in the order of their names."""
    names, place = grouped
    is_known = ~np.isnan(values["winning"])
    counted = (None, values["clv"] < 0, is_known)
    added = (
        values["spent"],
        values["clv"],
        np.nan_to_num(values["deviation"] ** 2),
        np.where(is_known, values["winning"], 0.0),
        values["cash"],
    )
    sums = [np.bincount(place, each, len(names)) for each in (*counted, *added)]
    sums[: len(counted)] = [each.astype(np.int64) for each in sums[: len(counted)]]
    rows = zip(names, *(each.tolist() for each in sums), strict=True)
    return [Group(*name, *row) for name, *row in rows if row[0]]


def ranked(groups: list[Group]) -> list[Group]:
    """Places by value; the small ones as one, and those without a name."""
    is_named = [bool(one.name) and one.name not in (OTHERS, NOT_KNOWN) for one in groups]
    known = [one for one, named in zip(groups, is_named, strict=True) if named]
    known.sort(key=lambda one: -one.value)
    shown, rest = known[:MOST_NAMED], known[MOST_NAMED:]
    unnamed = [one for one, named in zip(groups, is_named, strict=True) if not named]
    others = [_merged(rest, OTHERS)] if rest else []
    nameless = [_merged(unnamed, NOT_KNOWN)] if unnamed and known else []
    return [*shown, *others, *nameless]


def _merged(groups: list[Group], called: str) -> Group:
    """Several as one, of which no payback is told."""
    sums = {name: sum(getattr(one, name) for one in groups) for name in SUMMED}
    return replace(Group(called, "", **sums), known=0)
