"""Sources: what each kind of fact can be asked, and on which day it counts."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from customers.models import AcquisitionCost, Interaction, ProductMargin, PurchaseLine, StaffMonth
from metrics.indicators.figures import compute
from metrics.models import DataRequest

AS_OF = date(2024, 1, 31)


@pytest.fixture
def happens(shop):
    """Something happened with a customer, at noon of a day of January 2024."""

    def make(kind, day, code="ann", *, done=None, due=None, answered=None, **facts):
        def noon(number):
            return number and datetime.combine(date(2024, 1, number), time(12), UTC)

        return Interaction.objects.create(
            record=None if facts.get("prospect") else shop.record(code),
            kind=kind,
            key=str(Interaction.objects.count()),
            happened_at=noon(day),
            happened_on=date(2024, 1, day),
            due_on=due and date(2024, 1, due),
            done_at=noon(done),
            done_on=done and date(2024, 1, done),
            answered_at=noon(answered),
            **facts,
        )

    return make


def yes(field):
    return (field, "eq", 1)


def months(version):
    """Numerator and denominator of each figure up to the end of January 2024."""
    return [(one.numerator, one.denominator) for one in compute(version, AS_OF)]


def test_a_delivery_is_late_after_its_day_or_while_it_is_missing(happens, declare):
    for done, due in ((3, 3), (4, 3), (None, 3), (2, 3), (None, None)):
        happens("delivery", 1, done=done, due=due)
    happens("delivery", 20, due=1)
    late = declare(
        ("deliveries", "count", "", yes("is_late")), ("deliveries", "count", ""), grain="month"
    )
    assert months(late) == [(3, 5)]


def test_hours_are_summed_over_the_tickets_that_were_closed(happens, declare):
    happens("ticket", 1, done=3, answered=2, topic="complaint")
    happens("ticket", 1, done=2, topic="billing")
    happens("ticket", 4, topic="complaint", outcome="reopened")
    closed = ("tickets", "count", "", yes("is_closed"))
    assert months(declare(("tickets", "sum", "hours_to_close"), closed, grain="month")) == [(72, 2)]
    answer = ("tickets", "sum", "hours_to_answer")
    assert months(declare(answer, grain="month")) == [(24, None)]
    complaints = ("tickets", "count", "", yes("is_complaint"), yes("is_reopened"))
    assert months(declare(complaints, grain="month")) == [(1, None)]


def test_a_ticket_came_again_within_a_week_by_customer_and_topic(happens, declare):
    for day, code, topic in (
        *((1, "ann", "billing"), (8, "ann", "billing"), (16, "ann", "billing")),
        *((2, "ann", "delivery"), (3, "bea", "billing")),
    ):
        happens("ticket", day, code, topic=topic)
    again = ("tickets", "count", "", yes("is_repeated"))
    assert months(declare(again, ("tickets", "count", ""), grain="month")) == [(1, 5)]


def test_people_are_counted_once_as_prospect_or_as_customer(happens, declare):
    happens("visit", 1, prospect="7", outcome="engaged")
    happens("visit", 2, prospect="7", outcome="trial")
    happens("visit", 3, "ann", outcome="engaged")
    happens("visit", 4, "ann")
    engaged = ("visits", "distinct", "person", yes("is_engaged"))
    assert months(declare(engaged, ("visits", "count", ""), grain="month")) == [(2, 4)]


def test_promoters_less_detractors(happens, declare):
    for score in (100, 90, 80, 60, 0):
        happens("survey", 1, score=score, topic="recommend")
    happens("survey", 1, score=70, topic="satisfaction")
    asked = ("surveys", "count", "", yes("is_recommend"))
    promoters = declare(("surveys", "sum", "promoter_points"), asked, grain="month", scale=100)
    assert months(promoters) == [(0, 5)]
    satisfied = ("surveys", "sum", "score", yes("is_satisfaction"))
    assert months(declare(satisfied, grain="month")) == [(70, None)]


def test_a_call_to_keep_a_customer_is_in_time_within_its_promise(happens, declare):
    for done in (5, 9, None):
        happens("call", 1, due=8, done=done, topic="save")
    in_time = ("calls", "count", "", yes("is_save"), yes("is_in_time"))
    assert months(declare(in_time, ("calls", "count", ""), grain="month")) == [(1, 3)]


def test_after_the_last_interaction_nothing_is_known_and_before_it_nothing_is_0(happens, declare):
    happens("defect", 1)
    happens("defect", 16)
    defects = declare(("defects", "count", ""))
    assert [one.numerator for one in compute(defects, AS_OF)] == [1, 0, 1]


def test_costs_of_all_interactions_go_to_the_customers_of_the_time(shop, happens, declare):
    shop.sells("ann", "2024-01-01", 10)
    happens("ticket", 1, cost=Decimal("2.50"))
    happens("return", 1, cost=4)
    happens("return", 31)
    cost = declare(("serving", "sum", "cost"), ("customers", "count", ""), grain="month")
    assert months(cost) == [(6.5, 1)]


def test_staff_answer_in_proportion_to_their_number(sales, declare):
    for group, answers, points in (("North", 10, 60), ("South", 30, 80)):
        StaffMonth.objects.create(
            department=sales, group=group, month="2024-01-01", headcount=40, trained=10,
            engagement=points, answers=answers,
        )  # fmt: skip
    mean = declare(("staff", "sum", "engagement_sum"), ("staff", "sum", "answers"), grain="month")
    assert months(mean) == [(3000, 40)]


def test_spending_for_each_newcomer(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    for channel, amount in (("web", 30), ("fair", 12)):
        AcquisitionCost.objects.create(channel=channel, month="2024-01-01", amount=amount)
    spent = declare(("spending", "sum", "amount"), ("newcomers", "count", ""), grain="month")
    assert months(spent) == [(42, 1)]


def test_a_data_request_is_in_time_by_the_day_that_was_promised(sales, declare):
    of = [declare(("orders", "count", "")).metric for _ in range(3)]
    for metric, delivered in zip(of, ("2024-01-09", "2024-01-11", None), strict=True):
        DataRequest.objects.create(
            metric=metric, asked_on="2023-12-01", department=sales, source="till", wanted="all",
            promised_on="2024-01-10", delivered_on=delivered,
        )  # fmt: skip
    in_time = ("requests", "count", "", yes("is_in_time"))
    weekly = declare(in_time, ("requests", "count", ""), grain="day")
    assert months(weekly) == [(1, 3)]


def test_retention_is_who_bought_in_the_year_before_and_again_since(shop, declare):
    last_year, this_year = AS_OF - timedelta(400), AS_OF - timedelta(30)
    for code in ("ann", "bea"):
        shop.sells(code, last_year, 10)
    for code in ("ann", "cid"):
        shop.sells(code, this_year, 10)
    before = ("days_365_before", "gte", 1)
    retained = declare(
        ("customers", "count", "", before, ("days_365", "gte", 1)),
        ("customers", "count", "", before),
        grain="month",
    )
    assert months(retained)[-1] == (1, 2)


def test_products_bought_for_the_first_time_after_the_first_visit(shop, declare):
    shop.sells("ann", "2024-01-01", 10, products="a")
    shop.sells("ann", "2024-01-02", 10, 7, products="ab")
    for item, product in enumerate("ab"):
        PurchaseLine.objects.filter(product=product).update(item=item)
    new = declare(("new_products", "sum", "amount"), grain="month")
    assert months(new) == [(7, None)]


def test_the_margin_of_a_line_is_its_own_else_its_products(shop, declare):
    ProductMargin.objects.create(product="b", margin="0.6")
    shop.sells("ann", "2024-01-01", 10, 10, 10, -10, products="abcb")
    PurchaseLine.objects.filter(product="a").update(cost=2)
    upper = ("lines", "sum", "sold_amount", ("margin", "gte", "0.5"))
    assert months(declare(upper, grain="month")) == [(20, None)]


def test_customers_are_known_by_more_than_their_purchases(shop, happens, declare):
    for code in ("ann", "bea"):
        shop.sells(code, "2024-01-01", 10)
    happens("invoice", 2, "ann")
    happens("ticket", 30, "ann")
    joined = declare(
        ("joined_customers", "count", "", yes("has_billing"), yes("has_service")),
        ("joined_customers", "count", ""),
    )
    assert months(joined) == [(0, 2)] * 4
    monthly = declare(
        ("joined_customers", "count", "", yes("has_billing"), yes("has_service")),
        ("joined_customers", "count", ""),
        grain="month",
    )
    assert months(monthly) == [(1, 2)]
