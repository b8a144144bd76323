"""The page of the terms that all numbers stand under."""

import pytest
from django.urls import reverse

from customers.models import AuditEvent, Company, Role


@pytest.fixture
def words(company):
    return {
        "name": "Kestrel Supply",
        "data_credit": "",
        "currency": "GBP",
        "time_zone": "Europe/London",
        "lapsed_after_days": "120",
        "default_margin": "0.3",
        "yearly_rate": "0.1",
        "horizon_months": "12",
        "materiality": "1000",
        "finance_department": "",
        "review_days": "91",
        "alerts_a_month": "2",
    }


@pytest.fixture
def desk(signed_in):
    return signed_in(Role.SYSTEM_ADMIN)


def test_changed_terms_are_stored_and_told_with_both_values(desk, words):
    desk.post(reverse("company-page"), words | {"currency": "EUR", "horizon_months": "24"})
    company = Company.objects.get()
    assert (company.currency, company.horizon_months) == ("EUR", 24)
    (event,) = AuditEvent.objects.filter(verb=AuditEvent.Verb.CHANGED_COMPANY)
    assert "currency from GBP to EUR; horizon from 12 to 24" in event.about


def test_nothing_and_zero_are_told_apart(desk, words):
    desk.post(reverse("company-page"), words | {"materiality": "0"})
    assert "smallest change worth acting on from 1000.00 to 0" in AuditEvent.objects.get().about


def test_who_signs_for_money_is_chosen_here_and_told_by_name(desk, words, sales):
    desk.post(reverse("company-page"), words | {"finance_department": sales.pk})
    desk.post(reverse("company-page"), words | {"alerts_a_month": "5"})
    company = Company.objects.get()
    assert (company.finance_department, company.alerts_a_month) == (None, 5)
    told = list(AuditEvent.objects.order_by("pk").values_list("about", flat=True))
    assert f"department that signs for money from none to {sales}" in told[0]
    assert f"from {sales} to none; most alerts in a month from 2 to 5" in told[1]


def test_terms_that_stay_as_they_are_leave_no_trace(desk, words, company):
    desk.post(reverse("company-page"), words | {"name": company.name})
    assert not AuditEvent.objects.exists()


def test_a_long_credit_is_cut_in_the_audit_and_kept_on_the_page(desk, words):
    desk.post(reverse("company-page"), words | {"data_credit": "c" * 300})
    assert Company.objects.get().data_credit == "c" * 300
    assert len(AuditEvent.objects.get().about) == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("currency", "pounds"),
        ("currency", "gb"),
        ("currency", "£££"),
        ("time_zone", "Europe/Atlantis"),
        ("default_margin", "30"),
        ("default_margin", "-0.1"),
        ("yearly_rate", "1.5"),
        ("horizon_months", "0"),
        ("horizon_months", "61"),
        ("materiality", "-1"),
        ("lapsed_after_days", "0"),
        ("review_days", "6"),
        ("alerts_a_month", "0"),
        ("finance_department", "0"),
        ("name", ""),
    ],
)
def test_impossible_terms_are_refused_beside_their_field(desk, words, field, value):
    answer = desk.post(reverse("company-page"), words | {field: value})
    assert list(answer.context["form"].errors) == [field]
    assert f'id="id_{field}_error"' in answer.text
    assert not AuditEvent.objects.exists()


def test_only_the_system_administrator_opens_the_terms(signed_in):
    assert signed_in(Role.EXECUTIVE).get(reverse("company-page")).status_code == 404
