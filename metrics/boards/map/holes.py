"""The holes of the map: how full it is, where metrics stand and where none does, what to do."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count

from customers.models import Department, User
from metrics.boards.missing import Missing, missing_of
from metrics.metric_map.gaps.now import report_of_today
from metrics.metric_map.holes import Hole, HoleMatrix, HoleReport
from metrics.models import Metric
from metrics.policy import map_metrics_for

WITHOUT_DATA = "H5"

Told = Mapping[str, tuple[Metric, str]]


@dataclass(frozen=True)
class Problem:
    """All that is wrong in one place of the map, the worst first.

    people: how many work in its department. missing: where its data are awaited.
    """

    holes: list[Hole]
    people: int
    metric: Metric | None
    missing: Missing | None

    @property
    def first(self) -> Hole:
        return self.holes[0]

    @property
    def name(self) -> str:
        return self.metric.name if self.metric else self.first.about

    @property
    def sentence(self) -> str:
        """All of it in one sentence, without the name in front."""
        if self.metric is None:
            return self.first.sentence
        said = [hole.sentence.removeprefix(self.name).strip(" .") for hole in self.holes]
        told = "; ".join(said)
        return f"{told[:1].upper()}{told[1:]}."

    @property
    def whose(self) -> str:
        """The owner by name or by title, and the department."""
        owner = self.metric.owner if self.metric else None
        said = owner.name if owner else self.first.owner or "nobody"
        place = self.first.department
        return f"{said}, {place}" if place and place != said else said

    @property
    def wants_data(self) -> bool:
        """Whether data could be asked for, and nobody has."""
        lacks = any(hole.rule == WITHOUT_DATA for hole in self.holes)
        asked = self.missing and self.missing.request
        return self.metric is not None and lacks and not asked


@dataclass(frozen=True)
class Cell:
    """The metrics of one place of a matrix, each with what is said of data it waits for, or ""."""

    metrics: list[tuple[Metric, str]]


@dataclass(frozen=True)
class Table:
    """A matrix in words: heads of its columns, and rows of a name with its cells."""

    heads: list[str]
    rows: list[tuple[str, list[Cell]]]


@dataclass(frozen=True)
class HoleBoard:
    problems: list[Problem]
    departments: Table
    levers: Table
    stages: list[tuple[str, Cell]]
    score: float
    metrics: int

    @property
    def empty_cells(self) -> int:
        return sum(not cell.metrics for _, cells in self.departments.rows for cell in cells)


def hole_board(user: User) -> HoleBoard:
    """The report on the published map, what most people are touched by first."""
    report = report_of_today()
    metrics = {one.key: one for one in map_metrics_for(user).on_the_map().select_related("owner")}
    missing = missing_of(metrics.values())
    told = {
        key: (one, missing[one.pk].short if one.pk in missing else "")
        for key, one in metrics.items()
    }
    return HoleBoard(
        problems=_problems(report, metrics, missing),
        departments=_table(report.departments, told, str),
        levers=_table(report.levers, told, lambda lever: Metric.Lever(lever).label),
        stages=[
            (Metric.Stage(stage).label, _cell(keys, told)) for stage, keys in report.stages.items()
        ],
        score=report.score,
        metrics=len(metrics),
    )


def _problems(
    report: HoleReport, metrics: Mapping[str, Metric], missing: Mapping[int, Missing]
) -> list[Problem]:
    people = {
        one.name: one.people
        for one in Department.objects.annotate(people=Count("memberships__user", distinct=True))
    }
    places = defaultdict(list)
    for hole in report.holes:
        places[hole.key or hole.about].append(hole)
    problems = []
    for key, holes in places.items():
        metric = metrics.get(key)
        asked = missing.get(metric.pk) if metric else None
        problems.append(Problem(holes, people.get(holes[0].department, 0), metric, asked))
    return sorted(problems, key=lambda one: (-one.people, -len(one.holes), one.first.about))


def _table(matrix: HoleMatrix, metrics: Told, name: Callable[[str], str]) -> Table:
    return Table(
        [Metric.Level(level).label for level in matrix.columns],
        [
            (
                name(row),
                [_cell(matrix.cells.get((row, column), []), metrics) for column in matrix.columns],
            )
            for row in matrix.rows
        ],
    )


def _cell(keys: Iterable[str], metrics: Told) -> Cell:
    return Cell([metrics[key] for key in keys if key in metrics])
