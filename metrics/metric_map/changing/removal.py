"""What is lost with a metric or a link: said before it is removed."""

from customers.templatetags.numbers import grouped
from metrics.metric_map.document import MapDocument, graph_of
from metrics.metric_map.paths import best_paths
from metrics.metric_map.words import listed
from metrics.models import Figure, Metric


def lost_with_metric(document: MapDocument, key: str) -> list[str]:
    """Sentences about its figures, its links, and the metrics that then lead nowhere."""
    links = [ends for ends in document.links if key in ends]
    figures = Figure.objects.filter(version__metric__key=key).count()
    lost = []
    if figures:
        lost.append(f"Its {_counted(figures, 'figure')} stay, but nobody counts it any more.")
    if links:
        lost.append(f"{_counted(len(links), 'link')} of the map {_verb(links, 'goes', 'go')}.")
    return [*lost, *_stranded(document, document.without_metric(key))]


def lost_with_link(document: MapDocument, child: str, parent: str) -> list[str]:
    """One sentence about the metrics that then lead nowhere; none where all still do."""
    return _stranded(document, document.without_link(child, parent))


def _stranded(before: MapDocument, after: MapDocument) -> list[str]:
    still = _reaching(after).keys()
    stranded = [metric for key, metric in _reaching(before).items() if key not in still]
    stranded = [metric for metric in stranded if metric.key in after.metrics]
    if not stranded:
        return []
    told = listed(stranded)
    return [f"{told[:1].upper()}{told[1:]} then {_verb(stranded, 'leads', 'lead')} nowhere."]


def _reaching(document: MapDocument) -> dict[str, Metric]:
    """The metrics with a way to the top, by their key, in the map's order."""
    graph = graph_of(document)
    reached = best_paths(graph)
    return {metric.key: metric for pk, metric in graph.metrics.items() if pk in reached}


def _counted(number: int, unit: str) -> str:
    return f"{grouped(number)} {unit}" if number == 1 else f"{grouped(number)} {unit}s"


def _verb(those: list, one: str, several: str) -> str:
    return one if len(those) == 1 else several
