"""One full rebuild on the database of the environment; started by benchmarks.database."""

import sys
import warnings
from collections.abc import Iterator
from datetime import date

import django

django.setup()

import numpy as np  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from benchmarks.database import timed  # noqa: E402
from benchmarks.population import LAST_DAY, simulate  # noqa: E402
from customers.models import Customer, Department, PurchaseDay, Source, SourceRecord  # noqa: E402
from metrics.clv.appraisal import windows_before  # noqa: E402
from metrics.clv.learning.crowd import crowd_of  # noqa: E402
from metrics.clv.learning.findings import Terms, find  # noqa: E402
from metrics.clv.learning.plans import carried_out  # noqa: E402
from metrics.clv.purchases.histories import PurchaseDays, as_days  # noqa: E402
from metrics.clv.purchases.patterns import patterns_of  # noqa: E402
from metrics.models import CustomerValue, Valuation  # noqa: E402
from metrics.value import writing  # noqa: E402
from metrics.value.reading import read_purchase_days  # noqa: E402
from metrics.value.scoring import columns_of, yardstick_of  # noqa: E402

UNTIL: date = LAST_DAY.astype(date)
BY_FILE = 100_000
EPOCH = np.datetime64("1970-01-01")
SCAN = """SELECT min(record_id), max(record_id), min(day), max(day), sum(lines_bought),
    min(amount), max(amount), sum(amount) FROM customers_purchaseday"""


