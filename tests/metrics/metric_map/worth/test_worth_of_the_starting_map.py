"""The starting map as it is stored, against the worth of a unit that its notes give."""

import pytest

from metrics.effects.roll_up import spread
from metrics.metric_map.changing.at_once import start_map
from metrics.metric_map.graph import read_map
from metrics.metric_map.starting import Starting
from metrics.metric_map.worth.arrows import arrows_of, periods_a_year
from metrics.metric_map.worth.driver_steps import driver_steps
from metrics.metric_map.worth.partials import partials_of
from metrics.models import MetricVersion
from tests.metrics.effects.test_starting_map import WORTH

BASE_CASE = {
    "keep": 131_250.0,
    "cash": 32_000.0,
    "acquire": 310.0,
    "winning": -2_000.0,
    "discount": -93_750.0,
    "whole": 1.0,
}
BY_HAND = {
    "new_customers": 310,
    "word_of_mouth": 310,
    "trial_conversion": 55_800,
    "engaged_prospects": 31,
    "acquisition_cost": 2_000,
    "margin_per_customer": 32_000,
    "average_order_value": 64_000,
    "margin_migration": 16_000,
    "price_premium": 32_000,
    "data_product_revenue": 2_240,
    "social_review_score": 139_186,
    "stable_revenue_share": 0.0206 * 93_750,
}


@pytest.fixture
def found(db):
    """The spread of one unit in the good direction, by the metric's key."""
    start_map(None, Starting.WHOLE_COMPANY)
    graph = read_map()
    stored = MetricVersion.objects.in_force().prefetch_related("measures")
    versions = {version.metric_id: version for version in stored}
    partials = partials_of(graph, versions, {})
    steps = driver_steps(graph, versions, {})
    arrows = arrows_of(graph, BASE_CASE, periods_a_year(versions), partials, steps)
    assert arrows.unknown == {}
    by_key = spread(arrows.known, graph.top.pk, draws=100_000)
    return {
        metric.key: by_key[pk].times(-1 if metric.direction == "down" else 1)
        for pk, metric in graph.metrics.items()
        if metric != graph.top
    }


def test_a_unit_is_worth_what_the_notes_say(found):
    assert len(found) == 39
    for key, (effect, low, high, right_sign) in WORTH.items():
        one = found[key]
        assert one.effect == pytest.approx(effect, rel=0.001), key
        assert one.is_exact == (low is None), key
        if low is not None:
            tolerance = {"rel": 0.03, "abs": 0.01 * (high - low)}  # an end near 0 has no 3 %
            assert (one.low, one.high) == pytest.approx((low, high), **tolerance), key
            assert one.right_sign == pytest.approx(right_sign, abs=0.003), key


def test_what_the_notes_leave_out_is_the_product_along_the_way(found):
    effects = {key: found[key].effect for key in BY_HAND}
    assert effects == pytest.approx(BY_HAND, rel=0.001)
