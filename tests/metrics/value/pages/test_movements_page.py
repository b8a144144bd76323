"""Why customer equity moved: parts that add up, what to compare with, and asking for it."""

from datetime import date
from decimal import Decimal

import pytest
from celery import current_app
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import AuditEvent, Role
from metrics.drawing.value.waterfall import Nature, Part, adds_up, shortened, waterfall
from metrics.models import Movement, Valuation
from tests.metrics.value.by_hand import (
    LAST_MONTH_END,
    PARTS,
    month_end_of,
    movement_of,
    valuation_of,
    with_values,
)

MONEY = [Part("Up", Decimal("300.05")), Part("Down", Decimal("-120.01"), Nature.PAPER)]


@pytest.fixture
def later(company):
    return with_values(valuation_of())


@pytest.fixture
def earlier(later):
    return month_end_of()


def queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(captured)


def test_parts_are_drawn_from_one_running_total_to_the_next():
    drawn = waterfall(Decimal("1000"), MONEY)
    up, down = drawn.falls
    assert up.x == drawn.opening
    assert down.join == drawn.closing
    ends = [float(each.x.rstrip("%")) + float(each.width.rstrip("%")) for each in (up, down)]
    assert ends[0] == pytest.approx(ends[1], abs=0.02)
    assert (up.look, down.look) == ("better", "paper")
    assert not drawn.from_zero
    assert len({tick.label for tick in drawn.ticks}) == len(drawn.ticks) > 1


@pytest.mark.parametrize(
    ("opening", "change"),
    [("1242862.63", "34709.14"), ("980.10", "3.20"), ("12000", "-9000"), ("5", "-30"),
     ("-3000000", "7000000.01"), ("1840210.13", "0.01"), ("999999.99", "250000")],
)  # fmt: skip
def test_the_axis_names_at_least_two_places_as_what_they_are(opening, change):
    drawn = waterfall(Decimal(opening), [Part("Change", Decimal(change))])
    units = {"m": 1e6, "k": 1e3}
    places = [float(tick.at.rstrip("%")) for tick in drawn.ticks]
    values = [
        float(tick.label.replace("−", "-").replace(",", "").rstrip("mk"))
        * units.get(tick.label[-1], 1)
        for tick in drawn.ticks
    ]
    assert len(set(values)) == len(values) > 1
    scale = 100 * float(abs(Decimal(change))) / float(drawn.falls[0].width.rstrip("%"))
    for place, value in zip(places, values, strict=True):
        at = drawn.starts_at + scale * place / 100
        assert value == pytest.approx(at, abs=0.002 * scale)


def test_a_total_that_did_not_move_is_drawn_too():
    drawn = waterfall(Decimal("1000"), [])
    assert drawn.opening == drawn.closing == "50.00%"


def test_shortened_parts_have_the_same_sum_and_keep_the_largest():
    parts = [Part(str(number), Decimal(number) / 100) for number in (3, -90, 40, 1, 0, -7)]
    short = shortened(parts, most=3)
    assert [part.label for part in short] == ["-90", "40", "All else together"]
    assert sum(part.amount for part in short) == sum(part.amount for part in parts)


def test_parts_add_up_to_the_cent_or_not_at_all():
    assert adds_up(Decimal("1000"), MONEY, Decimal("1180.04"))
    assert not adds_up(Decimal("1000"), MONEY, Decimal("1180.05"))


@pytest.mark.django_db
def test_the_page_tells_the_change_in_a_sentence_and_part_by_part(signed_in, earlier, later):
    movement_of(earlier, later)
    page = signed_in(Role.EXECUTIVE).get(f"/value/{later.pk}/moved/").text
    assert "Since 31 Oct 2026 customer equity fell by £37,800 (−2.0%), to £1,840,000." in page
    assert "Most was brought by new customers, £294,000" in page
    assert "taken by the passing of time, £341,000" in page
    for label, written in [
        ("Opening", "£1,877,970.03"),
        ("New customers", "+£294,076.12"),
        ("Customers bought more or less often than expected", "+£112,881.05"),
        ("Discount rate and horizon", "−£59,302.11"),
        ("Closing", "£1,840,210.13"),
    ]:
        assert label in page
        assert written in page
    assert "Moved nothing: margin and cost to serve; contracts." in page
    assert "−£80,352.37" in page
    assert "hx-trigger" not in page


@pytest.mark.django_db
def test_parts_that_do_not_add_up_are_refused_with_a_sentence(signed_in, earlier, later):
    movement_of(earlier, later, PARTS | {"new": "294076.13"})
    page = signed_in(Role.EXECUTIVE).get(f"/value/{later.pk}/moved/").text
    assert "The parts do not add up to the change, so they are not shown." in page
    assert "294,076" not in page
    assert "Try again" in page


