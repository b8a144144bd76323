"""The eleven rules that find holes, and the report on them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import NamedTuple

from metrics.indicators.counting import DAYS_OF, Way
from metrics.metric_map.document import LinkEntry, MapDocument, MetricEntry
from metrics.metric_map.gaps.report import (
    DELIVERS,
    FRONT_LINE,
    Hole,
    HoleReport,
    Known,
    by_department,
    by_lever,
    by_stage,
)
from metrics.metric_map.words import within
from metrics.models import Link, Metric

Level, Control = Metric.Level, Metric.Control


def hole_report(document: MapDocument, known: Known | None = None) -> HoleReport:
    """All holes of this map, worst rule first; no query.

    score: 1 less the weighted mean, over the rules that apply, of the share of what each looks at
    that is a hole.
    """
    known = known or Known()
    holes: list[Hole] = []
    lost, whole = 0.0, 0.0
    for rule in RULES:
        looked_at, found = rule.find(document, known)
        if looked_at:
            lost += rule.weight * len(found) / looked_at
            whole += rule.weight
        holes += [hole._replace(rule=rule.name) for hole in found]
    return HoleReport(
        holes=holes,
        score=1 - lost / whole if whole else 1.0,
        departments=by_department(document, known.peopled),
        levers=by_lever(document),
        stages=by_stage(document),
    )


Found = tuple[int, list[Hole]]


def _empty_cells(document: MapDocument, known: Known) -> Found:
    matrix = by_department(document, known.peopled)
    found = []
    for department, level in matrix.empty:
        label = Level(level).label.lower()
        sentence = f"{department} has no metric at the level {label}."
        plug = f"Ask {department} which number it looks at first, and add it to the map."
        found.append(Hole("", "", f"{department}, {label}", department, "", sentence, plug))
    return len(matrix.rows) * len(matrix.columns), found


def _leading_nowhere(document: MapDocument, known: Known) -> Found:
    reached = _reaching_top(document, document.links.values())
    return _of_metrics(
        document.metrics.values(),
        lambda entry: entry.key not in reached,
        "leads nowhere.",
        "Say which metric above it moves, or take it off the map.",
    )


def _nothing_to_act_on(document: MapDocument, known: Known) -> Found:
    front = {entry.key for entry in document.metrics.values() if entry.level == FRONT_LINE}
    moved = _climb(front, document.links.values())
    between = [e for e in document.metrics.values() if e.level in {Level.OUTCOME, Level.HEAD}]
    return _of_metrics(
        between,
        lambda entry: entry.key not in moved,
        "is moved by no metric of the front line.",
        "Find what somebody at the front line does that moves it, and measure that.",
    )


def _nobody_acts(document: MapDocument, known: Known) -> Found:
    def is_hole(entry: MetricEntry) -> bool:
        is_gone = known.working is not None and entry.owner not in known.working
        only_watches = entry.control == Control.NONE and not entry.watch_note.strip()
        return not entry.owner or is_gone or only_watches

    return _of_metrics(
        document.metrics.values(),
        is_hole,
        "has no owner who can move it.",
        "Name somebody who works here and can act on it.",
    )


def _without_data(document: MapDocument, known: Known) -> Found:
    def is_hole(entry: MetricEntry) -> bool:
        if entry.counting is None or entry.counting.way == Way.AWAITED:
            return True
        last_on = known.last_on.get(entry.key)
        if known.as_of is None or last_on is None:
            return False
        usual = 2 * DAYS_OF[entry.counting.grain] + entry.counting.ripens_after_days
        return last_on < known.as_of - timedelta(usual)

    return _of_metrics(
        document.metrics.values(),
        is_hole,
        "is not measured, or its data are late.",
        f"Ask {DELIVERS} for the data, with a day.",
    )


def _only_assumed(document: MapDocument, known: Known) -> Found:
    reached = _reaching_top(document, document.links.values())
    founded = _reaching_top(document, filter(_is_founded, document.links.values()))
    return _of_metrics(
        [document.metrics[key] for key in sorted(reached)],
        lambda entry: entry.key not in founded,
        "reaches the top by assumptions only.",
        "Test the link that carries most of the doubt.",
    )


def _levers_without_a_handle(document: MapDocument, known: Known) -> Found:
    leading = {link.child for link in document.links.values() if link.kind == Link.Kind.LEADING}
    handled = {
        entry.lever
        for entry in document.metrics.values()
        if entry.level == FRONT_LINE and entry.key in leading
    }
    found = []
    for lever in Metric.Lever:
        if lever not in handled:
            sentence = f"Nothing at the front line leads to “{lever.label}”."
            plug = "Find what somebody at the front line does for it, and measure that."
            found.append(Hole("", "", lever.label, "", "", sentence, plug))
    return len(Metric.Lever), found


def _target_without_a_counter(document: MapDocument, known: Known) -> Found:
    return _of_metrics(
        _with_target(document),
        lambda entry: not entry.counter_metric,
        "has a target and no counter-metric.",
        "Name what would suffer if it were chased blindly.",
    )


def _target_on_an_unfit(document: MapDocument, known: Known) -> Found:
    return _of_metrics(
        _with_target(document),
        lambda entry: entry.key in known.unfit,
        "has a target, but is not stable, or not sensitive enough to show that it is met.",
        "Watch it without a target until its process or its definition is mended.",
    )


def _counted_twice(document: MapDocument, known: Known) -> Found:
    groups = defaultdict(list)
    counted = [e for e in document.metrics.values() if e.counting and e.counting.numerator]
    for entry in counted:
        groups[entry.counting.numerator, entry.counting.denominator].append(entry)
    found = []
    for same in groups.values():
        for entry in same[1:]:
            sentence = f"{entry.name} is counted as {within(same[0].name)} is."
            found.append(_hole(entry, sentence, "Keep one of the two, or say how they differ."))
    return len(counted), found


def _stages_without_metric(document: MapDocument, known: Known) -> Found:
    found = []
    for stage, keys in by_stage(document).items():
        if not keys:
            sentence = f"No metric stands at “{Metric.Stage(stage).label}” of the journey."
            plug = "Ask marketing what it sees of customers there."
            found.append(Hole("", "", stage, "", "", sentence, plug))
    return len(Metric.Stage), found


class Rule(NamedTuple):
    """name: H1 to H11; find: how many things it looks at, and which of them are holes."""

    name: str
    weight: int
    about: str
    find: Callable[[MapDocument, Known], Found]


RULES = (
    Rule("H2", 3, "Leads nowhere", _leading_nowhere),
    Rule("H1", 2, "A department's level without a metric", _empty_cells),
    Rule("H5", 2, "Not measured", _without_data),
    Rule("H3", 2, "Nothing to act on", _nothing_to_act_on),
    Rule("H7", 2, "A lever that the front line cannot move", _levers_without_a_handle),
    Rule("H9", 2, "A target that cannot show success", _target_on_an_unfit),
    Rule("H4", 1, "Nobody acts", _nobody_acts),
    Rule("H6", 1, "Assumed all the way", _only_assumed),
    Rule("H8", 1, "A target without a counter-metric", _target_without_a_counter),
    Rule("H10", 1, "Counted twice", _counted_twice),
    Rule("H11", 1, "A stage without a metric", _stages_without_metric),
)


def _of_metrics(
    looked_at: Iterable[MetricEntry],
    is_hole: Callable[[MetricEntry], bool],
    sentence: str,
    plug: str,
) -> Found:
    looked_at = list(looked_at)
    found = [_hole(e, f"{e.name} {sentence}", plug) for e in looked_at if is_hole(e)]
    return len(looked_at), found


def _hole(entry: MetricEntry, sentence: str, plug: str) -> Hole:
    owner = entry.owner or entry.owner_title
    return Hole("", entry.key, entry.name, entry.department, owner, sentence, plug)


def _with_target(document: MapDocument) -> list[MetricEntry]:
    return [entry for entry in document.metrics.values() if entry.target is not None]


def _is_founded(link: LinkEntry) -> bool:
    return link.kind == Link.Kind.IDENTITY or link.rung > Link.Rung.ASSUMED


def _reaching_top(document: MapDocument, links: Iterable[LinkEntry]) -> set[str]:
    tops = {e.key for e in document.metrics.values() if e.level == Level.BOARD}
    downward = [(link.parent, link.child) for link in links]
    return _spread(tops, downward) & document.metrics.keys()


def _climb(keys: Collection[str], links: Iterable[LinkEntry]) -> set[str]:
    return _spread(keys, [(link.child, link.parent) for link in links])


def _spread(start: Collection[str], steps: list[tuple[str, str]]) -> set[str]:
    """Everything that can be reached from the start, with the start itself."""
    onward = defaultdict(list)
    for here, there in steps:
        onward[here].append(there)
    reached, waiting = set(start), list(start)
    while waiting:
        for there in onward[waiting.pop()]:
            if there not in reached:
                reached.add(there)
                waiting.append(there)
    return reached
