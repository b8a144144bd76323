"""A person's own board: what waits for them, their seven metrics, and the rest folded away."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from customers.models import Company, Department, Role, User
from customers.policy import roles_of
from metrics.boards.rows import Row, lead_of, rows_of
from metrics.metric_map.agreement.signing import needed_for
from metrics.metric_map.alerts.handling import alerts_for
from metrics.models import Alert, MapEdition, Metric
from metrics.policy import data_requests_answered_by, data_requests_watched_by, own_metrics_of

MOST_ROWS = 7
MOST_ALERTS = 50


@dataclass(frozen=True)
class Waiting:
    """What waits for a person. held_back: beyond the month's budget.

    overdue: signatures of others that have come to this executive; requests: for data, without a
    day; promises: of data, whose day is over.
    """

    alerts: list[Alert]
    held_back: list[Alert]
    signatures: int
    overdue: int
    requests: int
    promises: int

    def __bool__(self) -> bool:
        told = (self.signatures, self.overdue, self.requests, self.promises)
        return bool(self.alerts or self.held_back or any(told))


@dataclass(frozen=True)
class MyBoard:
    """rows: the seven that count most for this person; more: the others, by department."""

    departments: list[Department]
    rows: list[Row]
    more: list[tuple[Department, list[Row]]]
    waiting: Waiting
    is_front_line: bool

    @property
    def lead(self) -> str:
        return lead_of([row.reading for row in self.rows])


def board_of(user: User) -> MyBoard:
    """The metrics of this person's departments, and those that they own elsewhere: what they own
    first, then by worth of a step."""
    metrics = own_metrics_of(user).on_the_map()
    is_front_line = not roles_of(user) & {Role.TEAM_LEAD, Role.MANAGER}
    rows = rows_of(metrics.select_related("department"), user)
    if is_front_line:
        rows.sort(key=_last_for_the_front_line)
    rows.sort(key=lambda row: row.metric.owner_id != user.pk)
    shown, rest = rows[:MOST_ROWS], rows[MOST_ROWS:]
    return MyBoard(
        departments=_departments(rows),
        rows=shown,
        more=_by_department(rest),
        waiting=waiting_for(user),
        is_front_line=is_front_line,
    )


def waiting_for(user: User) -> Waiting:
    alerts = list(alerts_for(user).prefetch_related("expected__metric")[:MOST_ALERTS])
    edition = MapEdition.objects.open()
    is_proposed = edition is not None and edition.state == MapEdition.State.PROPOSED
    needed = needed_for(edition) if is_proposed else []
    missing = [one for one in needed if one.signature is None]
    return Waiting(
        alerts=[alert for alert in alerts if not alert.is_held_back],
        held_back=[alert for alert in alerts if alert.is_held_back],
        signatures=sum(user in one.people for one in missing),
        overdue=sum(user in one.instead and user not in one.people for one in missing),
        requests=data_requests_answered_by(user).filter(promised_on=None).count(),
        promises=data_requests_watched_by(user)
        .filter(promised_on__lt=Company.objects.today())
        .count(),
    )


def _last_for_the_front_line(row: Row) -> tuple[bool, bool]:
    """Sorts what has figures, and of that what the front line moves, to the top."""
    return row.reading.last is None, row.metric.level != Metric.Level.FRONT_LINE


def _departments(rows: Iterable[Row]) -> list[Department]:
    found = {row.metric.department for row in rows}
    return sorted(found, key=lambda department: (department.name, department.pk))


def _by_department(rows: list[Row]) -> list[tuple[Department, list[Row]]]:
    rows = sorted(rows, key=lambda row: (row.metric.department.name, row.metric.department_id))
    grouped = groupby(rows, key=lambda row: row.metric.department)
    return [(department, list(own)) for department, own in grouped]
