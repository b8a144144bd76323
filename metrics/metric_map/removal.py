"""What is lost with a metric or a link: said before it is removed."""

from customers.templatetags.numbers import grouped
from metrics.metric_map.graph import MetricMap, read_map
from metrics.metric_map.paths import best_paths
from metrics.metric_map.words import listed
from metrics.models import Figure, Link, Metric


def lost_with_metric(metric: Metric) -> list[str]:
    """Sentences about its figures, its links, and the metrics that then lead nowhere."""
    graph = read_map()
    links = [*graph.links_up.get(metric.pk, []), *graph.links_down.get(metric.pk, [])]
    figures = Figure.objects.filter(version__metric=metric).count()
    lost = []
    if figures:
        lost.append(f"Its history goes: {_counted(figures, 'figure')}.")
    if links:
        lost.append(f"{_counted(len(links), 'link')} of the map {_verb(links, 'goes', 'go')}.")
    return [*lost, *_stranded(graph, graph.without_metric(metric))]


def lost_with_link(link: Link) -> list[str]:
    """One sentence about the metrics that then lead nowhere; none where all still do."""
    graph = read_map()
    return _stranded(graph, graph.without(link))


def _stranded(before: MetricMap, after: MetricMap) -> list[str]:
    reached, still = best_paths(before), best_paths(after)
    stranded = [m for key, m in after.metrics.items() if key in reached and key not in still]
    if not stranded:
        return []
    told = listed(stranded)
    return [f"{told[:1].upper()}{told[1:]} then {_verb(stranded, 'leads', 'lead')} nowhere."]


def _counted(number: int, unit: str) -> str:
    return f"{grouped(number)} {unit}" if number == 1 else f"{grouped(number)} {unit}s"


def _verb(those: list, one: str, several: str) -> str:
    return one if len(those) == 1 else several
