"""Figure runs on the database of the environment; started by benchmarks.figures."""

import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from statistics import median

import django
import numpy as np

django.setup()

from django.db import connection, transaction  # noqa: E402

from benchmarks.clock import taken  # noqa: E402
from benchmarks.figures import BARE, HOURS, WEEKS  # noqa: E402
from customers.models import (  # noqa: E402
    Change,
    Customer,
    Department,
    Interaction,
    Purchase,
    PurchaseDay,
    PurchaseLine,
    Source,
    SourceRecord,
    Upload,
)
from metrics.indicators.counting import Counted, Counting, count_so  # noqa: E402
from metrics.indicators.figures import due_run, run  # noqa: E402
from metrics.models import Figure, FigureRun, Metric  # noqa: E402

FIRST, DAYS, CUSTOMERS, ROUNDS = date(2021, 1, 4), 3 * 364, 20_000, 3
LAST = FIRST + timedelta(DAYS - 1)
KINDS = ("delivery", "dispatch", "ticket", "invoice", "survey", "offer")
OUTCOMES = {"ticket": "reopened", "invoice": "corrected", "offer": "accepted"}
ROWS_A_DAY = 2_000


def yes(field: str) -> tuple[tuple[str, str, int]]:
    return ((field, "eq", 1),)


def share(source: str, field: str) -> tuple[Counted, Counted]:
    return Counted(source, "count", "", yes(field)), Counted(source, "count")


DATED = {
    "late deliveries": share("deliveries", "is_late"),
    "late dispatches": share("dispatches", "is_late"),
    "deliveries": (Counted("deliveries", "count"), None),
    "dispatches": (Counted("dispatches", "count"), None),
    "tickets": (Counted("tickets", "count"), None),
    "tickets reopened": share("tickets", "is_reopened"),
    "complaints": share("tickets", "is_complaint"),
    "hours to close": (
        Counted("tickets", "sum", "hours_to_close"),
        Counted("tickets", "count", "", yes("is_closed")),
    ),
    "hours to answer": (
        Counted("tickets", "sum", "hours_to_answer"),
        Counted("tickets", "count", "", yes("is_answered")),
    ),
    "cost of tickets": (Counted("tickets", "sum", "cost"), Counted("tickets", "count")),
    "customers with tickets": (Counted("tickets", "distinct", "customer"), None),
    "invoices corrected": share("invoices", "is_corrected"),
    "invoices flagged": share("invoices", "is_flagged"),
    "satisfaction": (Counted("surveys", "sum", "score"), Counted("surveys", "count")),
    "promoters": share("surveys", "is_promoter"),
    "detractors": share("surveys", "is_detractor"),
    "offers accepted": share("offers", "is_accepted"),
    "cost to serve": (Counted("serving", "sum", "cost"), Counted("serving", "count")),
}
STATES = {
    "customers lost": (
        Counted("customers", "count", "", (("gap_days", "gte", 120),)),
        Counted("customers", "count"),
    ),
    "repeat within 90 days": (
        Counted("newcomers", "count", "", (("second_gap_days", "lte", 90),)),
        Counted("newcomers", "count"),
    ),
}


