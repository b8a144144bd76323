from datetime import date

import numpy as np
import pytest
from django.db import IntegrityError, connection
from django.db.models import Sum

from customers.models import Customer, PurchaseDay, Source, WorkMoved
from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.models import CustomerValue, Valuation
from metrics.value import asking, segments, valuation
from metrics.value.storage import reading, writing
from tests.metrics.value.by_hand import valuation_of
from tests.metrics.value.conftest import LAST_DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_models")]


@pytest.fixture
def asked(shop):
    return Valuation.objects.claim(asking.ask_current().pk)


def test_every_customer_gets_one_value_and_the_total_is_their_sum(asked, shop):
    valuation.run(asked)
    done = Valuation.objects.in_force()
    values = CustomerValue.objects.filter(valuation=done)
    assert done.pk == asked.pk
    assert values.count() == done.customers == len(shop)
    total = sum(values.values_list("clv", flat=True))
    assert float(done.clv_total) == pytest.approx(total, abs=0.01)
    assert done.clv_low < done.clv_total < done.clv_high


def test_values_belong_to_the_customers_whose_purchases_made_them(asked, shop):
    valuation.run(asked)
    for value in CustomerValue.objects.select_related("customer")[:50]:
        days = shop[value.customer.code]
        assert value.x == len(days) - 1
        assert value.spent == pytest.approx(sum(round(amount, 2) for _, amount in days), abs=0.01)
        assert pytest.approx((LAST_DAY - days[0][0]).days / 7) == value.T


def test_a_run_stores_what_judges_it(asked):
    valuation.run(asked)
    asked.refresh_from_db()
    parameters = {(each.model, each.name) for each in asked.parameters.all()}
    assert ("gamma_gamma", "q") in parameters
    assert asked.holdout_until == LAST_DAY
    assert asked.holdout_mae > 0
    assert asked.naive_mae > 0
    assert asked.tracking.filter(is_held_out=True).exists()
    assert asked.tracking.filter(is_held_out=False).exists()
    assert sum(row.customers for row in asked.holdout_by_frequency.all()) > 0
    assert sum(band.customers for band in asked.size_bands.all()) == asked.customers
    assert sum(each.customers for each in asked.spread.all()) == asked.customers


def test_only_one_of_two_workers_goes_on(asked):
    slow = Valuation.objects.get(pk=asked.pk)
    valuation.run(asked)
    with pytest.raises(WorkMoved):
        valuation.run(slow)
    assert CustomerValue.objects.count() == asked.customers


def test_a_long_fit_shows_life_at_each_of_its_rounds(asked, monkeypatch):
    signs, rounds = [], []
    learn, show_life = valuation.find, Valuation.show_life

    def counted(terms):
        plan = learn(terms)
        questions = next(plan)
        try:
            while True:
                rounds.append(len(signs))
                questions = plan.send((yield questions))
        except StopIteration as end:
            return end.value

    def show(one):
        signs.append(one)
        show_life(one)

    monkeypatch.setattr(valuation, "find", counted)
    monkeypatch.setattr(Valuation, "show_life", show)
    valuation.run(asked)
    assert len(set(rounds)) == len(rounds) > 3


def test_a_worker_stopped_in_its_second_chunk_leaves_the_last_valuation_in_force(
    asked, shop, monkeypatch
):
    valuation.run(asked)
    second = Valuation.objects.claim(asking.ask_current().pk)
    monkeypatch.setitem(writing.AT_ONCE, connection.vendor, 150)

    def stop_in_the_second(run, steps, advance=Valuation.advance, **values):
        if run.steps_done:
            raise KeyboardInterrupt
        advance(run, steps, **values)

    with monkeypatch.context() as patched:
        patched.setattr(Valuation, "advance", stop_in_the_second)
        with pytest.raises(KeyboardInterrupt):
            valuation.run(second)
    assert Valuation.objects.in_force() == asked
    assert CustomerValue.objects.filter(valuation=second).count() == 150
    Valuation.objects.filter(pk=second.pk).update(heartbeat_at="2000-01-01T00:00Z")
    valuation.run(Valuation.objects.claim(second.pk))
    assert Valuation.objects.in_force() == second
    assert CustomerValue.objects.filter(valuation=second).count() == len(shop)


def test_a_second_attempt_starts_over_so_that_changed_purchases_are_never_mixed(
    asked, shop, bought, monkeypatch
):
    monkeypatch.setattr(valuation, "publish", lambda *ignored: None)
    valuation.run(asked)
    monkeypatch.undo()
    gone = Customer.objects.order_by("pk")[:30]
    Customer.objects.filter(pk__in=[customer.pk for customer in gone]).delete()
    Valuation.objects.filter(pk=asked.pk).update(heartbeat_at="2000-01-01T00:00Z")
    valuation.run(Valuation.objects.claim(asked.pk))
    done = Valuation.objects.in_force()
    assert done.customers == len(shop) - 30
    assert CustomerValue.objects.filter(valuation=done).count() == done.customers


