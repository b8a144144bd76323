"""A seeded population of simulated customers, drawn from the models themselves."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

WEEKS = 104
FIRST_DAY = np.datetime64("2022-01-03")
LAST_DAY = FIRST_DAY + 7 * WEEKS

BUYING = {"r": 1.1, "alpha": 5.0, "a": 0.6, "b": 8.0}
SPENDING = {"p": 6.0, "q": 4.0, "v": 15.0}


@dataclass(frozen=True, slots=True)
class Population:
    """One row a purchase, by customer and then time or as a log. week: since FIRST_DAY,
    fractional."""

    customer: NDArray[np.int64]
    week: NDArray[np.float64]
    amount: NDArray[np.float64]

    @property
    def day(self) -> NDArray[np.datetime64]:
        return FIRST_DAY + np.floor(7 * self.week).astype(np.int64)

    def as_log(self) -> "Population":
        """The same purchases in the order of time, as a shop's log has them."""
        order = np.argsort(self.week, kind="stable")
        return Population(self.customer[order], self.week[order], self.amount[order])

    def write(self, path: Path) -> None:
        """customer_id, date and amount in the order of the rows, as CSV or Parquet."""
        ids = self.customer.astype(np.int32)
        table = pa.table({"customer_id": ids, "date": self.day, "amount": self.amount})
        if path.suffix == ".parquet":
            pa.parquet.write_table(table, path)
        else:
            pa.csv.write_csv(table, path)

    def histories(self) -> tuple[NDArray[np.float64], ...]:
        """x, t_x, T and mean repeat spend in exact weeks, before days are rounded."""
        starts = np.flatnonzero(np.append(True, np.diff(self.customer) > 0))
        ends = np.append(starts[1:], len(self.customer)) - 1
        x = (ends - starts).astype(float)
        spent = np.add.reduceat(self.amount, starts) - self.amount[starts]
        first = self.week[starts]
        return x, self.week[ends] - first, WEEKS - first, spent / np.maximum(x, 1)


def simulate(customers: int, seed: int) -> Population:
    """About ten purchases a customer over two years; everybody joins in the first 18 months."""
    draw = np.random.default_rng(seed)
    rate = draw.gamma(BUYING["r"], 1 / BUYING["alpha"], customers)
    leaving = draw.beta(BUYING["a"], BUYING["b"], customers)
    clock = draw.uniform(0, 0.75 * WEEKS, customers)
    active = np.arange(customers)
    bought, weeks = [active], [clock.copy()]
    while len(active):
        clock[active] += draw.exponential(1 / rate[active])
        active = active[clock[active] < WEEKS]
        bought.append(active)
        weeks.append(clock[active])
        active = active[draw.uniform(size=len(active)) > leaving[active]]
    customer, week = np.concatenate(bought), np.concatenate(weeks)
    order = np.lexsort((week, customer))
    customer = customer[order]
    usual = draw.gamma(SPENDING["q"], 1 / SPENDING["v"], customers)[customer]
    amount = draw.gamma(SPENDING["p"], 1 / usual)
    return Population(customer, week[order], np.round(amount, 2))
