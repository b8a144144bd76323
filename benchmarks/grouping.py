"""From purchases to histories, beside the least that any reader of the same Parquet file can do.

    OPENBLAS_NUM_THREADS=1 taskset -c 0 python -m benchmarks.grouping [--customers 1000000]

The floor is DuckDB on one thread: minimum, maximum and sum of every column. Everything runs in
turn, round by round; seconds are of the processor, the best of the rounds.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.population import LAST_DAY, simulate
from metrics.clv.purchases.grouping import group_histories, keep_books
from metrics.clv.purchases.ledger import Ledger
from metrics.clv.purchases.reading.purchases import PurchaseFile, books_of_file

FLOOR = """
    SELECT min(customer_id), max(customer_id), sum(customer_id), min(date), max(date),
        sum(date_diff('day', DATE '1970-01-01', date)), min(amount), max(amount), sum(amount)
    FROM read_parquet(?)
"""

TESTED = [LAST_DAY - 364, LAST_DAY - 182, LAST_DAY]


def tasks(customers: int, folder: Path) -> dict[str, Callable[[], Any]]:
    """What is measured, by name; the floor comes first."""
    log = simulate(customers, seed=20240101).as_log()
    day, parquet, text = log.day, folder / "log.parquet", folder / "log.csv"
    log.write(parquet)
    log.write(text)
    shuffled = np.random.default_rng(1).permutation(len(day))
    mixed = log.customer[shuffled], day[shuffled], log.amount[shuffled]
    floor = duckdb.connect(config={"threads": 1})
    print(f"{customers:,} customers, {len(day):,} purchases")
    return {
        "floor: DuckDB, min, max, sum": lambda: floor.execute(FLOOR, [str(parquet)]).fetchall(),
        "arrays in order": lambda: group_histories(log.customer, day, log.amount, LAST_DAY),
        "arrays in order, 3 days": lambda: keep_books(
            log.customer, day, log.amount, TESTED, by_day=True
        ),
        "arrays in no order": lambda: group_histories(*mixed, LAST_DAY),
        "Parquet": lambda: books_of_file(PurchaseFile(parquet), [LAST_DAY]),
        "Parquet, 3 days": lambda: books_of_file(PurchaseFile(parquet), TESTED, by_day=True),
        "CSV": lambda: books_of_file(PurchaseFile(text), [LAST_DAY]),
    }


def bytes_a_customer(customers: int) -> float:
    """What a ledger holds, by the lengths of its arrays."""
    ledger = Ledger([LAST_DAY])
    ledger.enter(np.arange(customers), np.zeros(customers, dtype=np.int64), np.ones(customers))
    held = sum(each.nbytes for each in vars(ledger).values() if isinstance(each, np.ndarray))
    return held / customers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory() as folder:
        measured = tasks(options.customers, Path(folder))
        best = dict.fromkeys(measured, np.inf)
        for _ in range(options.rounds):
            for name, task in measured.items():
                start = time.process_time()
                task()
                best[name] = min(best[name], time.process_time() - start)
    floor = next(iter(best.values()))
    for name, seconds in best.items():
        print(f"{name:<30}{seconds:>8.3f} s{seconds / floor:>8.1f}x")
    print(f"a ledger holds {bytes_a_customer(100_000):.0f} bytes a customer")


if __name__ == "__main__":
    main()
