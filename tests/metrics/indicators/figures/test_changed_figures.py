"""Figures touch only what changed, and equal a count of everything at any time."""

import random
from datetime import date, timedelta
from itertools import chain

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from customers.imports.arrival import receive
from customers.imports.loader import load
from customers.imports.undo import undo
from customers.models import Change, Customer, Source, SourceRecord, Upload
from metrics.indicators.figures import due_run, run
from metrics.indicators.figures.counted import count
from metrics.indicators.figures.expected import Expectation
from metrics.models import Figure, FigureRun, MetricVersion

MONDAY = date(2023, 1, 2)
DAYS = 150
HEADERS = {
    "purchases": "customer,date,order,product,quantity,amount",
    "interactions": "customer,kind,happened_on,number,due_on,done_on,topic,outcome,cost",
}


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"


class Company:
    """Sends files to the site, and takes them back."""

    def __init__(self, department, draw):
        self.department, self.draw = department, draw
        self.standing = []

    def sends(self, rows, holds="purchases"):
        text = "\n".join([HEADERS[holds], *rows]).encode()
        file = ContentFile(text, name=f"{holds}.csv")
        upload = receive(
            file,
            source_name="shop",
            department=self.department,
            holds=holds,
            complete_until=MONDAY + timedelta(DAYS) if holds == "purchases" else None,
        )
        load(self._asked(upload, Upload.Doing.IMPORT))
        self.standing.append(upload.pk)

    def sells(self):
        self.sends([self._sale() for _ in range(self.draw.randint(1, 6))])

    def serves(self):
        known = list(SourceRecord.objects.exclude(key="").values_list("key", flat=True))
        if known:
            rows = [self._interaction(known) for _ in range(self.draw.randint(1, 6))]
            self.sends(rows, "interactions")

    def takes_back(self):
        if self.standing:
            place = self.draw.randrange(len(self.standing))
            upload = Upload.objects.get(pk=self.standing.pop(place))
            undo(self._asked(upload, Upload.Doing.UNDO))

    def links(self):
        """Two records turn out to be one customer's."""
        records = list(SourceRecord.objects.exclude(customer=None).order_by("?")[:2])
        if len(records) == 2:
            records[1].customer = records[0].customer
            records[1].save()
            Customer.objects.filter(records=None).delete()
            Source.objects.count_change(records[0].source_id)

    def _asked(self, upload, doing):
        with transaction.atomic():
            upload.ask(doing=doing)
            return Upload.objects.claim(upload.pk)

    def _day(self):
        return MONDAY + timedelta(self.draw.randrange(DAYS))

    def _sale(self):
        customer = self.draw.choice(["ann", "bea", "cid", "dan", ""])
        order = self.draw.choice(["", f"o{self.draw.randrange(6)}"])
        amount = self.draw.choice([5, 8, 13, -3, -8])
        product = self.draw.choice(["mug", "cup", ""])
        day = "no day" if self.draw.random() < 0.1 else self._day()
        amount = "much" if self.draw.random() < 0.1 else amount
        return f"{customer},{day},{order},{product},1,{amount}"

    def _interaction(self, known):
        day, due = self._day(), self.draw.randrange(1, 9)
        kind = self.draw.choice(["delivery", "ticket"])
        number = f"n{self.draw.randrange(8)}"
        done = day + timedelta(self.draw.randrange(1, 12)) if self.draw.random() < 0.8 else ""
        promised = day + timedelta(due) if kind == "delivery" else ""
        topic = self.draw.choice(["complaint", "billing"]) if kind == "ticket" else ""
        outcome = self.draw.choice(["", "reopened"]) if kind == "ticket" else ""
        cost = self.draw.choice(["", 2])
        who = self.draw.choice(known)
        return f"{who},{kind},{day},{number},{promised},{done},{topic},{outcome},{cost}"


