"""kill -9 of a real worker in the middle of an import and of a valuation loses nothing."""

import csv
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.running_site import wait_for

pytestmark = [pytest.mark.worker, pytest.mark.long]

ROUNDS = [
    pytest.param(("sqlite", "folder"), marks=pytest.mark.sqlite),
    pytest.param(("postgresql", "redis"), marks=pytest.mark.postgresql),
    pytest.param(("postgresql", "rabbitmq"), marks=pytest.mark.postgresql),
]
ROWS = 12_000

FIRST_IMPORT = """
from pathlib import Path
from customers.imports.loader import import_file
from customers.models import Department
from metrics.tasks import bring_up_to_date
sales = Department.objects.create(name="Sales")
import_file(Path("{file}"), source_name="shop", department=sales)
bring_up_to_date()
"""
SEND = """
from django.core.files import File
from customers.imports.arrival import receive
from customers.models import Department, Upload
file = File(open("{file}", "rb"), "second.csv")
upload = receive(file, source_name="shop", department=Department.objects.get(), columns=None)
upload.ask(doing=Upload.Doing.IMPORT)
print(upload.pk)
"""
IN_FORCE = "SELECT id FROM metrics_valuation WHERE in_force"


@pytest.mark.parametrize("site", ROUNDS, indirect=True, ids="+".join)
def test_counts_are_exact_and_the_last_valuation_stands_until_the_next_is_whole(site, tmp_path):
    first, second = _write_files(tmp_path)
    site.python(FIRST_IMPORT.format(file=first))
    ((before,),) = site.ask(IN_FORCE)
    seen = set()

    site.start_worker()
    site.start_beat()
    pk = site.python(SEND.format(file=second))
    upload = f"SELECT status, steps_done, steps_total FROM customers_upload WHERE id = {pk}"
    wait_for(lambda: _watch(site, seen) and site.ask(upload)[0][1] > 0, "the import to begin")
    site.kill("worker")
    ((status, done, total),) = site.ask(upload)
    assert (status, total) == ("running", ROWS)
    assert 0 < done < total
    site.start_worker()
    wait_for(lambda: _watch(site, seen) and site.ask(upload)[0][0] == "done", "the import's end")
    assert _stored(site) == _expected(first, second)
    assert seen == {before}

    running = "SELECT id FROM metrics_valuation WHERE status = 'running' AND purpose = 'current'"
    after = wait_for(lambda: _watch(site, seen) and site.ask(running), "a valuation to begin")[0][0]
    site.kill("worker")
    assert site.ask(IN_FORCE) == [(before,)]
    site.start_worker()
    wait_for(lambda: _watch(site, seen) and site.ask(IN_FORCE) == [(after,)], "the valuation's end")
    assert seen <= {before, after}
    ((customers, attempt),) = site.ask(
        f"SELECT customers, attempt FROM metrics_valuation WHERE id = {after}"
    )
    values = site.ask(f"SELECT count(*) FROM metrics_customervalue WHERE valuation_id = {after}")
    assert values == [(customers,)]
    assert attempt == 2


def _watch(site, seen):
    """Note which valuation pages would show at this moment; there always is just one."""
    shown = site.ask(IN_FORCE)
    assert len(shown) == 1
    seen.add(shown[0][0])
    return True


def _write_files(folder):
    """Two files of orders: the second overlaps the first and has returns and equal lines."""
    chance = random.Random(11)
    start = date(2023, 1, 1)
    rows = []
    for number in range(ROWS):
        day = start + timedelta(days=int(120 * chance.random()))
        price = Decimal(chance.randint(100, 9900)) / 100
        sign = -1 if number % 40 == 39 else 1
        product = f"p{chance.randint(1, 8)}"
        rows.append([f"c{chance.randint(1, 2500)}", day.isoformat(), product, sign, str(price)])
        if number % 100 == 0:
            rows.append(rows[-1])
    rows = rows[:ROWS]
    files = folder / "first.csv", folder / "second.csv"
    for file, part in zip(files, (rows[:2000], rows), strict=True):
        with file.open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["customer", "date", "product", "quantity", "price"])
            writer.writerows(part)
    return files


def _stored(site):
    ((lines, amount),) = site.ask("SELECT count(*), sum(amount) FROM customers_purchaseline")
    ((days, net),) = site.ask("SELECT count(*), sum(amount) FROM customers_purchaseday")
    return lines, round(float(amount), 2), days, round(float(net), 2)


def _expected(first, second):
    """Line by line, by hand: the second file holds all of the first one's rows."""
    with second.open() as file:
        rows = [(r["customer"], r["date"], r["product"], r) for r in csv.DictReader(file)]
    sales = defaultdict(list)
    days = defaultdict(Decimal)
    for customer, day, product, row in rows:
        if row["quantity"] == "1":
            sales[customer, product].append(day)
            days[customer, day] += Decimal(row["price"])
    for customer, day, product, row in rows:
        if row["quantity"] == "-1":
            earlier = [sold for sold in sales[customer, product] if sold <= day]
            days[customer, max(earlier, default=day)] -= Decimal(row["price"])
    total = float(sum(days.values()))
    return len(rows), round(total, 2), len(days), round(total, 2)
