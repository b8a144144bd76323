"""Who may see what of customers. Every page, API answer, filter, sort and export asks here.

A person's memberships give grants: some rows, with some columns of them. Columns are joined
row by row, never across grants: who leads team A and serves at the counter of team B sees B's
customers as the counter does. A column that nobody granted is not fetched.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    Aggregate,
    Case,
    Count,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)

from customers.models import Customer, Interaction, PurchaseDay, Role, StaffMonth, User

EVERYONE = frozenset(Role)
CUSTOMER_READERS = frozenset(
    {Role.FRONT_LINE, Role.TEAM_LEAD, Role.DATA_STEWARD, Role.PRIVACY_OFFICER}
)
TERM_KEEPERS = frozenset({Role.SYSTEM_ADMIN, Role.DATA_STEWARD})

# Who may open an address, by its name. What stands in no table opens for nobody.
PAGES: dict[str, frozenset[Role]] = {
    "customer-list": CUSTOMER_READERS,
    "upload-list": frozenset({Role.DATA_STEWARD}),
    "upload-new": frozenset({Role.DATA_STEWARD}),
    "upload-page": frozenset({Role.DATA_STEWARD}),
    "upload-progress": frozenset({Role.DATA_STEWARD}),
    "upload-holds": frozenset({Role.DATA_STEWARD}),
    "upload-check": frozenset({Role.DATA_STEWARD}),
    "upload-import": frozenset({Role.DATA_STEWARD}),
    "upload-undo": frozenset({Role.DATA_STEWARD}),
    "upload-try-again": frozenset({Role.DATA_STEWARD}),
    "upload-discard": frozenset({Role.DATA_STEWARD}),
    "upload-set-aside": frozenset({Role.DATA_STEWARD}),
    "person-list": frozenset({Role.SYSTEM_ADMIN, Role.PRIVACY_OFFICER}),
    "person-new": frozenset({Role.SYSTEM_ADMIN}),
    "person-page": frozenset({Role.SYSTEM_ADMIN}),
    "person-leave": frozenset({Role.SYSTEM_ADMIN}),
    "person-return": frozenset({Role.SYSTEM_ADMIN}),
    "person-reset": frozenset({Role.SYSTEM_ADMIN}),
    "membership-new": frozenset({Role.SYSTEM_ADMIN}),
    "membership-end": frozenset({Role.SYSTEM_ADMIN}),
    "department-new": frozenset({Role.SYSTEM_ADMIN}),
    "company-page": frozenset({Role.SYSTEM_ADMIN}),
    "margin-list": TERM_KEEPERS,
    "margin-new": TERM_KEEPERS,
    "margin-remove": TERM_KEEPERS,
    "acquisition-list": TERM_KEEPERS,
    "acquisition-new": TERM_KEEPERS,
    "acquisition-remove": TERM_KEEPERS,
    "reading-list": frozenset({Role.PRIVACY_OFFICER}),
    "api-customer-list": CUSTOMER_READERS,
    "api-customer-detail": CUSTOMER_READERS,
    "api-upload-list": frozenset({Role.DATA_STEWARD}),
    "api-upload-detail": frozenset({Role.DATA_STEWARD}),
    "api-purchase-push": frozenset({Role.DATA_STEWARD}),
    "api-interactions": frozenset({Role.DATA_STEWARD, Role.PRIVACY_OFFICER, Role.TEAM_LEAD}),
    "api-staff-months": frozenset({Role.DATA_STEWARD, Role.PRIVACY_OFFICER}),
}

# Which roles see a column of a customer that they may see at all.
CUSTOMER_COLUMNS: dict[str, frozenset[Role]] = {
    "code": CUSTOMER_READERS,
    "name": CUSTOMER_READERS,
    "country": CUSTOMER_READERS,
    "department_name": CUSTOMER_READERS,
    "first_on": CUSTOMER_READERS,
    "last_on": CUSTOMER_READERS,
    "orders": CUSTOMER_READERS,
    "spent": frozenset({Role.TEAM_LEAD, Role.DATA_STEWARD, Role.PRIVACY_OFFICER}),
}

TROUBLE_READERS = CUSTOMER_READERS - {Role.DATA_STEWARD}
WORDS_READERS = TROUBLE_READERS - {Role.FRONT_LINE}

# Which roles see a column of an interaction that they may see at all. A survey's words are read
# at the counter only where the customer agreed to it: quotable_words.
INTERACTION_COLUMNS: dict[str, frozenset[Role]] = {
    **dict.fromkeys(("customer_code", "kind", "happened_at"), CUSTOMER_READERS),
    **dict.fromkeys(("number", "site", "may_be_quoted"), CUSTOMER_READERS - {Role.FRONT_LINE}),
    **dict.fromkeys(("due_on", "answered_at", "done_at", "outcome", "topic"), TROUBLE_READERS),
    "quotable_words": TROUBLE_READERS,
    **dict.fromkeys(("score", "is_flagged", "is_record_shown", "description"), WORDS_READERS),
    **dict.fromkeys(("prospect", "cost"), frozenset({Role.PRIVACY_OFFICER})),
}
CROSS_DEVICE = (Interaction.Kind.VISIT, Interaction.Kind.INSTALL)

MOST_WORDS = 6
MOST_CANDIDATES = 5
COMPANY_WIDE_READERS = frozenset({Role.DATA_STEWARD, Role.PRIVACY_OFFICER})


@dataclass(frozen=True)
class Grant:
    """Some customers, and the role in which they may be seen."""

    rows: Q
    role: Role


def roles_of(user: User) -> frozenset[Role]:
    """The roles that this person holds anywhere; read once a request."""
    return frozenset(membership.role for membership in memberships_of(user))


def opens(user: User, page: str) -> bool:
    """Whether one of this person's roles opens the page of that name among this app's own."""
    return bool(PAGES[page] & roles_of(user))


def departments_of(user: User, *roles: Role) -> set[int]:
    """The departments in which this person holds one of these roles."""
    return {
        membership.department_id
        for membership in memberships_of(user)
        if membership.role in roles and membership.department_id
    }


def memberships_of(user: User) -> list:
    """This person's memberships with their departments; one query for a request."""
    if not hasattr(user, "_memberships"):
        user._memberships = list(
            user.memberships.select_related("department") if user.is_authenticated else ()
        )
    return user._memberships