@pytest.fixture
def metrics(declare):
    """A metric of every way to be counted, in all grains."""
    repeated = ("is_repeated", "eq", 1)
    for grain, sides in (
        ("week", [("lines", "sum", "amount"), ("orders", "count", "")]),
        ("day", [("orders", "count", "")]),
        ("month", [("orders", "distinct", "customer")]),
        ("quarter", [("lines", "distinct", "product")]),
        ("week", [("rows", "count", "", ("is_unusable", "eq", 1)), ("rows", "count", "")]),
        ("week", [("new_products", "sum", "amount"), ("customers", "count", "")]),
        ("week", [("newcomers", "count", "", ("second_gap_days", "lte", 30))]),
        ("week", [("customers", "count", "", ("gap_days", "gte", 14)), ("customers", "count", "")]),
        ("month", [("customers", "sum", "spend_365", ("spend_rank", "lte", "0.5"))]),
        ("week", [("deliveries", "count", "", ("is_late", "eq", 1)), ("deliveries", "count", "")]),
        ("month", [("tickets", "sum", "hours_to_close"), ("tickets", "count", "")]),
        ("week", [("tickets", "count", "", repeated), ("tickets", "count", "")]),
        ("week", [("contacts", "distinct", "customer"), ("customers", "count", "")]),
        ("month", [("serving", "sum", "cost"), ("customers", "count", "")]),
        ("week", [("joined_customers", "count", "", ("has_service", "eq", 1))]),
    ):
        declare(*sides, grain=grain)


def counted_by_run():
    asked = due_run()
    if asked:
        run(FigureRun.objects.claim(asked.pk))
    return asked


def told(figures):
    return {
        (one.version_id, one.starts_on, one.ends_on, one.numerator, one.denominator, one.rows)
        for one in figures
    }


@pytest.mark.parametrize("seed", range(4))
def test_a_run_after_any_change_equals_a_count_of_everything(company, sales, metrics, seed):
    draw = random.Random(seed)
    shop = Company(sales, draw)
    shop.sells()
    counted_by_run()
    for _ in range(9):
        step = draw.choices([shop.sells, shop.serves, shop.takes_back, shop.links], [4, 4, 3, 1])[0]
        step()
        counted_by_run()
        assert not Change.objects.exists()
        as_of = FigureRun.objects.last_done().as_of
        expectation = Expectation(as_of)
        everything = count({one: expectation.of(one) for one in MetricVersion.objects.all()}, as_of)
        assert told(Figure.objects.all()) == told(chain(*everything.values()))


def test_only_figures_that_differ_are_written(company, sales, declare):
    version = declare(("lines", "sum", "amount"))
    shop = Company(sales, random.Random(1))
    shop.sends(["ann,2023-01-03,o1,mug,1,5", "ann,2023-03-07,o2,mug,1,7"])
    counted_by_run()
    before = dict(version.figures.values_list("starts_on", "pk"))
    version.figures.update(rows=77)
    shop.sends(["bea,2023-03-08,o3,cup,1,4"])
    counted_by_run()
    after = {one.starts_on: one for one in version.figures.all()}
    assert {day: one.pk for day, one in after.items()} == before
    touched = [day for day, one in after.items() if one.rows != 77]
    assert touched == [date(2023, 3, 6)]
    assert after[date(2023, 3, 6)].numerator == 11


def test_late_data_change_no_final_figure_once_its_window_is_over(company, sales, declare):
    free, bound = (
        declare(("orders", "count", ""), revision_days=days, key=f"m{days}") for days in (0, 30)
    )
    shop = Company(sales, random.Random(1))
    shop.sends(["ann,2023-01-02,o1,mug,1,5"])
    counted_by_run()
    shop.sends(["bea,2023-01-04,o2,cup,1,4", "bea,2023-05-23,o3,cup,1,4"])
    counted_by_run()
    for version, early, late in ((free, 2, 1), (bound, 1, 1)):
        figures = dict(version.figures.values_list("starts_on", "numerator"))
        assert figures[date(2023, 1, 2)] == early
        assert figures[date(2023, 5, 22)] == late


def test_a_change_during_a_run_is_left_to_the_next(company, sales, declare):
    declare(("orders", "count", ""))
    Company(sales, random.Random(1)).sends(["ann,2023-01-03,o1,mug,1,5"])
    asked = FigureRun.objects.claim(due_run().pk)
    Change.objects.taken_by(asked.pk)
    asked.begin(1)
    run(asked)
    Change.objects.mark(Change.PURCHASE, [date(2023, 1, 3)])
    assert due_run() is not None


def test_a_day_later_what_leaves_no_note_is_counted_anew(company, sales, declare):
    declare(("orders", "count", ""))
    Company(sales, random.Random(1)).sends(["ann,2023-01-03,o1,mug,1,5"])
    counted_by_run()
    assert due_run() is None
    done = FigureRun.objects.get()
    FigureRun.objects.update(asked_at=done.asked_at - timedelta(days=1, seconds=1))
    assert due_run() is not None
