"""The report on a map's holes: each with whose it is and how it could be filled."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, Max, OuterRef

from customers.models import Department, Membership
from metrics.metric_map.document import MapDocument, MetricEntry
from metrics.models import DataRequest, Metric
from metrics.policy import people_who_open

LONGEST_WANTED = DataRequest._meta.get_field("wanted").max_length
DELIVERS = "IT"
HEAD, FRONT_LINE = Metric.Level.HEAD, Metric.Level.FRONT_LINE


class Hole(NamedTuple):
    """One hole. key: of the metric, "" where one is missing; owner: a person, a title, or ""."""

    rule: str
    key: str
    about: str
    department: str
    owner: str
    sentence: str
    plug: str


@dataclass(frozen=True)
class HoleMatrix:
    """Which metrics stand where: keys by row and column; a pair without any is an empty cell."""

    rows: list[str]
    columns: list[Any]
    cells: Mapping[tuple[str, Any], list[str]]

    @property
    def empty(self) -> list[tuple[str, Any]]:
        return [(r, c) for r in self.rows for c in self.columns if not self.cells.get((r, c))]


@dataclass(frozen=True)
class Known:
    """What a document alone cannot say of its metrics.

    as_of: the day up to which figures are there; last_on: the end of each metric's last period,
    by key; unfit: keys of metrics that are not stable, or not sensitive enough for a target;
    peopled: names of departments in which people work; working: e-mails of those who still do, in
    a role that opens the page of a metric of theirs.
    """

    as_of: date | None = None
    last_on: Mapping[str, date] = field(default_factory=dict)
    unfit: frozenset[str] = frozenset()
    peopled: frozenset[str] = frozenset()
    working: frozenset[str] | None = None


@dataclass(frozen=True)
class HoleReport:
    """The holes of a map by rule, and where its metrics stand. score: 1 without any hole."""

    holes: list[Hole]
    score: float
    departments: HoleMatrix
    levers: HoleMatrix
    stages: dict[str, list[str]]

    def of(self, rule: str) -> list[Hole]:
        return [hole for hole in self.holes if hole.rule == rule]


class Proposal(NamedTuple):
    """A data request as it could be asked: of which department, for what, from which system."""

    department: str
    source: str
    wanted: str


def data_request_for(metric: Metric | MetricEntry) -> Proposal:
    """What to ask IT for, so that this metric can be measured."""
    wanted = f"{metric.name}: {metric.description}"
    if len(wanted) > LONGEST_WANTED:
        wanted = f"{wanted[: LONGEST_WANTED - 1]}…"
    return Proposal(DELIVERS, metric.data_source or "Not known yet", wanted)


def what_is_known(as_of: date | None, unfit: Iterable[str] = ()) -> Known:
    """What the stored rows add to a document. as_of: of the last figures. Three queries."""
    members = Membership.objects.filter(department=OuterRef("pk"))
    peopled = Department.objects.filter(Exists(members))
    ends = Metric.objects.on_the_map().annotate(last_on=Max("versions__figures__ends_on"))
    last_on = {key: day for key, day in ends.values_list("key", "last_on") if day}
    return Known(
        as_of,
        last_on,
        frozenset(unfit),
        frozenset(peopled.values_list("name", flat=True)),
        frozenset(people_who_open("metric-page").values_list("email", flat=True)),
    )


def by_department(document: MapDocument, peopled: Iterable[str] = ()) -> HoleMatrix:
    """Departments that have people, or a metric below the board, by the two working levels."""
    entries = [e for e in document.metrics.values() if e.level > Metric.Level.BOARD]
    at_the_top = {e.department for e in document.metrics.values()}
    rows = {e.department for e in entries} | (set(peopled) - at_the_top)
    keys = _grouped(((e.department, e.level), e.key) for e in entries)
    return HoleMatrix(sorted(rows), [HEAD, FRONT_LINE], keys)


def by_lever(document: MapDocument) -> HoleMatrix:
    """The three ways to grow, by the levels below the board."""
    keys = _grouped(((e.lever, e.level), e.key) for e in document.metrics.values() if e.lever)
    levels = [level for level in Metric.Level if level != Metric.Level.BOARD]
    return HoleMatrix(list(Metric.Lever.values), levels, keys)


def by_stage(document: MapDocument) -> dict[str, list[str]]:
    """The customer's journey: the metrics of each stage, in its order."""
    keys = _grouped((entry.stage, entry.key) for entry in document.metrics.values())
    return {stage: keys.get(stage, []) for stage in Metric.Stage.values}


def _grouped(pairs: Iterable[tuple[Any, str]]) -> dict[Any, list[str]]:
    groups = defaultdict(list)
    for place, key in pairs:
        groups[place].append(key)
    return {place: sorted(keys) for place, keys in groups.items()}
