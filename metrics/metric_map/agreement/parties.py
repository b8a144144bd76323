"""Who has to sign a definition, and who has signed it as it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from django.db.models import Q, QuerySet

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
    is missing. lapsed: one that counts no more, since who gave it has left, or lost the role.
    """

    key: str
    name: str
    party: str
    department: Department | None
    people: tuple[User, ...]
    fingerprint: str
    signature: Signature | None
    lapsed: Signature | None = None
    instead: tuple[User, ...] = ()
    is_leaving: bool = False

    @property
    def role(self) -> str:
        """ "Owner", "Sales, which steers by it"."""
        if self.party == Party.CONSUMER:
            return f"{self.department}, which steers by it"
        return Party(self.party).label

    @property
    def role_within(self) -> str:
        """The role inside a sentence: "owner", "Sales, which steers by it"."""
        is_name = self.party == Party.CONSUMER
        return self.role if is_name else f"{self.role[:1].lower()}{self.role[1:]}"


def changed_keys(before: MapDocument, after: MapDocument) -> list[str]:
    """The metrics that are new, or differ in something material, in the later document."""
    known = before.metrics.keys()
    return [
        key
        for key in after.metrics
        if key not in known or fingerprint(before, key) != fingerprint(after, key)
    ]


def signatures_needed(document: MapDocument, keys: Iterable[str]) -> list[Needed]:
    """What these metrics' definitions need, given and missing, in nine queries for any number."""
    return _needed(document, {key: fingerprint(document, key) for key in keys}, _Offices())


def signatures_to_publish(
    before: MapDocument, after: MapDocument, *, is_overdue: bool = False
) -> list[Needed]:
    """What it needs to put one map in the place of another, in ten queries for any number.

    A definition that is new or materially changed is signed by all its parties, one that is not
    by the departments that begin to steer by it. A metric that leaves is signed by its owner and
    by who steers by it, where there is anybody to ask.
    """
    offices = _Offices()
    changed = {key: fingerprint(after, key) for key in changed_keys(before, after)}
    joined = _joined(before, after)
    joining = _needed(after, {key: fingerprint(after, key) for key in joined}, offices)
    found = [
        *_needed(after, changed, offices),
        *(one for one in joining if one.department and one.department.name in joined[one.key]),
        *_leaving(before, after, offices),
    ]
    instead = offices.executives if is_overdue else ()
    return [replace(one, instead=instead) for one in found]


def signatures_between(before: MapDocument, after: MapDocument) -> QuerySet[Signature]:
    """All that were given so that the one map could take the other's place."""
    prints = {fingerprint(after, key) for key in changed_keys(before, after)}
    asked = Q(fingerprint__in=prints | set(_leaving_prints(before, after).values()))
    for key, names in _joined(before, after).items():
        asked |= Q(
            fingerprint=fingerprint(after, key), party=Party.CONSUMER, department__name__in=names
        )
    return Signature.objects.filter(asked)


def _joined(before: MapDocument, after: MapDocument) -> dict[str, set[str]]:
    """By the key of each metric that both maps define alike: who begins to steer by it."""
    changed = set(changed_keys(before, after))
    return {
        key: names
        for key in after.metrics
        if key not in changed and (names := _consumers(after, key) - _consumers(before, key))
    }


def _consumers(document: MapDocument, key: str) -> set[str]:
    entry = document.metrics[key]
    return set(entry.consumers) - {entry.department}


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
        for one in Signature.objects.standing().filter(key__in=prints).select_related("person")
        if one.fingerprint == prints[one.key]
    }
    found = []
    for key, told in prints.items():
        name = document.metrics[key].name
        for party, department, people in offices.parties(document, key):
            place = department.pk if department else None
            signature = given.get((key, party, place))
            counts = signature is not None and offices.still_speaks(signature, people)
            pair = (signature, None) if counts else (None, signature)
            found.append(Needed(key, name, party, department, people, told, *pair))
    return found


class _Offices:
    """The people who can speak for each party, read once."""

    def __init__(self) -> None:
        self._people = {user.email: user for user in User.objects.working()}
        signing = Membership.objects.filter(role__in=SIGNERS | MAP_EDITORS, user__is_active=True)
        self._signing = set(signing.values_list("user", flat=True))
        self._departments = {one.name: one for one in Department.objects.all()}
        self._finance = Company.objects.current().finance_department
        managers = Membership.objects.filter(role=Role.MANAGER, user__is_active=True)
        self._managers: dict[int, list[User]] = {}
        for membership in managers.select_related("user").order_by("user__name"):
            self._managers.setdefault(membership.department_id, []).append(membership.user)
        self._stewards = _named(User.objects.working().holding(Role.DATA_STEWARD))
        self.executives = _named(User.objects.working().holding(Role.EXECUTIVE))

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

    def still_speaks(self, signature: Signature, people: tuple[User, ...]) -> bool:
        """Whether who signed could sign it today: one of these people, or an executive; for owner
        and steward, who may be others by now, also somebody who signs at all."""
        person = signature.person
        of_a_department = signature.department_id or signature.party == Party.FINANCE
        signs = not of_a_department and person.pk in self._signing
        return signs or person in people or person in self.executives

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
