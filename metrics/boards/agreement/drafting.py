"""The draft beside the published map: what changes, for whom, what is wrong, who has signed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from customers.models import DEPARTMENT_ROLES, Membership, User
from metrics.boards.agreement.counters import Counter, counters_of
from metrics.metric_map.agreement.drafting import document_of
from metrics.metric_map.agreement.parties import Needed
from metrics.metric_map.agreement.signing import needed_for
from metrics.metric_map.document import (
    Difference,
    LinkEntry,
    MapDocument,
    MetricEntry,
    differences,
    stored_document,
)
from metrics.metric_map.documents.rules import refusals, warnings
from metrics.models import MapEdition


@dataclass(frozen=True)
class Row:
    """One metric of the draft with its links up. state: new, changed, or nothing."""

    entry: MetricEntry
    links: list[tuple[LinkEntry, str]]
    state: str


@dataclass(frozen=True)
class PageChange:
    """The boards that change alike: how many metrics come, go, or are told otherwise.

    metrics: how many stand on each of these boards then.
    """

    people: list[User]
    comes: list[str]
    goes: list[str]
    changes: list[str]
    metrics: int


@dataclass(frozen=True)
class DraftBoard:
    """Everything that the editor shows. edition: None while nobody has begun a draft."""

    edition: MapEdition | None
    rows: list[Row]
    removed: list[MetricEntry]
    differences: list[Difference]
    refusals: list[str]
    warnings: list[str]
    page_changes: list[PageChange]
    needed: list[Needed]
    counters: list[Counter]

    @property
    def is_draft(self) -> bool:
        return self.edition is not None and self.edition.state == MapEdition.State.DRAFT

    @property
    def is_proposed(self) -> bool:
        return self.edition is not None and self.edition.state == MapEdition.State.PROPOSED

    @property
    def people(self) -> int:
        """How many see another board then."""
        return people_in(self.page_changes)

    @property
    def missing(self) -> list[Needed]:
        return [one for one in self.needed if one.signature is None]


def draft_board(edition: MapEdition | None) -> DraftBoard:
    """The open edition against the published map; the published map alone without one."""
    before = stored_document()
    after = document_of(edition) if edition else before
    changes = differences(before, after)
    return DraftBoard(
        edition=edition,
        rows=_rows(before, after),
        removed=[entry for key, entry in before.metrics.items() if key not in after.metrics],
        differences=changes,
        refusals=[one.sentence for one in refusals(after)],
        warnings=[one.sentence for one in warnings(after)],
        page_changes=page_changes(before, after),
        needed=needed_for(edition) if edition else [],
        counters=counters_of(edition, after) if edition else [],
    )


def page_changes(before: MapDocument, after: MapDocument) -> list[PageChange]:
    """Whose board changes and how, alike ones together; who sees no change is left out."""
    memberships = Membership.objects.filter(role__in=DEPARTMENT_ROLES, user__is_active=True)
    places: dict[User, set[str]] = {}
    for one in memberships.select_related("user", "department").order_by("user__name", "user_id"):
        places.setdefault(one.user, set()).add(one.department.name)
    alike: dict[tuple, list[User]] = {}
    for user, departments in places.items():
        old, new = (_own(document, user, departments) for document in (before, after))
        comes = tuple(new[key].name for key in new if key not in old)
        goes = tuple(old[key].name for key in old if key not in new)
        kept = [key for key in new if key in old]
        changes = tuple(new[key].name for key in kept if not _is_same(before, after, key))
        if comes or goes or changes:
            alike.setdefault((comes, goes, changes, len(new)), []).append(user)
    return [
        PageChange(people, list(comes), list(goes), list(changes), metrics)
        for (comes, goes, changes, metrics), people in alike.items()
    ]


def people_in(pages: Iterable[PageChange]) -> int:
    """How many people see another board then."""
    return sum(len(page.people) for page in pages)


def _own(document: MapDocument, user: User, departments: set[str]) -> dict[str, MetricEntry]:
    """What stands on this person's board, as board_of would show it."""
    return {
        key: one
        for key, one in document.metrics.items()
        if one.department in departments or user.email in {one.owner, one.backup}
    }


def _is_same(before: MapDocument, after: MapDocument, key: str) -> bool:
    """Whether the metric and what it leads to are told as before."""
    is_told_so = before.metrics.get(key) == after.metrics[key]
    return is_told_so and before.links_up(key) == after.links_up(key)


def _rows(before: MapDocument, after: MapDocument) -> list[Row]:
    order: Sequence[MetricEntry] = sorted(
        after.metrics.values(), key=lambda one: (one.level, one.department, one.name)
    )
    rows = []
    for entry in order:
        links = after.links_up(entry.key)
        old = before.metrics.get(entry.key)
        is_same = _is_same(before, after, entry.key)
        state = "new" if old is None else "" if is_same else "changed"
        told = [(link, after.metrics[link.parent].name) for link in links]
        rows.append(Row(entry, told, state))
    return rows
