"""What a definition would come to, counted from the facts of today and stored nowhere."""

from dataclasses import dataclass

from django.db import transaction

from customers.models import Company, Department
from metrics.boards.charts import chart_of, sentence_of
from metrics.drawing.process_chart import ProcessChart
from metrics.indicators.counting import Counting, count_so
from metrics.indicators.declaration import NotCountable, problem_of
from metrics.indicators.figures import compute, store
from metrics.indicators.fitness import Fit, fit_of
from metrics.indicators.reading import Reading, readings_of
from metrics.models import Metric, MetricVersion
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


def preview_of(counting: Counting, direction: str) -> Preview:
    """Count it as it is declared. A metric is made for it within a transaction that is undone."""
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
        count_so(metric, counting)
        version = metric.versions.prefetch_related("measures__conditions").get()
        problem = problem_of(version.measures.all())
        try:
            figures = [] if problem else compute(version, as_of)
        except NotCountable as refused:
            problem, figures = str(refused), []
        store(version, figures)
        (reading,) = readings_of([metric])
        transaction.set_rollback(True)
    if problem or not reading.figures:
        return Preview(problem=problem or "No whole period has anything to count.")
    metric.name = "What you declared"
    shown = Reading(metric, reading.version, reading.figures[-PERIODS_SHOWN:])
    return Preview(
        reading=shown,
        chart=chart_of(shown),
        chart_sentence=sentence_of(shown),
        fit=fit_of(shown, None, Company.objects.current().review_days),
    )
