"""Medians: of each period by itself, on both databases, and only where there is something."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.db import IntegrityError

from customers.models import Change, Interaction
from metrics.indicators.declaration import NotCountable, in_words
from metrics.indicators.figures import compute, due_run, run
from metrics.models import FigureRun, Measure
from tests.metrics.value.by_hand import month_end_of

CLOSED = ("is_closed", "eq", 1)
HOURS = ("tickets", "median", "hours_to_close", CLOSED)
AS_OF = date(2024, 1, 31)


@pytest.fixture
def ticket(shop):
    """A ticket of a day, closed after so many hours; None: still open."""
    record = shop.record("ann")
    shop.sells("ann", "2024-01-01", 10)
    shop.is_complete_until(AS_OF)

    def make(day, hours):
        opened = datetime(2024, 1, day, 9, tzinfo=UTC)
        closed = None if hours is None else opened + timedelta(hours=hours)
        return Interaction.objects.create(
            kind="ticket", record=record, key=str(Interaction.objects.count()),
            happened_at=opened, happened_on=opened.date(),
            done_at=closed, done_on=closed and closed.date(),
        )  # fmt: skip

    return make


def values(version):
    return {one.starts_on.day: one.numerator for one in compute(version, AS_OF)}


def test_a_median_is_the_middle_and_no_mean(ticket, declare):
    for day, hours in ((1, 1), (3, 2), (4, 300), (9, 4), (10, 8), (11, None)):
        ticket(day, hours)
    assert values(declare(HOURS)) == {1: 2, 8: 6}


def test_a_period_of_which_nothing_is_known_has_no_figure(ticket, declare):
    ticket(1, 5)
    ticket(9, None)
    ticket(16, 7)
    assert values(declare(HOURS)) == {1: 5, 15: 7}


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter"])
def test_medians_are_those_of_numpy_whatever_the_grain(ticket, declare, grain):
    drawn = np.random.default_rng(7)
    told = list(zip(drawn.integers(1, 32, 99).tolist(), drawn.integers(1, 90, 99), strict=True))
    for day, hours in told:
        ticket(day, int(hours))
    found = {one.starts_on: one for one in compute(declare(HOURS, grain=grain), date(2024, 3, 31))}
    for figure in found.values():
        span = (figure.starts_on, figure.ends_on)
        own = [h for day, h in told if span[0] <= date(2024, 1, day) <= span[1]]
        assert figure.numerator == np.median(own)
    assert found


def test_a_median_of_what_is_true_at_a_periods_end(shop, declare):
    for name, day in (("ann", "2023-12-01"), ("bob", "2024-01-10"), ("cid", "2024-01-20")):
        shop.sells(name, day, 10)
    shop.is_complete_until(str(AS_OF))
    version = declare(("customers", "median", "gap_days"), grain="month")
    assert [one.numerator for one in compute(version, AS_OF)][-1] == 21


@pytest.mark.parametrize("aggregate", ["median", "distinct"])
def test_two_metrics_of_a_state_do_not_add_up_to_twice_of_it(shop, declare, aggregate):
    month_end_of(AS_OF)
    shop.sells("ann", "2023-12-01", 10)
    shop.is_complete_until(str(AS_OF))
    side = ("values", aggregate, "clv")
    alone = [one.numerator for one in compute(declare(side, grain="month"), AS_OF)]
    both = [declare(side, grain="month"), declare(side, grain="day")]
    run(FigureRun.objects.claim(due_run().pk))
    for version in both:
        assert [*version.figures.values_list("numerator", flat=True)] == alone != []


def test_an_edit_counts_just_its_period_anew(ticket, declare):
    ticket(1, 5)
    gone = ticket(3, 9)
    ticket(9, 4)
    version = declare(HOURS)
    run(FigureRun.objects.claim(due_run().pk))
    version.figures.filter(starts_on=date(2024, 1, 8)).update(numerator=-1)  # left as it is
    Interaction.objects.filter(pk=gone.pk).delete()
    Change.objects.mark("ticket", [date(2024, 1, 3)])
    run(FigureRun.objects.claim(due_run().pk))
    assert dict(version.figures.values_list("starts_on__day", "numerator")) == {1: 5, 8: -1}


def test_nothing_is_divided_by_a_median(declare):
    version = declare(("tickets", "count", ""))
    with pytest.raises(IntegrityError, match="measure_divides_by_no_median"):
        Measure.objects.create(
            version=version, side="denominator", source="tickets", aggregate="median",
            field="hours_to_close",
        )  # fmt: skip


def test_it_is_told_in_words(declare):
    measure = declare(HOURS).measures.get()
    assert in_words(measure, "GBP") == (
        "Median of hours until it was closed, in tickets opened, counting only what was closed"
    )


@pytest.mark.parametrize(
    ("sides", "sentence"),
    [
        ((("tickets", "median", "is_closed"),), "“was closed” has no median."),
        ((HOURS, ("tickets", "count", "")), "A median is divided by nothing."),
    ],
)
def test_what_has_no_median_is_told(declare, sides, sentence):
    with pytest.raises(NotCountable, match=sentence):
        compute(declare(*sides), AS_OF)
