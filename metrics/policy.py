"""Who may see what of values, metrics and the map; customers' own policy is asked for the rest."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from customers.models import DEPARTMENT_ROLES, Company, Customer, Membership, Role, User
from customers.policy import (
    CUSTOMER_COLUMNS,
    CUSTOMER_EXPRESSIONS,
    CUSTOMER_READERS,
    customer_grants,
    departments_of,
    granted,
    granted_one,
    roles_of,
)
from metrics.models import (
    CustomerValue,
    DataRequest,
    Link,
    MapEdition,
    Metric,
    MetricVersion,
    Scenario,
)

MAP_READERS = frozenset(Role) - {Role.SYSTEM_ADMIN}
MAP_EDITORS = frozenset({Role.MAP_ADMIN})
MAP_PUBLISHERS = frozenset({Role.MAP_ADMIN, Role.EXECUTIVE})
ASKERS = frozenset({Role.MANAGER, Role.TEAM_LEAD, Role.EXECUTIVE, Role.MAP_ADMIN})
SIGNERS = frozenset({Role.MANAGER, Role.TEAM_LEAD, Role.DATA_STEWARD, Role.EXECUTIVE})
METRIC_READERS = frozenset(
    {
        Role.FRONT_LINE,
        Role.TEAM_LEAD,
        Role.MANAGER,
        Role.EXECUTIVE,
        Role.MAP_ADMIN,
        Role.ANALYST,
        Role.DATA_STEWARD,
    }
)
REPORTERS = METRIC_READERS
CASCADERS = frozenset({Role.MANAGER, Role.EXECUTIVE, Role.MAP_ADMIN})
ALL_METRICS_READERS = frozenset({Role.EXECUTIVE, Role.MAP_ADMIN, Role.ANALYST})
VALUE_READERS = frozenset({Role.EXECUTIVE, Role.ANALYST, Role.PRIVACY_OFFICER})
SEGMENT_READERS = frozenset({Role.EXECUTIVE, Role.ANALYST})
SMALLEST_GROUP = 10

PAGES: dict[str, frozenset[Role]] = {
    "customer-card": CUSTOMER_READERS,
    "board": frozenset({Role.FRONT_LINE, Role.TEAM_LEAD, Role.MANAGER}),
    "metric-list": ALL_METRICS_READERS,
    "metric-page": METRIC_READERS,
    "metric-annotate": frozenset({Role.FRONT_LINE, Role.TEAM_LEAD, Role.MANAGER}),
    "metric-rebase": frozenset({Role.MANAGER, Role.MAP_ADMIN}),
    "metric-report": REPORTERS,
    "cascade": CASCADERS,
    "story": frozenset({Role.EXECUTIVE}),
    "valuation-current": VALUE_READERS,
    "valuation-list": VALUE_READERS,
    "valuation-page": VALUE_READERS,
    "valuation-progress": VALUE_READERS,
    "valuation-new": frozenset({Role.ANALYST}),
    "valuation-try-again": frozenset({Role.ANALYST}),
    "model-ruling": frozenset({Role.ANALYST}),
    "second-opinion-new": frozenset({Role.ANALYST}),
    "second-opinion-progress": VALUE_READERS,
    "segment-list": SEGMENT_READERS,
    "movement-page": frozenset({Role.EXECUTIVE, Role.ANALYST}),
    "movement-ask": frozenset({Role.EXECUTIVE, Role.ANALYST}),
    "scenario-list": frozenset({Role.EXECUTIVE, Role.ANALYST}),
    "scenario-page": frozenset({Role.EXECUTIVE, Role.ANALYST}),
    "scenario-new": frozenset({Role.EXECUTIVE, Role.ANALYST}),
    "scenario-words": frozenset({Role.EXECUTIVE, Role.ANALYST}),
    "scenario-edit": frozenset({Role.EXECUTIVE, Role.ANALYST}),
    "scenario-remove": frozenset({Role.EXECUTIVE, Role.ANALYST}),
    "scenario-value": frozenset({Role.EXECUTIVE, Role.ANALYST}),
    "map-page": MAP_READERS,
    "hole-list": MAP_READERS,
    "evidence-list": MAP_READERS,
    "evidence-take": MAP_EDITORS,
    "project-new": MAP_EDITORS,
    "project-edit": MAP_EDITORS,
    "map-edit": frozenset({Role.MAP_ADMIN}),
    "map-start": frozenset({Role.MAP_ADMIN}),
    "metric-new": frozenset({Role.MAP_ADMIN}),
    "metric-edit": frozenset({Role.MAP_ADMIN}),
    "metric-remove": frozenset({Role.MAP_ADMIN}),
    "link-new": frozenset({Role.MAP_ADMIN}),
    "link-edit": frozenset({Role.MAP_ADMIN}),
    "link-remove": frozenset({Role.MAP_ADMIN}),
    "request-list": MAP_READERS,
    "request-new": ASKERS,
    "request-answer": frozenset({Role.MANAGER, Role.DATA_STEWARD}),
    "dispute-list": MAP_EDITORS | {Role.EXECUTIVE},
    "dispute-answer": MAP_EDITORS,
    "dispute-new": frozenset({Role.FRONT_LINE, Role.TEAM_LEAD, Role.MANAGER}),
    "alert-handle": METRIC_READERS,  # the own ones; nobody else gets any
    "metric-preview": MAP_EDITORS | {Role.EXECUTIVE},  # it counts whatever is declared
    "map-propose": MAP_EDITORS,
    "map-take-back": MAP_EDITORS,
    "map-withdraw": MAP_EDITORS,
    "map-publish": MAP_PUBLISHERS,
    "map-sign": MAP_EDITORS | SIGNERS,
    "map-counter": MAP_EDITORS | SIGNERS,
    "map-answer": MAP_EDITORS,
    "edition-list": MAP_READERS,
    "edition-page": MAP_READERS,
    "edition-roll-back": MAP_EDITORS,
    "agreement-list": MAP_EDITORS | SIGNERS | MAP_PUBLISHERS,
    "api-metric-list": METRIC_READERS,
    "api-metric-detail": METRIC_READERS,
    "api-link-list": MAP_READERS,
    "api-worth-list": METRIC_READERS,
    "api-scenario-list": frozenset({Role.EXECUTIVE, Role.ANALYST}),
    "api-movement-list": frozenset({Role.EXECUTIVE, Role.ANALYST}),
    "api-reported-figures": REPORTERS,
    "api-valuation-list": VALUE_READERS,
    "api-valuation-detail": VALUE_READERS,
    "api-customer-value-list": frozenset({Role.PRIVACY_OFFICER}),
    "api-customer-value-detail": frozenset({Role.PRIVACY_OFFICER}),
}

# Which roles see a column of a customer's value; the card and the API ask here.
VALUE_COLUMNS: dict[str, frozenset[Role]] = {
    "word": frozenset({Role.FRONT_LINE, Role.TEAM_LEAD, Role.PRIVACY_OFFICER}),
    "spend_variation": frozenset({Role.FRONT_LINE, Role.TEAM_LEAD, Role.PRIVACY_OFFICER}),
    "p_alive": frozenset({Role.PRIVACY_OFFICER}),
    "clv": frozenset({Role.PRIVACY_OFFICER}),
    "clv_low": frozenset({Role.PRIVACY_OFFICER}),
    "clv_high": frozenset({Role.PRIVACY_OFFICER}),
}

VALUE_EXPRESSIONS = {
    column: Subquery(
        CustomerValue.objects.filter(valuation__in_force=True, customer=OuterRef("pk")).values(
            column
        )
    )
    for column in VALUE_COLUMNS
}

# The largest single purchase behind a figure is an order line: who may see it sees the order.
CONTRIBUTION_READERS = frozenset({Role.TEAM_LEAD, Role.PRIVACY_OFFICER, Role.DATA_STEWARD})


def people_who_open(page: str) -> QuerySet[User]:
    """People who work here in a role that opens this page, so that they can be sent to it."""
    held = Membership.objects.filter(user=OuterRef("pk"), role__in=PAGES[page])
    return User.objects.working().filter(Exists(held))


def metrics_for(user: User) -> QuerySet[Metric]:
    """The metrics whose figures this person may see: the own departments', those that they own,
    back up or sign for, or all."""
    if roles_of(user) & ALL_METRICS_READERS:
        return Metric.objects.all()
    return Metric.objects.filter(_own(user) | Q(pk__in=_signed_for(user)))


def own_metrics_of(user: User) -> QuerySet[Metric]:
    """The metrics that this person answers for: the own departments', and those that they own or
    back up."""
    return Metric.objects.filter(_own(user))


def is_own(user: User, metric: Metric) -> bool:
    """Whether this person answers for the metric."""
    is_theirs = user.pk in {metric.owner_id, metric.backup_id}
    return is_theirs or metric.department_id in departments_of(user, *DEPARTMENT_ROLES)


def _own(user: User) -> Q:
    departments = departments_of(user, *DEPARTMENT_ROLES)
    return Q(department__in=departments) | Q(owner=user) | Q(backup=user)


def _signed_for(user: User) -> QuerySet[Metric]:
    """The metrics whose definition this person signs for a department, or as a steward; those
    without a steward of their own while there is something to sign."""
    managed = departments_of(user, Role.MANAGER)
    signed = Q(consumers__in=managed)
    if managed and Company.objects.current().finance_department_id in managed:
        to_money = Link.objects.filter(~Q(driver="") | Q(kind=Link.Kind.RISK))
        signed |= Q(pk__in=to_money.values("child"))
    if Role.DATA_STEWARD in roles_of(user):
        signed |= Q(steward=user)
        if MapEdition.objects.filter(state=MapEdition.State.PROPOSED).exists():
            signed |= Q(steward=None) | Q(steward__is_active=False)
    return Metric.objects.filter(signed).values("pk")


def metrics_rebased_by(user: User) -> QuerySet[Metric]:
    """The metrics whose baseline this person may set anew: of a department they manage, or all."""
    if Role.MAP_ADMIN in roles_of(user):
        return Metric.objects.all()
    return Metric.objects.filter(department__in=departments_of(user, Role.MANAGER))


def metrics_reported_by(user: User) -> QuerySet[Metric]:
    """The reported metrics whose figures this person may say: who owns or backs up one, who leads
    its department, and the data steward."""
    reported = Metric.objects.on_the_map().filter(
        versions__is_in_force=True, versions__way=MetricVersion.Way.REPORTED
    )
    if Role.DATA_STEWARD in roles_of(user):
        return reported
    led = departments_of(user, Role.MANAGER, Role.TEAM_LEAD)
    return reported.filter(Q(owner=user) | Q(backup=user) | Q(department__in=led))


def metrics_cascaded_by(user: User) -> QuerySet[Metric]:
    """The metrics to which this person may hand a target down: of departments they manage, or
    all."""
    if roles_of(user) & (CASCADERS - {Role.MANAGER}):
        return Metric.objects.on_the_map()
    return Metric.objects.on_the_map().filter(department__in=departments_of(user, Role.MANAGER))


def smallest_group_for(user: User) -> int:
    """How many customers a group needs so that this person may see its figures."""
    return 1 if Role.ANALYST in roles_of(user) else SMALLEST_GROUP


def map_metrics_for(user: User) -> QuerySet[Metric]:
    """The metrics whose names and links this person may see on the map."""
    if roles_of(user) & MAP_READERS:
        return Metric.objects.all()
    return Metric.objects.none()


def editions_for(user: User) -> QuerySet[MapEdition]:
    """The editions this person may see: what was published; what is proposed, who signs or
    publishes; drafts and what was given up, who edits the map."""
    roles, states = roles_of(user), [MapEdition.State.PUBLISHED]
    if roles & MAP_EDITORS:
        return MapEdition.objects.all()
    if roles & (SIGNERS | MAP_PUBLISHERS):
        states.append(MapEdition.State.PROPOSED)
    return MapEdition.objects.filter(state__in=states)


def may_see_contributions(user: User, metric: Metric) -> bool:
    """Whether the single order behind a figure of this metric may be named to this person."""
    return metric.department_id in departments_of(user, Role.TEAM_LEAD) or bool(
        roles_of(user) & (CONTRIBUTION_READERS - {Role.TEAM_LEAD})
    )


def data_requests_answered_by(user: User) -> QuerySet[DataRequest]:
    """The open requests that this person may promise, deliver or refuse: the own department's."""
    asked = _open_requests()
    if Role.DATA_STEWARD in roles_of(user):
        return asked
    return asked.filter(department__in=departments_of(user, Role.MANAGER))


