"""What the data say of every link, beside what was agreed; what is missing; what projects did."""

from dataclasses import dataclass
from datetime import timedelta

from metrics.boards.worth import change_text
from metrics.drawing.process_chart import Point
from metrics.drawing.spans import Span, spans
from metrics.drawing.spark import Spark, spark
from metrics.effects.evidence.findings import Z_95, signed
from metrics.metric_map.evidence.taking import newest_findings
from metrics.models import EvidenceRun, Finding, Link, MetricVersion, Project

Verdict = Finding.Verdict
ORDER = {Verdict.LINK: 0, Verdict.REFUSED: 1, Verdict.NONE: 2, Verdict.LITTLE: 3}
LEAST_QUARTERS = 3


@dataclass(frozen=True)
class Row:
    """One pair. agreed: the slope that the map has, as text; "" where it has none or no link."""

    finding: Finding
    link: Link | None
    span: Span | None
    slope: str
    between: str
    agreed: str
    quarters: Spark | None
    quarters_words: str
    can_be_taken: bool

    @property
    def of(self) -> str:
        """What it rests on: customers and months, or periods."""
        unit = "period" if self.finding.method == Finding.Method.SERIES else "observation"
        return f"{self.finding.n:,} {unit}{'' if self.finding.n == 1 else 's'}"

    @property
    def grade(self) -> str:
        return Link.GRADES.get(Link.Rung(self.finding.rung), "") if self.finding.rung else ""


@dataclass(frozen=True)
class Seen:
    """One project: what was hoped and what was seen, each with its place on one scale."""

    project: Project
    span: Span | None
    hoped: str
    seen: str
    between: str


@dataclass(frozen=True)
class EvidenceBoard:
    """links: on the map. candidates: not on it, and found. projects: newest first."""

    run: EvidenceRun | None
    links: list[Row]
    candidates: list[Row]
    looked_at: int
    projects: list[Seen]

    @property
    def next_on(self):
        return self.run and (self.run.asked_at + timedelta(days=7)).date()

    @property
    def claimed(self) -> int:
        return sum(row.finding.verdict == Verdict.LINK for row in self.links)


def evidence_board() -> EvidenceBoard:
    """The newest findings, clearest first: nine queries whatever their number."""
    findings = list(newest_findings().prefetch_related("quarters"))
    links = {(one.child_id, one.parent_id): one for one in Link.objects.all()}
    rows = [_row(one, links.get((one.child_id, one.parent_id))) for one in findings]
    rows.sort(key=lambda row: (ORDER[Verdict(row.finding.verdict)], row.finding.p or 0.0))
    last = EvidenceRun.objects.filter(status=EvidenceRun.Status.DONE).order_by("pk").last()
    return EvidenceBoard(
        last,
        [row for row in rows if row.link],
        [row for row in rows if not row.link and row.finding.verdict == Verdict.LINK],
        len(rows),
        _projects(),
    )


def _projects() -> list[Seen]:
    projects = list(
        Project.objects.select_related("metric")
        .prefetch_related("sites")
        .order_by("-began_on", "-pk")
    )
    versions = {
        version.metric_id: version
        for version in MetricVersion.objects.in_force().filter(
            metric__in=[one.metric_id for one in projects]
        )
    }
    return [_seen(one, versions.get(one.metric_id)) for one in projects]


def _row(finding: Finding, link: Link | None) -> Row:
    slope, reach = finding.slope, Z_95 * (finding.se or 0.0)
    between, span = "", None
    if slope is not None:
        (span,) = spans([(slope - reach, slope, slope + reach)])
        between = f"{signed(slope - reach)} to {signed(slope + reach)}"
    quarters = sorted(finding.quarters.all(), key=lambda one: one.quarter)
    return Row(
        finding=finding,
        link=link,
        span=span,
        slope="" if slope is None else signed(slope),
        between=between,
        agreed="" if link is None or link.slope is None else signed(link.slope),
        quarters=_spark(quarters),
        quarters_words=", ".join(signed(one.slope) for one in quarters),
        can_be_taken=finding.verdict == Verdict.LINK and _differs(finding, link),
    )


def _spark(quarters: list) -> Spark | None:
    if len(quarters) < LEAST_QUARTERS:
        return None
    points = [Point(one.quarter, one.slope, signed(one.slope)) for one in quarters]
    return spark(points, None)


def _differs(finding: Finding, link: Link | None) -> bool:
    """Whether the map says something else than the finding."""
    if finding.slope is None:
        return False
    if link is None or link.slope is None:
        return True
    if link.kind != Link.Kind.LEADING or link.driver:
        return False
    return abs(link.slope - finding.slope) > 1e-3 * abs(finding.slope)


def _seen(project: Project, version: MetricVersion | None) -> Seen:
    """version: the metric's, which gives its unit; None where it is not known."""
    effect, low, high = project.effect, project.effect_low, project.effect_high

    def told(change: float) -> str:
        return change_text(version, change) if version else signed(change)

    hoped = "" if project.hoped is None else told(project.hoped)
    if effect is None or low is None or high is None:
        return Seen(project, None, hoped, "", "")
    (span,) = spans([(low, effect, high)])
    return Seen(project, span, hoped, told(effect), f"{signed(low)} to {signed(high)}")
