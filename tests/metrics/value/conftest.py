"""Purchase days without files: what valuations read, and the source that says they are whole."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from customers.models import Customer, Interaction, PurchaseDay, Source, SourceRecord
from metrics.value import valuation

FIRST_DAY = date(2022, 1, 3)
LAST_DAY = date(2022, 12, 31)


@pytest.fixture
def source(db):
    long_ago = timezone.now() - timedelta(days=1)
    return Source.objects.create(
        name="shop", complete_until=LAST_DAY, changes=1, changed_at=long_ago
    )


@pytest.fixture
def bought(source, sales):
    """Store purchase days of customers: {code: [(day, amount), ...]}."""

    def store(days_by_code: dict[str, list[tuple[date, float]]]) -> None:
        customers = Customer.objects.bulk_create(
            Customer(code=code, department=sales) for code in days_by_code
        )
        records = SourceRecord.objects.bulk_create(
            SourceRecord(source=source, key=customer.code, customer=customer)
            for customer in customers
        )
        PurchaseDay.objects.bulk_create(
            PurchaseDay(record=record, day=day, amount=round(amount, 2), lines_bought=1)
            for record in records
            for day, amount in days_by_code[record.key]
        )

    return store


@pytest.fixture
def served():
    """Note calls to customers, each at a cost: {code: cost}."""

    def note(cost_by_code: dict[str, float]) -> None:
        moment = datetime(2022, 12, 1, 12, tzinfo=UTC)
        Interaction.objects.bulk_create(
            Interaction(
                record=record, kind="call", key=record.key, cost=round(cost_by_code[record.key], 2),
                happened_at=moment, happened_on=moment.date(),
            )
            for record in SourceRecord.objects.filter(key__in=cost_by_code)
        )  # fmt: skip

    return note


@pytest.fixture
def two_models(monkeypatch):
    """A contest of the two quickest, where a test asks nothing of the others."""
    quickest = {name: valuation.FAMILIES[name] for name in ("bg_nbd", "nbd")}
    monkeypatch.setattr(valuation, "FAMILIES", quickest)


@pytest.fixture
def shop(bought):
    """A year of 400 customers, some of whom leave: enough for every model to be fitted."""
    chance = np.random.default_rng(5)
    customers = {}
    for number in range(400):
        start = int(chance.integers(0, 180))
        leaves = start + chance.exponential(150)
        gaps = np.cumsum(chance.exponential(chance.gamma(2, 18), size=30))
        days = {start, *(int(start + gap) for gap in gaps if start + gap < min(leaves, 360))}
        spend = chance.gamma(4, 8)
        customers[f"c{number}"] = [
            (FIRST_DAY + timedelta(days=day), spend * chance.gamma(5, 0.2)) for day in sorted(days)
        ]
    bought(customers)
    return customers
