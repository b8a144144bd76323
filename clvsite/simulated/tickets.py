"""Tickets: why they are opened, whether the first contact solves them, how long they take."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvsite.simulated.people import People
from clvsite.simulated.surroundings.catalogue import TOPICS
from clvsite.simulated.surroundings.conditions import GROUPS, Conditions, days_in
from clvsite.simulated.surroundings.staff import Staff
from clvsite.simulated.truth import acts

if TYPE_CHECKING:
    from clvsite.simulated.orders import Orders

QUESTION = 0.03
COST_OF_TICKET, COST_OF_HOUR = 6.0, 0.15
MINUTES = "timedelta64[m]"


def open_tickets(
    conditions: Conditions,
    people: People,
    staff: Staff,
    orders: "Orders",
    delivery: pd.DataFrame,
    invoice: pd.DataFrame,
    defective: NDArray[np.bool_],
) -> pd.DataFrame:
    """The tickets of these orders, one each at most."""
    dice = conditions.dice
    late, wrong = delivery["late"].to_numpy(), invoice["corrected"].to_numpy()
    chance = (
        QUESTION
        + acts("late_delivery_rate", "trouble_report_rate") * late
        + acts("product_defect_rate", "trouble_report_rate") * defective
        + acts("billing_error_rate", "trouble_report_rate") * wrong
    )
    delivered = days_in(delivery["delivered_on"])
    chance = conditions.share(chance, "trouble_report_rate", delivered)
    opens = dice.happens(chance, "ticket", orders.key)
    row, key = orders.row[opens], orders.key[opens]
    topic = np.select([late[opens], defective[opens], wrong[opens]], [0, 1, 2], 3)
    opened_on = delivered[opens] + dice.between(0, 3, "complains", key)
    solved, complete = _solved(conditions, staff, people.group[row], key, opened_on)
    hours = 18 * (dice.exponential("work", key, 1) + dice.exponential("work", key, 2)) / 2
    slower = -100 * acts("first_contact_resolution", "complaint_resolution_time")
    hours += slower * ~solved * (0.5 + 0.5 * dice.exponential("second contact", key))
    hours = np.maximum(hours + conditions.changes.of("complaint_resolution_time", opened_on), 0.25)
    opened_at = opened_on.astype("M8[m]") + (480 + 600 * dice.roll("hour", key)).astype(MINUTES)
    answered = hours * (0.1 + 0.4 * dice.roll("answer", key))
    return pd.DataFrame(
        {
            "row": row,
            "order": key,
            "group": np.array(GROUPS)[people.group[row]],
            "topic": np.array(TOPICS)[topic],
            "record_complete": complete,
            "first_contact": solved,
            "reopened": ~solved * (1 + dice.poisson(0.3, "reopened", key)),
            "opened_at": opened_at,
            "answered_at": opened_at + (60 * answered).astype(MINUTES),
            "closed_at": opened_at + (60 * hours).astype(MINUTES),
            "hours": hours,
            "cost": np.round(COST_OF_TICKET + COST_OF_HOUR * hours, 2),
        }
    )


def _solved(
    conditions: Conditions, staff: Staff, group: NDArray, key: NDArray, day: NDArray
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the first contact solves it, and whether the whole record was on the screen."""
    dice = conditions.dice
    complete = dice.happens(
        conditions.share(
            conditions.complete[conditions.week(day), group], "frontline_data_availability", day
        ),
        "record", key,
    )  # fmt: skip
    month = np.minimum(conditions.month(day), conditions.months - 1)
    turnover = staff.turnover_behind(month)[np.arange(len(group)), group]
    chance = (
        0.62
        + acts("frontline_data_availability", "first_contact_resolution") * complete
        + acts("frontline_turnover", "first_contact_resolution") / 100 * turnover
    )
    chance = conditions.share(chance, "first_contact_resolution", day)
    return dice.happens(chance, "first contact", key), complete
