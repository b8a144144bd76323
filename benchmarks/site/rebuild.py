"""One full rebuild after the other on the database of the environment; started by
benchmarks.database."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import Model  # noqa: E402

from benchmarks.clock import Taken, pin, taken, unpin  # noqa: E402
from benchmarks.engine.pipeline import models  # noqa: E402
from benchmarks.memory import bytes_above_imports  # noqa: E402
from benchmarks.population import LAST_DAY  # noqa: E402
from benchmarks.site import plain_way  # noqa: E402
from benchmarks.site.shop import UNTIL, fill  # noqa: E402
from metrics.clv.purchases.grouping import group_histories  # noqa: E402
from metrics.models import CustomerValue, Valuation  # noqa: E402
from metrics.value import asking, valuation  # noqa: E402
from metrics.value.storage import writing  # noqa: E402
from metrics.value.storage.reading import read_purchase_days  # noqa: E402

SCAN = """SELECT min(record_id), max(record_id), min(day), max(day), sum(lines_bought),
    min(amount), max(amount), sum(amount) FROM customers_purchaseday"""

Times = dict[str, Taken]


class Rebuild:
    """The same numbers as the plain way has, step by step: no test, no ranges, no margins."""

    def __init__(self) -> None:
        self.valuation = new_valuation()

    def read(self) -> None:
        self.days = read_purchase_days(UNTIL)

    def value(self) -> None:
        days = self.days
        one = group_histories(days.customer, days.day, days.amount, LAST_DAY)
        made: dict[str, Any] = {"histories": one}
        for step in models().values():
            step(made)
        self.columns = {
            "customer_id": one.customer, "x": one.x, "t_x": one.t_x, "T": one.T,
            "mean_spend": one.mean_spend, "spent": one.spent_total, "p_alive": made["alive"],
            "expected_purchases": made["purchases"], "clv": made["clv"],
            "expected_spend": made["spending"].expected_spend(one.x, one.mean_spend),
        }  # fmt: skip

    def write(self) -> None:
        writing.write_values(self.valuation, self.columns)


def new_valuation() -> Valuation:
    made = asking.ask(Valuation.Purpose.ASKED, UNTIL)
    return Valuation.objects.claim(made.pk)


def clear() -> None:
    """Take all values away, and leave no trace of them in the next round's times."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("TRUNCATE metrics_customervalue")
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("DELETE FROM metrics_customervalue")
    for one in Valuation.objects.open():
        one.fail("It was only measured.")


def rebuilt_once(_: Path) -> None:
    """For peak memory."""
    rebuild = Rebuild()
    for step in (rebuild.read, rebuild.value, rebuild.write):
        step()


def one_round(plain: type[Model] | None) -> Times:
    times: Times = {}
    with connection.cursor() as cursor:
        times["floor: one scan of the days"] = taken(lambda: cursor.execute(SCAN))
    rebuild = Rebuild()
    times["read the days"] = taken(rebuild.read)
    times["histories, fits, values"] = taken(rebuild.value)
    times["write the values"] = taken(rebuild.write)
    clear()
    store = prepared(rebuild.columns)
    times["floor: the same rows from a prepared block"] = taken(store)
    clear()
    if plain:
        times |= plain_round(plain)
    whole = new_valuation()
    times["the site's whole valuation"] = taken(lambda: valuation.run(whole))
    clear()
    return times


def plain_round(plain: type[Model]) -> Times:
    found: list[Any] = []
    times = {PLAIN: taken(lambda: found.append(plain_way.read_and_valued()))}
    for what, table in ((SAME_TABLE, CustomerValue), (PLAIN_TABLE, plain)):
        made = new_valuation()
        times[what] = taken(partial(plain_way.bulk_created, table, *found, made))
        table.objects.all().delete()
        clear()
    return times


