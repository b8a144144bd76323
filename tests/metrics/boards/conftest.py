"""Metrics with figures, as in the indicators' room, and worths written by hand."""

from datetime import date

import pytest

from metrics.models import Link, MetricWorth, RollUp
from tests.metrics.indicators.conftest import Shop, declare, shop, with_figures

__all__ = ["Shop", "declare", "shop", "with_figures"]

QUIET = [10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9]


@pytest.fixture
def roll_up(db):
    return RollUp.objects.create(status="done", as_of=date(2024, 4, 1), currency="GBP", draws=9)


@pytest.fixture
def worth(roll_up):
    """Write down what a step of a metric is worth: worth(metric, 5000, 1000, 9000)."""

    def make(metric, gain=None, low=None, high=None, **values):
        known = {} if gain is None else {
            "per_unit": gain, "per_unit_low": low or gain, "per_unit_high": high or gain,
            "p_right": 1.0, "step": 1.0, "step_basis": "best",
            "gain": gain, "gain_low": low or gain, "gain_high": high or gain,
        }  # fmt: skip
        return MetricWorth.objects.create(
            roll_up=roll_up, metric=metric, **known | {"lowest_rung": 0} | values
        )

    return make


@pytest.fixture
def link(db):
    def make(child, parent, kind="leading", **values):
        return Link.objects.create(child=child, parent=parent, kind=kind, **values)

    return make
