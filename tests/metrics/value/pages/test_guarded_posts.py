"""Posts that must not get through: numbers that are none, a name taken, groups too small."""

import pytest

from customers.models import AuditEvent, Role
from metrics.forms.scenarios import ScenarioForms
from metrics.models import Movement, Scenario
from tests.metrics.value.by_hand import (
    month_end_of,
    movement_of,
    scenario_of,
    valuation_of,
    with_values,
)

pytestmark = pytest.mark.django_db

SHOCKS = {
    "shocks-TOTAL_FORMS": "1",
    "shocks-INITIAL_FORMS": "0",
    "shocks-MIN_NUM_FORMS": "0",
    "shocks-MAX_NUM_FORMS": "12",
}


@pytest.fixture
def valuation(company):
    return valuation_of()


def sent(**changes):
    return {"name": "Loyalty plan", **SHOCKS, **changes}


def shock(band, purchases="-20"):
    names = {"band": band, "from_on": "2027-03-01", "purchases": purchases}
    return {f"shocks-0-{name}": value for name, value in names.items()}


@pytest.mark.parametrize("word", ["NaN", "sNaN", "-nan", "Infinity", "-inf", "1e999999"])
@pytest.mark.parametrize("field", ["drop_out", "rate", "spend", "margin_points", "yearly_rate"])
def test_a_number_that_is_none_is_refused_beside_its_field(signed_in, valuation, field, word):
    answer = signed_in(Role.EXECUTIVE).post("/scenarios/new/", sent(**{field: word}))
    assert answer.status_code == 200
    assert set(answer.context["forms"].about.errors) == {field}
    assert not Scenario.objects.exists()


def test_a_shock_by_a_number_that_is_none_is_refused(signed_in, valuation):
    answer = signed_in(Role.ANALYST).post("/scenarios/new/", sent(**shock("Large", "sNaN")))
    assert "Write a number, like 2.5 or −10." in answer.text
    assert not Scenario.objects.exists()


def test_the_words_beside_a_form_of_such_numbers_are_told_all_the_same(signed_in, valuation):
    words = signed_in(Role.ANALYST).post("/scenarios/words/", sent(rate="sNaN", spend="3")).text
    assert "They spend 3% more a purchase." in words


def test_the_second_of_two_who_send_one_name_at_once_is_told(
    signed_in, valuation, person, monkeypatch
):
    """Both found the name free; the database lets one of them have it."""
    first, was_valid = person(Role.ANALYST), ScenarioForms.is_valid

    def valid_and_then_the_other_was_first(forms):
        answer = was_valid(forms)
        scenario_of("Loyalty plan", first, rate="1.1")
        return answer

    monkeypatch.setattr(ScenarioForms, "is_valid", valid_and_then_the_other_was_first)
    answer = signed_in(Role.EXECUTIVE).post("/scenarios/new/", sent(rate="5"))
    assert answer.status_code == 200
    assert "A scenario of this name is there already." in answer.text
    assert Scenario.objects.get().owner == first
    assert not AuditEvent.objects.filter(verb=AuditEvent.Verb.CHANGED_SCENARIO).exists()


@pytest.mark.parametrize(("role", "may_choose"), [(Role.ANALYST, True), (Role.EXECUTIVE, False)])
def test_only_an_analyst_changes_a_size_of_fewer_than_ten_alone(
    signed_in, valuation, role, may_choose
):
    valuation.size_bands.filter(name="Very large").update(customers=9)
    valuation.size_bands.filter(name="Large").update(customers=10)
    client = signed_in(role)
    page = client.get("/scenarios/new/").text
    assert ('<option value="Very large">' in page) == may_choose
    assert '<option value="Large">' in page
    client.post("/scenarios/new/", sent(**shock("Very large")))
    assert Scenario.objects.exists() == may_choose


@pytest.mark.parametrize(("customers", "is_shown"), [(9, False), (10, True)])
def test_the_story_keeps_a_size_of_fewer_than_ten_to_itself(
    signed_in, valuation, customers, is_shown
):
    valuation.size_bands.filter(name="Very large").update(customers=customers, clv=123_456)
    assert ("£123,000" in signed_in(Role.EXECUTIVE).get("/story/").text) == is_shown


@pytest.mark.parametrize(("customers", "is_told"), [(9, False), (10, True)])
def test_contracts_of_fewer_than_ten_customers_are_not_told_apart(
    signed_in, valuation, customers, is_told
):
    valuation.contract_clv, valuation.contract_customers = "54321.00", customers
    valuation.save()
    client = signed_in(Role.EXECUTIVE)
    for address in ("/value/", "/story/"):
        page = client.get(address).text
        assert "£1,890,000" in page, "with contracts the total stays the same for everybody"
        assert ("£54,300" in page) == is_told
    page = client.get("/value/all/").text
    assert "£1,890,000" in page
    assert ("without contracts" in page) == is_told
    row = client.get(f"/api/valuations/{valuation.pk}/").json()
    assert ("54321.00" in map(str, row.values())) == is_told


def test_a_known_movement_whose_values_were_thinned_is_not_asked_for_again(signed_in, valuation):
    later, earlier = with_values(valuation), month_end_of()
    movement = movement_of(earlier, later)
    parts = movement.parts.count()
    earlier.values_by_customer.all().delete()
    client = signed_in(Role.ANALYST)
    answer = client.post(f"/value/{later.pk}/moved/ask/", {"since": earlier.pk}, follow=True)
    assert answer.status_code == 200
    assert "£1,877,970.03" in answer.text
    movement = Movement.objects.get()
    assert (movement.status, movement.parts.count()) == ("done", parts)
    assert not AuditEvent.objects.exists()
