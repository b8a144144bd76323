"""What is set beside a valuation: scenarios, the pull of drivers, movements, a second opinion."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.db import IntegrityError
from django.db.models import F

from customers.models import Customer, Role
from metrics import tasks
from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.models import (
    CustomerValue,
    Movement,
    Scenario,
    ScenarioValue,
    SecondOpinion,
    Valuation,
)
from metrics.value import asking, valuation
from metrics.value.beside import movements, scenarios, second_opinion
from tests.metrics.value.by_hand import valuation_of, with_values

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_models")]


@pytest.fixture
def done(shop):
    asked = Valuation.objects.claim(asking.ask_current().pk)
    valuation.run(asked)
    return Valuation.objects.in_force()


@pytest.fixture
def scenario(person):
    def make(name="Fewer leave", **changes):
        return Scenario.objects.create(name=name, owner=person(Role.ANALYST), **changes)

    return make


def valued(scenario, done):
    asked = ScenarioValue.objects.create(
        scenario=scenario, valuation=done, status=ScenarioValue.Status.WAITING
    )
    scenarios.run(ScenarioValue.objects.claim(asked.pk))
    asked.refresh_from_db()
    return asked


def test_a_scenario_that_changes_nothing_is_worth_what_the_valuation_is(done, scenario):
    same = valued(scenario(), done)
    assert float(same.clv_total) == pytest.approx(float(done.clv_total), rel=1e-9)
    assert float(same.clv_low) == pytest.approx(float(done.clv_low), abs=0.02)
    assert float(same.clv_high) == pytest.approx(float(done.clv_high), abs=0.02)
    by_month = list(same.by_month.order_by("month").values_list("base", "clv"))
    assert len(by_month) == done.months
    assert sum(clv for _, clv in by_month) == pytest.approx(float(same.clv_total), abs=0.01)
    assert all(base == pytest.approx(clv) for base, clv in by_month)


def test_scenarios_move_equity_the_way_they_say(done, scenario):
    now = done.clv_total
    assert valued(scenario("More", rate="1.1"), done).clv_total > now
    assert valued(scenario("Dearer money", yearly_rate="0.3"), done).clv_total < now
    spend = valued(scenario("Spend", spend="1.5"), done)
    assert float(spend.clv_total) == pytest.approx(1.5 * float(now), abs=0.02)
    assert spend.clv_low < spend.clv_total < spend.clv_high


def test_a_shock_takes_only_what_its_customers_bring_from_its_day_on(done, scenario):
    shocked = scenario("Strike")
    for band in set(CustomerValue.objects.values_list("band", flat=True)):
        shocked.shocks.create(band=band, from_on=date(2023, 3, 15), purchases=0)
    found = valued(shocked, done)
    by_month = found.by_month.order_by("month")
    assert [month.clv > 0 for month in by_month] == [True, True] + [False] * 10


def test_a_finished_valuation_asks_for_every_scenario_and_the_sweep_finds_them(
    done, scenario, django_capture_on_commit_callbacks, monkeypatch
):
    scenario("One", rate="1.2")
    later = Valuation.objects.claim(asking.ask_current().pk)
    valuation.run(later)
    sent = []
    monkeypatch.setattr(
        tasks.run_scenario_value, "apply_async", lambda args, *_, **__: sent.append(args)
    )
    for other in (tasks.run_valuation, tasks.run_figures, tasks.run_movement, tasks.run_shard_task):
        monkeypatch.setattr(other, "apply_async", lambda *_, **__: None)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep()
    (waiting,) = ScenarioValue.objects.filter(valuation=later)
    assert sent == [(waiting.pk,)]


def test_pulls_of_every_driver_are_stored(done):
    pulls = dict(done.pulls.values_list("driver", "gain"))
    assert set(pulls) == {"keep", "rate", "spend", "margin", "discount", "acquire", "cash"}
    assert pulls["spend"] == pytest.approx(0.01 * float(done.clv_total), rel=1e-6)
    assert pulls["discount"] < 0


def test_a_newcomer_is_served_at_the_usual_cost_too(done, shop, served):
    before = done.pulls.get(driver="acquire").gain
    served({code: 10.0 * len(days) for code, days in shop.items()})
    later = Valuation.objects.claim(asking.ask_current().pk)
    valuation.run(later)
    assert later.pulls.get(driver="acquire").gain < before - 5


def test_what_cannot_be_computed_ends_a_scenario_in_words(done, scenario, monkeypatch):
    def cannot(*ignored):
        raise ImpossibleValue("A month is worth more than there is.")

    monkeypatch.setattr(scenarios.conditions, "monthly", cannot)
    found = valued(scenario(), done)
    assert (found.status, found.failure) == ("failed", "A month is worth more than there is.")


@pytest.mark.parametrize("cash", [1e14, np.inf, np.nan])
def test_a_scenario_that_brings_more_than_can_be_stored_ends_in_words(
    done, scenario, monkeypatch, cash
):
    monkeypatch.setattr(scenarios.conditions, "monthly", lambda *ignored: np.array([cash]))
    found = valued(scenario(), done)
    assert found.status == "failed"
    assert "too large" in found.failure


def valued_at(day, **terms):
    asked = asking.ask(Valuation.Purpose.ASKED, day, model_asked="bg_nbd", **terms)
    valuation.run(Valuation.objects.claim(asked.pk))
    asked.refresh_from_db()
    return asked


def moved(earlier, later):
    asked = movements.ask(earlier, later)
    movements.run(Movement.objects.claim(asked.pk))
    asked.refresh_from_db()
    return asked


def test_the_value_of_customers_who_were_removed_is_gone_and_not_behaviour(shop):
    earlier = valued_at(date(2022, 12, 30))
    removed = Customer.objects.order_by("pk").values_list("pk", flat=True)[:20]
    lost = sum(
        earlier.values_by_customer.filter(customer__in=removed).values_list("clv", flat=True)
    )
    assert lost > 1
    Customer.objects.filter(pk__in=list(removed)).delete()
    later = valued_at(date(2022, 12, 31))
    parts = dict(moved(earlier, later).parts.values_list("part", "amount"))
    assert float(parts["gone"]) == pytest.approx(-lost, abs=0.05)
    assert sum(parts.values()) == later.equity - earlier.equity


def test_a_movement_to_values_of_which_some_are_gone_is_refused_in_words(shop):
    earlier, later = valued_at(date(2022, 12, 30)), valued_at(date(2022, 12, 31))
    Customer.objects.order_by("pk").first().delete()
    asked = moved(earlier, later)
    assert (asked.status, "have been removed" in asked.failure) == ("failed", True)


def test_the_parts_of_a_movement_are_the_change_to_the_cent(done, shop, company):
    waiting = Valuation.objects.get(purpose="month end", as_of=date(2022, 11, 30))
    earlier = Valuation.objects.claim(waiting.pk)
    valuation.run(earlier)
    earlier.refresh_from_db()
    company.horizon_months = 18
    company.save()
    later = Valuation.objects.claim(asking.ask_current().pk)
    valuation.run(later)
    later.refresh_from_db()
    asked = Movement.objects.get(earlier=earlier, later=later)
    movements.run(Movement.objects.claim(asked.pk))
    parts = dict(asked.parts.values_list("part", "amount"))
    assert sum(parts.values()) == later.equity - earlier.equity
    assert parts["terms"] > 0
    assert parts["time"] != 0
    assert parts["contracts"] == Decimal("0.00")


def test_runs_that_failed_do_not_take_the_place_of_values_that_a_movement_needs(done):
    failed = [valuation_of(in_force=False, status="failed", customers=0) for _ in range(3)]
    written = with_values(failed[0])
    later = Valuation.objects.claim(asking.ask_current().pk)
    valuation.run(later)
    assert not written.values_by_customer.exists()
    asked = Movement.objects.get(earlier=done, later=later)
    movements.run(Movement.objects.claim(asked.pk))
    asked.refresh_from_db()
    assert (asked.status, asked.failure) == ("done", "")


def test_values_that_are_gone_are_said_to_be_gone(done):
    other = Valuation.objects.claim(asking.ask(Valuation.Purpose.ASKED, date(2022, 10, 31)).pk)
    valuation.run(other)
    CustomerValue.objects.filter(valuation=other).delete()
    asked = movements.ask(other, done)
    movements.run(Movement.objects.claim(asked.pk))
    asked.refresh_from_db()
    assert (asked.status, "no longer kept" in asked.failure) == ("failed", True)


@pytest.mark.filterwarnings("ignore")
def test_lifetimes_agrees_where_it_settles(shop):
    asked_for = valued_at(date(2022, 12, 30), unit="day")
    asked = SecondOpinion.objects.create(valuation=asked_for, status=SecondOpinion.Status.WAITING)
    second_opinion.run(SecondOpinion.objects.claim(asked.pk))
    asked.refresh_from_db()
    if asked_for.model == "nbd":
        assert "nobody leaves" in asked.failure
        return
    assert asked.customers == asked_for.customers
    rows = {row.name: row for row in asked.rows.all()}
    assert rows["r"].ours == pytest.approx(rows["r"].theirs, rel=0.02)
    assert rows["purchases in 52 weeks"].difference == pytest.approx(0, abs=0.01)
    year = sum(asked_for.values_by_customer.values_list("expected_purchases", flat=True))
    assert rows["purchases in 52 weeks"].ours == pytest.approx(year, rel=0.02)


@pytest.mark.filterwarnings("ignore")
def test_customers_whom_lifetimes_cannot_forecast_are_left_out_on_both_sides(shop):
    asked_for = valued_at(date(2022, 12, 30))
    Valuation.objects.filter(pk=asked_for.pk).update(model="mbg_nbd")
    heavy = asked_for.values_by_customer.filter(x__gt=0).first()
    asked_for.values_by_customer.filter(customer=heavy.customer).update(x=60_000, t_x=F("T"))
    asked = SecondOpinion.objects.create(valuation=asked_for, status=SecondOpinion.Status.WAITING)
    second_opinion.run(SecondOpinion.objects.claim(asked.pk))
    (row,) = asked.rows.filter(name__startswith="purchases")
    assert row.name == "purchases in 52 weeks, of the 399 it can tell"
    assert row.difference == pytest.approx(0, abs=0.01)


def test_the_database_refuses_a_scenario_that_cannot_be(scenario):
    with pytest.raises(IntegrityError, match="scenario_factors_above_zero"):
        scenario(rate=0)
