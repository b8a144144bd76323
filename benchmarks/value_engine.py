"""Our value engine and lifetimes, side by side on the same simulated purchases.

    python -m benchmarks.value_engine [--customers 10000 100000] [--rounds 3]

Both run in turn, round by round, so that what else the machine does slows both.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.population import LAST_DAY, Population, simulate
from metrics.clv.cash import discounted_purchases, month_length
from metrics.clv.histories import group_histories
from metrics.clv.models import bg_nbd, gamma_gamma
from metrics.clv.models.purchase_model import expected_purchases

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    from lifetimes.utils import summary_data_from_transaction_data

STEPS = ("histories", "BG/NBD fit", "Gamma-Gamma fit", "predictions and CLV", "all of it")
WEEKS_AHEAD, MONTHS, YEARLY_RATE = 52, 12, 0.10


def ours(population: Population) -> list[Callable[[dict[str, Any]], Any]]:
    """The first four steps; each reads and writes what it needs in one dictionary."""

    def histories(made: dict[str, Any]) -> None:
        made["histories"] = group_histories(
            population.customer, population.day, population.amount, until=LAST_DAY
        )

    def buying(made: dict[str, Any]) -> None:
        one = made["histories"]
        made["buying"] = bg_nbd.fit(one.x, one.t_x, one.T).model

    def spending(made: dict[str, Any]) -> None:
        one = made["histories"]
        made["spending"] = gamma_gamma.fit(one.x, one.mean_spend).model

    def predictions(made: dict[str, Any]) -> None:
        one, model = made["histories"], made["buying"]
        columns = (one.x, one.t_x, one.T)
        made["alive"] = model.probability_alive(*columns)
        made["purchases"] = expected_purchases(model, *columns, WEEKS_AHEAD)
        discounted = discounted_purchases(
            model, *columns, months=MONTHS, month=month_length("week"), yearly_rate=YEARLY_RATE
        )
        made["clv"] = discounted * made["spending"].expected_spend(one.x, one.mean_spend)

    return [histories, buying, spending, predictions]


def theirs(population: Population) -> list[Callable[[dict[str, Any]], Any]]:
    """The same steps by lifetimes, from a data frame that exists already."""
    purchases = pd.DataFrame(
        {"id": population.customer, "day": population.day, "amount": population.amount}
    )

    def histories(made: dict[str, Any]) -> None:
        made["histories"] = summary_data_from_transaction_data(
            purchases, "id", "day", "amount", observation_period_end=LAST_DAY, freq_multiplier=7
        )

    def buying(made: dict[str, Any]) -> None:
        one = made["histories"]
        made["buying"] = BetaGeoFitter().fit(one.frequency, one.recency, one["T"])

    def spending(made: dict[str, Any]) -> None:
        again = made["histories"].query("frequency > 0 and monetary_value > 0")
        made["spending"] = GammaGammaFitter().fit(again.frequency, again.monetary_value)

    def predictions(made: dict[str, Any]) -> None:
        one, model = made["histories"], made["buying"]
        columns = (one.frequency, one.recency, one["T"])
        made["alive"] = model.conditional_probability_alive(*columns)
        made["purchases"] = model.conditional_expected_number_of_purchases_up_to_time(
            WEEKS_AHEAD, *columns
        )
        made["clv"] = made["spending"].customer_lifetime_value(
            model, *columns, one.monetary_value, time=MONTHS,
            discount_rate=(1 + YEARLY_RATE) ** (1 / 12) - 1, freq="W",
        )  # fmt: skip

    return [histories, buying, spending, predictions]


def seconds(steps: list[Callable[[dict[str, Any]], Any]]) -> list[float]:
    """Time of each step, and of all of them."""
    made: dict[str, Any] = {}
    taken = []
    for step in steps:
        start = time.perf_counter()
        step(made)
        taken.append(time.perf_counter() - start)
    return [*taken, sum(taken)]


def compare(customers: int, rounds: int) -> None:
    population = simulate(customers, seed=20240101)
    both = ours(population), theirs(population)
    timings = np.array([[seconds(steps) for steps in both] for _ in range(rounds)])
    print(f"\n{customers:,} customers, {len(population.customer):,} purchases, {rounds} rounds")
    print(f"{'step':<22}{'ours, s':>10}{'lifetimes, s':>14}{'median ratio':>14}")
    for place, step in enumerate(STEPS):
        our_times, their_times = timings[:, 0, place], timings[:, 1, place]
        ratio = median(their_times / our_times)
        print(f"{step:<22}{median(our_times):>10.3f}{median(their_times):>14.3f}{ratio:>13.1f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for steps in (ours, theirs):
        seconds(steps(simulate(2_000, seed=3)))
    for customers in options.customers:
        compare(customers, options.rounds)


if __name__ == "__main__":
    main()
