"""A person's own board: what waits for them, their seven metrics, and the rest folded away."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from customers.models import Department, Role, User
from customers.policy import roles_of
from metrics.boards.rows import Row, lead_of, rows_of
from metrics.boards.waiting import Waiting, waiting_for
from metrics.models import Metric
from metrics.policy import own_metrics_of

MOST_ROWS = 7


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
