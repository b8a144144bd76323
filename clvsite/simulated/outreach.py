"""What the company does towards customers between orders: surveys, save calls, offers; friends."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvsite.simulated.people import People
from clvsite.simulated.surroundings.catalogue import CATEGORIES
from clvsite.simulated.surroundings.conditions import GROUPS, Conditions
from clvsite.simulated.truth import (
    ACCEPTS,
    DANGER_MONTHS,
    DETRACTOR,
    PROMOTER,
    REFERS,
    acts,
)

ANSWERS = np.array([0.20, 0.45])
"""Share of private people and of trade accounts who answer a month's satisfaction survey."""

ANSWERS_RECOMMEND, WRITES, CONSENTS = 0.10, 0.4, 0.7
FLAGGED, CONTACTED = 0.025, 0.20
MOST_OFFERS = len(CATEGORIES) - 2
FRIEND_ORDERS, REFERRAL_BONUS = 0.7, 15.0
COST_OF_CALL, COST_OF_CONTACT = 14.0, 4.0


class Outreach:
    """All of it so far. Every method is told the rows who are customers, and the month."""

    def __init__(self, conditions: Conditions, people: People, left_on: NDArray) -> None:
        self._world, self._dice, self._people = conditions, conditions.dice, people
        self._left_on = left_on
        rows = len(people.number)
        self.in_danger_until = np.full(rows, -1)
        self.was_called = np.zeros(rows, bool)
        self._offers_accepted = np.zeros(rows, np.int64)
        self.tables: dict[str, list[pd.DataFrame]] = {
            name: [] for name in ("surveys", "save_calls", "contacts", "referrals")
        }

    def survey(self, rows: NDArray, month: int, kind: str, score: NDArray) -> None:
        """Ask for satisfaction, or whether they would recommend us. score: of these rows."""
        chance = ANSWERS[self._people.trade[rows]] if kind == "satisfaction" else ANSWERS_RECOMMEND
        rows, day, score = self._among(rows, month, chance, f"{kind} survey", score)
        number = self._people.number[rows]
        writes = self._dice.happens(WRITES, f"{kind} text", number, month)
        consent = self._dice.happens(CONSENTS, f"{kind} consent", number)
        table = {"row": rows, "month": month, "kind": kind, "answered_on": day, "score": score}
        self._keep("surveys", {**table, "writes": writes, "text_consent": writes & consent})

    def flag(self, rows: NDArray, month: int) -> None:
        """A rival's offer to a trade account is heard of; a call within seven days answers it."""
        trade = rows[(self._people.trade[rows] == 1) & (self.in_danger_until[rows] < month)]
        rows, day = self._among(trade, month, FLAGGED, "flag")
        number = self._people.number[rows]
        chance = self._world.called[self._world.week(day)]
        called = self._dice.happens(
            self._world.share(chance, "save_contact_rate", day), "called", number, month
        )
        at_all = called | self._dice.happens(0.5, "called late", number, month)
        soon = self._dice.between(1, 7, "call soon", number, month)
        late = self._dice.between(8, 25, "call late", number, month)
        done = day + np.where(called, soon, late)
        self.in_danger_until[rows] = month + DANGER_MONTHS
        self.was_called[rows] = called
        self._keep(
            "save_calls",
            {
                "row": rows,
                "month": month,
                "flagged_on": day,
                "due_on": day + 7,
                "done_on": np.where(at_all, done, np.datetime64("NaT")),
                "cost": COST_OF_CALL * at_all,
            },
        )

    def contact(self, rows: NDArray, month: int) -> tuple[NDArray, NDArray]:
        """Talk to customers; who accepts an offer orders next month: rows, places of category."""
        rows, day = self._among(rows, month, CONTACTED, "contact")
        number, group = self._people.number[rows], self._people.group[rows]
        week = self._world.week(day)
        complete = self._dice.happens(
            self._world.share(
                self._world.complete[week, group], "frontline_data_availability", day
            ),
            "contact's record", number, month,
        )  # fmt: skip
        slope = acts("frontline_data_availability", "cross_sell_offer_rate")
        made = self._dice.happens(
            self._world.share(
                self._world.offered[week] + slope * complete, "cross_sell_offer_rate", day
            ),
            "offer", number, month,
        )  # fmt: skip
        place = 2 + self._offers_accepted[rows]
        accepted = made & self._dice.happens(ACCEPTS, "acceptance", number, month)
        accepted &= place < 2 + MOST_OFFERS
        self._offers_accepted[rows[accepted]] += 1
        category = self._people.category_of(rows, np.minimum(place, len(CATEGORIES) - 1))
        self._keep(
            "contacts",
            {
                "row": rows,
                "month": month,
                "group": np.array(GROUPS)[group],
                "contacted_on": day,
                "record_complete": complete,
                "offer_made": made,
                "category": np.where(made, np.array(CATEGORIES)[category], ""),
                "accepted": accepted,
                "cost": COST_OF_CONTACT,
            },
        )
        return rows[accepted], place[accepted]

    def refer(
        self, rows: NDArray, friends: NDArray, month: int, recommend: NDArray
    ) -> tuple[NDArray, NDArray]:
        """Friends are brought: rows of who brings one, and the day of the friend's first order,
        NaT where there is none. friends: already brought; recommend: last month's."""
        slope = acts("nps", "word_of_mouth")
        chance = REFERS + slope * promoter_or_not(recommend)
        rows, day, friends = self._among(rows, month, chance, "referral", friends)
        number = self._people.number[rows]
        orders = self._dice.happens(FRIEND_ORDERS, "friend orders", number, friends)
        first = day + self._dice.between(31, 75, "friend after", number, friends)
        first = np.where(orders, first, np.datetime64("NaT"))
        self._keep(
            "referrals",
            {"row": rows, "month": month, "nth": friends, "referred_on": day, "first_on": first},
        )
        return rows, first

    def _among(
        self, rows: NDArray, month: int, chance: NDArray | float, what: str, *of_rows: NDArray
    ) -> tuple[NDArray, ...]:
        """Those to whom it happens on a day of this month before they leave, and the day."""
        number = self._people.number[rows]
        days = self._world.days_of(month)
        day = days[0] + self._dice.between(0, len(days) - 1, f"day of {what}", number, month)
        left_on = self._left_on[rows]
        happens = self._dice.happens(chance, what, number, month)
        happens &= np.isnat(left_on) | (day < left_on)
        return rows[happens], day[happens], *(each[happens] for each in of_rows)

    def _keep(self, name: str, columns: dict) -> None:
        self.tables[name].append(pd.DataFrame(columns))


def promoter_or_not(recommend: NDArray) -> NDArray[np.int64]:
    """1 for a promoter, -1 for a detractor, 0 for whoever is neither."""
    return (recommend >= PROMOTER).astype(np.int64) - (recommend <= DETRACTOR)