def fill(customers: int) -> int:
    """Customers with a record each and their purchase days, in the order of the days."""
    population = simulate(customers, seed=20240101)
    key = (population.day - EPOCH).astype(np.int64) * customers + population.customer
    keys, row = np.unique(key, return_inverse=True)
    amounts = np.round(np.bincount(row, population.amount), 2)
    days = (EPOCH + keys // customers).astype(str)
    sales = Department.objects.create(name="Sales").pk
    shop = Source.objects.create(name="shop", complete_until=UNTIL).pk
    numbers = range(1, customers + 1)
    insert(Customer, ["id", "code", "name", "kind", "country", "channel", "department_id"],
           ((n, f"c{n}", "", "unknown", "", "", sales) for n in numbers))  # fmt: skip
    insert(SourceRecord, ["id", "source_id", "key", "customer_id"],
           ((n, shop, f"c{n}", n) for n in numbers))  # fmt: skip
    rows = zip((keys % customers + 1).tolist(), days.tolist(), amounts.tolist(), strict=True)
    insert(PurchaseDay, ["record_id", "day", "amount", "lines_bought"],
           ((*row, 1) for row in rows))  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return len(keys)


@transaction.atomic
def insert(model: type, columns: list[str], rows: Iterator[tuple]) -> None:
    table, names = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as sink:
                for row in rows:
                    sink.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def new_valuation() -> Valuation:
    made = Valuation.objects.create(
        purpose="asked", status="waiting", as_of=UNTIL, months=12, yearly_rate="0.1", margin="0.3",
        currency="GBP", changes=0, calibrated_until=UNTIL, holdout_until=UNTIL,
    )  # fmt: skip
    return Valuation.objects.claim(made.pk)


class Rebuild:
    """The steps of the engine's rebuild, one after the other."""

    def __init__(self) -> None:
        self.valuation = new_valuation()

    def read(self) -> None:
        days = read_purchase_days(UNTIL)
        self.purchases = PurchaseDays(days.customer, as_days(days.day), days.amount)

    def value(self) -> None:
        until, since = int(as_days(LAST_DAY)), int(self.purchases.day[0])
        tests = windows_before(since, until)[:1]
        terms = Terms(until, since, "week", "bg_nbd", ("bg_nbd",), tests)
        crowd = crowd_of(self.purchases, terms.tested_to, terms.unit, terms.since)
        findings = carried_out(find(terms), crowd)
        view = crowd.views[until]
        patterns = patterns_of(self.purchases, view.histories)
        yardstick = yardstick_of(self.valuation, findings, since)
        self.columns = columns_of(self.valuation, view, patterns, yardstick, 365)

    def write(self) -> None:
        writing.write_values(self.valuation, self.columns)


def prepared_again(columns: dict) -> float:
    """Seconds to store the same rows from a block that is ready; they are taken away again."""
    valuation = new_valuation()
    table = writing._whole({**columns, "valuation_id": valuation.pk})
    names = writing._names(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            block = writing.COPY_BEGINS + writing.binary_rows(table) + writing.COPY_ENDS

            def store() -> None:
                copy = f"COPY metrics_customervalue ({names}) FROM STDIN (FORMAT BINARY)"
                with cursor.copy(copy) as sink:
                    sink.write(block)
        else:
            days = writing._days_as_text(table["first_on"])
            values = [(days if each.dtype.kind == "M" else each) for each in table.values()]
            rows = list(zip(*(each.tolist() for each in values), strict=True))
            marks = ", ".join(["%s"] * len(table))
            sql = f"INSERT INTO metrics_customervalue ({names}) VALUES ({marks})"

            def store() -> None:
                with transaction.atomic():
                    cursor.executemany(sql, rows)

        seconds = timed("floor: the same rows from a prepared block", store)
    clear(valuation)
    return seconds


def clear(valuation: Valuation) -> None:
    CustomerValue.objects.filter(valuation=valuation).delete()
    valuation.fail("It was only measured.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM metrics_customervalue")


def by_the_orm() -> None:
    """The plain way: an iterator of rows, lifetimes, and an object a customer."""
    import pandas as pd  # noqa: PLC0415
    from lifetimes import BetaGeoFitter, GammaGammaFitter  # noqa: PLC0415
    from lifetimes.utils import summary_data_from_transaction_data  # noqa: PLC0415

    valuation = new_valuation()
    days = PurchaseDay.objects.counting().filter(day__lte=UNTIL)
    rows = days.values_list("record__customer", "day", "amount").iterator(chunk_size=20_000)
    table = pd.DataFrame(rows, columns=["id", "day", "amount"])
    table["amount"] = table["amount"].astype(float)
    one = summary_data_from_transaction_data(
        table, "id", "day", "amount", observation_period_end=UNTIL, freq_multiplier=7
    )
    columns = (one["frequency"], one["recency"], one["T"])
    buying = BetaGeoFitter().fit(*columns)
    again = one.query("frequency > 0 and monetary_value > 0")
    spending = GammaGammaFitter().fit(again["frequency"], again["monetary_value"])
    found = pd.DataFrame({
        "x": one["frequency"], "t_x": one["recency"], "T": one["T"],
        "mean_spend": one["monetary_value"], "spent": 0.0,
        "p_alive": buying.conditional_probability_alive(*columns),
        "expected_purchases":
            buying.conditional_expected_number_of_purchases_up_to_time(52, *columns),
        "expected_spend": spending.conditional_expected_average_profit(columns[0],
            one["monetary_value"]),
        "clv": spending.customer_lifetime_value(
            buying, *columns, one["monetary_value"], time=12, discount_rate=0.00797, freq="W"),
    }, index=one.index)  # fmt: skip
    CustomerValue.objects.bulk_create(
        (
            CustomerValue(valuation=valuation, **row)
            for row in found.rename_axis("customer_id").reset_index().to_dict("records")
        ),
        batch_size=2_000,
    )
    clear(valuation)


def main() -> None:
    warnings.simplefilter("ignore")
    customers, with_orm = int(sys.argv[1]), "orm" in sys.argv[2:]
    days = fill(customers)
    print(f"\n{connection.vendor}: {customers:,} customers, {days:,} purchase days")
    rebuild = Rebuild()
    with connection.cursor() as cursor:
        cursor.execute(SCAN)
        scan = timed("floor: one scan of the days", lambda: cursor.execute(SCAN))
    read = timed("read the days", rebuild.read)
    value = timed("histories, fits, test, values", rebuild.value)
    write = timed("write the values", rebuild.write)
    clear(rebuild.valuation)
    floor = scan + prepared_again(rebuild.columns)
    print(f"read and write over the floor: {(read + write) / floor:.2f} times")
    if with_orm:
        orm = timed("iterator, lifetimes, bulk_create", by_the_orm)
        print(f"as fast as the ORM: {orm / (read + value + write):.1f} times")


if __name__ == "__main__":
    main()
