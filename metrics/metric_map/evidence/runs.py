"""Evidence runs: when one is due, and what it writes down of every pair."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from metrics.effects.evidence.discovery import RATE, adjusted, adjusted_strictly
from metrics.effects.evidence.findings import Source, Verdict, in_words
from metrics.metric_map.evidence.looking import Looking, Seen
from metrics.metric_map.evidence.losses import count_losses
from metrics.metric_map.evidence.pairs import Pair, pairs_to_look_at
from metrics.metric_map.evidence.projects import judge_projects
from metrics.metric_map.words import within
from metrics.models import EvidenceRun, FigureRun, Finding, FindingQuarter, Link, MapEdition

A_WEEK = timedelta(days=7)
Method = Finding.Method
METHODS = {
    Source.PANEL: Method.PANEL,
    Source.SURVIVAL: Method.SURVIVAL,
    Source.SERIES: Method.SERIES,
    Source.INITIATIVE: Method.PROJECT,
}
VERDICTS = {
    Verdict.LINK: Finding.Verdict.LINK,
    Verdict.LITTLE: Finding.Verdict.LITTLE,
    Verdict.STILL: Finding.Verdict.LITTLE,
    Verdict.NOTHING: Finding.Verdict.NONE,
    Verdict.CHANCE: Finding.Verdict.NONE,
}
LONGEST = Finding._meta.get_field("sentence").max_length
MOST_PERIODS = 10_000


def due_run() -> EvidenceRun | None:
    """A new run, waiting: a week after the last, or as soon as another map is in force; else None.

    It looks at the figures of the newest figure run, and waits for the first one.
    """
    figures = FigureRun.objects.last_done()
    last = EvidenceRun.objects.order_by("pk").last()
    if figures is None or (last and last.is_going_on):
        return None
    if last and not _is_due_after(last):
        return None
    try:
        with transaction.atomic():
            return EvidenceRun.objects.create(
                status=EvidenceRun.Status.WAITING, as_of=figures.as_of, figures=figures
            )
    except IntegrityError:  # one_evidence_run_at_a_time: another process was first
        return None


def _is_due_after(last: EvidenceRun) -> bool:
    edition = MapEdition.objects.in_force()
    if edition and edition.published_at and edition.published_at > last.asked_at:
        return True
    return timezone.now() - last.asked_at >= A_WEEK


def run(evidence_run: EvidenceRun) -> None:
    """Look at all pairs, then say which of them may be claimed. Safe to run again at any point.

    A link is never changed by it: its slope is agreed and signed. The finding stands beside it, and
    the map's administrator may take it into the draft.
    """
    if evidence_run.is_over:
        return
    pairs = pairs_to_look_at()
    evidence_run.begin(len(pairs))
    looking = Looking(evidence_run.as_of)
    for pair in pairs[evidence_run.steps_done :]:
        seen = looking.at(pair)
        with transaction.atomic():
            evidence_run.advance(1)
            if seen:
                _store(evidence_run, pair, seen)
    with transaction.atomic():
        _account_for_looks(evidence_run)
        count_losses(evidence_run, looking)
        judge_projects(evidence_run.as_of)
        evidence_run.finish()


def _store(evidence_run: EvidenceRun, pair: Pair, seen: Seen) -> None:
    one, (own_slope, own_se) = seen.evidence, seen.own or (None, None)
    if one.verdict.is_link and not one.is_lasting:
        one = replace(one, rung=None)
    verdict = VERDICTS.get(one.verdict, Finding.Verdict.REFUSED)
    if verdict == Finding.Verdict.LINK and one.rung is None:
        verdict = Finding.Verdict.REFUSED
    finding, _ = Finding.objects.update_or_create(
        run=evidence_run,
        child_id=pair.child.metric_id,
        parent_id=pair.parent.metric_id,
        method=METHODS[one.source],
        defaults={
            "verdict": verdict,
            "rung": one.rung or 0,
            "lag_days": seen.lag_days,
            "slope": one.slope,
            "se": one.se,
            "own_slope": own_slope,
            "own_se": own_se,
            "n": one.n,
            "skill": one.skill,
            "p": one.p,
            "placebo_p": one.placebo_p,
            "missing_periods": min(one.missing or 0, MOST_PERIODS),
            "sentence": one.sentence[:LONGEST],
        },
    )
    finding.quarters.all().delete()
    latest = {day: (slope, se) for day, slope, se in seen.quarters}
    FindingQuarter.objects.bulk_create(
        FindingQuarter(finding=finding, quarter=day, slope=slope, se=se)
        for day, (slope, se) in latest.items()
    )


def _account_for_looks(evidence_run: EvidenceRun) -> None:
    """Some pairs look linked by chance alone: few of the links that people believe in, and hardly
    ever one of the many that nobody does."""
    tested = evidence_run.findings.exclude(verdict=Finding.Verdict.LITTLE)
    findings = list(tested.select_related("child", "parent").order_by("pk"))
    drawn = set(Link.objects.values_list("child_id", "parent_id"))
    believed = [one for one in findings if (one.child_id, one.parent_id) in drawn]
    others = [one for one in findings if (one.child_id, one.parent_id) not in drawn]
    _take_back(believed, adjusted([one.p for one in believed]))
    _take_back(others, adjusted_strictly([one.p for one in others]))
    Finding.objects.bulk_update(findings, ["p", "verdict", "rung", "sentence"])


def _take_back(findings: Sequence[Finding], adjusted_p: Iterable[float]) -> None:
    """Let them carry these p-values, and claim no more than those allow."""
    for finding, p in zip(findings, adjusted_p, strict=True):
        finding.p = float(p)
        if finding.verdict == Finding.Verdict.LINK and p > RATE:
            finding.verdict, finding.rung = Finding.Verdict.NONE, 0
            finding.sentence = in_words(
                Verdict.CHANCE, child=finding.child.name, parent=within(finding.parent.name),
                slope=None, se=None, when="",
            )[:LONGEST]  # fmt: skip
