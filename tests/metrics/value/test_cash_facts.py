"""Margins, costs to serve, what winning took, and contracts, as a valuation takes them up."""

import tracemalloc
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from customers.models import (
    AcquisitionCost,
    Contract,
    Customer,
    Department,
    Interaction,
    SourceRecord,
)
from metrics.clv.fit import Caution
from metrics.models import ContractValue, CustomerValue, Valuation
from metrics.value import asking, facts, valuation
from metrics.value import contracts as valued_contracts
from tests.metrics.value.conftest import LAST_DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_models")]


def run():
    asked = Valuation.objects.claim(asking.ask_current().pk)
    valuation.run(asked)
    return Valuation.objects.in_force()


def value_of(done, code):
    return CustomerValue.objects.get(valuation=done, customer__code=code)


def test_a_departments_margin_goes_before_the_companys(shop, sales, company):
    special = Department.objects.create(name="Key accounts", margin="0.5000")
    Customer.objects.filter(code="c7").update(department=special)
    done = run()
    assert value_of(done, "c7").margin == pytest.approx(0.5)
    assert value_of(done, "c8").margin == pytest.approx(float(company.default_margin))
    one = value_of(done, "c7")
    assert one.clv > 0
    assert float(done.clv_total) == pytest.approx(
        sum(CustomerValue.objects.filter(valuation=done).values_list("clv", flat=True)), abs=0.01
    )


def test_serving_that_costs_more_than_a_purchase_leaves_makes_a_customer_worth_less_than_nothing(
    shop,
):
    record = SourceRecord.objects.get(key="c7")
    moment = datetime(2022, 12, 1, 12, tzinfo=ZoneInfo("UTC"))
    Interaction.objects.bulk_create(
        Interaction(
            record=record, kind="call", key=str(number), cost=5000,
            happened_at=moment, happened_on=moment.date(),
        )
        for number in range(5)
    )  # fmt: skip
    done = run()
    costly = value_of(done, "c7")
    assert costly.cost > costly.margin * costly.expected_spend
    assert costly.clv < 0
    assert costly.clv_low <= costly.clv_middle <= costly.clv_high <= 0
    assert done.segments.filter(below_zero__gt=0).exists()


def test_the_top_fifth_is_a_fifth_under_the_customers_own_margins_and_costs(shop, sales, served):
    before = words_of(run())
    served({record.key: 0.05 for record in SourceRecord.objects.all()})
    sales.margin = "0.9000"
    sales.save()
    assert words_of(run()) == before


def words_of(done):
    words = CustomerValue.objects.filter(valuation=done).order_by("customer")
    return list(words.values_list("word", flat=True))


def test_margins_of_many_customers_take_an_arrays_room_and_no_rows(db, monkeypatch, company):
    many = 50_000
    asked = Valuation(as_of=LAST_DAY, margin=company.default_margin)
    rows = ((key, 80.0 + key, 0.0, 20.0 + key) for key in range(1, many + 1))
    monkeypatch.setattr(facts, "margins_until", lambda *ignored, **also: rows)
    tracemalloc.start()
    found = facts.facts_of(asked, np.arange(1, many + 1), np.ones(many), many)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.margin[[0, -1]].tolist() == [21 / 81, (20 + many) / (80 + many)]
    assert most < 150 * many


def test_the_cents_left_of_what_was_sent_back_tell_no_margin_beyond_that_of_any_sale(
    db, monkeypatch, company
):
    rows = [(1, 0.01, 0.01, 10.3), (2, 0.01, 0.01, -59.99), (3, 80.0, 80.0, -20.0)]
    monkeypatch.setattr(facts, "margins_until", lambda *ignored, **also: rows)
    asked = Valuation(as_of=LAST_DAY, margin=company.default_margin)
    found = facts.facts_of(asked, np.arange(1, 4), np.ones(3), 3)
    assert found.margin.tolist() == [1.0, -1.0, -0.25]


