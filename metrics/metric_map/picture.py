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
from metrics.metric_map.folding import Bundle, Ends, boxes_of, bundles_of, is_folded
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
SIGNALS = {"better": "▲ ", "worse": "▼ "}
NO_METRIC = "No metric yet"
NOWHERE = "leads nowhere yet"
WIDEST = 16.0  # pixels
LEAST_CORE, LEAST_EDGE = 1.0, 2.0
UNKNOWN_WIDTH = 1.5
ON_PATH_WIDTH = 3.0


class Value(NamedTuple):
    """A last value as text, the verdict on it (better, worse, noise ...), that in words, and the
    value's unit as far as the text leaves it out."""

    text: str = ""
    verdict: str = ""
    words: str = ""
    unit: str = ""


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
    def mark(self) -> str:
        """The shape of a signal, in front of a text; nothing where there is none."""
        return SIGNALS.get(self.look, "")

    @property
    def spoken(self) -> str:
        """The box as it is read aloud: name, value, signal, hole."""
        value = f"{self.value.text} {self.value.unit}".strip()
        parts = [self.metric.name, value, self.value.words.lower(), self.missing]
        return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class Line:
    """One link, or all from one list to one place: the route, whether the path that was asked for
    passes here, and how wide it is drawn.

    core: the low end of what it carries; edge: the high end, "" where nothing is in doubt.
    """

    links: list[Link]
    route: Route
    is_on_path: bool
    stroke: str
    core: str
    edge: str = ""

    @property
    def link(self) -> Link:
        return self.links[0]

    @property
    def ends(self) -> str:
        """The metrics that it joins, as keys: "12>7 15>7"."""
        return " ".join(f"{link.child_id}>{link.parent_id}" for link in self.links)


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
    is_folded: bool
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
    bundles = bundles_of(graph, streams or {})
    strokes = _strokes(bundles, path, missing)
    drawing = draw(
        [*boxes_of(graph), *_empty_boxes(holes)],
        bundles,
        {ends: max(stroke.core, stroke.edge) for ends, stroke in strokes.items()},
    )
    boxes = {box.key: box for box in drawing.boxes}
    return Picture(
        drawing=drawing,
        bands=[(band, Metric.Level(band.level).label) for band in drawing.bands],
        columns=drawing.columns,
        nodes=[(entries[box.key], box) for box in drawing.boxes if box.key in entries],
        lines=_lines(bundles, drawing, path, strokes),
        empty_boxes=[(department, boxes[_key(department)]) for department in holes.without_metric],
        rows=sorted(entries.values(), key=lambda entry: not entry.is_hole),
        holes=holes,
        top=graph.top,
        chosen=chosen,
        path=path,
        is_folded=is_folded(graph),
        widest=_widest(bundles),
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
    bundles: Mapping[Ends, Bundle], path: Path, missing: Mapping[int, str]
) -> dict[Ends, _Stroke]:
    widest = _widest(bundles)
    passed = {step.link for step in path}
    strokes = {}
    for ends, (links, stream) in bundles.items():
        if all(link.child_id in missing or link.parent_id in missing for link in links):
            strokes[ends] = _Stroke("wanted", UNKNOWN_WIDTH, 0.0)
        elif stream:
            is_exact = all(link.is_identity for link in links)
            strokes[ends] = _Stroke(_grade(links), *_widths(stream, widest, is_exact))
        else:
            core = UNKNOWN_WIDTH if passed.isdisjoint(links) else ON_PATH_WIDTH
            strokes[ends] = _Stroke(_grade(links), core, 0.0)
    return strokes


def _grade(links: list[Link]) -> str:
    """The grade of the least certain of them."""
    grades = {link.grade for link in links}
    return next((grade for grade in ("assumed", "correlated") if grade in grades), links[0].grade)


def _widths(stream: Stream, widest: float, is_exact: bool) -> tuple[float, float]:
    """Core and edge. What is exact, or as good as, has no edge."""
    if is_exact or stream.high <= stream.low:
        return max(LEAST_CORE, WIDEST * stream.gain / widest), 0.0
    core = max(LEAST_CORE, WIDEST * stream.low / widest)
    return core, max(LEAST_EDGE, core + 1, WIDEST * stream.high / widest)


def _widest(bundles: Mapping[Ends, Bundle]) -> float:
    """The round amount that the widest line may stand for; 0 where none carries money."""
    carried = [bundle.stream.high for bundle in bundles.values() if bundle.stream]
    return round_up(max(carried)) if carried and max(carried) > 0 else 0.0


def _lines(
    bundles: Mapping[Ends, Bundle],
    drawing: Drawing,
    path: Path,
    strokes: Mapping[Ends, _Stroke],
) -> list[Line]:
    """The lines as they are drawn: the widest first, those on the path last, on top of all."""
    passed = {step.link for step in path}
    lines = [
        Line(
            bundle.links,
            drawing.routes[ends],
            not passed.isdisjoint(bundle.links),
            strokes[ends].grade,
            pixels(strokes[ends].core),
            pixels(strokes[ends].edge) if strokes[ends].edge else "",
        )
        for ends, bundle in sorted(
            bundles.items(), key=lambda pair: -max(strokes[pair[0]].core, strokes[pair[0]].edge)
        )
    ]
    return sorted(lines, key=lambda line: line.is_on_path)


def _empty_boxes(holes: Holes) -> list[Box]:
    return [
        Box(_key(department), NO_METRIC, Metric.Level.HEAD, department.name)
        for department in holes.without_metric
    ]


def _key(department: Department) -> str:
    return f"department {department.pk}"
