"""The starting map of forty metrics, against the worth that its notes give."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from metrics.effects.roll_up import Arrow, doubt, spread, total_effects
from metrics.effects.routes import double_routes
from metrics.effects.simple_formula import equity_formula, gradient

FILE = Path(__file__).parents[2] / "data" / "starting_map.yaml"
MAP = yaml.safe_load(FILE.read_text())
METRICS = {metric["key"]: metric for metric in MAP["metrics"]}
BASE = {"N": 10_000, "m": 100, "r": 0.80, "d": 0.12, "A": 2_000, "c": 40}
POINT_OF_DISCOUNT = gradient(**BASE)["d"] / 100

# One unit in the good direction: worth, 5 and 95 % of 200,000 draws, share with the right sign.
WORTH = {
    "retention_rate": (131_250, None, None, None),
    "customer_satisfaction": (34_796, 13_126, 56_477, 0.996),
    "cost_to_serve": (32_000, None, None, None),
    "customer_loss_rate": (52_500, 41_685, 63_251, 1.000),
    "billing_error_rate": (30_758, 11_795, 54_893, 0.999),
    "product_defect_rate": (27_837, 6_307, 55_951, 0.992),
    "trouble_report_rate": (23_519, 11_352, 38_313, 1.000),
    "repeat_conversion": (19_688, 8_896, 30_513, 0.999),
    "late_delivery_rate": (17_398, 4_998, 32_993, 0.996),
    "cross_sell_value": (12_800, None, None, None),
    "on_time_dispatch": (12_179, 3_378, 23_789, 0.996),
    "frontline_engagement": (9_047, 2_569, 17_234, 0.996),
    "app_install_rate": (7_549, 4_220, 11_027, 1.000),
    "training_tool_coverage": (905, 76, 2_198, 0.973),
    "customer_360_coverage": (640, 7, 1_273, 0.952),
    "data_requests_fulfilled": (128, -8, 330, 0.931),
}


def arrows_of(links: list[dict]) -> list[Arrow]:
    """The links as arrows; the one risk link leads to the discount rate instead of the top."""
    arrows = [Arrow("discount", "clv_total", POINT_OF_DISCOUNT, exact=True)]
    for link in links:
        arrows.append(
            Arrow(
                link["from"],
                "discount" if link["type"] == "risk" else link["to"],
                link["slope"],
                link.get("se", 0.0),
                tuple(link.get("lag_days", (0, 0))),
                exact=link["type"] == "identity",
            )
        )
    return arrows


ARROWS = arrows_of(MAP["links"])


@pytest.fixture(scope="module")
def worth():
    spreads = spread(ARROWS, "clv_total", draws=200_000, seed=42)
    signs = {key: -1 if one["direction"] == "down" else 1 for key, one in METRICS.items()}
    return {key: spreads[key].times(sign) for key, sign in signs.items() if key in spreads}


def test_the_map_is_the_one_that_the_notes_describe():
    assert len(METRICS) == 40
    assert sum(metric["core"] for metric in METRICS.values()) == 31
    assert Counter(link["type"] for link in MAP["links"]) == {
        "identity": 13, "leading": 31, "risk": 1,
    }  # fmt: skip


def test_every_metric_reaches_the_top_and_no_arrow_points_down_a_level():
    assert set(total_effects(ARROWS, "clv_total")) == set(METRICS) - {"clv_total"} | {"discount"}
    for link in MAP["links"]:
        assert METRICS[link["from"]]["level"] >= METRICS[link["to"]]["level"]


@pytest.mark.parametrize("key", WORTH)
def test_a_unit_is_worth_what_the_notes_say(worth, key):
    effect, low, high, right_sign = WORTH[key]
    found = worth[key]
    assert found.effect == pytest.approx(effect, abs=0.6)
    assert found.is_exact == (low is None)
    if low is not None:
        tolerance = {"rel": 0.03, "abs": 0.01 * (high - low)}  # an end near 0 has no 3 % of itself
        assert (found.low, found.high) == pytest.approx((low, high), **tolerance)
        assert found.right_sign == pytest.approx(right_sign, abs=0.002)


@pytest.mark.parametrize("key", ["late_delivery_rate", "frontline_data_availability"])
def test_doubt_is_what_the_interval_loses_when_a_slope_is_known(key):
    whole = spread(ARROWS, "clv_total")[key]
    for one in doubt(ARROWS, "clv_total", key)[:2]:
        known = [replace(arrow, se=0) if arrow == one.arrow else arrow for arrow in ARROWS]
        left = spread(known, "clv_total")[key]
        assert 1 - (left.high - left.low) / (whole.high - whole.low) == pytest.approx(one.share)


def test_a_star_of_reviews_looks_dear_because_units_do_not_compare(worth):
    assert worth["social_review_score"].effect == pytest.approx(139_186, abs=1)


def test_the_slopes_into_the_top_are_the_gradient_of_the_formula():
    slopes = {link["from"]: link["slope"] for link in MAP["links"] if link["to"] == "clv_total"}
    pull = gradient(**BASE)
    assert slopes["new_customers"] == pytest.approx(pull["A"])
    assert slopes["retention_rate"] == pytest.approx(pull["r"] / 100)
    assert slopes["margin_per_customer"] == pytest.approx(pull["m"])
    assert slopes["acquisition_cost"] == pytest.approx(pull["c"])
    assert equity_formula(**BASE) == pytest.approx(METRICS["clv_total"].get("base", 3_120_000))


def test_one_pair_of_ways_may_tell_of_one_effect_twice():
    pairs = [(one.child, one.parent) for one in double_routes(ARROWS, "clv_total")]
    assert pairs == [("escaped_defects", "customer_satisfaction")]
