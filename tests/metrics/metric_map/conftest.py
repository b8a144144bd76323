"""A small map to start from: a top, three metrics below it, and a maker of more."""

import pytest

from customers.models import Department
from metrics.models import Link, Metric
from tests.metrics.indicators.conftest import Shop


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
