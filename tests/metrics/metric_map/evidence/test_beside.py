"""What is held beside a cause, who is looked at for a staff group, and how many it reaches."""

from datetime import date

import numpy as np
import pytest

from customers.models import Interaction, PurchaseDay, StaffMonth
from metrics.metric_map.evidence.looking import Looking
from metrics.metric_map.evidence.pairs import pairs_to_look_at
from metrics.models import Measure, MetricVersion
from tests.metrics.metric_map.evidence import by_hand as company


def evidence_of(child):
    pairs = {one.child.metric_id: one for one in pairs_to_look_at()}
    return Looking(company.AS_OF).at(pairs[child.pk]).evidence


@pytest.fixture
def tickets(late, metric):
    """Half of the late deliveries bring a ticket in their month, and nothing else does."""
    draw = np.random.default_rng(3)
    made = metric("Tickets")
    version = MetricVersion.objects.create(metric=made, number=1, grain="month", unit="tickets")
    Measure.objects.create(version=version, side="numerator", source="tickets", aggregate="count")
    late_ones = [one for one in Interaction.objects.filter(kind="delivery") if one.done_on.day > 10]
    Interaction.objects.bulk_create(
        Interaction(
            record_id=one.record_id, kind="ticket", key=f"t{one.key}",
            happened_at=company.moment(one.done_on), happened_on=one.done_on,
            done_at=company.moment(one.done_on), done_on=one.done_on,
        )
        for one in late_ones
        if draw.random() < 0.5
    )  # fmt: skip
    return made


def test_what_comes_with_a_cause_is_not_taken_for_one(late, tickets, satisfaction, link):
    alone = link(tickets, satisfaction, lag_days=30)
    blamed = evidence_of(tickets)
    assert blamed.verdict.is_link
    assert blamed.slope < -5 * blamed.se
    link(late, satisfaction, lag_days=30)
    cleared, guilty = evidence_of(tickets), evidence_of(late)
    assert abs(cleared.slope) < 3 * cleared.se
    assert abs(guilty.slope - company.HARM) < 3 * guilty.se
    assert alone.child == tickets


def test_what_a_cause_brings_is_not_held_beside_it(late, tickets, satisfaction, link):
    link(late, tickets)
    link(tickets, satisfaction, lag_days=30)
    link(late, satisfaction, lag_days=30)
    pairs = {one.key: one for one in pairs_to_look_at()}
    held = {
        key: {version.metric_id for version in pairs[key, satisfaction.pk].beside}
        for key in (late.pk, tickets.pk)
    }
    assert held == {late.pk: set(), tickets.pk: {late.pk}}


def test_answers_of_customers_are_those_of_the_group_that_serves_them(
    metric, sales, satisfaction, link
):
    """Engaged groups have pleased customers three months later; calls tell whose is whose."""
    draw = np.random.default_rng(2)
    engagement = 70 + 8 * draw.normal(size=(6, company.MONTHS))
    rows, days = [], []
    for who, record in enumerate(company.records(sales)):
        call = company.answer(record, 0, 0)
        call.kind, call.topic, call.score, call.site = "call", "", None, company.DEPOTS[who % 6]
        rows.append(call)
        for month in range(company.MONTHS):
            felt = engagement[who % 6, month - 3] if month >= 3 else 70
            rows.append(company.answer(record, month, 0.5 * felt + 5 * draw.normal() + 30))
            day = company.day_of(month, 5)
            days.append(PurchaseDay(record=record, day=day, amount=30, lines_bought=1))
    Interaction.objects.bulk_create(rows)
    PurchaseDay.objects.bulk_create(days)
    StaffMonth.objects.bulk_create(
        StaffMonth(
            department=sales, group=group, month=date(2024 + month // 12, month % 12 + 1, 1),
            headcount=10, answers=10, engagement=engagement[place, month],
        )
        for place, group in enumerate(company.DEPOTS)
        for month in range(company.MONTHS)
    )  # fmt: skip
    engaged = metric("Engagement")
    company.counted(engaged, "staff", ("sum", "engagement_sum"), ("sum", "answers"))
    link(engaged, satisfaction, lag_days=90)
    found = evidence_of(engaged)
    assert (found.verdict.is_link, found.lag) == (True, 3)
    assert abs(found.slope - 0.5) < 1.96 * found.se


def test_a_slope_is_told_of_all_though_it_happens_to_few(late, satisfaction, link):
    """Half of the customers have deliveries; a point more of late ones moves half as much."""
    few = [f"c{n}" for n in range(45)]
    others = Interaction.objects.filter(kind="delivery").exclude(record__customer__code__in=few)
    others.delete()
    link(late, satisfaction, lag_days=30)
    found = evidence_of(late)
    assert abs(found.slope - company.HARM / 2) < 3 * found.se < 0.05
