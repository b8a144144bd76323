"""Figures that people report, and figures that follow from others by a formula."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from customers.models import Source
from metrics.indicators.baselines import NotRebased, rebase
from metrics.indicators.behind.bridge import bridge
from metrics.indicators.figures import due_run, run
from metrics.indicators.figures.runs import follow
from metrics.indicators.reading import readings_of
from metrics.indicators.reporting import NotReportable, report, report_value
from metrics.models import Baseline, Figure, FigureRun, MetricVersion, ReportedFigure

JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
AS_OF = date(2024, 6, 30)


@pytest.fixture
def reported(declare):
    def make(key, **values):
        return declare(key=key, way="reported", **{"grain": "month"} | values)

    return make


@pytest.fixture
def derived(declare):
    def make(formula, **values):
        return declare(way="derived", formula=formula, **{"grain": "month"} | values)

    return make


def followed(as_of=AS_OF):
    ready = MetricVersion.objects.select_related("metric").prefetch_related("measures__conditions")
    follow(ready.order_by("pk"), as_of)


def values(version):
    figures = version.figures.with_value().order_by("starts_on")
    return {str(one.starts_on): round(one.value, 6) for one in figures}


def test_what_is_reported_last_counts(reported, person):
    version, who = reported("turnover", scale=100), person("manager")
    report(version.metric, JANUARY, 3, 60, who)
    report_value(version.metric, FEBRUARY, 7.5, who)
    report(version.metric, JANUARY, 6, 60, who)
    assert values(version) == {"2024-01-01": 10, "2024-02-01": 7.5}
    assert ReportedFigure.objects.get(starts_on=JANUARY).reported_by == who


@pytest.mark.parametrize(
    ("starts_on", "numbers", "sentence"),
    [
        (date(2024, 1, 2), (1, None), "No month starts on"),
        (date(2099, 1, 1), (1, None), "is not over"),
        (JANUARY, (1, 0), "not divided by 0"),
        (JANUARY, (float("nan"), None), "A figure is a number"),
    ],
)
def test_what_cannot_be_a_figure_is_refused(reported, starts_on, numbers, sentence):
    with pytest.raises(NotReportable, match=sentence):
        report(reported("turnover").metric, starts_on, *numbers, None)
    assert not Figure.objects.exists()


def test_a_counted_metric_takes_no_reports(declare):
    with pytest.raises(NotReportable, match="not a metric that is reported"):
        report(declare(("orders", "count", "")).metric, JANUARY, 1, None, None)


def test_a_report_cannot_be_changed_once_its_window_is_over(reported):
    version = reported("turnover", revision_days=30)
    report(version.metric, JANUARY, 1, None, None)
    with pytest.raises(NotReportable, match="could be changed until"):
        report(version.metric, JANUARY, 2, None, None)
    assert values(version) == {"2024-01-01": 1}


def test_a_file_of_reports_tells_which_rows_it_refused(reported, tmp_path):
    version = reported("turnover", scale=100)
    path = tmp_path / "figures.csv"
    path.write_text(
        "metric,starts_on,value,numerator,denominator\n"
        "turnover,2024-01-01,7.5,,\n"
        "turnover,2024-02-01,,3,60\n"
        "churn,2024-02-01,1,,\n"
        "turnover,soon,1,,\n"
        "turnover,2024-03-01,1,2,3\n"
    )
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("report_figures", path, stdout=out)
    assert out.getvalue() == "2 taken, 3 refused.\n"
    assert [line[:7] for line in str(refused.value).splitlines()] == [
        "Line 4:",
        "Line 5:",
        "Line 6:",
    ]
    assert values(version) == {"2024-01-01": 7.5, "2024-02-01": 5}


def test_weeks_told_as_of_a_year_make_a_month_at_their_mean_pace(with_figures, derived):
    """Two a week are 104 a year in a month of four weeks, and not 416."""
    with_figures(*[2] * 9, key="pace", scale=52)
    monthly = derived("pace")
    followed()
    assert values(monthly) == {"2024-01-01": 104, "2024-02-01": 104}


def test_a_formula_of_formulas_is_computed_from_below(reported, derived):
    top = derived("2 * middle")
    middle = derived("low + 1", key="middle")
    low = reported("low")
    for day, value in ((JANUARY, 3), (MARCH, 5)):
        report(low.metric, day, value, None, None)
    followed()
    assert values(middle) == {"2024-01-01": 4, "2024-03-01": 6}
    assert values(top) == {"2024-01-01": 8, "2024-03-01": 12}


def test_formulas_in_a_circle_have_no_figures_and_stop_nobody(reported, derived):
    one, other = derived("other", key="one"), derived("one", key="other")
    report(reported("low").metric, JANUARY, 3, None, None)
    free = derived("low / (low - 3)"), derived("low + 1")
    followed()
    assert [values(version) for version in (one, other, *free)] == [{}, {}, {}, {"2024-01-01": 4}]


def test_a_finer_metric_is_put_together_from_its_two_sides(with_figures, derived, declare):
    orders = with_figures(*range(1, 10), key="orders")
    share = declare(("orders", "count", ""), ("lines", "count", ""), key="share", scale=100)
    state = declare(("customers", "count", ""), key="state")
    for week, (numerator, denominator) in enumerate([(1, 10), (9, 10), (0, 80), (0, 10)]):
        first = JANUARY + timedelta(7 * week)
        week_of = {"starts_on": first, "ends_on": first + timedelta(6)}
        Figure.objects.create(
            version=share, numerator=numerator, denominator=denominator, **week_of
        )
        Figure.objects.create(version=state, numerator=week, **week_of)
    monthly = [derived(formula) for formula in ("orders", "share", "state")]
    followed(date(2024, 2, 29))
    assert values(monthly[0]) == {"2024-01-01": 1 + 2 + 3 + 4, "2024-02-01": 5 + 6 + 7 + 8}
    assert values(monthly[1])["2024-01-01"] == pytest.approx(100 * 10 / 110)
    assert values(monthly[2]) == {"2024-01-01": 3}
    assert orders.figures.count() == 9


def test_a_coarser_metric_stands_until_its_next_figure(with_figures, reported, derived):
    with_figures(*range(1, 10), key="orders")
    report(reported("staff").metric, JANUARY, 10, None, None)
    weekly = derived("orders / staff", grain="week")
    followed(date(2024, 3, 3))
    assert list(values(weekly)) == ["2024-01-29", "2024-02-05", "2024-02-12", "2024-02-19"]


def test_a_report_makes_a_run_due_and_the_run_brings_what_follows_from_it(shop, reported, derived):
    shop.sells("ann", "2024-01-01", 10)
    shop.is_complete_until("2024-03-31")
    low, twice = reported("low"), derived("2 * low")
    run(FigureRun.objects.claim(due_run().pk))
    assert due_run() is None
    report(low.metric, JANUARY, 3, None, None)
    run(FigureRun.objects.claim(due_run().pk))
    assert values(twice) == {"2024-01-01": 6}
    assert FigureRun.objects.last_done().steps_done == 2


def test_an_awaited_metric_has_no_figures(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    shop.is_complete_until("2024-03-31")
    version = declare(way="awaited")
    run(FigureRun.objects.claim(due_run().pk))
    assert not version.figures.exists()


def test_an_old_version_is_counted_beside_the_new_one_for_a_while(shop, declare):
    shop.sells("ann", "2024-01-01", 10, 5)
    shop.sells("ann", "2024-01-09", 10, -5)
    shop.sells("ann", "2024-01-16", 10)
    shop.is_complete_until("2024-01-21")
    old = declare(("lines", "sum", "sold_amount"))
    MetricVersion.objects.filter(pk=old.pk).update(
        is_in_force=False, beside_until=date(2024, 1, 14)
    )
    new = declare(("lines", "sum", "amount"))
    MetricVersion.objects.filter(pk=new.pk).update(metric=old.metric, number=2)
    run(FigureRun.objects.claim(due_run().pk))
    assert [(one.old, one.new, one.difference) for one in bridge(old.metric)] == [
        (15, 15, 0),
        (10, 5, -5),
    ]
    assert MetricVersion.objects.get(pk=new.pk).figures.count() == 3


def test_limits_are_locked_at_24_points_and_stay(with_figures):
    version = with_figures(*[10, 12] * 12)
    followed()
    first = Baseline.objects.get()
    Figure.objects.update(numerator=50)
    followed()
    assert Baseline.objects.get() == first
    (reading,) = readings_of([version.metric])
    assert reading.judgement.limits.centre == 11
    assert len(reading.baseline_figures) == reading.judgement.baseline == 24
    assert reading.verdict.is_signal


@pytest.mark.parametrize(("points", "target", "locked"), [(23, None, 0), (12, 5, 1), (11, 5, 0)])
def test_twelve_points_are_enough_where_there_is_a_target(with_figures, points, target, locked):
    version = with_figures(*[10, 12, 11] * 9)
    kept = version.figures.order_by("starts_on").values("pk")[:points]
    version.figures.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    metric = version.metric
    metric.target, metric.target_on = target, target and date(2025, 1, 1)
    metric.save()
    followed()
    assert Baseline.objects.count() == locked


def test_a_baseline_is_set_anew_with_a_reason_only(with_figures, person):
    version, who = with_figures(*[10, 12] * 12, *[30, 32] * 6), person("manager")
    followed()
    with pytest.raises(NotRebased, match="for a reason"):
        rebase(version, " ", who)
    with pytest.raises(NotRebased, match="needs 12 final points or more; there are 11"):
        rebase(version, "New till", who, first_on=JANUARY + timedelta(7 * 25))
    rebase(version, "New till", who, first_on=JANUARY + timedelta(7 * 24))
    anew = Baseline.objects.get(is_in_force=True)
    assert (anew.centre, anew.points, anew.reason, anew.set_by) == (31, 12, "New till", who)
    assert Baseline.objects.count() == 2
    followed()
    assert Baseline.objects.count() == 2
    (reading,) = readings_of([version.metric])
    assert {one.numerator for one in reading.baseline_figures} == {30, 32}


def test_total_changes_alone_count_everything_anew(shop, declare):
    shop.sells("ann", "2024-01-01", 10)
    shop.is_complete_until("2024-01-14")
    version = declare(("orders", "count", ""))
    run(FigureRun.objects.claim(due_run().pk))
    version.figures.update(numerator=99)
    Source.objects.count_change(shop.source.pk)
    run(FigureRun.objects.claim(due_run().pk))
    assert set(values(version).values()) == {0, 1}


def test_reports_with_and_without_what_they_divide_by_go_together(reported, derived, person):
    version, who = reported("turnover", grain="week", scale=100), person("manager")
    report(version.metric, date(2024, 1, 1), 3, 60, who)
    report_value(version.metric, date(2024, 1, 8), 8, who)
    monthly = derived("turnover * 2")
    followed()
    assert values(monthly) == {"2024-01-01": 13}
