"""Figures: every period of every declared metric, counted anew whenever a fact has changed."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Min

from customers.models import PurchaseLine, Source, Upload
from metrics.indicators.declaration import aggregate_of, problem_of, source_of
from metrics.indicators.periods import Period, whole_periods
from metrics.models import Figure, FigureRun, Measure, MetricVersion, Valuation
from metrics.value.timing import as_of_day

DIGITS = 6  # below any unit that is shown; sums of floats differ behind it


def _nobody_waits() -> None:
    pass


def compute(
    version: MetricVersion, as_of: date, show_life: Callable[[], None] = _nobody_waits
) -> list[Figure]:
    """The figures of all whole periods from the first purchase to as_of, not stored yet.

    show_life: called after each period, since all of them may take longer than a lease. One query
    a period and source. A period whose denominator is 0, or that needs more history than there
    is, has no figure; a plain count of nothing is 0. Raises NotCountable.
    """
    first_day = PurchaseLine.objects.aggregate(first=Min("bought_on"))["first"]
    if first_day is None:
        return []
    earliest_end = first_day + timedelta(version.history_days - 1)
    measures = list(version.measures.all())
    ripe_until = as_of - timedelta(version.ripens_after_days)
    figures = []
    for period in whole_periods(version.grain, first_day, as_of):
        counted = _counted(measures, period) if period.ends_on >= earliest_end else None
        show_life()
        if counted:
            figures.append(
                Figure(
                    version=version,
                    starts_on=period.starts_on,
                    ends_on=period.ends_on,
                    is_final=period.ends_on <= ripe_until,
                    **counted,
                )
            )
    return figures


def store(version: MetricVersion, figures: Iterable[Figure]) -> None:
    """Make these the figures of the version: one a period, and no others."""
    figures = list(figures)
    kept = [figure.starts_on for figure in figures]
    version.figures.exclude(starts_on__in=kept).delete()
    Figure.objects.bulk_create(
        figures,
        update_conflicts=True,
        unique_fields=["version", "starts_on"],
        update_fields=["ends_on", "numerator", "denominator", "rows", "is_final"],
    )


def run(figure_run: FigureRun) -> None:
    """Count every version in force. Safe to run again at any point: it goes on where it stopped.

    A version that cannot be counted is left without figures; its page says why.
    """
    if figure_run.is_over:
        return
    versions = MetricVersion.objects.in_force().filter(pk__lte=figure_run.definitions)
    left = versions.filter(pk__gt=figure_run.reached).prefetch_related("measures__conditions")
    figure_run.begin(versions.count())
    for version in left.order_by("pk"):
        countable = not problem_of(version.measures.all())
        figures = compute(version, figure_run.as_of, figure_run.show_life) if countable else []
        with transaction.atomic():
            figure_run.advance(1, reached=version.pk)
            store(version, figures)
    figure_run.finish()


def due_run() -> FigureRun | None:
    """A new run, waiting, where facts or definitions have changed since the last one; else None.

    None too while purchases are on their way in, so that nobody sees half a file counted. A run
    that failed is not tried again by itself until something changes.
    """
    as_of = as_of_day()
    if as_of is None or _is_importing():
        return None
    facts = {
        "as_of": as_of,
        "changes": Source.objects.total_changes(),
        "valuation_id": Valuation.objects.finished().aggregate(newest=Max("pk"))["newest"],
        "definitions": MetricVersion.objects.aggregate(newest=Max("pk", default=0))["newest"],
    }
    last = FigureRun.objects.order_by("pk").last()
    if last and (last.is_going_on or all(getattr(last, name) == facts[name] for name in facts)):
        return None
    try:
        with transaction.atomic():
            return FigureRun.objects.create(status=FigureRun.Status.WAITING, **facts)
    except IntegrityError:  # one_figure_run_at_a_time: another process was first
        return None


def _counted(measures: list[Measure], period: Period) -> dict[str, float] | None:
    """Both sides and the rows of one period, by the names of a figure's fields.

    None where there is nothing to tell: a state without rows, or nothing to divide by.
    """
    counted = {measure.side: 0.0 for measure in measures} | {"rows": 0}
    for name in sorted({measure.source for measure in measures}):
        asked = [measure for measure in measures if measure.source == name]
        source = source_of(asked[0])
        sides = {measure.side: aggregate_of(measure) for measure in asked}
        for rows in source.rows(period):
            found = rows.aggregate(all_rows=Count("*"), **sides)
            if source.is_state and not found["all_rows"]:
                return None
            if Measure.Side.NUMERATOR in sides:
                counted["rows"] += found["all_rows"]
            for side in sides:
                counted[side] = round(counted[side] + _number(found[side]), DIGITS)
    return None if counted.get(Measure.Side.DENOMINATOR) == 0 else counted


def _number(found: float | timedelta | None) -> float:
    """The answer of the database as a number; times in days; no rows are 0."""
    if isinstance(found, timedelta):
        return found / timedelta(1)
    return float(found or 0)


def _is_importing() -> bool:
    return Upload.objects.open().exclude(doing=Upload.Doing.CHECK).exists()
