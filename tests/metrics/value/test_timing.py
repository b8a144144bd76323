from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import PurchaseDay, Source, SourceRecord, Upload, Work
from metrics.models import Valuation
from metrics.value import asking, timing
from tests.metrics.value.conftest import LAST_DAY

pytestmark = pytest.mark.django_db


def test_without_an_import_there_is_no_as_of_day_and_nothing_is_due():
    assert timing.as_of_day() is None
    assert not timing.current_is_due()


def test_as_of_is_the_last_day_that_every_live_source_has_reached(source):
    Source.objects.create(name="till", complete_until=LAST_DAY - timedelta(days=3))
    assert timing.as_of_day() == LAST_DAY - timedelta(days=3)


def test_a_source_that_has_ended_holds_nobody_back(source):
    Source.objects.create(name="old till", complete_until=date(2022, 11, 30), has_ended=True)
    assert timing.as_of_day() == LAST_DAY


def test_a_source_that_lags_more_than_a_quarter_is_named_and_holds_nobody_back(source):
    old = Source.objects.create(name="old till", complete_until=LAST_DAY - timedelta(days=93))
    assert timing.as_of_day() == LAST_DAY
    assert timing.lagging_sources() == [old]


def test_what_guests_bought_is_not_the_first_purchase_of_a_customer(bought, source):
    bought({"ann": [(date(2022, 3, 1), 10.0)]})
    guest = SourceRecord.objects.create(source=source, key="")
    PurchaseDay.objects.create(record=guest, day=date(2020, 1, 1), amount=5, lines_bought=1)
    assert timing.first_purchase_day() == date(2022, 3, 1)


def test_a_valuation_is_due_after_a_change_and_ten_quiet_minutes(source, settings):
    settings.QUIET_BEFORE_VALUE = timedelta(minutes=10)
    Source.objects.update(changed_at=timezone.now() - timedelta(minutes=11))
    assert timing.current_is_due()


@pytest.mark.parametrize(("hour", "is_due"), [(1, False), (2, True), (4, True), (5, False)])
def test_before_ten_quiet_minutes_a_valuation_is_due_at_night_only(
    source, monkeypatch, company, hour, is_due
):
    now = timezone.now().astimezone(company.clock).replace(hour=hour)
    monkeypatch.setattr(timezone, "now", lambda: now)
    Source.objects.update(changed_at=now)
    assert timing.current_is_due() == is_due


def test_nothing_is_due_while_a_file_is_on_its_way_in(source, sales):
    Upload.objects.create(
        source=source, department=sales, doing=Upload.Doing.IMPORT, status=Work.Status.RUNNING
    )
    assert not timing.current_is_due()


def test_a_dry_run_does_not_hold_a_valuation_up(source, sales):
    Upload.objects.create(
        source=source, department=sales, doing=Upload.Doing.CHECK, status=Work.Status.RUNNING
    )
    assert timing.current_is_due()


def test_the_same_purchases_are_not_valued_twice_whether_the_first_time_went_well_or_not(source):
    asked = asking.ask_current()
    assert not timing.current_is_due()
    Valuation.objects.filter(pk=asked.pk).update(status=Work.Status.FAILED)
    assert not timing.current_is_due()
    Source.objects.count_change(source.pk)
    Source.objects.update(changed_at=timezone.now() - timedelta(hours=1))
    assert timing.current_is_due()


def test_changed_terms_of_the_company_make_a_valuation_due_at_once(source, company):
    asking.ask_current()
    Valuation.objects.update(status=Work.Status.DONE)
    assert not timing.current_is_due()
    company.default_margin = "0.4"
    company.save()
    assert timing.current_is_due()


def test_month_ends_are_due_from_the_third_month_to_the_last_whole_one(shop, source):
    Source.objects.update(complete_until=date(2022, 6, 29))
    assert list(timing.due_month_ends()) == [
        date(2022, 3, 31),
        date(2022, 4, 30),
        date(2022, 5, 31),
    ]


def test_only_month_ends_behind_a_late_purchase_become_due_again(shop, source, bought):
    Source.objects.update(complete_until=date(2022, 6, 30))
    for month_end in list(timing.due_month_ends()):
        asking.ask(Valuation.Purpose.MONTH_END, month_end)
    assert list(timing.due_month_ends()) == []
    bought({"late": [(date(2022, 5, 10), 12.5)]})
    assert list(timing.due_month_ends()) == [date(2022, 5, 31), date(2022, 6, 30)]


def test_month_ends_are_due_again_where_the_same_was_bought_by_others(shop, source, bought):
    bought({"ann": [(date(2022, 4, 10), 12.5)], "bob": [(date(2022, 5, 10), 12.5)]})
    Source.objects.update(complete_until=date(2022, 6, 30))
    for month_end in list(timing.due_month_ends()):
        asking.ask(Valuation.Purpose.MONTH_END, month_end)
    ann, bob = (SourceRecord.objects.get(key=key) for key in ("ann", "bob"))
    for record, customer in ((ann, bob.customer), (bob, ann.customer)):
        record.customer = customer
        record.save()
    assert list(timing.due_month_ends()) == [
        date(2022, 4, 30),
        date(2022, 5, 31),
        date(2022, 6, 30),
    ]


def test_purchases_are_looked_at_as_often_for_many_month_ends_as_for_few(shop, source):
    for month in (4, 12):
        Source.objects.update(complete_until=date(2022, month, 30))
        with CaptureQueriesContext(connection) as queries:
            asking.ask_month_ends(shards=1)
        looks = [each["sql"] for each in queries if "customers_purchaseday" in each["sql"]]
        assert len(looks) == 2
        assert "date_trunc" not in "".join(looks), "SQLite does it row by row, in Python"
    assert Valuation.objects.count() == 9
    april = Valuation.objects.get(as_of=date(2022, 4, 30))
    assert (april.days_read, april.purchases_read) == timing.purchases_until(april.as_of)
    assert april.calibrated_until < april.as_of


def test_two_askers_get_one_valuation(source):
    assert asking.ask_current() is not None
    assert asking.ask_current() is None
    assert Valuation.objects.count() == 1


def test_a_month_end_that_lost_its_customers_is_due_again(shop, source):
    Source.objects.update(complete_until=date(2022, 3, 31))
    (month_end,) = timing.due_month_ends()
    asked = asking.ask(Valuation.Purpose.MONTH_END, month_end)
    Valuation.objects.filter(pk=asked.pk).update(status=Work.Status.DONE, customers=5)
    assert list(timing.due_month_ends()) == [month_end]


def test_month_ends_are_due_again_under_changed_terms(shop, source, company):
    Source.objects.update(complete_until=date(2022, 3, 31))
    asking.ask(Valuation.Purpose.MONTH_END, date(2022, 3, 31))
    assert list(timing.due_month_ends()) == []
    company.horizon_months = 24
    company.save()
    assert list(timing.due_month_ends()) == [date(2022, 3, 31)]
