from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import AuditEvent, Role
from metrics.models import Valuation
from metrics.value import asking, valuation

pytestmark = pytest.mark.django_db


@pytest.fixture
def valued(shop, two_models):
    valuation.run(Valuation.objects.claim(asking.ask_current().pk))
    return Valuation.objects.in_force()


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(captured)


def test_the_page_says_value_with_its_conditions_and_its_error(signed_in, valued):
    page = signed_in(Role.ANALYST).get("/value/").text
    for words in ("As of", "31 Dec 2022", "12 months", "10.0% a year", "400 customers"):
        assert words in page
    assert "On purchases it had not seen" in page
    assert "Everybody goes on as before" in page
    assert "BG/NBD" in page


def test_what_a_run_stores_is_what_its_contest_tests_and_segments_show(signed_in, valued):
    client = signed_in(Role.ANALYST)
    page = client.get("/value/").text
    for words in ("The fifth of customers", "bought within their own range", "All three"):
        assert words in page
    (chosen,) = valued.contest.filter(is_chosen=True)
    assert f'{chosen.get_model_display()} <span class="tag" data-is="you">used</span>' in page
    page = client.get("/value/segments/").text
    for words in ("Size and steadiness", "of customer equity", "All of them"):
        assert words in page


def test_page_and_api_tell_the_same(signed_in, valued):
    client = signed_in(Role.ANALYST)
    told = client.get(f"/api/valuations/{valued.pk}/").json()
    shown = client.get("/value/").context["valuation"]
    assert told["clv_total"] == str(shown.clv_total)
    assert {each["name"] for each in told["parameters"]} >= {"r", "alpha", "p", "q", "v"}


def test_without_purchases_and_without_a_valuation_the_pages_say_what_is_missing(
    signed_in, company
):
    assert "No purchases yet" in signed_in(Role.ANALYST).get("/value/").text
    assert "have not been valued yet" in signed_in(Role.EXECUTIVE).get("/story/").text


def test_an_analyst_asks_for_a_valuation_and_sees_how_far_it_is(signed_in, shop):
    client = signed_in(Role.ANALYST)
    assert "No valuation yet" in client.get("/value/").text
    page = client.post("/value/new/", follow=True).text
    assert "Waiting for a worker" in page
    assert 'hx-trigger="every 2s"' in page
    assert AuditEvent.objects.get().verb == AuditEvent.Verb.ASKED_VALUATION
    assert Valuation.objects.get().asked_by.name == "Analyst"
    client.post("/value/new/")
    assert Valuation.objects.count() == 1


def test_a_failed_valuation_says_why_and_can_be_tried_again(signed_in, valued, bought):
    early = asking.ask(Valuation.Purpose.MONTH_END, date(2022, 1, 31))
    valuation.run(Valuation.objects.claim(early.pk))
    client = signed_in(Role.ANALYST)
    page = client.get(f"/value/{early.pk}/").text
    early.refresh_from_db()
    assert early.failure in page
    assert "hx-trigger" not in page
    (line,) = (row for row in client.get("/value/all/").text.split("<tr>") if "Failed" in row)
    assert line.count('<td class="num">—</td>') == 3, "customers, equity and range are not known"
    client.post(f"/value/{early.pk}/again/")
    early.refresh_from_db()
    assert early.status == "waiting"


def test_only_an_analyst_is_offered_another_run(signed_in, valued):
    assert "Value again" in signed_in(Role.ANALYST).get("/value/").text
    assert "Value again" not in signed_in(Role.EXECUTIVE).get("/value/").text


def test_the_story_says_only_what_was_computed(signed_in, valued):
    story = signed_in(Role.EXECUTIVE).get("/story/").text
    assert "Our customers are worth a forecast" in story
    assert "Fewer than ten customers: not shown." in story
    assert "At 30 Nov 2022" not in story
    month_end = asking.ask(Valuation.Purpose.MONTH_END, date(2022, 11, 30)) or (
        Valuation.objects.get(purpose="month end", as_of=date(2022, 11, 30))
    )
    valuation.run(Valuation.objects.claim(month_end.pk))
    assert "At 30 Nov 2022" in signed_in(Role.EXECUTIVE).get("/story/").text


@pytest.mark.parametrize(
    ("role", "address"), [(Role.ANALYST, "/value/"), (Role.EXECUTIVE, "/story/")]
)
def test_pages_of_one_valuation_ask_the_same_whatever_its_size(
    signed_in, valued, bought, role, address
):
    client = signed_in(role)
    before = queries(client, address)
    bought({f"new{number}": [(date(2022, 12, 1), 5.0)] for number in range(40)})
    valuation.run(Valuation.objects.claim(asking.ask_current().pk))
    assert queries(client, address) == before


def test_the_list_asks_the_same_for_one_valuation_and_for_forty(signed_in, valued):
    client = signed_in(Role.ANALYST)
    before = queries(client, "/value/all/"), queries(client, "/api/valuations/")
    for number in range(40):
        valued.pk, valued.in_force, valued.as_of = None, False, date(2020, 1, 1 + number % 28)
        valued.save()
    assert (queries(client, "/value/all/"), queries(client, "/api/valuations/")) == before
