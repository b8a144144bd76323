"""Counter-proposals as pages show them: what somebody would have otherwise, field by field."""

from dataclasses import dataclass

from metrics.metric_map.document import Difference, MapDocument, differences, read_metric
from metrics.models import CounterProposal, MapEdition


@dataclass(frozen=True)
class Counter:
    """One counter-proposal. changes: what taking it would change in the edition as it stands."""

    proposal: CounterProposal
    name: str
    changes: list[Difference]


def counters_of(edition: MapEdition, document: MapDocument) -> list[Counter]:
    """All that were made to this edition, the open ones first; document: the edition's."""
    proposals = edition.counter_proposals.select_related("by", "answered_by").order_by("at", "pk")
    found = [_counter(one, document) for one in proposals]
    return sorted(found, key=lambda one: one.proposal.state != CounterProposal.State.OPEN)


def _counter(proposal: CounterProposal, document: MapDocument) -> Counter:
    entry = document.metrics.get(proposal.key)
    if entry is None or proposal.state != CounterProposal.State.OPEN:
        return Counter(proposal, entry.name if entry else proposal.key, [])
    after = document.with_metric(read_metric(proposal.document))
    return Counter(proposal, entry.name, differences(document, after))
