"""What people ask of each other: data for a hole, and another word on who controls a metric."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from customers.models import AuditEvent, Company, Department, User
from metrics.metric_map.agreement.drafting import NotNow
from metrics.metric_map.paths import one_line, path_up
from metrics.models import DataRequest, Dispute, Metric

QUICKER = "Somebody was quicker: look again."
LONGEST = AuditEvent._meta.get_field("about").max_length
IS_OPEN = Q(delivered_on=None, refused_on=None)
LONGEST_PATH = DataRequest._meta.get_field("opened_path").max_length


def data_requests() -> QuerySet[DataRequest]:
    """All but what is open for a retired metric; open ones first, the earliest promise on top."""
    told = DataRequest.objects.exclude(IS_OPEN, metric__retired_on__isnull=False)
    return told.select_related("metric", "department", "asked_by").order_by(
        "delivered_on", "refused_on", "promised_on", "asked_on", "pk"
    )


def ask_for_data(
    metric: Metric, department: Department, source: str, wanted: str, by: User
) -> DataRequest:
    """Ask a department for what a metric lacks. Raises NotNow where that was asked already."""
    request = DataRequest(
        metric=metric,
        department=department,
        source=source,
        wanted=wanted,
        asked_by=by,
        asked_on=Company.objects.today(),
    )
    _store(request)
    _tell(AuditEvent.Verb.ASKED_DATA, f"Asked {department} for {wanted}, for {metric}", by)
    return request


def promise(request: DataRequest, day: date, by: User, answer: str = "") -> None:
    """Say when the data come. Raises NotNow."""
    if day < Company.objects.today():
        raise NotNow("That day is over.")
    _change(request, IS_OPEN, promised_on=day, answer=answer)
    _tell(AuditEvent.Verb.ASKED_DATA, f"Promised {request.wanted} by {day:%d %b %Y}", by)


def deliver(request: DataRequest, by: User) -> None:
    """The data are here: the way to the top that they open is written down with them."""
    opened = one_line(path_up(request.metric))[:LONGEST_PATH]
    _change(request, IS_OPEN, delivered_on=Company.objects.today(), opened_path=opened)
    _tell(AuditEvent.Verb.ASKED_DATA, f"Delivered {request.wanted}, for {request.metric}", by)


def refuse(request: DataRequest, answer: str, by: User) -> None:
    """The data cannot be had, for this reason. Raises NotNow."""
    _change(request, IS_OPEN, refused_on=Company.objects.today(), answer=answer)
    _tell(AuditEvent.Verb.ASKED_DATA, f"Refused {request.wanted}: {answer}", by)


def dispute(metric: Metric, said: str, by: User) -> Dispute:
    """Say that this metric cannot be moved as its badge claims. Raises NotNow."""
    raised = Dispute(metric=metric, raised_by=by, said=said)
    _store(raised)
    _tell(AuditEvent.Verb.DISPUTED, f"Disputed the control of {metric}: {said}", by)
    return raised


def answer_dispute(one: Dispute, outcome: str, answer: str, by: User) -> None:
    """The map administrator's answer. A change of control itself comes with the next edition."""
    told = {"outcome": outcome, "answer": answer, "answered_by": by}
    _change(one, Q(answered_at=None), answered_at=timezone.now(), **told)
    _tell(AuditEvent.Verb.DISPUTED, f"Answered on {one.metric}: {answer}", by)


def _store(row: DataRequest | Dispute) -> None:
    """Check and store; two at once are told apart by the database."""
    try:
        row.full_clean()
        with transaction.atomic():
            row.save()
    except ValidationError as wrong:
        raise NotNow(" ".join(wrong.messages)) from None
    except IntegrityError:
        raise NotNow(QUICKER) from None


def _change(row: DataRequest | Dispute, still: Q, **values: Any) -> None:
    """Check and store these values of the row, unless somebody has closed it since it was read."""
    for name, value in values.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise NotNow(" ".join(wrong.messages)) from None
    if not type(row)._default_manager.filter(still, pk=row.pk).update(**values):
        raise NotNow(QUICKER)


def _tell(verb: str, about: str, by: User) -> None:
    AuditEvent.objects.create(actor=by, verb=verb, about=about[:LONGEST])
