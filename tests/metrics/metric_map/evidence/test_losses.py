"""How many customers left because of bad events: along two links that customers bear out."""

from datetime import date

import numpy as np
import pytest
from django.db import IntegrityError

from customers.models import Customer, Interaction, SourceRecord
from metrics.metric_map.evidence import measures, runs
from metrics.metric_map.evidence.losses import counts_bad_events
from metrics.metric_map.evidence.measures import Facts
from metrics.models import CustomersLost, EvidenceRun, Finding, Metric
from tests.metrics.metric_map.evidence import by_hand as company

LEFT_IN, LEAVERS = 9, 45
SAFER = -0.03
"""What a point of satisfaction adds to the logarithm of the hazard of leaving."""


def notice(record):
    day = company.day_of(LEFT_IN, 25)
    return Interaction(
        record=record, kind="notice", key="n", happened_at=company.moment(day), happened_on=day
    )


@pytest.fixture
def gone(late):
    """Half of the customers gave notice in October and are not heard of any more."""
    Customer.objects.update(kind="company")
    records = list(SourceRecord.objects.order_by("pk")[:LEAVERS])
    for record in records:
        record.days.filter(day__gt=company.day_of(LEFT_IN, 28)).delete()
        record.interactions.filter(happened_on__gt=company.day_of(LEFT_IN, 28)).delete()
    Interaction.objects.bulk_create(notice(record) for record in records)
    return records


@pytest.fixture
def run(late, satisfaction, gone, metric, link):
    """Waiting; it is known already that the satisfied stay."""
    Metric.objects.filter(pk=late.pk).update(direction="down")
    link(late, satisfaction, lag_days=30)
    company.figures_are_done()
    due = runs.due_run()
    Finding.objects.create(
        run=due, child=satisfaction, parent=metric("Retention", level=2), method="survival",
        verdict="link", rung=3, lag_days=30, slope=0.5, se=0.05, own_slope=SAFER, own_se=0.003,
        p=0.0001, n=900, sentence="The satisfied stay.",
    )  # fmt: skip
    return EvidenceRun.objects.claim(due.pk)


def late_share(records):
    """Of deliveries that were felt, two months before each month of the last year."""
    felt = Interaction.objects.filter(
        kind="delivery", record__in=records, happened_on__lt=company.day_of(company.MONTHS - 2, 1)
    )
    return np.mean([one.done_on > one.due_on for one in felt])


def test_who_left_because_of_late_deliveries_is_counted(run, late):
    runs.run(run)
    lost = CustomersLost.objects.get(run=run)
    assert (lost.metric, lost.leavers, lost.until) == (late, LEAVERS, date(2025, 2, 28))
    more = late_share(SourceRecord.objects.all()) * np.expm1(100 * company.HARM * SAFER)
    assert lost.lost == pytest.approx(LEAVERS * more / (1 + more), rel=0.05)
    assert 0 < lost.lost_low < lost.lost < lost.lost_high < LEAVERS


def test_of_many_customers_each_one_looked_at_stands_for_several(late, monkeypatch):
    assert Facts.until(company.AS_OF).stands_for == 1
    monkeypatch.setattr(measures, "MOST_CUSTOMERS", company.CUSTOMERS // 2)
    assert Facts.until(company.AS_OF).stands_for == 2


def test_a_run_that_was_killed_at_its_end_counts_them_once(run, monkeypatch):
    finish, killed = EvidenceRun.finish, []

    def dies_once(self):
        if not killed:
            killed.append(self)
            raise KeyboardInterrupt
        finish(self)

    monkeypatch.setattr(EvidenceRun, "finish", dies_once)
    with pytest.raises(KeyboardInterrupt):
        runs.run(run)
    assert not CustomersLost.objects.exists()
    runs.run(EvidenceRun.objects.get(pk=run.pk))
    assert CustomersLost.objects.count() == 1


@pytest.mark.parametrize(
    "values", [{"verdict": "none"}, {"own_slope": -SAFER}, {"own_slope": None, "own_se": None}]
)
def test_nothing_is_said_where_it_is_not_shown_that_it_drives_customers_away(run, values):
    Finding.objects.update(**values)
    runs.run(run)
    assert not CustomersLost.objects.exists()


def test_of_a_metric_that_is_better_high_nobody_leaves(run, late):
    Metric.objects.filter(pk=late.pk).update(direction="up")
    runs.run(run)
    assert not CustomersLost.objects.exists()


SHARE = ("count", "")


@pytest.mark.parametrize(
    ("source", "event", "scale", "are_bad"),
    [
        ("deliveries", ("count", "", "is_late"), 100, True),
        ("invoices", ("count", "", "is_corrected"), 100, True),
        ("deliveries", ("count", "", "is_late"), 1, False),
        ("lines", ("count", "", "is_return"), 100, False),
        ("surveys", ("count", "", "is_satisfaction"), 100, False),
        ("offers", ("count", "", "is_made"), 100, False),
    ],
)
def test_only_shares_of_what_customers_live_through_are_bad_events(
    metric, source, event, scale, are_bad
):
    told = company.counted(metric("Anything"), source, event, SHARE, scale=scale)
    assert not counts_bad_events(told), "more of it is better"
    told.metric.direction = Metric.Direction.DOWN
    assert counts_bad_events(told) == are_bad


@pytest.mark.parametrize(
    ("values", "promise"),
    [
        ({"lost_low": -1}, "customers_lost_are_not_negative"),
        ({"lost_low": 21}, "customers_lost_lie_in_their_range"),
        ({"lost_high": 19}, "customers_lost_lie_in_their_range"),
        ({"leavers": 29}, "customers_lost_lie_in_their_range"),
    ],
)
def test_the_database_refuses_losses_out_of_their_range(run, late, values, promise):
    known = {"lost_low": 10, "lost": 20, "lost_high": 30, "leavers": 40} | values
    with pytest.raises(IntegrityError, match=promise):
        CustomersLost.objects.create(run=run, metric=late, until=date(2025, 2, 28), **known)