def customer_grants(user: User, known_code: str = "") -> list[Grant]:
    """What of which customers this person may see.

    known_code: an identifier that the person typed in whole. The front line may look up any
    customer by it; who calls this with a code writes the look-up into the audit.
    """
    grants = [Grant(Q(), role) for role in sorted(roles_of(user) & COMPANY_WIDE_READERS)]
    for role in (Role.TEAM_LEAD, Role.FRONT_LINE):
        if departments := departments_of(user, role):
            grants.append(Grant(Q(department__in=departments), role))
    if known_code and roles_of(user) & {Role.TEAM_LEAD, Role.FRONT_LINE}:
        grants.append(Grant(Q(code=known_code), Role.FRONT_LINE))
    return grants


def granted(
    rows: QuerySet,
    grants: Iterable[Grant],
    columns: Mapping[str, frozenset[Role]],
    expressions: Mapping[str, F | Subquery],
) -> QuerySet:
    """The rows of these grants as dictionaries of pk and the granted columns.

    A column that is granted for some of the rows only is None, unfetched, in the others.
    """
    grants = list(grants)
    if not grants:
        return rows.none().values("pk")
    plain, shown = ["pk"], {}
    for column, roles in columns.items():
        scopes = [grant.rows for grant in grants if grant.role in roles]
        expression = expressions[column]
        if len(scopes) == len(grants) and expression == F(column):
            plain.append(column)
        elif len(scopes) == len(grants):
            shown[column] = expression
        elif scopes:
            shown[column] = Case(When(_any(scopes), then=expression), default=None)
    return rows.filter(_any(grant.rows for grant in grants)).values(*plain, **shown)


def granted_one(
    pk: int,
    grants: Iterable[Grant],
    columns: Mapping[str, frozenset[Role]],
    expressions: Mapping[str, F | Subquery],
) -> dict[str, Any] | None:
    """One customer with the columns granted for just this one; None where no grant reaches."""
    own = Customer.objects.filter(pk=pk)
    reaching = [grant for grant in grants if own.filter(grant.rows).exists()]
    return granted(own, reaching, columns, expressions).first()


def customer_for(user: User, pk: int) -> dict[str, Any] | None:
    """One customer as this person may see them, by key."""
    return granted_one(pk, customer_grants(user), CUSTOMER_COLUMNS, CUSTOMER_EXPRESSIONS)


