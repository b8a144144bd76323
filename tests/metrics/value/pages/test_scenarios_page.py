"""Scenarios side by side, and one of them month by month."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Role
from metrics.drawing.value.scenarios import month_lines
from metrics.models import ScenarioValue
from tests.metrics.value.by_hand import PULLS, scenario_of, valued

pytestmark = pytest.mark.django_db


def queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(captured)


def test_the_list_sets_each_scenario_beside_today_in_money_percent_and_words(
    signed_in, valuation, jo
):
    plan = scenario_of("Loyalty plan", jo, drop_out="0.9", margin_points="2")
    valued(plan, valuation, "1921400")
    page = signed_in(Role.EXECUTIVE).get("/scenarios/").text
    assert "A tenth fewer leave, and the margin is 2 points higher." in page
    assert "£1,920,000" in page
    assert "£1,750,000 to £2,110,000" in page
    assert "+£81,200" in page
    assert "+4.4%" in page
    assert "Analyst" in page
    assert "18 Nov 2026" in page
    assert "hx-trigger" not in page


def test_bars_start_at_one_zero_and_are_as_long_as_their_totals(signed_in, valuation, jo):
    valued(scenario_of("Half", jo, rate="0.5"), valuation, str(valuation.clv_total / 2))
    compared = signed_in(Role.ANALYST).get("/scenarios/").context["compared"]
    (row,) = compared.rows
    assert row.bar.x == compared.base.x == compared.zero == "0.00%"
    width, base = (float(bar.width.rstrip("%")) for bar in (row.bar, compared.base))
    assert width == pytest.approx(base / 2, abs=0.02)


def test_the_scenario_worth_most_comes_first_and_those_not_valued_last(signed_in, valuation, jo):
    for name, total in [("Low", "1500000"), ("High", "2100000"), ("Not yet", None)]:
        scenario = scenario_of(name, jo, rate="1.1")
        if total:
            valued(scenario, valuation, total)
    answer = signed_in(Role.ANALYST).get("/scenarios/")
    assert [str(row.scenario) for row in answer.context["compared"].rows] == [
        "High",
        "Low",
        "Not yet",
    ]
    assert "“High” would bring most" in answer.text
    assert "Not valued under this valuation yet." in answer.text


def test_a_longer_horizon_is_not_praised_as_bringing_most(signed_in, valuation, jo):
    for name, changes, total in [
        ("Low", {"rate": "0.9"}, "1500000"),
        ("High", {"rate": "1.1"}, "2100000"),
        ("Longer", {"months": 24}, "3100000"),
    ]:
        valued(scenario_of(name, jo, **changes), valuation, total)
    page = signed_in(Role.ANALYST).get("/scenarios/").text
    assert "“High” would bring most" in page
    assert "other terms" in page


def test_a_waiting_scenario_is_watched_and_a_failed_one_says_why(signed_in, valuation, jo):
    waiting, failed = (scenario_of(name, jo, rate="1.1") for name in ("Waits", "Fails"))
    ScenarioValue.objects.create(scenario=waiting, valuation=valuation, status="waiting")
    ScenarioValue.objects.create(
        scenario=failed, valuation=valuation, status="failed", failure="Its values are gone."
    )
    client = signed_in(Role.EXECUTIVE)
    page = client.get("/scenarios/").text
    assert "Waiting for a worker" in page
    assert 'hx-trigger="every 2s"' in page
    assert "Its values are gone." in page
    assert "Try again" in page
    assert 'hx-trigger="every 2s"' in client.get(f"/scenarios/{waiting.pk}/").text
    assert 'hx-trigger="every 2s"' not in client.get(f"/scenarios/{failed.pk}/").text


def test_without_a_valuation_the_list_says_what_is_missing(signed_in, company):
    assert "have not been valued yet" in signed_in(Role.ANALYST).get("/scenarios/").text


def test_an_empty_list_says_what_could_stand_there(signed_in, valuation):
    page = signed_in(Role.EXECUTIVE).get("/scenarios/").text
    assert "No scenario yet" in page
    assert "New scenario" in page


def test_the_list_asks_the_same_for_one_scenario_and_for_forty(signed_in, valuation, jo):
    client = signed_in(Role.EXECUTIVE)
    valued(scenario_of("One", jo, rate="1.1"), valuation, "1900000")
    before = queries(client, "/scenarios/")
    for number in range(39):
        scenario = scenario_of(f"No {number}", jo, rate="1.1")
        scenario.shocks.create(band="Large", from_on=date(2027, 1, 1), purchases="0.5")
        valued(scenario, valuation, str(1_800_000 + number))
    assert queries(client, "/scenarios/") == before


def test_pulls_stand_around_zero_and_say_what_cannot_be_known(signed_in, valuation):
    client = signed_in(Role.ANALYST)
    page = client.get("/scenarios/")
    assert "+£61,300" in page.text
    assert "−£8,250" in page.text
    bars = page.context["pulls"]
    gains = {row.pull.driver: row for row in bars.rows}
    assert gains["margin"].x == bars.zero
    assert gains["discount"].x == "0.00%"
    valuation.pulls.filter(driver="keep").update(gain=None)
    assert "nobody is seen to leave" in client.get("/scenarios/").text
    valuation.pulls.all().delete()
    assert "before steps were counted" in client.get("/scenarios/").text
    assert len(PULLS) == len(bars.rows)


def test_one_scenario_is_told_month_by_month(signed_in, valuation, jo):
    longer = scenario_of("Longer", jo, months=24, spend="1.1")
    valued(longer, valuation, "3000000")
    answer = signed_in(Role.EXECUTIVE).get(f"/scenarios/{longer.pk}/")
    assert "we look 24 months ahead instead of 12" in answer.text
    assert "would be worth a forecast £3,000,000 instead of £1,840,000" in answer.text
    months = answer.context["months"]
    assert [month.number for month in months] == list(range(1, 25))
    assert months[11].base is not None
    assert months[12].base is None
    assert "beyond the base’s horizon" in answer.text
    lines = answer.context["lines"]
    assert (len(lines.base.split()), len(lines.changed.split())) == (12, 24)


def test_a_model_that_sees_nobody_leave_says_so(signed_in, valuation, jo):
    valuation.model = "nbd"
    valuation.save()
    plan = scenario_of("Loyalty plan", jo, drop_out="0.9")
    valued(plan, valuation, str(valuation.clv_total))
    client = signed_in(Role.ANALYST)
    for address in ("/scenarios/", f"/scenarios/{plan.pk}/", f"/scenarios/{plan.pk}/edit/"):
        assert "sees nobody leave" in client.get(address).text
    plan.drop_out = 1
    plan.save()
    assert "sees nobody leave" not in client.get("/scenarios/").text


def test_a_value_of_conditions_that_were_changed_since_is_not_shown(signed_in, valuation, jo):
    plan = scenario_of("Loyalty plan", jo, rate="1.1")
    value = valued(plan, valuation, "1921400")
    ScenarioValue.objects.filter(pk=value.pk).update(
        scenario_changed_at=timezone.now() - timedelta(days=1)
    )
    page = signed_in(Role.ANALYST).get(f"/scenarios/{plan.pk}/").text
    assert "Not valued under this valuation yet." in page
    assert "£1,920,000" not in page


def test_other_terms_are_told_in_the_words_of_the_dateline(signed_in, valuation, jo):
    dear = scenario_of("Dear money", jo, yearly_rate="0.1225", months=1)
    valued(dear, valuation, "1500000")
    page = signed_in(Role.EXECUTIVE).get(f"/scenarios/{dear.pk}/").text
    assert "the discount rate is 12.25% a year instead of 10.0%" in page
    assert "we look 1 month ahead instead of 12" in page
    assert "Horizon <b>1 month</b>" in page
    assert "Discount <b>12.25% a year</b>" in page


def test_terms_that_are_as_today_say_so(signed_in, valuation, jo):
    same = scenario_of("Same", jo, yearly_rate=valuation.yearly_rate, months=12)
    valued(same, valuation, str(valuation.clv_total))
    page = signed_in(Role.EXECUTIVE).get(f"/scenarios/{same.pk}/").text
    assert "the discount rate is 10.0% a year, as today" in page
    assert "we look 12 months ahead, as today" in page


@pytest.mark.parametrize(("days", "is_in_sight"), [(364, True), (366, False)])
def test_a_shock_later_than_we_look_says_that_it_is(signed_in, valuation, jo, days, is_in_sight):
    late = scenario_of("Late", jo)
    late.shocks.create(
        band="Large", from_on=valuation.as_of + timedelta(days=days), purchases="0.5"
    )
    page = signed_in(Role.EXECUTIVE).get("/scenarios/").text
    assert ("later than we look ahead" in page) != is_in_sight


def test_an_axis_below_zero_has_a_true_minus_and_room_for_its_label():
    labels = [level.label for level in month_lines([1e5, 1e5], [-4e5, -4e5]).levels]
    assert labels == ["−400k", "−200k", "0", "200k"]
