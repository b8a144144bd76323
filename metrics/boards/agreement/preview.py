"""What a definition would come to, counted from the facts of today and stored nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from customers.models import Company, Department
from metrics.boards.charts import chart_of, sentence_of
from metrics.drawing.process_chart import ProcessChart
from metrics.indicators.counting import Counted, Counting, count_so
from metrics.indicators.declaration import NotCountable
from metrics.indicators.figures import compute, store
from metrics.indicators.fitness import Fit, fit_of
from metrics.indicators.reading import Reading, readings_of
from metrics.models import Figure, Measure, Metric, MetricVersion
from metrics.value.timing import as_of_day

PERIODS_SHOWN = 24
TRIED = "tried_out_and_gone"


@dataclass(frozen=True)
class Preview:
    """The last figures, their chart, and the verdict. problem: why there is none, or ""."""

    problem: str = ""
    reading: Reading | None = None
    chart: ProcessChart | None = None
    chart_sentence: str = ""
    fit: Fit | None = None


def preview_of(counting: Counting, direction: str, smallest: int) -> Preview:
    """Count it as it is declared. A metric is made for it within a transaction that is undone.

    smallest: a period in which something is added up over fewer rows than that is left out.
    """
    if counting.way != MetricVersion.Way.COUNTED:
        return Preview(problem=f"{MetricVersion.Way(counting.way).label}: nothing to count here.")
    as_of = as_of_day()
    if as_of is None:
        return Preview(problem="There are no data yet to count it from.")
    department = Department.objects.order_by("pk").first()
    with transaction.atomic():
        metric = Metric.objects.create(
            key=TRIED, name=TRIED, description="", department=department, level=4,
            direction=direction, control="none",
        )  # fmt: skip
        small, problem = set(), ""
        try:
            for rows in _rows_added_up(counting):
                _, counted = _counted(metric, rows, as_of)
                small |= {one.starts_on for one in counted if 0 < one.numerator < smallest}
            version, figures = _counted(metric, counting, as_of)
        except NotCountable as refused:
            problem, version, figures = str(refused), None, []
        if version:
            store(version, [one for one in figures if one.starts_on not in small])
        (reading,) = readings_of([metric])
        transaction.set_rollback(True)
    if problem or not reading.figures:
        nothing = "No whole period has anything to count."
        too_few = f"Every period adds up fewer than {smallest}: that would tell of single ones."
        return Preview(problem=problem or (too_few if small else nothing))
    metric.name = "What you declared"
    shown = Reading(metric, reading.version, reading.figures[-PERIODS_SHOWN:])
    return Preview(
        reading=shown,
        chart=chart_of(shown),
        chart_sentence=sentence_of(shown),
        fit=fit_of(shown, None, Company.objects.current().review_days),
    )


def _counted(metric: Metric, counting: Counting, as_of: date) -> tuple[MetricVersion, list[Figure]]:
    """A version of this metric that is counted so, with its figures. Raises NotCountable."""
    count_so(metric, counting)
    version = metric.versions.in_force().prefetch_related("measures__conditions").get()
    return version, compute(version, as_of)


def _rows_added_up(counting: Counting) -> Iterator[Counting]:
    """For each side that is a sum or a median: how many rows it is of."""
    for side in (counting.numerator, counting.denominator):
        if side and side.aggregate in {Measure.Aggregate.SUM, Measure.Aggregate.MEDIAN}:
            rows = Counted(side.source, Measure.Aggregate.COUNT.value, "", side.where)
            yield counting._replace(numerator=rows, denominator=None, scale=1)
