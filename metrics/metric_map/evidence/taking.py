"""What becomes of a finding: beside the agreed slope, into the draft, or into an empty link.

A link's slope is material: people signed it, and targets hang on it. So a finding changes nothing
by itself. The map's administrator takes it into the draft, where it is signed anew like any other
change. Only where a link is assumed and nobody has put a number to it, the finding's is used in the
roll-up at once: there is nothing to go behind.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import replace

from django.db.models import QuerySet

from customers.models import User
from metrics.metric_map.agreement.drafting import NotNow, change_draft, document_of, draft_for
from metrics.metric_map.documents.entries import LinkEntry
from metrics.metric_map.graph import MetricMap, changing_map
from metrics.metric_map.words import within
from metrics.models import EvidenceRun, Finding, Link, MapEdition

NOTE = "found in our data"


def newest_findings() -> QuerySet[Finding]:
    """Of the newest run that is done, with both metrics; none before the first."""
    last = EvidenceRun.objects.filter(status=EvidenceRun.Status.DONE).order_by("pk").last()
    found = Finding.objects.filter(run=last) if last else Finding.objects.none()
    return found.select_related("child", "parent", "run")


def take_into_draft(finding: Finding, by: User) -> MapEdition:
    """Put the finding's slope, doubt, delay and rung into the draft's link, drawn where missing.

    Raises NotNow where nothing was found, a metric is not on the draft's map, or the edition that
    is open is being signed.
    """
    if finding.verdict != Finding.Verdict.LINK or finding.slope is None:
        raise NotNow("Nothing was found that could be put into the map.")
    with changing_map():
        edition = draft_for(by)
        document = document_of(edition)
        ends = finding.child.key, finding.parent.key
        if missing := [key for key in ends if key not in document.metrics]:
            raise NotNow(f"{missing[0]} is not on the map that is drafted.")
        link = document.links.get(ends) or LinkEntry(*ends, kind=Link.Kind.LEADING.value)
        if link.kind != Link.Kind.LEADING or link.driver:
            raise NotNow("This link is exact by definition: there is nothing to find.")
        lag = finding.lag_days or 0
        longest = link.longest_lag_days
        taken = replace(
            link,
            slope=float(f"{finding.slope:.4g}"),
            se=None if finding.se is None else float(f"{finding.se:.3g}"),
            lag_days=lag,
            longest_lag_days=longest if longest and longest >= lag else None,
            rung=max(link.rung, finding.rung),
            note=link.note or NOTE,
        )
        told = f"Took what was found of {within(finding.child.name)} and "
        change_draft(edition, document.with_link(taken), by, told + within(finding.parent.name))
    return edition


def with_findings(graph: MetricMap) -> MetricMap:
    """The map with the newest findings in its assumed links without a number; others untouched."""
    found = {
        (one.child_id, one.parent_id): one
        for one in newest_findings().filter(verdict=Finding.Verdict.LINK, slope__isnull=False)
    }
    return replace(graph, links=tuple(_filled(graph.links, found)))


def _filled(links: Iterable[Link], found: dict[tuple[int, int], Finding]) -> Iterable[Link]:
    for link in links:
        one = found.get((link.child_id, link.parent_id))
        is_empty = link.kind == Link.Kind.LEADING and link.slope is None and not link.driver
        if one is None or not is_empty or link.rung != Link.Rung.ASSUMED:
            yield link
            continue
        filled = copy(link)
        filled.slope, filled.se, filled.rung = one.slope, one.se, one.rung
        filled.lag_days, filled.longest_lag_days = one.lag_days or link.lag_days, None
        yield filled
