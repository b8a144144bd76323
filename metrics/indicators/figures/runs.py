"""Figure runs: when one is due, and what it counts anew."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from customers.models import Change, Company, Source
from metrics.indicators.baselines import lock_ripe
from metrics.indicators.declaration import problem_of
from metrics.indicators.figures.counted import count
from metrics.indicators.figures.derived import Input, constants, derive, in_order
from metrics.indicators.figures.expected import Expectation, Touched, to_count
from metrics.indicators.figures.reported import figures_reported
from metrics.indicators.figures.stored import Known, kept, known_figures, store
from metrics.models import Figure, FigureRun, MetricVersion, ReportedFigure, Valuation
from metrics.value.timing import as_of_day, is_importing

A_NIGHT = timedelta(days=1)
Way = MetricVersion.Way
Versions = list[MetricVersion]


def run(figure_run: FigureRun) -> None:
    """Count what has changed since the last run. Safe to run again at any point.

    A version that cannot be counted is left without figures; its page says why. Changes noted
    while it runs are the next run's.
    """
    if figure_run.is_over:
        return
    if not figure_run.steps_done:
        Change.objects.taken_by(figure_run.pk)
    versions = _versions(figure_run)
    figure_run.begin(len(versions))
    left = [one for one in versions if one.way == Way.COUNTED and one.pk > figure_run.reached]
    known = known_figures(left)
    for version, figures in _counted(figure_run, left, known).items():
        with transaction.atomic():
            figure_run.advance(1, reached=version.pk)
            store(version, figures, known[version.pk])
    with transaction.atomic():
        figure_run.advance(len(versions) - figure_run.steps_done)
        follow(versions, figure_run.as_of)
    with transaction.atomic():
        figure_run.finish()
        Change.objects.filter(run=figure_run.pk).delete()


def due_run() -> FigureRun | None:
    """A new run, waiting, where facts or definitions have changed since the last one; else None.

    Also a day after the last, since some facts are few and leave no note. None while purchases
    are on their way in, so that nobody sees half a file counted. A run that failed is not tried
    again by itself until something changes.
    """
    last = FigureRun.objects.order_by("pk").last()
    as_of = as_of_day() or (last and last.as_of)  # where every import was undone: as it was
    if as_of is None or is_importing():
        return None
    facts = {
        "as_of": as_of,
        "changes": Source.objects.total_changes(),
        "valuation_id": Valuation.objects.finished().aggregate(newest=Max("pk"))["newest"],
        "definitions": MetricVersion.objects.aggregate(newest=Max("pk", default=0))["newest"],
    }
    if last and (last.is_going_on or not _is_due_after(last, facts)):
        return None
    try:
        with transaction.atomic():
            return FigureRun.objects.create(status=FigureRun.Status.WAITING, **facts)
    except IntegrityError:  # one_figure_run_at_a_time: another process was first
        return None


def follow(versions: Iterable[MetricVersion], as_of: date) -> None:
    """Bring reported and derived figures up to date, and lock the baselines that are ripe."""
    versions = list(versions)
    today = timezone.localdate(timezone=Company.objects.current().clock)
    for version in versions:
        if version.way == Way.REPORTED:
            store(version, figures_reported(version, today))
    _derive(versions, as_of)
    lock_ripe(versions)


def _versions(figure_run: FigureRun) -> Versions:
    counted = MetricVersion.objects.counted().filter(pk__lte=figure_run.definitions)
    ready = counted.select_related("metric").prefetch_related("measures__conditions")
    return list(ready.order_by("pk"))


def _counted(
    figure_run: FigureRun, versions: Versions, known: Mapping[int, Known]
) -> dict[MetricVersion, list[Figure]]:
    """All figures that these versions should have, in their order."""
    as_of, expectation = figure_run.as_of, Expectation(figure_run.as_of)
    countable = [version for version in versions if not problem_of(version.measures.all())]
    expected = {version: expectation.of(version) for version in countable}
    figure_run.show_life()
    before = FigureRun.objects.filter(status=FigureRun.Status.DONE, pk__lt=figure_run.pk)
    since = before.aggregate(last=Max("asked_at"))["last"]
    touched = Touched.by(Change.objects.filter(run=figure_run.pk), since)
    wanted = {
        version: to_count(version, periods, known[version.pk], touched, as_of)
        for version, periods in expected.items()
    }
    figures = count(wanted, as_of, figure_run.show_life)
    return {
        version: figures[version] + _left_alone(version, expected, wanted, known, as_of)
        if version in expected
        else []
        for version in versions
    }


def _left_alone(
    version: MetricVersion,
    expected: Mapping[MetricVersion, list],
    wanted: Mapping[MetricVersion, list],
    known: Mapping[int, Known],
    as_of: date,
) -> list[Figure]:
    """The known figures of expected periods that were not counted anew."""
    starts = {one.starts_on for one in expected[version]} - {
        one.starts_on for one in wanted[version]
    }
    own = {day: figure for day, figure in known[version.pk].items() if day in starts}
    return kept(version, own, as_of)


def _derive(versions: Versions, as_of: date) -> None:
    derived = in_order(one for one in versions if one.way == Way.DERIVED)
    if not derived:
        return
    in_force = {version.metric.key: version for version in versions if version.is_in_force}
    own = known_figures(in_force.values())
    inputs = {
        key: Input(version, list(own[version.pk].values())) for key, version in in_force.items()
    }
    known = constants()
    for version in derived:
        figures = derive(version, inputs, as_of, known)
        store(version, figures, own[version.pk] if version.is_in_force else None)
        if version.is_in_force:
            inputs[version.metric.key] = Input(version, figures)


def _is_due_after(last: FigureRun, facts: Mapping[str, object]) -> bool:
    if any(getattr(last, name) != facts[name] for name in facts):
        return True
    has_reports = ReportedFigure.objects.filter(reported_at__gt=last.asked_at).exists()
    is_old = last.status == FigureRun.Status.DONE and timezone.now() - last.asked_at > A_NIGHT
    return has_reports or is_old or Change.objects.filter(run=None).exists()
