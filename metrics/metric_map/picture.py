"""The map as a page shows it: boxes with values, lines as thick as what they carry, holes as holes.

The table below the drawing has the same facts, so nobody needs the drawing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from customers.models import Department
from metrics.drawing.axes import pixels, round_up
from metrics.drawing.map.picture import Band, Column, Drawing, DrawnBox, draw
from metrics.drawing.map.routes import Route
from metrics.drawing.map.rows import Box
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.holes import Holes, holes_of
from metrics.metric_map.paths import Path, best_paths, metrics_on
from metrics.metric_map.worth.streams import Stream, Streams
from metrics.models import Link, Metric

STROKES = (
    ("identity", "by definition, or tested", {"identity", "back-tested", "experiment"}),
    ("correlated", "correlated", {"correlated"}),
    ("assumed", "assumed, agreed or from the literature", {"assumed"}),
)
SIGNALS = {"better", "worse"}
NO_METRIC = "No metric yet"
NOWHERE = "leads nowhere yet"
WIDEST = 16.0  # pixels
LEAST_CORE, LEAST_EDGE = 1.0, 2.0
UNKNOWN_WIDTH = 1.5
ON_PATH_WIDTH = 3.0


class Value(NamedTuple):
    """A last value as text, the verdict on it (better, worse, noise ...), and that in words."""

    text: str = ""
    verdict: str = ""
    words: str = ""


Values = Mapping[int, Value]


@dataclass(frozen=True)
class Entry:
    """One metric: its links up, its value where the reader may see it, and what it is here.

    missing: why it is a hole, "" where it is none.
    """

    metric: Metric
    links: list[Link]
    value: Value
    is_top: bool
    is_on_path: bool
    missing: str = ""

    @property
    def is_hole(self) -> bool:
        return bool(self.missing)

    @property
    def look(self) -> str:
        """What its box says by its look: hole, better, worse, or nothing."""
        if self.is_hole:
            return "hole"
        return self.value.verdict if self.value.verdict in SIGNALS else ""

    @property
    def spoken(self) -> str:
        """The box as it is read aloud: name, value, signal, hole."""
        parts = [self.metric.name, self.value.text, self.value.words.lower(), self.missing]
        return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class Line:
    """One link: its route, whether it is on the path that was asked for, and how wide it is drawn.

    core: the low end of what it carries; edge: the high end, "" where nothing is in doubt.
    """

    link: Link
    route: Route
    is_on_path: bool
    stroke: str
    core: str
    edge: str = ""


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
    widest: float = 0.0

    @property
    def has_doubt(self) -> bool:
        return any(line.edge for line in self.lines)

    @property
    def has_wanted(self) -> bool:
        return any(line.stroke == "wanted" for line in self.lines)

    @property
    def widths(self) -> list[tuple[str, float]]:
        """Two widths for the legend with the money that they stand for; none without money."""
        if not self.widest:
            return []
        return [(pixels(WIDEST / 4), self.widest / 4), (pixels(WIDEST), self.widest)]

    @property
    def legend(self) -> list[tuple[str, str]]:
        """The strokes that occur, as a grade and what it stands for, the firmest first."""
        occurring = {line.stroke for line in self.lines}
        return [(grade, words) for grade, words, covers in STROKES if covers & occurring]


def picture_of(
    graph: MetricMap,
    chosen: Metric | None,
    values: Values,
    streams: Streams | None = None,
    awaited: Mapping[int, str] | None = None,
) -> Picture:
    """Draw this map with the path of the chosen metric, if any.

    values: the last value and verdict of those metrics whose values the reader may see. streams:
    what links carry. awaited: what is said of each metric whose data are still awaited.
    """
    paths = best_paths(graph)
    path = paths.get(chosen.pk, []) if chosen else []
    holes = holes_of(graph)
    missing = {key: NOWHERE for key in graph.metrics if key not in paths} | dict(awaited or {})
    entries = _entries(graph, values, missing, {chosen, *metrics_on(path)})
    strokes = _strokes(graph, streams or {}, path, missing)
    drawing = draw(
        [*_boxes(graph), *_empty_boxes(holes)],
        [(link.child_id, link.parent_id) for link in graph.links],
        {ends: max(stroke.core, stroke.edge) for ends, stroke in strokes.items()},
    )
    boxes = {box.key: box for box in drawing.boxes}
    return Picture(
        drawing=drawing,
        bands=[(band, Metric.Level(band.level).label) for band in drawing.bands],
        columns=drawing.columns,
        nodes=[(entries[box.key], box) for box in drawing.boxes if box.key in entries],
        lines=_lines(graph, drawing, path, strokes),
        empty_boxes=[(department, boxes[_key(department)]) for department in holes.without_metric],
        rows=sorted(entries.values(), key=lambda entry: not entry.is_hole),
        holes=holes,
        top=graph.top,
        chosen=chosen,
        path=path,
        widest=_widest(streams or {}),
    )


def _entries(
    graph: MetricMap,
    values: Values,
    missing: Mapping[int, str],
    on_path: set[Metric | None],
) -> dict[int, Entry]:
    return {
        key: Entry(
            metric=metric,
            links=graph.links_up.get(key, []),
            value=values.get(key, Value()),
            is_top=metric == graph.top,
            is_on_path=metric in on_path,
            missing=missing.get(key, ""),
        )
        for key, metric in graph.metrics.items()
    }


class _Stroke(NamedTuple):
    """How a link is stroked, and the pixels of its core and its edge; 0: no edge."""

    grade: str
    core: float
    edge: float


def _strokes(
    graph: MetricMap, streams: Streams, path: Path, missing: Mapping[int, str]
) -> dict[tuple[int, int], _Stroke]:
    widest = _widest(streams)
    passed = {step.link for step in path}
    strokes = {}
    for link in graph.links:
        ends = link.child_id, link.parent_id
        if link.child_id in missing or link.parent_id in missing:
            strokes[ends] = _Stroke("wanted", UNKNOWN_WIDTH, 0.0)
        elif stream := streams.get(ends):
            strokes[ends] = _Stroke(link.grade, *_widths(stream, widest, link.is_identity))
        else:
            core = ON_PATH_WIDTH if link in passed else UNKNOWN_WIDTH
            strokes[ends] = _Stroke(link.grade, core, 0.0)
    return strokes


def _widths(stream: Stream, widest: float, is_exact: bool) -> tuple[float, float]:
    """Core and edge. What is exact, or as good as, has no edge."""
    if is_exact or stream.high <= stream.low:
        return max(LEAST_CORE, WIDEST * stream.gain / widest), 0.0
    core = max(LEAST_CORE, WIDEST * stream.low / widest)
    return core, max(LEAST_EDGE, core + 1, WIDEST * stream.high / widest)


def _widest(streams: Streams) -> float:
    """The round amount that the widest link may stand for; 0 where none carries money."""
    largest = max((stream.high for stream in streams.values()), default=0.0)
    return round_up(largest) if largest > 0 else 0.0


def _lines(
    graph: MetricMap,
    drawing: Drawing,
    path: Path,
    strokes: Mapping[tuple[int, int], _Stroke],
) -> list[Line]:
    """The lines as they are drawn: the widest first, those on the path last, on top of all."""
    passed = {step.link for step in path}
    ordered = sorted(
        graph.links,
        key=lambda link: (link in passed, -max(strokes[link.child_id, link.parent_id][1:])),
    )
    lines = []
    for link in ordered:
        ends = link.child_id, link.parent_id
        stroke = strokes[ends]
        edge = pixels(stroke.edge) if stroke.edge else ""
        lines.append(
            Line(
                link, drawing.routes[ends], link in passed, stroke.grade, pixels(stroke.core), edge
            )
        )
    return lines


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
