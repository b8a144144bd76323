"""The holes of the map in force, with what is known of it today."""

from customers.models import Company
from metrics.effects.sensitivity import Fitness
from metrics.indicators.fitness import fit_of
from metrics.indicators.reading import readings_of
from metrics.metric_map.document import stored_document
from metrics.metric_map.gaps.finding import hole_report
from metrics.metric_map.gaps.report import HoleReport, what_is_known
from metrics.models import FigureRun, Metric


def report_of_today() -> HoleReport:
    """The report on the published map; the same number of queries for any map."""
    run = FigureRun.objects.last_done()
    known = what_is_known(run.as_of if run else None, _unfit())
    return hole_report(stored_document(), known)


def _unfit() -> list[str]:
    """Metrics that carry a target and are not both stable and sensitive."""
    days = Company.objects.current().review_days
    with_target = Metric.objects.on_the_map().filter(target__isnull=False)
    unfit = []
    for reading in readings_of(with_target):
        fit = fit_of(reading, None, days)
        if fit and fit.fitness is not Fitness.BOTH:
            unfit.append(reading.metric.key)
    return unfit
