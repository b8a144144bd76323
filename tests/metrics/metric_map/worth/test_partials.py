"""The slopes of identities: by the formula of the metric above, at the company's own levels."""

from datetime import timedelta

import pytest

from metrics.indicators.counting import count_so, counting_of
from metrics.models import Figure, Measure, MetricVersion
from tests.metrics.metric_map.worth.by_hand import MONDAY, weekly, worth_of

NEWCOMER = 38.2


@pytest.fixture
def newcomers(metric, link, top):
    """Counted from purchases, and by definition what prospects and their conversion come to."""
    made = metric("New customers", level=2)
    link(made, top, "identity", driver="acquire")
    MetricVersion.objects.create(
        metric=made, number=1, grain="month", unit="customers a year",
        formula="prospects * conversion / 100 + referred",
    )  # fmt: skip
    return made


@pytest.fixture
def parts(metric, link, newcomers):
    """Prospects, conversion and referred newcomers, with the slopes of another company."""
    made = [metric(name) for name in ("Prospects", "Conversion", "Referred")]
    for one, base, slope in zip(made, (18_000, 10, 200), (0.1, 180, 1), strict=True):
        one.base = base
        one.save()
        link(one, newcomers, "identity", slope=slope)
    return made


def test_what_is_counted_can_say_what_it_is_made_of(parts, valuation):
    found = [worth_of(one, valuation).per_unit for one in parts]
    assert found == pytest.approx([0.1 * NEWCOMER, 180 * NEWCOMER, NEWCOMER])


def test_its_links_go_by_the_companys_own_figures(parts, valuation):
    prospects, conversion, _ = parts
    weekly(conversion, [15.5] * 20)
    counted = weekly(prospects, [])
    MetricVersion.objects.filter(pk=counted.pk).update(scale=52, unit="people a year")
    Measure.objects.create(version=counted, side="numerator", source="visits", aggregate="count")
    for week in range(20):
        start = MONDAY + timedelta(weeks=week)
        Figure.objects.create(
            version=counted, starts_on=start, ends_on=start + timedelta(6), numerator=229
        )
    found = [worth_of(one, valuation).per_unit for one in parts]
    own = [0.155, 229 * 52 / 100, 1]
    assert found == pytest.approx([slope * NEWCOMER for slope in own])


def test_one_odd_week_is_no_level(parts, valuation):
    weekly(parts[1], [15] * 12 + [28])
    assert worth_of(parts[0], valuation).per_unit == pytest.approx(0.16 * NEWCOMER)


def test_what_a_counted_metric_is_made_of_makes_no_new_version(newcomers):
    told = counting_of(newcomers)._replace(formula="prospects * conversion / 100")
    assert not count_so(newcomers, told)
    assert newcomers.versions.get().formula == "prospects * conversion / 100"
    assert count_so(newcomers, told._replace(way="derived"))
    assert count_so(newcomers, told._replace(way="derived", formula="prospects"))