@transaction.atomic
def insert(model: type, columns: list[str], rows: Iterable[tuple]) -> None:
    table, names = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as sink:
                for row in rows:
                    sink.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def fill(interactions: int) -> None:
    sales = Department.objects.create(name="Sales")
    shop = Source.objects.create(name="shop", complete_until=LAST)
    numbers = range(1, CUSTOMERS + 1)
    insert(Customer, ["id", "code", "name", "kind", "country", "channel", "department_id"],
           ((n, f"c{n}", "", "unknown", "", "", sales.pk) for n in numbers))  # fmt: skip
    insert(SourceRecord, ["id", "source_id", "key", "customer_id"],
           ((n, shop.pk, f"c{n}", n) for n in numbers))  # fmt: skip
    draw = np.random.default_rng(1)
    bought = np.unique(draw.integers(0, DAYS * CUSTOMERS, interactions // 4))
    insert(PurchaseDay, ["record_id", "day", "amount", "lines_bought"],
           ((int(one) % CUSTOMERS + 1, str(FIRST + timedelta(int(one) // CUSTOMERS)), 10, 1)
            for one in bought))  # fmt: skip
    upload = Upload.objects.create(source=shop, department=sales, file_name="x", status="done")
    first = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    purchase = Purchase.objects.create(record_id=1, order_key="1", bought_at=first, bought_on=FIRST)
    PurchaseLine.objects.create(
        purchase=purchase, upload=upload, content=1, occurrence=1, bought_at=first,
        bought_on=FIRST, quantity=1, amount=10,
    )  # fmt: skip
    add_interactions(draw.integers(0, DAYS, interactions), draw, 0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM")


def add_interactions(days: np.ndarray, draw: np.random.Generator, above: int) -> None:
    n = len(days)
    kinds, records = draw.integers(0, len(KINDS), n), draw.integers(1, CUSTOMERS + 1, n)
    dice, scores = draw.random((n, 3)), draw.integers(0, 11, n) * 10
    insert(
        Interaction,
        ["record_id", "prospect", "kind", "key", "happened_at", "happened_on", "due_on", "done_at",
         "done_on", "answered_at", "outcome", "topic", "score", "is_flagged", "may_be_quoted",
         "cost", "description", "site"],
        (
            _row(above + place, *one)
            for place, one in enumerate(
                zip(days.tolist(), kinds.tolist(), records.tolist(), dice.tolist(),
                    scores.tolist(), strict=True)
            )
        ),
    )  # fmt: skip


def _row(number, day, kind, record, dice, score):  # type: ignore[no-untyped-def]
    name, happened = KINDS[kind], FIRST + timedelta(day)
    done = None if dice[0] < 0.05 else happened + timedelta(int(dice[0] * 8))
    due = str(happened + timedelta(4)) if name in {"delivery", "dispatch"} else None
    return (
        record, "", name, str(number), f"{happened} 08:00:00+00:00"[:_moment()], str(happened), due,
        done and f"{done} 17:30:00+00:00"[:_moment()], done and str(done),
        f"{happened} 09:10:00+00:00"[:_moment()] if dice[1] < 0.9 else None,
        OUTCOMES.get(name, "") if dice[1] < 0.2 else "",
        ("complaint" if dice[2] < 0.3 else "billing") if name == "ticket" else "recommend",
        float(score) if name == "survey" else None, dice[2] < 0.1 if name == "invoice" else None,
        False, round(dice[2] * 20, 2) if dice[1] < 0.5 else None, "", "",
    )  # fmt: skip


def _moment() -> int:
    """How long a moment is: SQLite keeps none with a zone."""
    return 25 if connection.vendor == "postgresql" else 19


def declare(metrics: dict) -> None:
    department = Department.objects.get()
    for name, (numerator, denominator) in metrics.items():
        metric = Metric.objects.create(
            key=name.replace(" ", "-"), name=name, description=name, department=department,
            level=3, direction="up", control="full",
        )  # fmt: skip
        count_so(metric, Counting("week", "units", 1, 0, 0, 0, numerator, denominator))


def figures() -> None:
    run(FigureRun.objects.claim(due_run().pk))


def bare() -> None:
    vendor = connection.vendor
    week, hours = WEEKS[vendor], HOURS[vendor]
    sql = BARE.format(
        due=week.format(day="due_on"),
        week=week.format(day="happened_on"),
        hours=hours.format(last="done_at", first="happened_at"),
        answer=hours.format(last="answered_at", first="happened_at"),
    )
    with connection.cursor() as cursor:
        for query in sql.split(";")[:-1]:
            cursor.execute(query)
            cursor.fetchall()


def anew() -> None:
    Figure.objects.all().delete()
    FigureRun.objects.all().delete()


def main(interactions: int) -> None:
    fill(interactions)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")
    print(f"{connection.vendor}: {interactions:,} interactions, {DAYS // 7} weeks", flush=True)
    declare(DATED)
    floor = [taken(bare).cpu for _ in range(ROUNDS)]
    times = []
    for _ in range(ROUNDS):
        anew()
        times.append(taken(figures).cpu)
    print(f"{'bare SQL':<44}{median(floor):>9.2f} s")
    print(f"{f'{len(DATED)} metrics in one run':<44}{median(times):>9.2f} s")
    ratios = [one / other for one, other in zip(times, floor, strict=True)]
    print(f"{'over the bare SQL (lowest to highest)':<44}{median(ratios):>9.2f} times"
          f" ({min(ratios):.2f} to {max(ratios):.2f})")  # fmt: skip
    draw = np.random.default_rng(2)
    add_interactions(np.full(ROWS_A_DAY, DAYS - 1), draw, interactions)
    for kind in KINDS:
        Change.objects.mark(kind, [LAST, LAST + timedelta(4)])
    print(f"{f'a night: {ROWS_A_DAY:,} more of the last day':<44}{taken(figures).cpu:>9.2f} s")
    declare(STATES)
    print(f"{f'{len(STATES)} metrics over all customers':<44}{taken(figures).cpu:>9.2f} s")
    print(f"{'figures':<44}{Figure.objects.count():>9,}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