def prepared(columns: dict[str, Any]) -> Callable[[], None]:
    """What stores the same rows from a block, or a list of rows, that is ready."""
    table = writing._whole({**columns, "valuation_id": new_valuation().pk})
    names = writing._names(table)
    if connection.vendor == "postgresql":
        block = writing.COPY_BEGINS + writing.binary_rows(table) + writing.COPY_ENDS
        copy = f"COPY metrics_customervalue ({names}) FROM STDIN (FORMAT BINARY)"

        def store() -> None:
            with connection.cursor() as cursor, cursor.copy(copy) as sink:
                sink.write(block)

        return store
    days = writing._days_as_text(table["first_on"])
    columns = [days if each.dtype.kind == "M" else each for each in table.values()]
    rows = list(zip(*(each.tolist() for each in columns), strict=True))
    marks = ", ".join(["%s"] * len(table))
    sql = f"INSERT INTO metrics_customervalue ({names}) VALUES ({marks})"

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, rows)

    return insert


def by_two_workers() -> float:
    """Wall seconds of the site's whole valuation by two processes, each with a core."""
    command = [sys.executable, "-m", "benchmarks.site.worker"]
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for worker in both:
        worker.stdout.readline()
    made = Valuation.objects.claim(asking.ask(Valuation.Purpose.ASKED, UNTIL, shards=2).pk)

    def together() -> None:
        valuation.run(made)
        for worker in both:
            worker.stdin.write(f"{made.pk}\n")
            worker.stdin.flush()
        for worker in both:
            worker.wait()

    seconds = taken(together).wall
    made.refresh_from_db()
    if made.status != Valuation.Status.DONE:
        raise RuntimeError(made.failure)
    clear()
    return seconds


PLAIN, SAME_TABLE, PLAIN_TABLE = (
    "iterator, lifetimes",
    "bulk_create into the same table",
    "bulk_create into a table as Django makes it",
)
OURS = ("read the days", "histories, fits, values", "write the values")
FLOOR = ("floor: one scan of the days", "floor: the same rows from a prepared block")


def tell(rounds: list[Times]) -> None:
    """Medians of the rounds' seconds and of their ratios, of the processor and by the wall."""
    print(f"{'':<60}{'processor':>12}{'wall':>12}")
    for step in rounds[0]:
        cpu, wall = (median(each) for each in zip(*(times[step] for times in rounds), strict=True))
        print(f"{step:<60}{cpu:>10.3f} s{wall:>10.3f} s")
    tell_ratio("rebuild over scan and block", rounds, OURS, FLOOR)
    if PLAIN in rounds[0]:
        for table in (SAME_TABLE, PLAIN_TABLE):
            tell_ratio(f"ORM, {table}, over rebuild", rounds, (PLAIN, table), OURS)


def tell_ratio(
    what: str, rounds: list[Times], above: tuple[str, ...], below: tuple[str, ...]
) -> None:
    line = f"{what:<60}"
    for place in range(len(Taken._fields)):
        ratios = [
            sum(times[step][place] for step in above) / sum(times[step][place] for step in below)
            for times in rounds
        ]
        line += f"{median(ratios):>6.1f} times"
    print(line, flush=True)


def main() -> None:
    warnings.simplefilter("ignore")
    customers, rounds, with_orm = int(sys.argv[1]), int(sys.argv[2]), "orm" in sys.argv[3:]
    days = fill(customers)
    print(
        f"\n{connection.vendor}: {customers:,} customers, {days:,} purchase days, {rounds} rounds"
    )
    pin()
    plain = plain_way.plain_table() if with_orm else None
    tell([one_round(plain) for _ in range(rounds)])
    unpin()
    memory = bytes_above_imports("benchmarks.site.rebuild", "rebuilt_once", Path())
    clear()
    print(f"peak memory of a rebuild: {memory / customers:,.0f} bytes a customer above the imports")
    if connection.vendor == "postgresql":
        print(f"the site's whole valuation by two workers: {by_two_workers():.2f} s by the wall")


if __name__ == "__main__":
    main()