def customers_for(user: User, text: str = "", known_code: str = "") -> QuerySet:
    """The customers this person may see, as rows of the columns they may see, by code."""
    rows = Customer.objects.all()
    for word in text.replace("\0", "").split()[:MOST_WORDS]:
        rows = rows.filter(Q(code__istartswith=word) | Q(name__icontains=word))
    grants = customer_grants(user, known_code)
    found = granted(rows, grants, CUSTOMER_COLUMNS, CUSTOMER_EXPRESSIONS).order_by("code", "pk")
    if serves_at_counter(user):
        return found[: MOST_CANDIDATES + 1] if text else found.none()
    return found


def interactions_for(user: User) -> QuerySet:
    """The interactions this person may see, as rows of the columns they may see, latest first.

    What somebody did on their devices is for the privacy officer alone.
    """
    ours = ~Q(kind__in=CROSS_DEVICE) & Q(record__isnull=False)
    grants = []
    for role in sorted(roles_of(user) & COMPANY_WIDE_READERS):
        grants.append(Grant(Q() if role == Role.PRIVACY_OFFICER else ours, role))
    for role in (Role.TEAM_LEAD, Role.FRONT_LINE):
        if departments := departments_of(user, role):
            grants.append(Grant(ours & Q(record__customer__department__in=departments), role))
    rows = granted(Interaction.objects.all(), grants, INTERACTION_COLUMNS, INTERACTION_EXPRESSIONS)
    return rows.order_by("-happened_on", "-pk")


def staff_months_for(user: User) -> QuerySet:
    """The staff facts this person may see: of groups of eight or more, latest month first."""
    if not opens(user, "api-staff-months"):
        return StaffMonth.objects.none()
    months = StaffMonth.objects.select_related("department")
    return months.order_by("-month", "department__name", "group", "pk")


def serves_at_counter(user: User) -> bool:
    """Whether this person finds customers one by one: candidates to choose from, never a list."""
    return roles_of(user) & CUSTOMER_READERS == {Role.FRONT_LINE}


def identified(user: User, text: str) -> Customer | None:
    """The one customer with exactly this code or order code, whom this person may open by it."""
    if not roles_of(user) & CUSTOMER_READERS:
        return None
    is_it = Q(code=text) | Q(records__purchases__order_key=text)
    found = list(Customer.objects.filter(is_it).distinct()[:2])
    return found[0] if len(found) == 1 else None


def customer_columns(user: User) -> list[str]:
    """The columns that this person sees of at least some customers, in the table's order."""
    roles = {grant.role for grant in customer_grants(user)}
    return [column for column, allowed in CUSTOMER_COLUMNS.items() if allowed & roles]


def _any(conditions: Iterable[Q]) -> Q:
    """True where one of the conditions is; an empty condition is always true."""
    conditions = list(conditions)
    return Q() if any(not condition for condition in conditions) else reduce(or_, conditions)


def _of_days(days: QuerySet, aggregate: Aggregate) -> Subquery:
    """One number of a customer's own purchase days; a subquery, so that rows do not multiply."""
    own = days.filter(record__customer=OuterRef("pk")).values("record__customer")
    return Subquery(own.annotate(found=aggregate).values("found"))


CUSTOMER_EXPRESSIONS: dict[str, F | Subquery] = {
    "code": F("code"),
    "name": F("name"),
    "country": F("country"),
    "department_name": F("department__name"),
    "first_on": _of_days(PurchaseDay.objects.counting(), Min("day")),
    "last_on": _of_days(PurchaseDay.objects.counting(), Max("day")),
    "orders": _of_days(PurchaseDay.objects.counting(), Count("pk")),
    "spent": _of_days(PurchaseDay.objects.all(), Sum("amount")),
}

INTERACTION_EXPRESSIONS: dict[str, F | Subquery | Case] = {
    "customer_code": F("record__customer__code"),
    "number": F("key"),
    "quotable_words": Case(
        When(kind=Interaction.Kind.SURVEY, may_be_quoted=False, then=Value("")),
        default=F("description"),
    ),
    **{
        column: F(column)
        for column in (
            *("prospect", "kind", "happened_at", "due_on", "answered_at", "done_at", "outcome"),
            *("topic", "site", "is_flagged", "is_record_shown", "score", "may_be_quoted"),
            *("description", "cost"),
        )
    },
}
