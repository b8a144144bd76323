"""Groups of customers: what each is worth on one scale, and sizes against steadiness."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from metrics.drawing.axes import percent

INSET = 0.04
HEATS = 5


class Group(Protocol):
    """Customers together; money in the valuation's currency, steadiness beside a size only."""

    name: str
    steadiness: str
    customers: int
    spent: float
    clv: float
    clv_low: float | None
    clv_high: float | None


@dataclass(frozen=True)
class GroupRow:
    """One group with its whisker; each: of one customer. A hidden one shows its name alone."""

    of: Group
    is_hidden: bool
    each: float
    x: str
    low_x: str
    high_x: str


@dataclass(frozen=True)
class GroupTable:
    rows: list[GroupRow]
    zero: str


def group_table(groups: Sequence[Group], smallest_group: int) -> GroupTable | None:
    """The groups in their order, None without any."""
    if not groups:
        return None
    shown = [group for group in groups if group.customers >= smallest_group]
    ends = [end for group in shown for end in _ends(group)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    span = (high - low) or 1.0

    def place(value: float) -> str:
        return percent(INSET + (1 - 2 * INSET) * (value - low) / span)

    rows = []
    for group in groups:
        from_, to = _ends(group)
        rows.append(
            GroupRow(
                of=group,
                is_hidden=group.customers < smallest_group,
                each=group.clv / max(group.customers, 1),
                x=place(group.clv),
                low_x=place(from_),
                high_x=place(to),
            )
        )
    return GroupTable(rows, place(0.0))


def _ends(group: Group) -> tuple[float, float]:
    if group.clv_low is None or group.clv_high is None:
        return group.clv, group.clv
    return group.clv_low, group.clv_high


@dataclass(frozen=True)
class Cell:
    """One size and steadiness; of: None where there is nobody. Shares of value and of customers.

    heat: 1 to 5 by share of value.
    """

    of: Group | None
    is_hidden: bool
    share: float
    of_customers: float
    heat: int


@dataclass(frozen=True)
class SizeMatrix:
    """Sizes down, steadiness across, as both occur; top: the shown cell with the most value."""

    columns: list[str]
    rows: list[tuple[str, list[Cell]]]
    top: Cell | None


def size_matrix(
    groups: Sequence[Group], order: Sequence[str], smallest_group: int
) -> SizeMatrix | None:
    """None without groups. order: steadiness from left to right; others follow as they occur."""
    if not groups:
        return None
    occurring = dict.fromkeys(group.steadiness for group in groups)
    columns = sorted(occurring, key=lambda name: order.index(name) if name in order else len(order))
    cells = {(group.name, group.steadiness): group for group in groups}
    total = sum(group.clv for group in groups) or 1.0
    customers = sum(group.customers for group in groups) or 1
    highest = max(group.clv / total for group in groups)

    def cell(key: tuple[str, str]) -> Cell:
        group = cells.get(key)
        if group is None:
            return Cell(None, False, 0.0, 0.0, 0)
        share = group.clv / total
        return Cell(
            group,
            group.customers < smallest_group,
            share,
            group.customers / customers,
            heat_of(share, highest),
        )

    sizes = dict.fromkeys(group.name for group in groups)
    rows = [(name, [cell((name, column)) for column in columns]) for name in sizes]
    shown = [each for _, line in rows for each in line if each.of and not each.is_hidden]
    top = max(shown, key=lambda each: each.share, default=None)
    return SizeMatrix(columns, rows, top)


def heat_of(share: float, highest: float) -> int:
    """1 to 5 in even steps up to the highest; 0 for nothing."""
    if share <= 0 or highest <= 0:
        return 0
    return min(HEATS, 1 + int(HEATS * share / highest))
