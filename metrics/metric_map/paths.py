"""The best way from a metric to the top of the map, drawn as steps and told in words."""

from collections.abc import Iterable
from typing import NamedTuple

from metrics.metric_map.graph import MetricMap, read_map
from metrics.metric_map.words import in_a_row, within
from metrics.models import Link, Metric

CERTAIN = Link.Rung.EXPERIMENT + 1  # an identity stands above the best experiment


class Step(NamedTuple):
    """One link of a path and the metric that it arrives at; link.child is where it starts."""

    link: Link
    parent: Metric


Path = list[Step]


def path_up(metric: Metric) -> Path:
    """The path from this metric to the top; empty for the top, and where nothing leads there."""
    return best_paths(read_map()).get(metric.pk, [])


def paths_up(metrics: Iterable[Metric]) -> dict[int, Path]:
    """The path of each of these metrics by its key, as path_up gives it, in two queries."""
    best = best_paths(read_map())
    return {metric.pk: best.get(metric.pk, []) for metric in metrics}


def best_paths(graph: MetricMap) -> dict[int, Path]:
    """For every metric that reaches the top: fewest steps, then least doubt, then by name.

    The doubt of a path is the sum over its links of how far each one's evidence is from certain.
    """
    if graph.top is None:
        return {}
    paths: dict[int, Path] = {graph.top.pk: []}
    for key in reversed(graph.upward()):
        links = [link for link in graph.links_up.get(key, []) if link.parent_id in paths]
        ways = [[Step(link, link.parent), *paths[link.parent_id]] for link in links]
        if ways:
            paths[key] = min(ways, key=_length_and_doubt)
    return paths


def metrics_on(path: Path) -> list[Metric]:
    """The metrics of a path from its start to the top; none on an empty path."""
    return [path[0].link.child, *(step.parent for step in path)] if path else []


def in_words(path: Path) -> str:
    """The path as one sentence; "" for an empty path.

    "A change in return rate moves active customers after about 1 month (assumed); a change in
    active customers moves customer equity by definition."
    """
    told = "; ".join(_clause(step.link) for step in path)
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def one_line(path: Path) -> str:
    """ "Return rate → active customers → customer equity"; "" for an empty path."""
    return in_a_row(metrics_on(path)) if path else ""


def _clause(link: Link) -> str:
    child, parent = within(link.child.name), within(link.parent.name)
    if link.is_identity:
        return f"a change in {child} moves {parent} by definition"
    verb = "acts on the risk of" if link.kind == Link.Kind.RISK else "moves"
    return f"a change in {child} {verb} {parent} {link.delay} ({link.evidence})"


def _length_and_doubt(path: Path) -> tuple[int, int, list[str]]:
    doubt = sum(CERTAIN - (CERTAIN if link.is_identity else link.rung) for link, _ in path)
    return len(path), doubt, [parent.name for _, parent in path]
