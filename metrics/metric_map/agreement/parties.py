"""Who has to sign a definition, and who has signed it as it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from django.db.models import QuerySet

from customers.models import Company, Department, Membership, Role, User
from metrics.metric_map.document import MapDocument, fingerprint
from metrics.models import Link, Signature
from metrics.policy import MAP_EDITORS, SIGNERS

Party = Signature.Party
ASKED_TO_LEAVE = frozenset({Party.OWNER, Party.CONSUMER})


@dataclass(frozen=True)
class Needed:
    """One signature to a metric's definition, or to its leaving the map.

    department: whose; people: who may give it; instead: the executives, once it is overdue.
    fingerprint: of what is signed. signature: the one that was given to just that; None while it
    is missing.
    """

    key: str
    name: str
    party: str
    department: Department | None
    people: tuple[User, ...]
    fingerprint: str
    signature: Signature | None
    instead: tuple[User, ...] = ()
    is_leaving: bool = False

    @property
    def role(self) -> str:
        """ "Owner", "Sales, which steers by it"."""
        if self.party == Party.CONSUMER:
            return f"{self.department}, which steers by it"
        return Party(self.party).label


def changed_keys(before: MapDocument, after: MapDocument) -> list[str]:
    """The metrics that are new, or differ in something material, in the later document."""
    known = before.metrics.keys()
    return [
        key
        for key in after.metrics
        if key not in known or fingerprint(before, key) != fingerprint(after, key)
    ]


def signatures_needed(document: MapDocument, keys: Iterable[str]) -> list[Needed]:
    """What these metrics' definitions need, given and missing, in eight queries for any number."""
    return _needed(document, {key: fingerprint(document, key) for key in keys}, _Offices())


def signatures_to_publish(
    before: MapDocument, after: MapDocument, *, is_overdue: bool = False
) -> list[Needed]:
    """What it needs to put one map in the place of another, in nine queries for any number.

    A definition that is new or materially changed is signed by all its parties. A metric that
    leaves is signed by its owner and by who steers by it, where there is anybody to ask.
    """
    offices = _Offices()
    changed = {key: fingerprint(after, key) for key in changed_keys(before, after)}
    found = [*_needed(after, changed, offices), *_leaving(before, after, offices)]
    instead = offices.executives() if is_overdue else ()
    return [replace(one, instead=instead) for one in found]


def prints_of(before: MapDocument, after: MapDocument) -> set[str]:
    """The fingerprints that were to be signed before the one map took the other's place."""
    changed = {fingerprint(after, key) for key in changed_keys(before, after)}
    return changed | set(_leaving_prints(before, after).values())


def _leaving(before: MapDocument, after: MapDocument, offices: "_Offices") -> list[Needed]:
    prints = _leaving_prints(before, after)
    return [
        replace(one, name=f"{one.name} (leaves the map)", is_leaving=True)
        for one in (_needed(before, prints, offices) if prints else ())
        if one.party in ASKED_TO_LEAVE and one.people
    ]


def _leaving_prints(before: MapDocument, after: MapDocument) -> dict[str, str]:
    return {
        key: sha256(f"leaves: {fingerprint(before, key)}".encode()).hexdigest()
        for key in before.metrics
        if key not in after.metrics
    }


def _needed(document: MapDocument, prints: Mapping[str, str], offices: "_Offices") -> list[Needed]:
    given = {
        (one.key, one.party, one.department_id): one
        for one in Signature.objects.filter(key__in=prints).select_related("person")
        if one.fingerprint == prints[one.key]
    }
    found = []
    for key, told in prints.items():
        name = document.metrics[key].name
        for party, department, people in offices.parties(document, key):
            place = department.pk if department else None
            signature = given.get((key, party, place))
            found.append(Needed(key, name, party, department, people, told, signature))
    return found


class _Offices:
    """The people who can speak for each party, read once."""

    def __init__(self) -> None:
        self._people = {user.email: user for user in User.objects.working()}
        signing = Membership.objects.filter(role__in=SIGNERS | MAP_EDITORS)
        self._signing = set(signing.values_list("user", flat=True))
        self._departments = {one.name: one for one in Department.objects.all()}
        self._finance = Company.objects.current().finance_department
        managers = Membership.objects.filter(role=Role.MANAGER, user__is_active=True)
        self._managers: dict[int, list[User]] = {}
        for membership in managers.select_related("user").order_by("user__name"):
            self._managers.setdefault(membership.department_id, []).append(membership.user)
        self._stewards = _named(User.objects.working().holding(Role.DATA_STEWARD))

    def parties(
        self, document: MapDocument, key: str
    ) -> list[tuple[str, Department | None, tuple[User, ...]]]:
        entry = document.metrics[key]
        own = self._departments.get(entry.department)
        found = [(Party.OWNER, None, self._speaker(entry.owner, self._managers_of(own)))]
        for name in entry.consumers:
            if name != entry.department and (consumer := self._departments.get(name)):
                found.append((Party.CONSUMER, consumer, self._managers_of(consumer)))
        found.append((Party.STEWARD, None, self._speaker(entry.steward, self._stewards)))
        if self._finance and _reaches_money(document, key):
            found.append((Party.FINANCE, None, self._managers_of(self._finance)))
        return found

    def executives(self) -> tuple[User, ...]:
        return _named(User.objects.working().holding(Role.EXECUTIVE))

    def _speaker(self, email: str, others: tuple[User, ...]) -> tuple[User, ...]:
        """Who stands in the document; others where that person left, or has no role that signs."""
        person = self._people.get(email)
        if person is None or (others and person.pk not in self._signing):
            return others
        return (person,)

    def _managers_of(self, department: Department | None) -> tuple[User, ...]:
        return tuple(self._managers.get(department.pk, ())) if department else ()


def _named(users: QuerySet[User]) -> tuple[User, ...]:
    return tuple(users.order_by("name", "pk"))


def _reaches_money(document: MapDocument, key: str) -> bool:
    """Whether one of its links goes to the top by a driver of the valuation."""
    return any(
        link.driver or link.kind == Link.Kind.RISK
        for (child, _), link in document.links.items()
        if child == key
    )
