"""The map page: its drawing, the table that is its equal, and who sees what of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from customers.models import DEPARTMENT_ROLES, Department, User
from customers.policy import departments_of
from metrics.boards.missing import Missing, missing_of
from metrics.boards.rows import actions_of
from metrics.boards.worth import Worth, worths_of
from metrics.indicators.reading import Reading, readings_of
from metrics.indicators.words import unit_note, verdict_words
from metrics.metric_map.folding import is_folded
from metrics.metric_map.graph import MetricMap, read_map
from metrics.metric_map.paths import in_words
from metrics.metric_map.picture import Entry, Picture, Value, picture_of
from metrics.metric_map.words import within
from metrics.metric_map.worth.streams import streams_of
from metrics.models import Metric, MetricVersion, RollUp
from metrics.policy import map_metrics_for, metrics_for


@dataclass(frozen=True)
class MapBoard:
    """shown: keys of the metrics whose figures this person may see. department: the one that is
    looked at; None for all of them. every: the metrics of the whole map; found: those of them with
    sought in their name."""

    picture: Picture
    every: list[Metric]
    sought: str
    found: list[Metric]
    worths: Mapping[int, Worth]
    missing: Mapping[int, Missing]
    shown: frozenset[int]
    department: Department | None
    departments: list[Department]
    own: list[Department]
    roll_up: RollUp | None
    actions: list[str] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple[Entry, Worth | None, Missing | None]]:
        return [
            (entry, self.worths.get(entry.metric.pk), self.missing.get(entry.metric.pk))
            for entry in self.picture.rows
        ]

    @property
    def is_part(self) -> bool:
        return len(self.picture.rows) < len(self.every)

    @property
    def links(self) -> int:
        return sum(len(entry.links) for entry in self.picture.rows)

    @property
    def assumed(self) -> int:
        return sum(link.grade == "assumed" for entry in self.picture.rows for link in entry.links)

    @property
    def chosen_worth(self) -> Worth | None:
        return self.worths.get(self.picture.chosen.pk) if self.picture.chosen else None

    @property
    def may_open_chosen(self) -> bool:
        return self.picture.chosen is not None and self.picture.chosen.pk in self.shown

    @property
    def values_hidden(self) -> bool:
        return any(entry.metric.pk not in self.shown for entry in self.picture.rows)

    @property
    def words(self) -> str:
        return in_words(self.picture.path)

    @property
    def top_name(self) -> str:
        return within(self.picture.top.name) if self.picture.top else ""


def map_board(user: User, key: str = "", department: str = "", sought: str = "") -> MapBoard | None:
    """The map with the path of one metric, if any, for one department or all.

    sought: part of a name; the one metric that has it is chosen in place of the key's. None where
    there is no such metric or department. As many queries for any number of metrics.
    """
    whole = read_map(map_metrics_for(user).on_the_map())
    every = list(whole.metrics.values())
    found = _with_name(every, sought)
    chosen = found[0] if len(found) == 1 else next((one for one in every if one.key == key), None)
    departments = _departments(every)
    place = next((one for one in departments if str(one.pk) == department), None)
    if (key and chosen is None) or (department and place is None):
        return None
    graph = _part(whole, chosen, place)
    shown = frozenset(metrics_for(user).values_list("pk", flat=True)) & set(graph.metrics)
    readings = _readings(graph, shown)
    roll_up = RollUp.objects.in_force()
    worths = worths_of(readings)
    stored = {key: worth.row for key, worth in worths.items()}
    missing = missing_of(graph.metrics.values())
    return MapBoard(
        picture=picture_of(
            graph,
            chosen,
            _values(readings, shown),
            streams_of(graph, stored),
            {key: one.short for key, one in missing.items()},
        ),
        every=every,
        sought=sought,
        found=found,
        worths=worths,
        missing=missing,
        shown=shown,
        department=place,
        departments=departments,
        own=sorted(set(departments) & _own(user, departments), key=lambda one: one.name),
        roll_up=roll_up,
        actions=actions_of([chosen]).get(chosen.pk, []) if chosen else [],
    )


def _with_name(metrics: Iterable[Metric], sought: str) -> list[Metric]:
    """Those with this in their name, or the one that is called so; none where nothing is sought."""
    text = " ".join(sought.casefold().split())
    having = [one for one in metrics if text and text in one.name.casefold()]
    return [one for one in having if one.name.casefold() == text] or having


def _departments(metrics: Iterable[Metric]) -> list[Department]:
    found = {metric.department_id: metric.department for metric in metrics}
    return sorted(found.values(), key=lambda one: (one.name, one.pk))


def _own(user: User, departments: Iterable[Department]) -> set[Department]:
    keys = departments_of(user, *DEPARTMENT_ROLES)
    return {one for one in departments if one.pk in keys}


def _part(graph: MetricMap, chosen: Metric | None, place: Department | None) -> MetricMap:
    """What is drawn: all of it, or what a department has with every way from there to the top.

    Of a map that is too large for boxes: the chosen metric's ways up, and what leads to it.
    """
    if place:
        own = {key for key, one in graph.metrics.items() if one.department_id == place.pk}
        graph = _only(graph, _upward(graph, own | ({chosen.pk} if chosen else set())))
    if chosen and is_folded(graph):
        graph = _only(graph, _upward(graph, {chosen.pk}) | _downward(graph, {chosen.pk}))
    return graph


def _upward(graph: MetricMap, kept: set[int]) -> set[int]:
    """These metrics, and all that they lead to."""
    for key in graph.upward():
        if key in kept:
            kept = kept.union(link.parent_id for link in graph.links_up.get(key, []))
    return kept


def _downward(graph: MetricMap, kept: set[int]) -> set[int]:
    """These metrics, and all that leads to them."""
    for key in reversed(graph.upward()):
        if key in kept:
            kept = kept.union(link.child_id for link in graph.links_down.get(key, []))
    return kept


def _only(graph: MetricMap, kept: set[int]) -> MetricMap:
    metrics = {key: one for key, one in graph.metrics.items() if key in kept}
    links = tuple(one for one in graph.links if {one.child_id, one.parent_id} <= kept)
    return MetricMap(metrics, links)


def _readings(graph: MetricMap, shown: Iterable[int]) -> list[Reading]:
    """With the figures of what this person may see, without those of the rest."""
    known = [one for key, one in graph.metrics.items() if key in shown]
    rest = [one for key, one in graph.metrics.items() if key not in shown]
    versions = {
        version.metric_id: version
        for version in MetricVersion.objects.in_force().filter(metric__in=rest)
    }
    return [*readings_of(known), *(Reading(one, versions.get(one.pk)) for one in rest)]


def _values(readings: Iterable[Reading], shown: Iterable[int]) -> dict[int, Value]:
    return {
        one.metric.pk: Value(
            one.last_text, one.verdict.value, verdict_words(one.verdict), unit_note(one.version)
        )
        for one in readings
        if one.metric.pk in shown and one.last
    }
