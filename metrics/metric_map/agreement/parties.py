"""Who has to sign a definition, and who has signed it as it stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from customers.models import Company, Department, Membership, Role, User
from metrics.metric_map.document import MapDocument, fingerprint
from metrics.models import Link, Signature

Party = Signature.Party


@dataclass(frozen=True)
class Needed:
    """One signature to a metric's definition. department: whose; people: who may give it.

    signature: the one that was given to the definition as it stands now; None while it is missing.
    """

    key: str
    name: str
    party: str
    department: Department | None
    people: tuple[User, ...]
    signature: Signature | None

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
    """What these metrics' definitions need, given and missing, in seven queries for any number."""
    keys = list(keys)
    prints = {key: fingerprint(document, key) for key in keys}
    given = {
        (one.key, one.party, one.department_id): one
        for one in Signature.objects.filter(key__in=keys).select_related("person")
        if one.fingerprint == prints[one.key]
    }
    offices = _Offices()
    found = []
    for key in keys:
        entry = document.metrics[key]
        for party, department, people in offices.parties(document, key):
            place = department.pk if department else None
            signature = given.get((key, party, place))
            found.append(Needed(key, entry.name, party, department, people, signature))
    return found


class _Offices:
    """The people who can speak for each party, read once."""

    def __init__(self) -> None:
        self._people = {user.email: user for user in User.objects.working()}
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
        owner = self._people.get(entry.owner)
        owners = (owner,) if owner else self._managers_of(own)
        found = [(Party.OWNER, None, owners)]
        for name in entry.consumers:
            if name != entry.department and (consumer := self._departments.get(name)):
                found.append((Party.CONSUMER, consumer, self._managers_of(consumer)))
        steward = self._people.get(entry.steward)
        found.append((Party.STEWARD, None, (steward,) if steward else self._stewards))
        if self._finance and _reaches_money(document, key):
            found.append((Party.FINANCE, None, self._managers_of(self._finance)))
        return found

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
