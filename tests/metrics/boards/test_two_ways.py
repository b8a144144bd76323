"""A metric that is counted and made of others by definition: its page tells both, and why."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Company, Role
from metrics.boards.metric.two_ways import two_ways
from metrics.indicators.reading import readings_of
from metrics.metric_map.graph import read_map

DEFINITION = "prospects * conversion / 100 + referred"
CALM = [1_000] * 12
SEASON = [*[950] * 9, *[1_150] * 3]


@pytest.fixture
def monthly(declare):
    """Figures of the months of 2025, from January on."""

    def make(key, values, **told):
        version = declare(("orders", "count", ""), key=key, grain="month", **told)
        for month, value in enumerate(values, 1):
            ends_on = date(2025 + month // 12, month % 12 + 1, 1) - timedelta(1)
            version.figures.create(
                starts_on=ends_on.replace(day=1), ends_on=ends_on, numerator=value / version.scale
            )
        return version

    return make


@pytest.fixture
def newcomers(monthly):
    return monthly("newcomers", CALM, unit="customers a year", formula=DEFINITION)


@pytest.fixture
def made_of(monthly):
    """The parts of the definition: prospects by month, and what holds in all months."""

    def make(prospects, conversion=80, referred=200):
        return [
            monthly("prospects", prospects, scale=12),
            monthly("conversion", [conversion] * 12, unit="%", scale=100),
            monthly("referred", [referred] * 12, scale=12),
        ]

    return make


def told_of(version):
    (reading,) = readings_of([version.metric])
    return two_ways(reading, read_map())


def test_both_values_stand_with_their_difference_and_the_season_that_explains_it(
    newcomers, made_of, signed_in
):
    made_of(SEASON)
    told = (
        "Counted for December 2025: 1,000; by definition, with each part as in its last quarter:"
        " 1,120, which is 120 customers a year more. Over the year to December 2025 the definition"
        " comes to 1,000 on average: most of the difference is that the last quarter lies above"
        " its year."
    )
    assert told_of(newcomers) == told
    assert told in signed_in(Role.MANAGER).get("/metrics/newcomers/").text


def test_a_definition_that_tells_something_else_all_year_is_said_to(newcomers, made_of):
    made_of(CALM, conversion=60)
    assert "800, which is 200 customers a year less." in told_of(newcomers)
    assert "the last quarter alone does not explain it" in told_of(newcomers)


def test_what_agrees_is_said_to_agree(newcomers, made_of):
    made_of([1_010] * 12)
    assert told_of(newcomers).endswith("1,008, as good as the same.")


def test_months_that_are_not_final_make_no_year(newcomers, made_of):
    *_, referred = made_of(SEASON)
    referred.figures.filter(ends_on__gte="2025-12-01").update(is_final=False)
    assert told_of(newcomers).endswith("which is 120 customers a year more.")


def test_a_part_without_figures_is_not_supposed(newcomers, made_of):
    *_, referred = made_of(SEASON)
    referred.metric.base = 200
    referred.metric.save()
    referred.figures.all().delete()
    assert told_of(newcomers) == ""


@pytest.mark.parametrize("told", [{"formula": ""}, {"way": "derived"}, {"formula": "prospects *"}])
def test_of_one_way_only_nothing_is_said(newcomers, made_of, told):
    made_of(SEASON)
    type(newcomers).objects.filter(pk=newcomers.pk).update(**told)
    assert told_of(newcomers) == ""


def test_ten_parts_take_as_many_queries_as_one(monthly):
    keys = [f"part{number}" for number in range(10)]
    for key in keys:
        monthly(key, CALM)
    whole = [
        monthly(name, CALM, formula=formula)
        for name, formula in (("few", f"2 * {keys[0]}"), ("many", " + ".join(keys)))
    ]
    asked, _ = [], Company.objects.current()
    for version in whole:
        (reading,), graph = readings_of([version.metric]), read_map()
        with CaptureQueriesContext(connection) as queries:
            assert two_ways(reading, graph)
        asked.append(len(queries))
    assert asked[0] == asked[1]
