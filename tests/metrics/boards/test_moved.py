"""Why a metric moved: by formula, by site, by its sides, by what leads to it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from customers.models import Customer, Interaction, Source, SourceRecord
from metrics.boards.metric.moved import movement_of
from metrics.indicators.reading import readings_of
from metrics.models import Figure, Link
from tests.metrics.boards.conftest import QUIET


def moved(version):
    (reading,) = readings_of([version.metric])
    return movement_of(reading, list(Link.objects.filter(parent=version.metric).with_ends()))


def amounts(way):
    """The parts by name, as numbers."""
    return {
        part.name: float(part.change.split(" ")[0].replace("−", "-").replace(",", ""))
        for part in way.parts
    }


def test_the_parts_of_a_formula_add_up_to_the_change(declare, with_figures):
    price = with_figures(*QUIET[:-1], 12, key="price", unit="GBP")
    number = with_figures(*QUIET[:-1], 13, key="number")
    sales = declare(way="derived", formula="price * number", key="sales", unit="GBP")
    for one, other in zip(price.figures.all(), number.figures.all(), strict=True):
        sales.figures.create(
            starts_on=one.starts_on, ends_on=one.ends_on, numerator=one.numerator * other.numerator
        )
    shown = moved(sales)
    (way,) = shown.ways
    assert shown.change == "+£35.00"
    assert {part.name for part in way.parts} == {"Metric price", "Metric number"}
    told = [float(part.change.replace("£", "")) for part in way.parts]
    assert sum(told) == pytest.approx(156 - 121, abs=0.02)


def test_parts_that_do_not_add_up_are_not_shown(declare, with_figures):
    with_figures(*QUIET, key="price")
    sales = declare(way="derived", formula="price * 2", key="sales")
    for place, figure in enumerate(Figure.objects.filter(version__metric__key="price")):
        sales.figures.create(
            starts_on=figure.starts_on, ends_on=figure.ends_on, numerator=place * 100
        )
    (way,) = moved(sales).ways
    assert way.parts == []
    assert "none is shown" in way.refused


def test_a_formula_of_too_many_parts_is_not_taken_apart_and_breaks_no_page(declare, with_figures):
    keys = [f"m{number}" for number in range(13)]
    parts = [with_figures(*QUIET, key=key) for key in keys]
    whole = declare(way="derived", formula=" + ".join(keys), key="whole")
    for figure in parts[0].figures.all():
        whole.figures.create(
            starts_on=figure.starts_on, ends_on=figure.ends_on, numerator=13 * figure.numerator
        )
    (way,) = moved(whole).ways
    assert (way.parts, way.refused) == ([], "Its parts cannot be told apart, so none is shown.")


@pytest.fixture
def deliveries(sales):
    """Deliveries due in a week at a site, so many of them late."""
    source = Source.objects.create(name="Depots")
    customer = Customer.objects.create(code="ann", department=sales)
    record = SourceRecord.objects.create(source=source, key="ann", customer=customer)

    def make(day, site, due, late):
        Interaction.objects.bulk_create(
            Interaction(
                record=record,
                kind="delivery",
                key=f"{day} {site} {number}",
                happened_at=timezone.make_aware(timezone.datetime(2024, 1, 1)),
                happened_on=day,
                due_on=day,
                done_on=day + timedelta(number < late),
                site=site,
            )
            for number in range(due)
        )

    return make


def test_a_share_is_split_by_site_into_rates_and_mix(declare, deliveries):
    rate = declare(
        ("deliveries", "count", "", ("is_late", "eq", 1)), ("deliveries", "count", ""),
        key="late", unit="% of deliveries", scale=100, direction="down",
    )  # fmt: skip
    weeks = [date(2024, 1, 1), date(2024, 1, 8)]
    for day, north, south in zip(weeks, [(80, 2), (60, 1)], [(20, 4), (40, 7)], strict=True):
        deliveries(day, "North", *north)
        deliveries(day, "South", *south)
        rate.figures.create(
            starts_on=day, ends_on=day + timedelta(6), numerator=north[1] + south[1],
            denominator=100,
        )  # fmt: skip
    shown = moved(rate)
    assert shown.change == "+2 points"
    (way,) = shown.ways
    parts = amounts(way)
    assert way.way == "by site"
    assert parts["Another mix of them"] == pytest.approx(3.3, abs=0.05)
    assert parts["South, by itself"] < 0
    assert sum(parts.values()) == pytest.approx(2, abs=0.05)


def test_a_share_that_cannot_be_split_by_segment_is_split_by_its_sides(with_figures, declare):
    version = declare(("customers", "distinct", "x"), ("orders", "count", ""), unit="%", scale=100)
    for week, (over, under) in enumerate([(10, 100), (12, 90)]):
        day = date(2024, 1, 1) + timedelta(7 * week)
        version.figures.create(
            starts_on=day, ends_on=day + timedelta(6), numerator=over, denominator=under
        )
    (way,) = moved(version).ways
    assert way.way == "by its two sides"
    assert sum(amounts(way).values()) == pytest.approx(100 * (12 / 90 - 0.1), abs=0.15)


def test_leading_links_explain_at_their_delay_and_the_rest_stays_open(with_figures, link):
    below = with_figures(*[10] * 11, 14, 10, key="below").metric
    above = with_figures(*[50] * 12, 53, key="above")
    Figure.objects.update(denominator=1)
    link(below, above.metric, slope=0.5, se=0.1, lag_days=7)
    (way,) = [way for way in moved(above).ways if way.way == "by what leads here"]
    assert amounts(way) == {"Metric below": 2, "Unexplained": 1}
    assert [part.is_open for part in way.parts] == [False, True]
