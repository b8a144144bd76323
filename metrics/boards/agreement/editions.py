"""Editions as pages show them: what waits for a signature, and any earlier map drawn again."""

from dataclasses import dataclass, field

from django.db.models import Q

from customers.models import User
from metrics.boards.agreement.counters import Counter, counters_of
from metrics.boards.agreement.drafting import PageChange, page_changes, people_in
from metrics.metric_map.agreement.drafting import document_of
from metrics.metric_map.agreement.parties import Needed, signatures_between
from metrics.metric_map.agreement.signing import needed_for
from metrics.metric_map.document import (
    Difference,
    MapDocument,
    differences,
    graph_of,
    stored_document,
)
from metrics.metric_map.picture import Picture, picture_of
from metrics.models import MapEdition, Signature


@dataclass(frozen=True)
class ToSign:
    """One definition that this person has to sign, with what is different in it."""

    needed: Needed
    changes: list[Difference]


@dataclass(frozen=True)
class SigningBoard:
    """overdue: what waits for others past its day, and this executive may sign in their place.

    differences: all that the edition changes; page_changes: whose board, and how.
    """

    edition: MapEdition | None
    mine: list[ToSign] = field(default_factory=list)
    overdue: list[ToSign] = field(default_factory=list)
    others: list[Needed] = field(default_factory=list)
    done: list[Needed] = field(default_factory=list)
    counters: list[Counter] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    page_changes: list[PageChange] = field(default_factory=list)

    @property
    def people(self) -> int:
        """How many see another board then."""
        return people_in(self.page_changes)

    @property
    def is_signed(self) -> bool:
        return not (self.mine or self.overdue or self.others)


@dataclass(frozen=True)
class Signed:
    """One signature, with the metric's name as it was when it was given."""

    name: str
    signature: Signature


@dataclass(frozen=True)
class EditionBoard:
    edition: MapEdition
    picture: Picture
    changes: list[Difference]
    signatures: list[Signed]
    earlier: MapEdition | None
    later: MapEdition | None
    can_be_proposed_again: bool

    @property
    def stands(self) -> str:
        """The map as it "was", "is" or "would be"."""
        if self.later:
            return "was"
        return "is" if self.edition.published_at else "would be"


def signing_board(edition: MapEdition | None, user: User) -> SigningBoard:
    """What the proposed edition asks of this person, of others, and what is signed."""
    if edition is None or edition.state != MapEdition.State.PROPOSED:
        return SigningBoard(edition)
    needed, document = needed_for(edition), document_of(edition)
    before = stored_document()
    changes = differences(before, document)
    mine, overdue, others = [], [], []
    for one in needed:
        if one.signature is None:
            to_sign = ToSign(one, [change for change in changes if change.key == one.key])
            if user in one.people:
                mine.append(to_sign)
            elif user in one.instead:
                overdue.append(to_sign)
            else:
                others.append(one)
    done = [one for one in needed if one.signature]
    return SigningBoard(
        edition,
        mine,
        overdue,
        others,
        done,
        counters_of(edition, document),
        changes,
        page_changes(before, document),
    )


def edition_board(edition: MapEdition, key: str = "") -> EditionBoard:
    """This edition's map, drawn from its document, against the one before it.

    key: the metric whose path is drawn on it; none where the edition has no such metric.
    """
    document = document_of(edition)
    graph = graph_of(document)
    chosen = next((one for one in graph.metrics.values() if one.key == key), None)
    earlier, later = _neighbours(edition)
    before = document_of(earlier) if earlier else MapDocument()
    return EditionBoard(
        edition,
        picture_of(graph, chosen, {}),
        differences(before, document) if earlier else [],
        _signed(edition, before, document),
        earlier,
        later,
        edition.state == MapEdition.State.PUBLISHED and later is not None,
    )


def _signed(edition: MapEdition, before: MapDocument, document: MapDocument) -> list[Signed]:
    """What was signed for it, by name; of what is published only what counted then."""
    signatures = signatures_between(before, document).select_related("person", "department")
    if edition.published_at:
        still = Q(lapsed_at=None) | Q(lapsed_at__gt=edition.published_at)
        signatures = signatures.filter(still, signed_at__lte=edition.published_at)
    entries = before.metrics | document.metrics
    found = [Signed(entries[one.key].name, one) for one in signatures.order_by("signed_at", "pk")]
    return sorted(found, key=lambda one: one.name)


def _neighbours(edition: MapEdition) -> tuple[MapEdition | None, MapEdition | None]:
    """The maps in force just before and just after this one; numbers tell who began first."""
    published = MapEdition.objects.published().exclude(pk=edition.pk)
    if edition.published_at is None:
        return published.order_by("published_at", "pk").last(), None
    earlier = published.filter(published_at__lte=edition.published_at)
    later = published.filter(published_at__gt=edition.published_at)
    return (
        earlier.order_by("published_at", "pk").last(),
        later.order_by("published_at", "pk").first(),
    )