def test_a_late_finisher_does_not_push_a_newer_valuation_out_of_force(asked, source):
    newer = Valuation.objects.claim(asking.ask(Valuation.Purpose.CURRENT, date(2022, 12, 30)).pk)
    valuation.run(newer)
    valuation.run(asked)
    assert Valuation.objects.in_force() == newer


def test_equal_spends_stand_in_one_size_band_and_in_its_segment(asked):
    PurchaseDay.objects.update(amount=10)
    valuation.run(asked)
    asked.refresh_from_db()
    bands = {band.name: (band.customers, band.spent, band.clv) for band in asked.size_bands.all()}
    told = asked.segments.filter(dimension="size").values("name")
    sums = told.annotate(who=Sum("customers"), past=Sum("spent"), value=Sum("clv"))
    for name, *totals in sums.values_list("name", "who", "past", "value"):
        assert bands.pop(name) == pytest.approx(totals)
    assert not bands
    least = list(asked.size_bands.order_by("rank").values_list("spent_from", flat=True))
    assert least == sorted(set(least), reverse=True)


def test_equal_spends_are_judged_in_the_order_of_customers_not_of_rows(sales):
    done = valuation_of()
    customers = Customer.objects.bulk_create(
        Customer(code=f"tie {number}", department=sales) for number in range(10)
    )
    CustomerValue.objects.bulk_create(
        CustomerValue(
            valuation=done, customer=customer, x=1, t_x=1, T=2, mean_spend=3, spent=4, p_alive=0.5,
            expected_purchases=6, expected_spend=7, spent_last_year=5, clv=100 - rank,
        )
        for rank, customer in reversed(list(enumerate(customers)))
    )  # fmt: skip
    assert segments.totals_of(segments.values_of(done)).misjudged_share == 0


def test_what_turns_out_to_be_impossible_at_the_last_moment_is_said_and_nothing_is_in_force(
    asked, monkeypatch
):
    def cannot(*ignored):
        raise ImpossibleValue("A month is worth more than there is.")

    monkeypatch.setattr(valuation.scenarios, "write_pulls", cannot)
    assert valuation.run(asked) is None
    asked.refresh_from_db()
    assert (asked.status, asked.failure) == ("failed", "A month is worth more than there is.")
    assert not asked.size_bands.exists()
    assert Valuation.objects.in_force() is None


def test_too_little_data_is_said_in_words_and_the_last_valuation_stays(asked, bought):
    valuation.run(asked)
    early = asking.ask(Valuation.Purpose.MONTH_END, date(2022, 1, 31))
    assert valuation.run(Valuation.objects.claim(early.pk)) is None
    early.refresh_from_db()
    assert early.status == "failed"
    assert early.failure.endswith(".")
    assert Valuation.objects.in_force() == asked


def test_a_month_end_is_never_in_force_and_replaces_its_predecessor(shop):
    first = asking.ask(Valuation.Purpose.MONTH_END, date(2022, 9, 30))
    valuation.run(Valuation.objects.claim(first.pk))
    second = asking.ask(Valuation.Purpose.MONTH_END, date(2022, 9, 30))
    valuation.run(Valuation.objects.claim(second.pk))
    assert Valuation.objects.in_force() is None
    assert list(Valuation.objects.month_ends()) == [second]


def test_a_month_end_that_ran_while_purchases_changed_is_asked_for_again_at_its_end(
    shop, bought, source, monkeypatch
):
    Source.objects.update(complete_until=date(2022, 3, 31))
    march = asking.ask(Valuation.Purpose.MONTH_END, date(2022, 3, 31))
    value = valuation.columns_of

    def buy_and_value(*known):
        bought({"late": [(date(2022, 3, 30), 10.0)]})
        asking.ask_month_ends(shards=1)
        return value(*known)

    monkeypatch.setattr(valuation, "columns_of", buy_and_value)
    valuation.run(Valuation.objects.claim(march.pk))
    again = Valuation.objects.open().get()
    assert (again.as_of, again.days_read) == (march.as_of, march.days_read + 1)
    monkeypatch.undo()
    valuation.run(Valuation.objects.claim(again.pk))
    assert not Valuation.objects.open().exists()


def test_a_finished_current_valuation_asks_for_the_month_ends(asked):
    valuation.run(asked)
    waiting = Valuation.objects.filter(purpose=Valuation.Purpose.MONTH_END, status="waiting")
    assert waiting.count() == 10


def test_days_that_do_not_count_are_not_read(bought, source):
    bought({"a": [(date(2022, 1, 5), 10.0), (date(2022, 2, 5), -3.0)], "b": [(LAST_DAY, 0.0)]})
    days = reading.read_purchase_days(LAST_DAY)
    assert sorted(days.amount.tolist()) == [0.0, 10.0]
    assert days.day.dtype == np.dtype("datetime64[D]")
    assert reading.left_out(LAST_DAY) == {"days whose returns exceed what was bought": 1}


def test_the_database_refuses_two_valuations_in_force(asked):
    valuation.run(asked)
    with pytest.raises(IntegrityError, match=r"in_force"):
        Valuation.objects.create(
            as_of=LAST_DAY, months=12, yearly_rate=0, margin=1, currency="GBP", changes=0,
            in_force=True, status="done", clv_total=1,
        )  # fmt: skip
