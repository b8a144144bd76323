"""Our value engine and its peers, side by side on the same simulated purchases.

    python -m benchmarks.value_engine [--customers 10000 100000 1000000] [--rounds 3]

One core, pinned; seconds are of the processor. All run in turn, round by round, and the median of
the rounds' ratios counts, so that what else the machine does slows both.
"""

import argparse
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.engine.peers import by_lifetimes, by_pymc_marketing
from benchmarks.engine.pipeline import Step, from_parquet, models
from benchmarks.memory import bytes_above_imports
from benchmarks.population import LAST_DAY, Population, simulate
from metrics.clv.models import pareto_nbd
from metrics.clv.models.columns import columns_of_histories
from metrics.clv.models.purchase_model import fit_family
from metrics.clv.purchases.grouping import group_histories

PIPELINE = ("summary", "BG/NBD fit", "Gamma-Gamma fit", "predictions and CLV")
PARETO_UP_TO = 100_000
"""Customers beyond which lifetimes' Pareto/NBD is not waited for."""

SCAN = """
    SELECT min(customer_id), max(customer_id), sum(customer_id), min(date), max(date),
        sum(date_diff('day', DATE '1970-01-01', date)), min(amount), max(amount), sum(amount)
    FROM read_parquet(?)
"""


def ours(log: Population) -> dict[str, Step]:
    """Each step reads and writes what it needs in one dictionary; the purchases are arrays already,
    as they are a data frame already for lifetimes."""
    customer, day, amount = log.customer, log.day, log.amount

    def summary(made: dict[str, Any]) -> None:
        made["histories"] = group_histories(customer, day, amount, LAST_DAY)

    def pareto(made: dict[str, Any]) -> None:
        made["pareto"] = fit_family(pareto_nbd.FAMILY, columns_of_histories(made["histories"]))

    return {"summary": summary, **models(), "Pareto/NBD fit": pareto}


def seconds(task: Callable[[], None]) -> float:
    start = time.process_time()
    task()
    return time.process_time() - start


def timed(steps: dict[str, Step], wanted: list[str]) -> dict[str, float]:
    """Seconds of each step, and of the pipeline together."""
    made: dict[str, Any] = {}
    taken = {step: seconds(partial(steps[step], made)) for step in wanted if step in steps}
    if all(step in taken for step in PIPELINE):
        taken["whole pipeline"] = sum(taken[step] for step in PIPELINE)
    return taken


def compare(customers: int, rounds: int) -> dict[str, float]:
    """Print ratios of the rounds; our median seconds by step."""
    log = simulate(customers, seed=20240101).as_log()
    wanted = [*PIPELINE, *(["Pareto/NBD fit"] if customers <= PARETO_UP_TO else [])]
    peers = {"lifetimes": by_lifetimes(log), "pymc-marketing": by_pymc_marketing(log)}
    mine = ours(log)
    runs: dict[str, list[dict[str, float]]] = {"ours": []}
    for _ in range(rounds):
        runs["ours"].append(timed(mine, [*PIPELINE, "Pareto/NBD fit"]))
        for peer, steps in peers.items():
            if steps is not None and (peer == "lifetimes" or customers <= PARETO_UP_TO):
                runs.setdefault(peer, []).append(timed(steps, wanted))
    print(f"\n{customers:,} customers, {len(log.customer):,} purchases, {rounds} rounds")
    own = {step: median(run[step] for run in runs["ours"]) for step in runs["ours"][0]}
    for step, value in own.items():
        line = f"{step:<22}{value:>9.3f} s"
        for peer in peers:
            theirs = [run.get(step) for run in runs.get(peer, [])]
            if theirs and theirs[0] is not None:
                ratio = median(b / a[step] for a, b in zip(runs["ours"], theirs, strict=True))
                line += f"   {peer} {median(theirs):>9.3f} s {ratio:>7.1f} times"
        print(line)
    return own


def compare_with_scan(customers: int, rounds: int) -> None:
    """The pipeline from Parquet beside the least that any reader of the same rows can do."""
    log = simulate(customers, seed=20240101).as_log()
    floor = duckdb.connect(config={"threads": 1})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.parquet"
        log.write(path)
        del log
        pairs = [
            (
                seconds(lambda: from_parquet(path)),
                seconds(lambda: floor.execute(SCAN, [str(path)]).fetchall()),
            )
            for _ in range(rounds)
        ]
        memory = bytes_above_imports("benchmarks.engine.pipeline", "from_parquet", path)
    ratio = median(mine / scan for mine, scan in pairs)
    print(
        f"{'from Parquet':<22}{median(mine for mine, _ in pairs):>9.3f} s"
        f"   DuckDB scan {median(scan for _, scan in pairs):.3f} s, {ratio:.1f} times as long;"
        f" peak memory {memory / customers:,.0f} bytes a customer above the imports"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    pa.set_cpu_count(1)
    small = simulate(2_000, seed=3).as_log()
    for steps in (ours(small), by_lifetimes(small)):
        timed(steps, list(PIPELINE))
    taken = {}
    for customers in options.customers:
        taken[customers] = compare(customers, options.rounds)["whole pipeline"]
        compare_with_scan(customers, options.rounds)
    *_, first, last = [0, *sorted(taken)]
    if first:
        growth = np.log(taken[last] / taken[first]) / np.log(last / first)
        print(f"\nGrowth from {first:,} to {last:,} customers: exponent {growth:.2f}")


if __name__ == "__main__":
    main()