def data_requests_watched_by(user: User) -> QuerySet[DataRequest]:
    """The open requests whose promises this person holds others to, or is held to: the own
    department's, or all."""
    if roles_of(user) & {Role.EXECUTIVE, Role.MAP_ADMIN}:
        return _open_requests()
    return data_requests_answered_by(user)


def _open_requests() -> QuerySet[DataRequest]:
    return DataRequest.objects.filter(delivered_on=None, refused_on=None, metric__retired_on=None)


def scenarios_changed_by(user: User) -> QuerySet[Scenario]:
    """The scenarios that this person may edit or remove: the own ones, or all."""
    if Role.ANALYST in roles_of(user):
        return Scenario.objects.all()
    return Scenario.objects.filter(owner=user)


def valued_customers_for(user: User, known_code: str = "") -> QuerySet:
    """The customers this person may see, as rows of facts and values that they may see."""
    return granted(
        Customer.objects.all(),
        customer_grants(user, known_code),
        CUSTOMER_COLUMNS | VALUE_COLUMNS,
        CUSTOMER_EXPRESSIONS | VALUE_EXPRESSIONS,
    )


def valued_customer(user: User, pk: int, known_code: str = "") -> dict[str, Any] | None:
    """One customer's facts and values: the columns granted for just this one, no others."""
    return granted_one(
        pk,
        customer_grants(user, known_code),
        CUSTOMER_COLUMNS | VALUE_COLUMNS,
        CUSTOMER_EXPRESSIONS | VALUE_EXPRESSIONS,
    )
