"""What follows from an order: its lines, dispatch, delivery, invoice, ticket and returns."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvsite.simulated.people import Lived, People
from clvsite.simulated.surroundings import catalogue
from clvsite.simulated.surroundings.conditions import DEPOTS, Conditions, days_in
from clvsite.simulated.surroundings.staff import Staff
from clvsite.simulated.tickets import open_tickets
from clvsite.simulated.truth import acts

REGULAR, FIRST, CROSS_SELL = 0, 1, 2
ORDERS_AT_ONCE = 16
MOST_LINES = 8
COST_OF_DELIVERY, COST_OF_INVOICE, COST_OF_CORRECTION, COST_OF_RETURN = 5.2, 0.4, 9.0, 7.5


@dataclass(frozen=True)
class Orders:
    """The orders of one month, a row each. key: a whole number of its own in every run of a
    seed. kind: regular, first or cross-sell, and then place is the category's."""

    row: NDArray[np.int64]
    key: NDArray[np.int64]
    day: NDArray[np.datetime64]
    kind: NDArray[np.int64]
    place: NDArray[np.int64]


class OrderBook:
    """All orders so far and what followed from them."""

    def __init__(self, conditions: Conditions, people: People, staff: Staff, lived: Lived) -> None:
        self._conditions, self._people, self._staff, self._lived = conditions, people, staff, lived
        self._spared = np.zeros(len(conditions.season), np.int64)
        self.tables: dict[str, list[pd.DataFrame]] = {
            name: [] for name in ("lines", "deliveries", "invoices", "tickets", "returns")
        }

    def take(self, orders: Orders) -> None:
        """Let happen whatever follows from these orders, also what follows after this month."""
        delivery = self._deliver(orders)
        lines = self._lines(orders, delivery)
        defective = np.bincount(lines["order"], lines["defective"], len(orders.row)) > 0
        invoice = self._invoice(orders, delivery)
        self._return(orders, delivery, lines)
        tickets = open_tickets(
            self._conditions, self._people, self._staff, orders, delivery, invoice, defective
        )
        month = self._conditions.month(days_in(tickets["closed_at"]))
        row = tickets["row"].to_numpy()
        self._lived.add("tickets", row, month)
        self._lived.add("hours", row, month, tickets["hours"].to_numpy())
        self.tables["tickets"].append(tickets)

    def _deliver(self, orders: Orders) -> pd.DataFrame:
        world, dice, depot = self._conditions, self._conditions.dice, self._people.depot[orders.row]
        due = orders.day + 1
        kept = dice.happens(
            world.share(world.on_time[world.week(due), depot], "on_time_dispatch", due),
            "dispatch", orders.key,
        )  # fmt: skip
        promised = orders.day + 4
        slope = acts("on_time_dispatch", "late_delivery_rate")
        likely = world.carrier_late[world.week(promised), depot] - slope * ~kept
        late = dice.happens(world.share(likely, "late_delivery_rate", promised), "late", orders.key)
        late &= ~self._spare(late, promised, orders.key)
        behind = 1 + dice.poisson(1.4, "days late", orders.key)
        early = dice.between(0, 1, "day early", orders.key)
        delivered = promised + np.where(late, behind, -early)
        self._lived.add("deliveries", orders.row, world.month(delivered))
        self._lived.add("late", orders.row, world.month(delivered), late)
        table = pd.DataFrame(
            {
                "row": orders.row,
                "order": orders.key,
                "depot": np.array(DEPOTS)[depot],
                "dispatch_due_on": due,
                "dispatched_on": due + np.where(kept, 0, dice.between(1, 2, "held", orders.key)),
                "promised_on": promised,
                "delivered_on": delivered,
                "late": late,
                "cost": COST_OF_DELIVERY,
            }
        )
        self.tables["deliveries"].append(table)
        return table

    def _spare(self, late: NDArray, promised: NDArray, key: NDArray) -> NDArray[np.bool_]:
        """Those late deliveries that the changes make punctual, so many a week of the promise."""
        changes = self._conditions.changes
        spared = np.zeros(len(late), bool)
        if not changes.fewer_late_a_week:
            return spared
        week = self._conditions.week(promised)
        (open_to_it,) = np.nonzero(late & changes.begun(promised))
        luck = self._conditions.dice.roll("spared", key[open_to_it])
        open_to_it = open_to_it[np.lexsort((luck, week[open_to_it]))]
        _, first = np.unique(week[open_to_it], return_index=True)
        rank = np.arange(len(open_to_it)) - np.repeat(first, np.diff([*first, len(open_to_it)]))
        left = changes.fewer_late_a_week - self._spared[week[open_to_it]]
        spared[open_to_it[rank < left]] = True
        np.add.at(self._spared, week[spared], 1)
        return spared

    def _lines(self, orders: Orders, delivery: pd.DataFrame) -> pd.DataFrame:
        world, dice = self._conditions, self._conditions.dice
        count = np.where(
            orders.kind == CROSS_SELL,
            1,
            np.minimum(1 + dice.poisson(0.7, "lines", orders.key), MOST_LINES),
        )
        order = np.repeat(np.arange(len(count)), count)
        number = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
        key = orders.key[order] * MOST_LINES + number
        row = orders.row[order]
        second = dice.happens(0.3, "second category", key).astype(np.int64)
        place = np.where(orders.kind[order] == CROSS_SELL, orders.place[order], second)
        size = np.searchsorted(np.cumsum(catalogue.SIZE_WEIGHTS)[:-1], dice.roll("size", key))
        grade = dice.happens(0.35, "grade", key)
        product = (
            self._people.category_of(row, place) * catalogue.IN_CATEGORY
            + size * len(catalogue.GRADES)
            + grade
        )
        bigger = 1 + 0.25 * world.campaign[world.week(orders.day[order])]
        quantity = 1 + dice.poisson(self._people.spend[row] * bigger, "quantity", key)
        delivered = days_in(delivery["delivered_on"])[order]
        missed = world.escaped[np.maximum(world.week(delivered) - 2, 0)]
        missed = missed + world.changes.of("escaped_defects", delivered - 14)
        likely = 0.015 + acts("escaped_defects", "product_defect_rate") / 100 * missed
        defective = dice.happens(
            world.share(likely, "product_defect_rate", delivered), "defect", key
        )
        self._lived.add("lines", row, world.month(delivered))
        self._lived.add("defective", row, world.month(delivered), defective)
        table = pd.DataFrame(
            {
                "row": row,
                "order": order,
                "order_key": orders.key[order],
                "line": number,
                "key": key,
                "ordered_on": orders.day[order],
                "delivered_on": delivered,
                "product": product,
                "quantity": quantity,
                "amount": np.round(catalogue.PRICES[product] * quantity, 2),
                "kind": orders.kind[order],
                "defective": defective,
            }
        )
        self.tables["lines"].append(table)
        return table

    def _invoice(self, orders: Orders, delivery: pd.DataFrame) -> pd.DataFrame:
        world, dice = self._conditions, self._conditions.dice
        sent = days_in(delivery["dispatched_on"])
        failed = dice.happens(
            world.share(world.failed_check[world.week(sent)], "prebill_exceptions", sent),
            "failed check", orders.key,
        )  # fmt: skip
        likely = 0.012 + acts("prebill_exceptions", "billing_error_rate") * failed
        wrong = dice.happens(
            world.share(likely, "billing_error_rate", sent), "wrong invoice", orders.key
        )
        mended = sent + dice.between(1, 4, "correction", orders.key)
        self._lived.add("invoices", orders.row, world.month(sent))
        self._lived.add("corrected", orders.row, world.month(sent), wrong)
        table = pd.DataFrame(
            {
                "row": orders.row,
                "order": orders.key,
                "sent_on": sent,
                "failed_check": failed,
                "corrected": wrong,
                "corrected_on": np.where(wrong, mended, np.datetime64("NaT")),
                "cost": COST_OF_INVOICE + COST_OF_CORRECTION * wrong,
            }
        )
        self.tables["invoices"].append(table)
        return table

    def _return(self, orders: Orders, delivery: pd.DataFrame, lines: pd.DataFrame) -> None:
        world, dice = self._conditions, self._conditions.dice
        back = dice.happens(np.where(lines["defective"], 0.7, 0.02), "return", lines["key"])
        sent_back = lines[back]
        key = sent_back["key"].to_numpy()
        requested = days_in(sent_back["delivered_on"]) + dice.between(1, 10, "asked", key)
        days = world.refund_days[world.week(requested)] + 2.5 * dice.normal("refund", key)
        days = days + world.changes.of("returns_cycle_time", requested)
        days = np.maximum(np.rint(days), 1).astype(np.int64)
        refunded = requested + days
        row = sent_back["row"].to_numpy()
        self._lived.add("refunds", row, world.month(refunded))
        self._lived.add("days", row, world.month(refunded), days)
        table = sent_back[["row", "order_key", "line", "product", "quantity", "amount"]].assign(
            requested_on=requested,
            refunded_on=refunded,
            reason=np.where(sent_back["defective"], "defective", "not wanted"),
            cost=COST_OF_RETURN,
        )
        self.tables["returns"].append(table)
