"""A small map to start from: a top, three metrics below it, and a maker of more."""

import pytest

from customers.models import Department
from metrics.models import Link, Metric
from tests.metrics.indicators.conftest import Shop
from tests.metrics.value.by_hand import PULLS, valuation_of, with_pulls

CASH = ("cash", "+1 of the currency a year from every present customer", 32_000.0)


@pytest.fixture
def metric(db, sales):
    """Make a metric, by its name, at a level."""

    def make(name: str, level: int = 3, department: Department | None = None) -> Metric:
        return Metric.objects.create(
            key=name.lower().replace(" ", "_"),
            name=name,
            description=f"What {name.lower()} counts.",
            department=department or sales,
            level=level,
            direction="up",
            control="shared",
        )

    return make


@pytest.fixture
def link(db):
    """Draw a link between two metrics; leading and assumed unless told otherwise."""

    def make(child: Metric, parent: Metric, kind: str = "leading", **values) -> Link:
        return Link.objects.create(child=child, parent=parent, kind=kind, **values)

    return make


@pytest.fixture
def equity(metric):
    return metric("Customer equity", level=1)


@pytest.fixture
def active(metric, link, equity):
    made = metric("Active customers", level=2)
    link(made, equity, "identity")
    return made


@pytest.fixture
def returns(metric, link, active):
    made = metric("Return rate")
    link(made, active, lag_days=30)
    return made


@pytest.fixture
def shop(sales):
    return Shop(sales)


@pytest.fixture
def valuation(db):
    return with_pulls(valuation_of(), (*PULLS, CASH))


@pytest.fixture
def top(metric):
    return metric("Customer equity", level=1)


@pytest.fixture
def retention(metric, link, top):
    made = metric("Retention", level=2)
    link(made, top, "identity", driver="keep")
    return made


@pytest.fixture
def satisfaction(metric, link, retention):
    made = metric("Satisfaction", level=2)
    link(made, retention, slope=0.25, se=0.1, lag_days=90, rung=2)
    return made


@pytest.fixture
def late(metric, link, satisfaction):
    made = metric("Late deliveries")
    made.direction = "down"
    made.save()
    link(made, satisfaction, slope=-0.5, se=0.15, lag_days=30)
    return made
