"""Everything that one metric's page shows."""

from dataclasses import dataclass, field

from customers.models import Company, User
from metrics.boards.charts import chart_of, sentence_of
from metrics.boards.metric.control import Control, control_of
from metrics.boards.metric.drivers import Driver, drivers_of
from metrics.boards.metric.lost import Losses, losses_of
from metrics.boards.metric.moved import Movement, movement_of
from metrics.boards.metric.sheet import Sheet, sheet_of
from metrics.boards.metric.two_ways import two_ways
from metrics.boards.metric.versions import Versions, versions_of
from metrics.boards.metric.way import Way, doubt_sentence, way_of
from metrics.boards.missing import Missing, missing_of
from metrics.boards.worth import Worth, worth_in
from metrics.drawing.process_chart import Event, ProcessChart
from metrics.indicators.behind.contributions import Contribution, contributions_for
from metrics.indicators.fitness import Fit, fit_of
from metrics.indicators.reading import Reading, readings_of
from metrics.indicators.words import control_words, period_text, unit_note, value_text
from metrics.metric_map.graph import read_map
from metrics.metric_map.paths import best_paths, in_words
from metrics.metric_map.words import within
from metrics.models import Annotation, FigureRun, Metric, MetricVersion, Project, RollUp
from metrics.policy import is_own

MOST_NOTES = 20


@dataclass(frozen=True)
class MetricBoard:
    metric: Metric
    reading: Reading
    is_own: bool
    control_badge: str
    sheet: Sheet | None
    two_ways: str
    chart: ProcessChart | None
    notes: list[Annotation]
    worth: Worth | None
    lost: Losses | None
    way: Way
    way_words: str
    top_name: str
    doubt: str
    drivers: list[Driver]
    movement: Movement | None
    fit: Fit | None
    control: Control
    versions: Versions
    missing: Missing | None
    projects: list[Project]
    counted: FigureRun | None
    contributions: list[Contribution] = field(default_factory=list)

    @property
    def period(self) -> str:
        last = self.reading.last
        return period_text(self.reading.version, last.ends_on) if last else ""

    @property
    def unit(self) -> str:
        return unit_note(self.reading.version) if self.reading.last else ""

    @property
    def chart_sentence(self) -> str:
        return sentence_of(self.reading) if self.reading.last else ""

    @property
    def newest_text(self) -> str:
        figures = self.reading.figures
        return value_text(self.reading.version, figures[-1].value) if figures else ""

    @property
    def target(self) -> str:
        version, target = self.reading.version, self.metric.target
        return value_text(version, target) if version and target is not None else ""


def metric_board(metric: Metric, user: User) -> MetricBoard:
    """metric: with its department, owner, backup, steward and counter-metric at hand."""
    company = Company.objects.current()
    (reading,) = readings_of([metric])
    graph = read_map(Metric.objects.on_the_map())
    links = graph.links_down.get(metric.pk, [])
    roll_up = RollUp.objects.in_force()
    stored = {one.metric_id: one for one in roll_up.worths.select_related(
        "doubtful_link__child", "doubtful_link__parent")} if roll_up else {}  # fmt: skip
    currency = roll_up.currency if roll_up else company.currency
    worth = worth_in(stored, reading, currency)
    path = best_paths(graph).get(metric.pk, [])
    notes = list(
        Annotation.objects.filter(metric=metric).select_related("by").order_by("-day", "-pk")
    )[:MOST_NOTES]
    versions, sheet = versions_of(metric), sheet_of(reading, company.currency)
    is_theirs = is_own(user, metric)
    smallest = worth.row.smallest_change if worth else None
    return MetricBoard(
        metric=metric,
        reading=reading,
        is_own=is_theirs,
        control_badge=control_words(metric, is_theirs),
        sheet=sheet,
        two_ways=two_ways(reading, graph),
        chart=chart_of(reading, [*_events(notes), *_beginnings(versions.versions)]),
        notes=notes,
        worth=worth,
        lost=losses_of(metric, worth, reading),
        way=way_of(path, worth, stored, graph),
        way_words=in_words(path),
        top_name=within(graph.top.name) if graph.top else "",
        doubt=doubt_sentence(worth),
        drivers=drivers_of(metric, graph, stored, currency, user),
        movement=movement_of(reading, links),
        fit=fit_of(reading, smallest, company.review_days),
        control=control_of(reading, links),
        versions=versions,
        missing=missing_of([metric]).get(metric.pk),
        projects=list(Project.objects.filter(metric=metric).order_by("-began_on", "-pk")),
        counted=FigureRun.objects.last_done(),
        contributions=_contributions(user, reading) if sheet and not sheet.problem else [],
    )


def _contributions(user: User, reading: Reading) -> list[Contribution]:
    """The single orders behind extremes, of what can be counted."""
    if not reading.last or reading.version.way != MetricVersion.Way.COUNTED:
        return []
    return contributions_for(user, reading.version, reading.extremes())


def _events(notes: list[Annotation]) -> list[Event]:
    return [Event(note.day, note.text) for note in notes]


def _beginnings(versions: list[MetricVersion]) -> list[Event]:
    """Where a version took over from another."""
    later = [version for version in versions if version.number > 1 and version.made_on]
    return [Event(version.made_on, f"Version {version.number}") for version in later]
