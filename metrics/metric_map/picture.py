"""The map as a page shows it: boxes with their values, lines with their evidence, holes as holes.

The table below the drawing has the same facts, so nobody needs the drawing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from customers.models import Department
from metrics.drawing.map.layout import Box
from metrics.drawing.map.picture import Band, Column, Drawing, DrawnBox, draw
from metrics.drawing.map.routes import Route
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.holes import Holes, holes_of
from metrics.metric_map.paths import Path, best_paths, metrics_on
from metrics.models import Link, Metric

STROKES = (
    ("identity", "by definition, or tested", {"identity", "back-tested", "experiment"}),
    ("correlated", "correlated", {"correlated"}),
    ("assumed", "assumed, agreed or from the literature", {"assumed"}),
)
SIGNALS = {"better", "worse"}
NO_METRIC = "No metric yet"


class Value(NamedTuple):
    """A last value as text, the verdict on it (better, worse, noise ...), and that in words."""

    text: str = ""
    verdict: str = ""
    words: str = ""


Values = Mapping[int, Value]


@dataclass(frozen=True)
class Entry:
    """One metric: its links up, its value where the reader may see it, and what it is here."""

    metric: Metric
    links: list[Link]
    value: Value
    is_top: bool
    is_hole: bool
    is_on_path: bool

    @property
    def look(self) -> str:
        """What its box says by its look: hole, better, worse, or nothing."""
        if self.is_hole:
            return "hole"
        return self.value.verdict if self.value.verdict in SIGNALS else ""

    @property
    def spoken(self) -> str:
        """The box as it is read aloud: name, value, signal, hole."""
        parts = [self.metric.name, self.value.text, self.value.words.lower()]
        return ", ".join(filter(None, [*parts, "leads nowhere yet" if self.is_hole else ""]))


@dataclass(frozen=True)
class Line:
    """One link: its route, and whether it is on the path that was asked for."""

    link: Link
    route: Route
    is_on_path: bool


@dataclass(frozen=True)
class Picture:
    """Everything that the map page shows."""

    drawing: Drawing
    bands: list[tuple[Band, str]]
    columns: list[Column]
    nodes: list[tuple[Entry, DrawnBox]]
    lines: list[Line]
    empty_boxes: list[tuple[Department, DrawnBox]]
    rows: list[Entry]
    holes: Holes
    top: Metric | None
    chosen: Metric | None
    path: Path

    @property
    def legend(self) -> list[tuple[str, str]]:
        """The strokes that occur, as a grade and what it stands for, the firmest first."""
        occurring = {line.link.grade for line in self.lines}
        return [(grade, words) for grade, words, covers in STROKES if covers & occurring]


def picture_of(graph: MetricMap, chosen: Metric | None, values: Values) -> Picture:
    """Draw this map with the path of the chosen metric, if any.

    values: the last value and verdict of those metrics whose values the reader may see.
    """
    paths = best_paths(graph)
    path = paths.get(chosen.pk, []) if chosen else []
    holes = holes_of(graph)
    entries = _entries(graph, values, paths, {chosen, *metrics_on(path)})
    drawing = draw(
        [*_boxes(graph), *_empty_boxes(holes)],
        [(link.child_id, link.parent_id) for link in graph.links],
    )
    boxes = {box.key: box for box in drawing.boxes}
    return Picture(
        drawing=drawing,
        bands=[(band, Metric.Level(band.level).label) for band in drawing.bands],
        columns=drawing.columns,
        nodes=[(entries[box.key], box) for box in drawing.boxes if box.key in entries],
        lines=_lines(graph, drawing, path),
        empty_boxes=[(department, boxes[_key(department)]) for department in holes.without_metric],
        rows=list(entries.values()),
        holes=holes,
        top=graph.top,
        chosen=chosen,
        path=path,
    )


def _entries(
    graph: MetricMap, values: Values, paths: Mapping[int, Path], on_path: set[Metric | None]
) -> dict[int, Entry]:
    entries = {}
    for key, metric in graph.metrics.items():
        entries[key] = Entry(
            metric=metric,
            links=graph.links_up.get(key, []),
            value=values.get(key, Value()),
            is_top=metric == graph.top,
            is_hole=key not in paths,
            is_on_path=metric in on_path,
        )
    return entries


def _lines(graph: MetricMap, drawing: Drawing, path: Path) -> list[Line]:
    """The lines as they are drawn: those on the path last, so that they lie on top."""
    passed = {step.link for step in path}
    lines = [
        Line(link, drawing.routes[link.child_id, link.parent_id], link in passed)
        for link in graph.links
    ]
    return sorted(lines, key=lambda line: line.is_on_path)


def _boxes(graph: MetricMap) -> list[Box]:
    return [
        Box(metric.pk, metric.name, metric.level, metric.department.name)
        for metric in graph.metrics.values()
    ]


def _empty_boxes(holes: Holes) -> list[Box]:
    return [
        Box(_key(department), NO_METRIC, Metric.Level.HEAD, department.name)
        for department in holes.without_metric
    ]


def _key(department: Department) -> str:
    return f"department {department.pk}"
