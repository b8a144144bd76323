"""Who the customers are: what nobody changes about them, and what they last lived through."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clvsite.simulated.surroundings.catalogue import CATEGORIES
from clvsite.simulated.surroundings.conditions import DEPOTS, RETAIL_GROUPS, TRADE_GROUPS
from clvsite.simulated.surroundings.dice import Dice

TRADE_SHARE = 0.4
RETAIL, TRADE = 0, 1
ORDERS_A_MONTH, ORDERS_SHAPE = np.array([0.45, 0.75]), 1.6
DANGER, DANGER_SHAPE = np.array([0.018, 0.013]), 5.0
SPEND = np.array([0.6, 1.3])
SATISFIED = np.array([78.0, 73.0])


@dataclass(frozen=True)
class People:
    """A row each. number: stays with the person in every run of one seed.

    trade: 1 for a trade account, 0 for a private person. orders_a_month, danger (of leaving, a
    month), spend: their own rates. category, step: the k-th category they come to buy is
    (category + k * step) modulo the number of categories.
    """

    number: NDArray[np.int64]
    trade: NDArray[np.int64]
    orders_a_month: NDArray[np.float64]
    danger: NDArray[np.float64]
    spend: NDArray[np.float64]
    satisfied: NDArray[np.float64]
    group: NDArray[np.int64]
    depot: NDArray[np.int64]
    category: NDArray[np.int64]
    step: NDArray[np.int64]

    def category_of(self, row: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.int64]:
        return (self.category[row] + place * self.step[row]) % len(CATEGORIES)


def people(dice: Dice, number: NDArray[np.int64]) -> People:
    trade = dice.happens(TRADE_SHARE, "trade", number).astype(np.int64)
    retail_group = dice.between(0, RETAIL_GROUPS - 1, "group", number)
    trade_group = RETAIL_GROUPS + retail_group % TRADE_GROUPS
    return People(
        number,
        trade,
        ORDERS_A_MONTH[trade] * dice.gamma(ORDERS_SHAPE, "rate", number),
        DANGER[trade] * dice.gamma(DANGER_SHAPE, "danger", number),
        SPEND[trade] * dice.gamma(4.0, "spend", number),
        np.minimum(SATISFIED[trade] + 5 * dice.normal("satisfied", number), 90),
        np.where(trade, trade_group, retail_group),
        dice.between(0, len(DEPOTS) - 1, "depot", number),
        dice.between(0, len(CATEGORIES) - 1, "category", number),
        2 * dice.between(0, len(CATEGORIES) // 2 - 1, "step", number) + 1,
    )


class Lived:
    """What each row lived through, added up by month, and what is still felt of it."""

    COUNTS = (
        "deliveries", "late", "lines", "defective", "invoices", "corrected",
        "tickets", "hours", "refunds", "days",
    )  # fmt: skip
    FELT = (
        ("late", "deliveries", "deliveries"),
        ("defective", "lines", "deliveries"),
        ("corrected", "invoices", "invoices"),
        ("hours", "tickets", "deliveries"),
        ("days", "refunds", "deliveries"),
    )
    """What is felt, the mean over what, and what of which a month puts an end to it."""

    def __init__(self, rows: int, months: int) -> None:
        self._months = months
        self._sums = {name: np.zeros((months + 1, rows), np.float32) for name in self.COUNTS}
        self.felt = {name: np.full(rows, np.nan) for name, _, _ in self.FELT}

    def add(self, name: str, row: NDArray, month: NDArray, amount: NDArray | float = 1.0) -> None:
        """Later months than the last do not matter any more."""
        np.add.at(self._sums[name], (np.minimum(month, self._months), row), amount)

    def turn_to(self, month: int) -> None:
        """What was lived through in the month before is felt from this month on.

        A month with another delivery, or invoice, replaces it; one without lets it stand.
        """
        if month == 0:
            return
        for name, of, ends_with in self.FELT:
            count = self._sums[of][month - 1]
            mean = self._sums[name][month - 1] / np.maximum(count, 1)
            is_over = self._sums[ends_with][month - 1] > 0
            self.felt[name] = np.where(count > 0, mean, np.where(is_over, np.nan, self.felt[name]))
