"""The simulated company lives through its months. Numbers only; Tarnholm Supply does not exist.

Customers come, order, live through what the company does well or badly, are pleased or not, and
leave without a word, as a Pareto/NBD model has it, but for trade accounts, who close theirs.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvsite.simulated.facts import Facts
from clvsite.simulated.orders import CROSS_SELL, FIRST, ORDERS_AT_ONCE, REGULAR, OrderBook, Orders
from clvsite.simulated.outreach import Outreach
from clvsite.simulated.people import Lived, people
from clvsite.simulated.prospects import prospects
from clvsite.simulated.records import facts_of
from clvsite.simulated.surroundings.changes import Changes
from clvsite.simulated.surroundings.conditions import Conditions, conditions
from clvsite.simulated.surroundings.dice import Dice
from clvsite.simulated.surroundings.staff import Staff, staff
from clvsite.simulated.truth import (
    DANGER_CALLED,
    DANGER_FLAGGED,
    RECOMMEND_PER_POINT,
    SATISFACTION_KEEPS,
    USUAL_HOURS,
    USUAL_REFUND_DAYS,
    USUAL_SATISFACTION,
    acts,
    effect,
)

DAYS_IN_A_MONTH = 30.44
KEYS_A_PERSON = 10_000
KEEPING = effect(*SATISFACTION_KEEPS).log_hazard
FRIENDS = 3
"""So many may be brought by one who came without a friend; those who were brought bring nobody."""


def simulate(
    seed: int, customers: int = 6000, years: int = 3, changes: Changes | None = None
) -> Facts:
    """About so many customers over these years, from the company's first day on.

    The same seed gives the same people with the same luck, also under other changes.
    """
    world = conditions(Dice(seed), changes or Changes(), years)
    company = Company(world, customers)
    for month in range(world.months):
        company.live(month)
    return facts_of(company)


class Company:
    """Everybody who is or may become a customer is one row, from the first month to the last."""

    def __init__(self, world: Conditions, customers: int) -> None:
        self.world = world
        self.staff: Staff = staff(world)
        self.prospects = prospects(world, customers)
        trial_on = self.prospects.trial_on
        (won,) = np.nonzero(trial_on <= world.last_day)
        number = np.concatenate([won + len(trial_on) * each for each in range(1 + FRIENDS)])
        self.people = people(world.dice, number)
        self.won = len(won)
        unknown = np.full(len(number), np.datetime64("NaT", "D"))
        self.joined_on, self.left_on = unknown, unknown.copy()
        self.joined_on[: len(won)] = trial_on[won]
        self._friends = np.zeros(len(won), np.int64)
        self.lived = Lived(len(number), world.months)
        self.book = OrderBook(world, self.people, self.staff, self.lived)
        self.outreach = Outreach(world, self.people, self.left_on)
        self.months: list[pd.DataFrame] = []
        self._satisfaction = np.full(len(number), np.nan)
        self._recommend = np.full(len(number), np.nan)
        self._bought: tuple[NDArray, NDArray] = (np.empty(0, int), np.empty(0, int))

    def live(self, month: int) -> None:
        start, end = self.world.month_start(month), self.world.month_start(month + 1)
        self.lived.turn_to(month)
        (rows,) = np.nonzero((self.joined_on < end) & np.isnat(self.left_on))
        known = rows[self.joined_on[rows] < start]
        danger = self._leave(known, month)
        before = self._recommend[known]
        recommend = self._would_recommend(known, month)
        satisfaction = self._satisfied(rows, month)
        self._remember(month, rows, satisfaction, (known, danger, recommend))
        self.book.take(self._orders(rows, month))
        self.outreach.survey(rows, month, "satisfaction", np.rint(satisfaction))
        self.outreach.survey(known, month, "recommend", recommend)
        self.outreach.flag(known, month)
        self._bought = self.outreach.contact(known, month)
        self._bring_friends(known, month, before)

    def _leave(self, known: NDArray, month: int) -> NDArray[np.float64]:
        """Chance of each to leave in this month; who does has a day of leaving after it."""
        endangered = self.outreach.in_danger_until[known] >= month
        called = np.where(self.outreach.was_called[known], DANGER_CALLED, DANGER_FLAGGED)
        above = self._satisfaction[known] - USUAL_SATISFACTION
        danger = self.people.danger[known] * np.exp(KEEPING * above)
        chance = -np.expm1(-danger * np.where(endangered, called, 1.0))
        dice, number = self.world.dice, self.people.number[known]
        leaves = dice.happens(chance, "leaving", number, month)
        days = self.world.days_of(month)
        day = days[0] + dice.between(0, len(days) - 1, "day of leaving", number, month)
        self.left_on[known[leaves]] = day[leaves]
        return chance

    def _satisfied(self, rows: NDArray, month: int) -> NDArray[np.float64]:
        """How satisfied each is in this month, 0 to 100."""
        felt = {name: values[rows] for name, values in self.lived.felt.items()}
        number = self.people.number[rows]
        satisfaction = self.people.satisfied[rows] + 7 * self.world.dice.normal(
            "mood", number, month
        )
        behind = self.staff.engagement_behind(month)[self.people.group[rows]]
        satisfaction += _effect("frontline_engagement") * behind
        for name, metric, usual, scale in (
            ("late", "late_delivery_rate", 0, 100),
            ("defective", "product_defect_rate", 0, 100),
            ("corrected", "billing_error_rate", 0, 100),
            ("hours", "complaint_resolution_time", USUAL_HOURS, 1),
            ("days", "returns_cycle_time", USUAL_REFUND_DAYS, 1),
        ):
            satisfaction += _effect(metric) * scale * np.nan_to_num(felt[name] - usual)
        day = np.array(self.world.month_start(month))
        satisfaction += self.world.changes.of("customer_satisfaction", day)
        satisfaction = np.clip(satisfaction, 0, 100)
        self._satisfaction[rows] = satisfaction
        return satisfaction

    def _would_recommend(self, known: NDArray, month: int) -> NDArray[np.float64]:
        """0 to 10, from last month's satisfaction."""
        luck = self.world.dice.normal("recommend", self.people.number[known], month)
        likely = 3.4 + RECOMMEND_PER_POINT * self._satisfaction[known] + 1.3 * luck
        day = np.array(self.world.month_start(month))
        recommend = np.clip(np.rint(likely + self.world.changes.of("nps", day)), 0, 10)
        self._recommend[known] = recommend
        return recommend

    def _orders(self, rows: NDArray, month: int) -> Orders:
        """First orders of who joins, regular ones, and what came of last month's offers."""
        dice, days = self.world.dice, self.world.days_of(month)
        week = self.world.week(days)
        weight = self.world.season[week] * (1 + 0.25 * self.world.campaign[week])
        mean = self.people.orders_a_month[rows] * weight.sum() / DAYS_IN_A_MONTH
        count = dice.poisson(mean, "orders", self.people.number[rows], month)
        count = np.minimum(count, ORDERS_AT_ONCE - 2)
        regular = np.repeat(rows, count)
        place = np.arange(len(regular)) - np.repeat(np.cumsum(count) - count, count)
        when = np.searchsorted(
            np.cumsum(weight) / weight.sum(),
            dice.roll("order day", self.people.number[regular], month * ORDERS_AT_ONCE + place),
        )
        first = rows[self.joined_on[rows] >= days[0]]
        more, category = self._bought
        later = days[0] + dice.between(0, 27, "offer's order", self.people.number[more], month)
        row = np.concatenate([regular, first, more])
        day = np.concatenate([days[when], self.joined_on[first], later])
        sizes = (len(regular), len(first), len(more))
        kind = np.repeat([REGULAR, FIRST, CROSS_SELL], sizes)
        last = ORDERS_AT_ONCE - 1
        number = np.concatenate([place, np.full(len(first), last), np.full(len(more), last - 1)])
        key = self.people.number[row] * KEYS_A_PERSON + month * ORDERS_AT_ONCE + number
        categories = np.concatenate([np.zeros(sizes[0] + sizes[1], np.int64), category])
        left_on, joined_on = self.left_on[row], self.joined_on[row]
        there = (np.isnat(left_on) | (day < left_on)) & ((day > joined_on) | (kind == FIRST))
        return Orders(row[there], key[there], day[there], kind[there], categories[there])

    def _bring_friends(self, known: NDArray, month: int, recommend: NDArray) -> None:
        free = (known < self.won) & ~np.isnan(recommend)
        free &= self._friends[np.minimum(known, self.won - 1)] < FRIENDS
        rows, first_on = self.outreach.refer(
            known[free], self._friends[known[free]], month, recommend[free]
        )
        self._friends[rows] += 1
        self.joined_on[rows + self.won * self._friends[rows]] = first_on

    def _remember(
        self, month: int, rows: NDArray, satisfaction: NDArray, of_known: tuple[NDArray, ...]
    ) -> None:
        known, danger, recommend = of_known
        chance, said = np.full((2, len(self.joined_on)), np.nan)
        chance[known], said[known] = danger, recommend
        felt = {name: values[rows] for name, values in self.lived.felt.items()}
        table = {"row": rows, "month": month, "satisfaction": satisfaction}
        self.months.append(
            pd.DataFrame({**table, "danger": chance[rows], "recommend": said[rows], **felt})
        )


def _effect(metric: str) -> float:
    return acts(metric, "customer_satisfaction")