@pytest.mark.django_db
def test_contracts_are_part_of_what_has_to_add_up(signed_in, earlier, later):
    Valuation.objects.filter(pk=later.pk).update(contract_clv="1000.00", contract_customers=3)
    movement = movement_of(earlier, later, PARTS | {"contracts": "1000.00"})
    page = signed_in(Role.ANALYST).get(f"/value/{later.pk}/moved/").text
    assert "£1,841,210.13" in page
    movement.parts.filter(part="contracts").update(amount=0)
    assert "do not add up" in signed_in(Role.ANALYST).get(f"/value/{later.pk}/moved/").text


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.ANALYST, Role.EXECUTIVE])
def test_an_unknown_movement_is_asked_for_with_a_button(
    signed_in, earlier, later, role, monkeypatch, django_capture_on_commit_callbacks
):
    told = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args: told.append((name, *args)))
    client = signed_in(role)
    page = client.get(f"/value/{later.pk}/moved/").text
    assert "Nobody has asked yet" in page
    assert "£1,880,000 on 31 Oct 2026" in page
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(f"/value/{later.pk}/moved/ask/", {"since": earlier.pk}, follow=True).text
    movement = Movement.objects.get()
    assert (movement.earlier, movement.later, movement.status) == (earlier, later, "waiting")
    assert told == [("metrics.tasks.run_movement", movement.pk)]
    assert "Waiting for a worker" in page
    assert 'hx-trigger="every 2s"' in page
    client.post(f"/value/{later.pk}/moved/ask/", {"since": earlier.pk})
    assert Movement.objects.count() == 1
    assert AuditEvent.objects.get().actor.name == role.label


@pytest.mark.django_db
def test_a_failed_movement_says_why_and_is_tried_again(signed_in, earlier, later):
    movement_of(earlier, later, {}, status="failed", failure="They count in different units.")
    client = signed_in(Role.EXECUTIVE)
    page = client.get(f"/value/{later.pk}/moved/?since={earlier.pk}").text
    assert "They count in different units." in page
    assert "hx-trigger" not in page
    client.post(f"/value/{later.pk}/moved/ask/", {"since": earlier.pk})
    assert Movement.objects.get().status == "waiting"


@pytest.mark.django_db
def test_only_what_can_be_set_against_it_is_offered(signed_in, earlier, later):
    current = with_values(
        valuation_of(date(2026, 11, 1), in_force=False, purpose="current", customers=4790)
    )
    valuation_of(date(2026, 10, 2), in_force=False)  # its customers' values are gone
    month_end_of(date(2026, 9, 30), currency="EUR")
    month_end_of(date(2026, 8, 31), unit="day")
    month_end_of(date(2026, 11, 30))
    with_values(valuation_of(date(2026, 7, 1), in_force=False, purpose="asked"))
    answer = signed_in(Role.ANALYST).get(f"/value/{later.pk}/moved/")
    assert answer.context["others"] == [current, earlier]
    assert answer.context["earlier"] == earlier
    chosen = signed_in(Role.ANALYST).get(f"/value/{later.pk}/moved/?since={current.pk}")
    assert chosen.context["earlier"] == current


@pytest.mark.django_db
@pytest.mark.parametrize("since", ["0", "x", "99999"])
def test_nothing_else_can_be_compared_with(signed_in, earlier, later, since):
    client = signed_in(Role.ANALYST)
    assert client.get(f"/value/{later.pk}/moved/?since={since}").status_code == 404
    assert client.post(f"/value/{later.pk}/moved/ask/", {"since": since}).status_code == 404
    assert client.post(f"/value/{later.pk}/moved/ask/").status_code == 404
    assert not Movement.objects.exists()


@pytest.mark.django_db
def test_a_known_movement_stays_when_its_customers_values_are_thinned(signed_in, earlier, later):
    movement_of(earlier, later)
    earlier.values_by_customer.all().delete()
    page = signed_in(Role.EXECUTIVE).get(f"/value/{later.pk}/moved/").text
    assert "£1,877,970.03" in page


@pytest.mark.django_db
def test_the_first_valuation_has_nothing_to_be_compared_with(signed_in, later):
    page = signed_in(Role.EXECUTIVE).get(f"/value/{later.pk}/moved/").text
    assert "Nothing to compare with yet." in page
    assert "Find out" not in page


@pytest.mark.django_db
def test_unasked_the_newest_known_movement_since_a_month_end_is_shown(signed_in, earlier, later):
    older = month_end_of(date(2026, 9, 30))
    recent = with_values(valuation_of(date(2026, 11, 10), in_force=False))
    movement_of(older, later)
    movement_of(recent, later)
    answer = signed_in(Role.EXECUTIVE).get(f"/value/{later.pk}/moved/")
    assert answer.context["earlier"] == older
    movement_of(earlier, later)
    answer = signed_in(Role.EXECUTIVE).get(f"/value/{later.pk}/moved/")
    assert answer.context["earlier"].as_of == LAST_MONTH_END


@pytest.mark.django_db
def test_the_page_asks_the_same_for_one_earlier_valuation_and_for_forty(signed_in, earlier, later):
    movement_of(earlier, later)
    client = signed_in(Role.EXECUTIVE)
    address = f"/value/{later.pk}/moved/"
    before = queries(client, address)
    for number in range(40):
        month_end_of(date(2020 + number // 12, 1 + number % 12, 28))
    assert queries(client, address) == before
