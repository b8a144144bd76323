"""The story: few sentences, each from rows that were computed."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Role
from metrics.drawing.value.equity import equity_chart
from metrics.models import ModelRuling, Valuation, ValuationWarning
from tests.metrics.value.by_hand import (
    month_end_of,
    movement_of,
    scenario_of,
    valuation_of,
    valued,
    with_pulls,
    with_values,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def valuation(company):
    return with_values(with_pulls(valuation_of()))


def story_of(page):
    """The sentences of the story, without their tags."""
    return page.split('class="story"')[1].split("</ol>")[0].count("<li>")


def queries(client):
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/story/").status_code == 200
    return len(captured)


def test_the_bare_story_says_what_is_known_and_what_is_not_yet(signed_in, valuation):
    page = signed_in(Role.EXECUTIVE).get("/story/").text
    assert "between £1,670,000 and £2,020,000, nine chances in ten" in page
    assert "No month end to compare with yet" in page
    assert "It would be" not in page
    assert "by contract" not in page
    assert "+£61,300" in page


def test_the_story_tells_what_moved_it_since_the_month_end(signed_in, valuation):
    earlier = month_end_of()
    client = signed_in(Role.EXECUTIVE)
    page = client.get("/story/").text
    assert "At 31 Oct 2026, the month end before, that was" in page
    assert "Find out why it moved" in page
    movement = movement_of(earlier, valuation)
    page = client.get("/story/").text
    assert "new customers brought £294,000" in page
    assert "the passing of time took £341,000" in page
    assert "All else together" in page
    assert f"/value/{valuation.pk}/moved/?since={earlier.pk}" in page
    movement.parts.filter(part="new").update(amount=1)
    page = client.get("/story/").text
    assert "new customers brought" not in page
    assert "At 31 Oct 2026, the month end before, that was" in page


def test_contracts_are_named_as_a_part_of_the_total(signed_in, valuation):
    Valuation.objects.update(contract_clv="160000", contract_customers=12)
    page = signed_in(Role.EXECUTIVE).get("/story/").text
    assert "£2,000,000" in page
    assert "of which £160,000 by contract" in page


def test_month_ends_are_drawn_with_their_contracts_and_the_range_of_the_rest(valuation):
    before = month_end_of()
    valuation.contract_clv = valuation.clv_total
    earlier, raised = equity_chart([before, valuation]).points
    assert float(raised.low) > float(raised.y) > float(raised.high)
    assert float(earlier.high) > float(raised.low)
    assert equity_chart([valuation]) is None


@pytest.mark.parametrize(
    ("count", "names"),
    [
        (2, ["Jan 2023", "now"]),
        (12, ["Jan 2023", "Apr 2023", "Jul 2023", "now"]),
        (35, ["Jan 2023", "Aug 2023", "Mar 2024", "Oct 2024", "now"]),
    ],
)
def test_month_ends_are_named_with_their_year_where_there_is_room(valuation, count, names):
    ends = [date(2023 + month // 12, month % 12 + 1, 28) for month in range(count)]
    chart = equity_chart([Valuation(as_of=day, clv_total=valuation.clv_total) for day in ends])
    assert [point.label for point in chart.points if point.label] == names


def test_scenarios_span_what_it_could_be(signed_in, valuation, person):
    jo = person(Role.ANALYST)
    valued(scenario_of("Bad", jo, rate="0.9"), valuation, "1500000")
    client = signed_in(Role.EXECUTIVE)
    assert "It would be" not in client.get("/story/").text
    valued(scenario_of("Good", jo, margin_points="2"), valuation, "2100000")
    page = client.get("/story/").text
    assert "£1,500,000</a> if customers buy a tenth less often" in page
    assert "£2,100,000</a> if the margin is 2 points higher" in page


def test_the_story_has_six_sentences_at_most_and_says_where_the_rest_is(
    signed_in, valuation, person
):
    movement_of(month_end_of(), valuation)
    for number in range(4):
        valued(scenario_of(f"No {number}", person(Role.ANALYST), rate="1.1"), valuation, "1900000")
        ValuationWarning.objects.create(
            valuation=valuation, code=f"no {number}", sentence=f"Beware of {number}."
        )
    page = signed_in(Role.EXECUTIVE).get("/story/").text
    assert story_of(page) == 6
    assert "2 more things to know" in page


def test_it_leads_on_to_scenarios_segments_and_why_it_moved(signed_in, valuation):
    page = signed_in(Role.EXECUTIVE).get("/story/").text
    for address in ("/scenarios/", "/value/segments/", f"/value/{valuation.pk}/moved/", "/value/"):
        assert f'href="{address}"' in page


def test_the_story_asks_the_same_for_little_and_for_much(signed_in, valuation, person):
    jo = person(Role.ANALYST)
    movement_of(month_end_of(), valuation)
    valued(scenario_of("One", jo, rate="0.9"), valuation, "1500000")
    client = signed_in(Role.EXECUTIVE)
    before = queries(client)
    for number in range(40):
        month_end_of(date(2020 + number // 12, 1 + number % 12, 28))
        valued(scenario_of(f"No {number}", jo, rate="1.1"), valuation, "1900000")
    assert queries(client) == before


def test_totals_below_zero_hang_under_its_line():
    days = [date(2026, month, 28) for month in (1, 2)]
    loss = Valuation(as_of=days[0], clv_total=Decimal(-500), clv_low=-900, clv_high=-100)
    gain = Valuation(as_of=days[1], clv_total=Decimal(400))
    both = equity_chart([loss, gain])
    assert [level.label for level in both.levels] == ["−1,000", "−500", "0", "500"]
    below, above = both.points
    assert float(below.y) > float(both.zero) > float(above.y)
    alone = equity_chart([loss, loss])
    assert float(alone.points[0].y) > float(alone.zero)


def test_the_last_name_stays_on_the_page_where_months_are_narrow(valuation):
    days = [date(2025 + month // 12, month % 12 + 1, 28) for month in range(12)]
    ends = [Valuation(as_of=day, clv_total=valuation.clv_total) for day in days]
    assert equity_chart(ends).points[-1].anchor == "end"
    assert {point.anchor for point in equity_chart(ends[:3]).points} == {"middle"}


def test_whoever_reads_the_story_reads_why_a_model_was_chosen_over_the_contest(
    signed_in, valuation, person
):
    client = signed_in(Role.EXECUTIVE)
    assert "chosen over the contest" not in client.get("/story/").text
    valuation.ruling = ModelRuling.objects.create(
        model="bg_nbd", reason="The shop was closed in May.", by=person(Role.ANALYST)
    )
    valuation.save()
    page = client.get("/story/").text
    assert "BG/NBD was chosen over the contest of models: “The shop was closed in May.”" in page
    valuation.ruling.model = "auto"
    valuation.ruling.save()
    assert "chosen over the contest" not in client.get("/story/").text
