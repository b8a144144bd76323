"""A small shop whose lines, orders and purchase days are written by hand."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from customers.models import (
    Customer,
    Department,
    Purchase,
    PurchaseDay,
    PurchaseLine,
    Source,
    SourceRecord,
    Upload,
)
from metrics.models import Condition, Figure, Measure, Metric, MetricVersion


class Shop:
    """Sells to customers by code, and to guests by None; keeps purchase days as imports do."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self.source = Source.objects.create(name="Till")
        self.upload = Upload.objects.create(
            source=self.source,
            department=department,
            file_name="till.csv",
            doing=Upload.Doing.IMPORT,
            status=Upload.Status.DONE,
        )
        self.lines = 0

    def record(self, code: str | None) -> SourceRecord:
        customer = (
            code
            and Customer.objects.get_or_create(code=code, defaults={"department": self.department})[
                0
            ]
        )
        return SourceRecord.objects.get_or_create(
            source=self.source, key=code or "", defaults={"customer": customer}
        )[0]

    def sells(self, code: str | None, day: str | date, *amounts: int, products: str = "") -> None:
        """One order of a day; an amount below zero is a return. products: one letter a line."""
        day = date.fromisoformat(str(day))
        moment = datetime.combine(day, time(12), UTC)
        record = self.record(code)
        purchase = Purchase.objects.create(
            record=record,
            order_key=f"order {self.lines}",
            bought_at=moment,
            bought_on=day,
        )
        for amount, product in zip(amounts, products.ljust(len(amounts)), strict=True):
            self.lines += 1
            PurchaseLine.objects.create(
                purchase=purchase,
                upload=self.upload,
                content=self.lines,
                occurrence=1,
                bought_at=moment,
                bought_on=day,
                product=product.strip(),
                quantity=1,
                amount=Decimal(amount),
            )
        if code:
            self._count_day(record, day, amounts)

    def is_complete_until(self, day: str) -> None:
        Source.objects.filter(pk=self.source.pk).update(complete_until=day)

    def _count_day(self, record: SourceRecord, day: date, amounts: tuple[int, ...]) -> None:
        counted, _ = PurchaseDay.objects.get_or_create(
            record=record, day=day, defaults={"amount": 0, "lines_bought": 0}
        )
        counted.amount += sum(amounts)
        counted.lines_bought += sum(amount >= 0 for amount in amounts)
        counted.save()


@pytest.fixture
def shop(sales):
    return Shop(sales)


@pytest.fixture
def declare(sales):
    """Declare a metric: declare(numerator, denominator, grain=...), each side as plain data."""

    def make(*sides: tuple, key: str = "", department: Department | None = None, **values):
        number = Metric.objects.count()
        of_metric = values.keys() & {"direction", "level", "control"}
        described = {name: values.pop(name) for name in of_metric}
        metric = Metric.objects.create(
            key=key or f"metric-{number}",
            name=f"Metric {key or number}",
            description="What it is.",
            department=department or sales,
            **{"level": 3, "direction": "up", "control": "full"} | described,
        )
        version = MetricVersion.objects.create(
            metric=metric, number=1, **{"grain": "week", "unit": "orders"} | values
        )
        for side, (source, aggregate, field, *where) in zip(Measure.Side, sides, strict=False):
            measure = Measure.objects.create(
                version=version, side=side, source=source, aggregate=aggregate, field=field
            )
            for compared, comparison, value in where:
                Condition.objects.create(
                    measure=measure, field=compared, comparison=comparison, value=value
                )
        return version

    return make


@pytest.fixture
def with_figures(declare):
    """A declared metric whose weekly figures are just these values, the first in January 2024."""

    def make(*values: float, is_final: bool = True, **declared) -> MetricVersion:
        version = declare(("orders", "count", ""), **declared)
        first = date(2024, 1, 1).toordinal()
        Figure.objects.bulk_create(
            Figure(
                version=version,
                starts_on=date.fromordinal(first + 7 * week),
                ends_on=date.fromordinal(first + 7 * week + 6),
                numerator=value,
                rows=int(value),
                is_final=is_final,
            )
            for week, value in enumerate(values)
        )
        return version

    return make