def test_what_winning_took_is_shared_by_those_who_came_and_unknown_for_the_rest(shop):
    Customer.objects.filter(code__in=["c1", "c2"]).update(channel="fair")
    AcquisitionCost.objects.bulk_create(
        AcquisitionCost(channel="fair", month=date(2022, month, 1), amount=100)
        for month in range(1, 13)
    )
    done = run()
    known = value_of(done, "c1").acquisition_cost + value_of(done, "c2").acquisition_cost
    assert known in (100.0, 200.0)
    assert value_of(done, "c3").acquisition_cost is None
    (fair,) = done.segments.filter(dimension="channel", name="fair")
    assert fair.acquisition_cost == pytest.approx(known / 2)
    assert fair.payback_month is None or fair.payback_month >= 1


@pytest.fixture
def contracts(shop):
    """Two hundred contracts of a month's term, a third of them ended."""
    draw = np.random.default_rng(9)
    records = list(SourceRecord.objects.order_by("pk")[:200])
    Contract.objects.bulk_create(
        Contract(
            record=record,
            number=f"k{row}",
            started_on=date(2020, 1, 1) + timedelta(days=int(draw.integers(0, 700))),
            ended_on=date(2022, 6, 30) if row % 3 == 0 else None,
            term_months=1,
            fee=20,
        )
        for row, record in enumerate(records)
    )
    return records


def test_contracts_and_purchases_are_one_total_and_a_person_may_have_both(contracts):
    done = run()
    values = ContractValue.objects.filter(valuation=done)
    assert values.count() == done.contract_customers == 133
    assert float(done.contract_clv) == pytest.approx(
        sum(values.values_list("clv", flat=True)), abs=0.01
    )
    assert done.equity == done.clv_total + done.contract_clv
    both = values.get(customer__code=contracts[1].key)
    assert CustomerValue.objects.filter(valuation=done, customer=both.customer).exists()
    assert 0 <= both.p_stay <= 1
    assert both.clv_low <= both.clv <= both.clv_high
    assert both.clv < 12 * both.fee * 0.3


def test_a_run_again_has_every_contract_once(contracts):
    first = run()
    Valuation.objects.filter(pk=first.pk).update(in_force=False)
    assert ContractValue.objects.filter(valuation=run()).count() == 133


def test_a_contract_that_ended_within_its_first_month_has_left_and_all_are_valued(contracts):
    first = contracts[0].contracts.get()
    first.ended_on = first.started_on + timedelta(days=9)
    first.save()
    done = run()
    assert done.contract_customers == 133
    assert done.contract_clv > 0


def test_purchases_and_contracts_may_both_be_so_open_that_no_error_can_be_stated(
    contracts, monkeypatch
):
    open_ended = Caution("no_standard_errors", "No error can be stated.")
    known, learnt = valued_contracts.fit_by_term, valuation.carried_out
    monkeypatch.setattr(
        valued_contracts, "fit_by_term",
        lambda *rows: {
            term: replace(fit, warnings=(open_ended,)) for term, fit in known(*rows).items()
        },
    )  # fmt: skip
    monkeypatch.setattr(
        valuation, "carried_out", lambda *plan: replace(learnt(*plan), warnings=(open_ended,))
    )
    codes = run().warnings.order_by("code").values_list("code", flat=True)
    assert list(codes) == ["contracts_no_standard_errors", "no_standard_errors"]


def test_segments_add_up_to_everybody_in_each_dimension(shop):
    done = run()
    for dimension in ("size", "cohort"):
        rows = list(done.segments.filter(dimension=dimension))
        assert sum(row.customers for row in rows) == done.customers
        assert sum(row.clv for row in rows) == pytest.approx(float(done.clv_total), abs=0.01)
        told = [row for row in rows if row.clv_low is not None]
        assert all(row.clv_low <= row.clv <= row.clv_high for row in told)
        assert len(told) > len(rows) / 2


def test_a_cohort_begins_with_all_its_customers_and_never_gains(shop):
    done = run()
    born = dict(done.cohorts.filter(months_since=0).values_list("cohort", "customers"))
    assert sum(born.values()) == done.customers
    for row in done.cohorts.all():
        assert row.customers <= born[row.cohort]


def test_a_channel_that_is_called_as_the_nameless_are_joins_them(shop):
    Customer.objects.filter(code__in=["c1", "c2"]).update(channel="Not known")
    Customer.objects.filter(code="c3").update(channel="fair")
    named = dict(run().segments.filter(dimension="channel").values_list("name", "customers"))
    assert named == {"fair": 1, "Not known": len(shop) - 1}
