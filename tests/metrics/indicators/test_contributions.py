"""The single order behind a figure: who is told of it, and of whose."""

from datetime import date

import pytest

from customers.models import Role
from metrics.indicators.behind.contributions import contributions_for
from metrics.indicators.figures import compute
from metrics.models import Metric

SUNDAY = date(2024, 1, 14)
RETURNED = ("lines", "sum", "returned_amount")


@pytest.fixture
def cancelled(shop, declare):
    """Returned value of one week, and its figure: most of it is one line of ann's."""
    shop.sells("ann", "2024-01-01", 900, -800, products="jj")
    shop.sells("bea", "2024-01-03", 50, -200, products="ck")
    version = declare(RETURNED)
    return version, compute(version, SUNDAY)[0]


def test_a_team_lead_sees_the_largest_line_and_its_share(cancelled, person):
    version, figure = cancelled
    (found,) = contributions_for(person(Role.TEAM_LEAD), version, [figure])
    assert (found.amount, found.share, found.product) == (800, 0.8, "j")
    assert (found.customer, found.order) == ("ann", "order 0")


@pytest.mark.parametrize("role", [Role.PRIVACY_OFFICER, Role.DATA_STEWARD])
def test_who_looks_after_all_data_sees_it_too(cancelled, person, role):
    version, figure = cancelled
    (found,) = contributions_for(person(role), version, [figure])
    assert found.customer == "ann"


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FRONT_LINE, Role.EXECUTIVE, Role.ANALYST])
def test_who_may_not_see_orders_is_told_of_none(cancelled, person, role):
    version, figure = cancelled
    assert contributions_for(person(role), version, [figure]) == []


def test_the_lead_of_another_department_is_told_of_none(cancelled, person, marketing):
    version, figure = cancelled
    assert contributions_for(person(Role.TEAM_LEAD, marketing), version, [figure]) == []


def test_a_lead_is_not_told_the_customer_of_another_department(cancelled, person, marketing):
    version, figure = cancelled
    Metric.objects.update(department=marketing)
    version.metric.refresh_from_db()
    (found,) = contributions_for(person(Role.TEAM_LEAD, marketing), version, [figure])
    assert (found.customer, found.amount) == (None, 800)


def test_an_order_known_by_its_moment_alone_has_no_code(shop, declare, person):
    shop.sells(None, "2024-01-01", 70, 30)
    shop.record(None).purchases.update(order_key="@2024-01-02T12:00")
    shop.sells("bea", "2024-01-03", 50)
    version = declare(("orders", "sum", "amount"))
    (figure,) = compute(version, SUNDAY)[:1]
    (found,) = contributions_for(person(Role.TEAM_LEAD), version, [figure])
    assert (found.amount, found.order, found.product, found.customer) == (100, "", "", "")


def test_a_line_counts_only_under_the_conditions_of_the_measure(shop, declare, person):
    shop.sells(None, "2024-01-01", 900)
    shop.sells("ann", "2024-01-03", 100)
    version = declare(("lines", "sum", "amount", ("has_customer", "eq", 1)))
    (figure,) = compute(version, SUNDAY)[:1]
    (found,) = contributions_for(person(Role.TEAM_LEAD), version, [figure])
    assert (found.amount, found.share) == (100, 1)


def test_a_count_of_orders_has_no_largest_one(shop, declare, person):
    shop.sells("ann", "2024-01-01", 900)
    version = declare(("orders", "count", ""))
    assert contributions_for(person(Role.TEAM_LEAD), version, compute(version, SUNDAY)) == []
