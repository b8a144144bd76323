"""A metric that is counted, and by definition made of others: both values, and how far apart."""

from collections.abc import Mapping
from statistics import fmean

from metrics.boards.worth import amount_text
from metrics.indicators.figures.derived import Input, constants, derive
from metrics.indicators.formula import UnusableFormula, names_in
from metrics.indicators.reading import Reading, readings_of
from metrics.indicators.words import period_text, value_text
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.worth.arrows import PERIODS_A_YEAR
from metrics.metric_map.worth.partials import value_today
from metrics.models import Figure, MetricVersion

HARDLY = 0.02
LONGEST_YEAR = 372
Parts = Mapping[int, tuple[Reading, MetricVersion]]
"""By metric: its reading, and its version with the measures at hand."""


def two_ways(reading: Reading, graph: MetricMap) -> str:
    """What is counted and what the definition comes to, with the difference, and whether it lies
    in the last quarter; "" where there is one way only, or where a part has no figures.

    The same number of queries for any number of parts.
    """
    version, last = reading.version, reading.last
    if version is None or last is None or version.way == MetricVersion.Way.DERIVED:
        return ""
    parts = _parts(version, graph) if version.formula else {}
    versions = {key: own for key, (_, own) in parts.items()}
    readings = {key: part for key, (part, _) in parts.items()}
    today = value_today(graph, versions, readings, version) if parts else None
    if today is None:
        return ""
    way = "Reported" if version.way == MetricVersion.Way.REPORTED else "Counted"
    told = (
        f"{way} for {period_text(version, last.ends_on)}: {value_text(version, last.value)};"
        f" by definition, with each part as in its last quarter: {value_text(version, today)}"
    )
    apart = today - last.value
    if abs(apart) <= HARDLY * abs(last.value):
        return f"{told}, as good as the same."
    more = "more" if apart > 0 else "less"
    why = _why(version, _year(version, parts, reading), last.value, apart)
    return f"{told}, which is {amount_text(version, apart)} {more}.{why}"


def _why(version: MetricVersion, year: list[Figure], value: float, apart: float) -> str:
    """Whether the definition comes closer over a whole year; "" without such a year."""
    if not year:
        return ""
    mean = fmean(figure.numerator * version.scale for figure in year)
    told = (
        f" Over the year to {period_text(version, year[-1].ends_on)} the definition comes to"
        f" {value_text(version, mean)} on average"
    )
    if abs(mean - value) > abs(apart) / 2:
        return f"{told}, so the last quarter alone does not explain it."
    side = "above" if apart > 0 else "below"
    return f"{told}: most of the difference is that the last quarter lies {side} its year."


def _parts(version: MetricVersion, graph: MetricMap) -> Parts:
    """Every metric that the formula names; none where one of them has no figures."""
    known = constants()
    try:
        names = {name for name in names_in(version.formula) if name not in known}
    except UnusableFormula:
        return {}
    named = [metric for metric in graph.metrics.values() if metric.key in names]
    stored = MetricVersion.objects.in_force().filter(metric__in=named)
    versions = {one.metric_id: one for one in stored.prefetch_related("measures__conditions")}
    told = [one for one in readings_of(named) if one.last]
    found = {one.metric.pk: (one, versions[one.metric.pk]) for one in told}
    return found if len(found) == len(names) else {}


def _year(version: MetricVersion, parts: Parts, reading: Reading) -> list[Figure]:
    """By definition: the figures of the last year in which every part is final, or none."""
    inputs = {part.metric.key: Input(own, part.figures) for part, own in parts.values()}
    derived = derive(version, inputs, reading.figures[-1].ends_on, constants())
    size = round(PERIODS_A_YEAR[version.grain])
    year = [figure for figure in derived if figure.is_final][-size:]
    is_whole = len(year) == size and (year[-1].ends_on - year[0].starts_on).days < LONGEST_YEAR
    return year if is_whole else []
