"""What metrics say, in words."""

from datetime import date

import pytest

from metrics.boards.rows import lead_of
from metrics.indicators.declaration import in_words
from metrics.indicators.reading import latest, readings_of
from metrics.indicators.steadiness import Verdict
from metrics.indicators.words import axis_text, period_text, unit_note, value_text
from metrics.models import Condition, Measure, Metric, MetricVersion

QUIET = [10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9]


def reading_of(version):
    return readings_of([version.metric])[0]


@pytest.mark.parametrize(
    ("unit", "decimals", "value", "text", "note"),
    [
        ("GBP", 0, 41873.4, "£41,873", ""),
        ("GBP", 2, 478.336, "£478.34", ""),
        ("% of sales", 1, 1.62, "1.6%", "of sales"),
        ("customers", 0, 1204, "1,204", "customers"),
    ],
)
def test_a_value_is_written_with_its_unit(unit, decimals, value, text, note):
    version = MetricVersion(unit=unit, decimals=decimals)
    assert (value_text(version, value), unit_note(version)) == (text, note)


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("GBP", 124_642, "£125k"),
        ("GBP", -4_012_345, "−£4.01m"),
        ("GBP", 847.98, "£848"),
        ("CHF", 250_000, "CHF 250k"),
        ("orders", 123_456, "123k"),
        ("orders", 351, "351"),
    ],
)
def test_a_value_beside_an_axis_is_short(unit, value, text):
    assert axis_text(MetricVersion(unit=unit), value) == text


def test_a_period_is_a_week_or_a_month():
    last_day = date(2011, 11, 30)
    assert period_text(MetricVersion(grain="month"), last_day) == "November 2011"
    assert period_text(MetricVersion(grain="week"), last_day) == "week to 30 Nov 2011"
    assert period_text(MetricVersion(grain="day"), last_day) == "30 Nov 2011"
    assert period_text(MetricVersion(grain="quarter"), date(2011, 12, 31)) == "Q4 2011"


def test_a_declaration_reads_as_a_sentence(declare):
    version = declare(
        ("customers", "count", "", ("gap_days", "gte", 120), ("gap_days", "lt", 127)),
        ("lines", "sum", "sold_amount", ("has_customer", "eq", 0), ("amount", "gt", "99.5")),
    )
    numerator, denominator = version.measures.order_by("pk")
    assert in_words(numerator, "GBP") == (
        "Number of customers so far where days since the last purchase is at least 120"
        " and days since the last purchase is less than 127"
    )
    assert in_words(denominator, "GBP") == (
        "Sum of amount sold, in order lines where amount, returns below zero is more than GBP 99.5,"
        " counting only what has no known customer"
    )


def test_every_source_reads_and_counts_by_the_same_names(declare):
    version = declare(("newcomers", "sum", "second_gap_days"))
    assert "days to the second purchase" in in_words(version.measures.get(), "GBP")


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ([30], "went above the usual range in the week to 31 Mar 2024"),
        ([1, 10], "went below the usual range in the week to 31 Mar 2024"),
        ([10.5] * 8, "stayed above the usual level for eight weeks"),
        ([10.5] * 8 + [9], "stayed above the usual level for eight weeks, last in the week to"),
    ],
)
def test_a_signal_is_told_with_its_period(with_figures, tail, words):
    assert reading_of(with_figures(*QUIET, *tail)).happened.startswith(words)


def test_noise_has_nothing_to_tell(with_figures):
    assert reading_of(with_figures(*QUIET)).happened == ""


def test_preliminary_figures_are_not_judged(with_figures):
    version = with_figures(*QUIET, 30)
    version.figures.filter(numerator=30).update(is_final=False)
    reading = reading_of(version)
    assert (reading.verdict, reading.last_text) == (Verdict.NOISE, "9")


def test_the_last_values_are_told_by_metric(with_figures, declare):
    known, unknown = with_figures(*QUIET, 30), declare(("orders", "count", ""))
    assert latest([known.metric, unknown.metric]) == {known.metric_id: ("30", Verdict.BETTER)}


def test_figures_of_an_earlier_version_are_not_shown(with_figures):
    version = with_figures(*QUIET)
    version.is_in_force = False
    version.save()
    newer = MetricVersion.objects.create(metric=version.metric, number=2, grain="week", unit="o")
    reading = reading_of(version)
    assert (reading.version, reading.figures) == (newer, [])


def test_a_metric_that_nobody_counts_has_too_little_data(sales):
    metric = Metric.objects.create(
        key="m",
        name="M",
        description="d",
        department=sales,
        level=3,
        direction="up",
        control="full",
    )
    (reading,) = readings_of([metric])
    assert (reading.verdict, reading.last_text) == (Verdict.LITTLE, "—")


def test_a_lead_tells_signals_first_and_counts_the_rest(with_figures):
    versions = [
        with_figures(*QUIET, 30, key="orders"),
        with_figures(*QUIET, 30, key="returns", direction="down"),
        with_figures(*QUIET, key="visits"),
        with_figures(5, key="young"),
    ]
    assert lead_of([reading_of(version) for version in versions]) == (
        "Metric orders went above the usual range in the week to 31 Mar 2024, for the better."
        " Metric returns went above the usual range in the week to 31 Mar 2024, for the worse."
        " The other one did nothing new. One has too little data."
    )


def test_a_lead_without_a_signal_says_so(with_figures):
    assert lead_of([reading_of(with_figures(*QUIET))]) == "What moved, moved as usual: nothing new."


def test_a_condition_keeps_its_decimals(declare):
    version = declare(("orders", "count", ""))
    measure = Measure.objects.get(version=version)
    Condition.objects.create(measure=measure, field="products", comparison="lte", value="1000")
    assert in_words(measure, "GBP").endswith("different products is at most 1,000")
