from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import AuditEvent, Customer, Department, Role, Source
from metrics.models import CustomerValue, Valuation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


@pytest.fixture
def buyer(sales):
    """Make a customer of Sales, or of another department, with purchase days and orders."""
    source = Source.objects.create(name="shop", complete_until=date(2011, 12, 9))

    def make(code, days=(), department=sales):
        customer = Customer.objects.create(code=code, department=department, country="Norway")
        record = source.records.create(key=code, customer=customer)
        upload = source.uploads.create(department=department)
        for number, (day, amount) in enumerate(days):
            record.days.create(day=day, amount=amount, lines_bought=1)
            moment = f"{day}T12:00Z"
            order = record.purchases.create(
                order_key=f"{code}-{number}", bought_at=moment, bought_on=day
            )
            order.lines.create(
                upload=upload, content=number, occurrence=1, bought_at=moment, bought_on=day,
                product="RED MUG", quantity=1, amount=amount,
            )  # fmt: skip
        return customer

    return make


@pytest.fixture
def ann(buyer):
    return buyer("17850", [(date(2011, month, 3), 8642.13) for month in (6, 8, 10, 12)])


@pytest.fixture
def worth(ann):
    valuation = Valuation.objects.create(
        status="done", in_force=True, as_of=date(2011, 12, 9), months=12, yearly_rate="0.1",
        margin="0.3", currency="GBP", changes=1, clv_total=100, model="nbd", unit="week",
    )  # fmt: skip
    return CustomerValue.objects.create(
        valuation=valuation, customer=ann, x=3, t_x=26, T=27, mean_spend=1, spent=2, p_alive=0.9,
        expected_purchases=2, expected_spend=3, clv=97531.24, word="champion", spend_variation=0.4,
    )  # fmt: skip


def card(client, customer, query=""):
    return client.get(f"/customers/{customer.pk}/{query}")


def test_the_card_says_who_this_is_in_words(signed_in, ann, worth):
    page = card(signed_in(Role.FRONT_LINE), ann).text
    for words in ("Customer 17850", "Norway", "customer since June 2011", "Champion", "steady"):
        assert words in page
    assert "Orders about every 9 weeks; the last order was 6 days before" in page
    assert "Red mug" in page


def test_the_front_line_never_reads_an_amount(signed_in, ann, worth):
    page = card(signed_in(Role.FRONT_LINE), ann).text
    for secret in ("8,642", "8642", "34,568", "97,5", "90%"):
        assert secret not in page


def test_a_team_lead_reads_prices_and_no_forecast(signed_in, ann, worth):
    page = card(signed_in(Role.TEAM_LEAD), ann).text
    assert "£34,568.52" in page
    assert "97,5" not in page


def test_a_lapsed_customer_is_not_seen_since_a_month_and_never_of_low_value(signed_in, ann, worth):
    CustomerValue.objects.update(word="lapsed")
    assert "Not seen since December 2011" in card(signed_in(Role.FRONT_LINE), ann).text


def test_without_a_valuation_there_is_no_word(signed_in, ann):
    assert "No word yet" in card(signed_in(Role.FRONT_LINE), ann).text


def test_opening_a_card_is_recorded_once_an_hour(signed_in, ann):
    client = signed_in(Role.FRONT_LINE)
    card(client, ann)
    card(client, ann)
    (read,) = AuditEvent.objects.filter(verb=AuditEvent.Verb.READ_CARD)
    assert read.customer == ann


def test_anothers_customer_is_opened_by_the_exact_code_only_and_that_is_recorded(signed_in, buyer):
    elsewhere = Department.objects.create(name="Elsewhere")
    bob = buyer("20000", department=elsewhere)
    client = signed_in(Role.FRONT_LINE)
    assert card(client, bob).status_code == 404
    assert "Nobody found" in client.get("/customers/?q=2000").text
    page = client.get("/customers/?q=20000", follow=True)
    assert "Customer 20000" in page.text
    assert AuditEvent.objects.filter(verb=AuditEvent.Verb.LOOKED_UP, customer=bob).count() == 1


def test_an_order_code_finds_its_customer(signed_in, ann):
    page = signed_in(Role.FRONT_LINE).get("/customers/?q=17850-2", follow=True)
    assert "Customer 17850" in page.text


def test_the_counter_sees_at_most_five_candidates(signed_in, buyer):
    for number in range(8):
        buyer(f"3000{number}")
    page = signed_in(Role.FRONT_LINE).get("/customers/?q=3000").text
    assert page.count("<li><span><a href=") == 5
    assert "type more to narrow it down" in page


def test_an_empty_search_box_lists_nobody_at_the_counter_and_the_team_for_its_lead(signed_in, ann):
    assert "17850" not in signed_in(Role.FRONT_LINE).get("/customers/").text
    assert "17850" in signed_in(Role.TEAM_LEAD).get("/customers/").text


@pytest.mark.parametrize("address", ["/customers/", "/api/customers/"])
@pytest.mark.parametrize("role", [Role.TEAM_LEAD, Role.DATA_STEWARD, Role.PRIVACY_OFFICER])
def test_lists_ask_the_same_for_one_customer_and_for_forty(signed_in, buyer, ann, role, address):
    client = signed_in(role)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    before = queries()
    for number in range(40):
        buyer(f"4{number:04}", [(date(2011, 5, 5), 3)])
    assert queries() == before


def test_a_card_asks_the_same_for_one_order_and_for_forty(signed_in, buyer, ann):
    busy = buyer("50000", [(date(2011, 1 + n % 12, 1 + n // 12), 5) for n in range(40)])
    client = signed_in(Role.TEAM_LEAD)
    counts = []
    for customer in (ann, busy):
        with CaptureQueriesContext(connection) as captured:
            card(client, customer)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_values_of_customers_are_listed_for_the_privacy_officer_alone(signed_in, ann, worth):
    (row,) = signed_in(Role.PRIVACY_OFFICER).get("/api/values/").json()["results"]
    assert row["code"] == "17850"
    assert row["clv"] == 97531.24


def test_a_lead_sees_anothers_customer_by_code_as_the_counter_does(client, person, buyer):
    elsewhere = Department.objects.create(name="Elsewhere")
    bob = buyer("A&B #1", [(date(2011, 1, 18), 77183.60)], department=elsewhere)
    client.force_login(person(Role.TEAM_LEAD))
    page = client.get("/customers/", {"q": "A&B #1"}, follow=True)
    assert page.status_code == 200
    assert page.redirect_chain[0][0].startswith(f"/customers/{bob.pk}/?code=A%26B")
    assert "Red mug" in page.text
    for secret in ("77,183", "77183", "Spent so far", "Money"):
        assert secret not in page.text


def test_the_api_lists_nobody_for_the_counter_either(signed_in, buyer):
    for number in range(8):
        buyer(f"3000{number}")
    client = signed_in(Role.FRONT_LINE)
    assert client.get("/api/customers/").json()["count"] == 0
    assert client.get("/api/customers/?q=3000").json()["count"] == 6


@pytest.mark.parametrize("text", ["%00", "1+" * 600, "%F0%9F%92%A9", "'"])
def test_odd_search_text_finds_nobody_and_breaks_nothing(signed_in, ann, text):
    for address in ("/customers/", "/api/customers/"):
        assert signed_in(Role.TEAM_LEAD).get(f"{address}?q={text}").status_code == 200
