"""Worths, scenarios and movements for programs: what the pages tell, to whom they tell it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Department, Role
from metrics.models import Metric, MetricWorth, RollUp
from tests.metrics.value.by_hand import (
    LAST_MONTH_END,
    PARTS,
    TODAY,
    month_end_of,
    movement_of,
    scenario_of,
    valuation_of,
    valued,
)


def metric_of(key, department):
    return Metric.objects.create(
        key=key, name=key, description="What it is.", department=department, level=4,
        direction="up", control="full",
    )  # fmt: skip


def worth_of(metric, roll_up, **numbers):
    known = {"per_unit": 3.0, "per_unit_low": 1.0, "per_unit_high": 5.0, "p_right": 0.9}
    return MetricWorth.objects.create(metric=metric, roll_up=roll_up, **(numbers or known))


@pytest.fixture
def roll_up(db):
    return RollUp.objects.create(status="done", currency="GBP", as_of=LAST_MONTH_END)


def results(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.json()["results"]


def queries(client, address):
    results(client, address)
    with CaptureQueriesContext(connection) as captured:
        results(client, address)
    return len(captured)


def test_a_worth_has_its_interval_or_says_why_not(signed_in, sales, roll_up):
    latest = RollUp.objects.create(status="done", currency="GBP", as_of=TODAY)
    known, unknown = metric_of("late", sales), metric_of("calls", sales)
    worth_of(known, roll_up)
    worth_of(
        known, latest, per_unit=-7.0, per_unit_low=-9.0, per_unit_high=-2.0, p_right=0.97,
        step=-3.0, step_basis="best", gain=21.0, gain_low=6.0, gain_high=27.0,
    )  # fmt: skip
    worth_of(unknown, latest, unknown="Nobody has said yet.")
    told = results(signed_in(Role.MANAGER), "/api/worths/")
    assert told[1] == {
        "key": "late", "as_of": "2026-11-18", "currency": "GBP", "per_unit": -7.0, "low": -9.0,
        "high": -2.0, "p_right": 0.97, "step": -3.0, "step_basis": "best", "gain": 21.0,
        "gain_low": 6.0, "gain_high": 27.0, "unknown": "", "leaves_out": "",
    }  # fmt: skip
    assert (told[0]["key"], told[0]["per_unit"]) == ("calls", None)
    assert told[0]["unknown"] == "Nobody has said yet."


def test_worths_are_of_the_metrics_that_a_person_may_see(signed_in, person, client, sales, roll_up):
    elsewhere = Department.objects.create(name="Elsewhere")
    worth_of(metric_of("own", sales), roll_up)
    worth_of(metric_of("strange", elsewhere), roll_up)
    manager = results(signed_in(Role.MANAGER), "/api/worths/")
    assert [one["key"] for one in manager] == ["own"]
    client.force_login(person(Role.ANALYST))
    assert [one["key"] for one in results(client, "/api/worths/")] == ["own", "strange"]


def test_before_the_first_valuation_there_is_nothing(signed_in):
    client = signed_in(Role.ANALYST)
    for name in ("worths", "scenarios", "movements"):
        assert results(client, f"/api/{name}/") == []


def test_a_scenario_is_told_as_on_its_page(signed_in, person):
    valuation, jo = valuation_of(), person(Role.ANALYST)
    valued(scenario_of("Loyalty plan", jo, drop_out="0.9"), valuation, "1921400")
    scenario_of("Bad year", jo, rate="0.8")
    plan, year = results(signed_in(Role.EXECUTIVE), "/api/scenarios/")
    assert (plan["name"], plan["clv_total"], plan["owner"]) == ("Loyalty plan", 1921400, "Analyst")
    assert plan["gain"] == pytest.approx(1921400 - 1840210.13)
    assert plan["clv_low"] < plan["clv_total"] < plan["clv_high"]
    assert plan["changes"] == ["a tenth fewer leave"]
    assert (year["name"], year["clv_total"], year["gain"]) == ("Bad year", None, None)


def test_a_movements_parts_are_its_gain(signed_in):
    later = valuation_of()
    movement_of(month_end_of(), later)
    movement_of(month_end_of(LAST_MONTH_END - timedelta(31)), later, status="waiting")
    (told,) = results(signed_in(Role.ANALYST), "/api/movements/")
    assert (told["earlier_as_of"], told["later_as_of"]) == ("2026-10-31", "2026-11-18")
    assert {one["part"]: one["amount"] for one in told["parts"]} == PARTS
    assert sum(float(one["amount"]) for one in told["parts"]) == pytest.approx(float(told["gain"]))


def test_no_list_asks_more_for_many_rows(signed_in, person, sales, roll_up):
    valuation, jo = valuation_of(), person(Role.ANALYST)
    client = signed_in(Role.ANALYST)

    def more(number):
        worth_of(metric_of(f"m{number}", sales), roll_up)
        valued(scenario_of(f"Plan {number}", jo), valuation, "1921400")
        movement_of(month_end_of(LAST_MONTH_END - timedelta(number)), valuation)

    more(0)
    addresses = [f"/api/{name}/" for name in ("worths", "scenarios", "movements")]
    one = [queries(client, address) for address in addresses]
    for number in range(1, 6):
        more(number)
    assert [queries(client, address) for address in addresses] == one
