"""What people ask of each other: data for a hole, and another word on who controls a metric."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from customers.models import AuditEvent, Department, User
from metrics.metric_map.agreement.drafting import NotNow
from metrics.metric_map.paths import one_line, path_up
from metrics.models import DataRequest, Dispute, Metric

LONGEST = AuditEvent._meta.get_field("about").max_length
LONGEST_PATH = DataRequest._meta.get_field("opened_path").max_length


def data_requests() -> QuerySet[DataRequest]:
    """All of them, what is open first, the earliest promise on top."""
    return DataRequest.objects.select_related("metric", "department", "asked_by").order_by(
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
        asked_on=timezone.localdate(),
    )
    _store(request)
    _tell(AuditEvent.Verb.ASKED_DATA, f"Asked {department} for {wanted}, for {metric}", by)
    return request


def promise(request: DataRequest, day: date, by: User, answer: str = "") -> None:
    """Say when the data come. Raises NotNow."""
    _hold_open(request)
    if day < timezone.localdate():
        raise NotNow("That day is over.")
    request.promised_on, request.answer = day, answer
    _store(request)
    _tell(AuditEvent.Verb.ASKED_DATA, f"Promised {request.wanted} by {day:%d %b %Y}", by)


def deliver(request: DataRequest, by: User) -> None:
    """The data are here: the way to the top that they open is written down with them."""
    _hold_open(request)
    request.delivered_on = timezone.localdate()
    request.opened_path = one_line(path_up(request.metric))[:LONGEST_PATH]
    _store(request)
    _tell(AuditEvent.Verb.ASKED_DATA, f"Delivered {request.wanted}, for {request.metric}", by)


def refuse(request: DataRequest, answer: str, by: User) -> None:
    """The data cannot be had, for this reason. Raises NotNow."""
    _hold_open(request)
    request.refused_on, request.answer = timezone.localdate(), answer
    _store(request)
    _tell(AuditEvent.Verb.ASKED_DATA, f"Refused {request.wanted}: {answer}", by)


def dispute(metric: Metric, said: str, by: User) -> Dispute:
    """Say that this metric cannot be moved as its badge claims. Raises NotNow."""
    raised = Dispute(metric=metric, raised_by=by, said=said)
    _store(raised)
    _tell(AuditEvent.Verb.DISPUTED, f"Disputed the control of {metric}: {said}", by)
    return raised


def answer_dispute(one: Dispute, outcome: str, answer: str, by: User) -> None:
    """The map administrator's answer. A change of control itself comes with the next edition."""
    if one.answered_at:
        raise NotNow("That has been answered already.")
    one.outcome, one.answer = outcome, answer
    one.answered_by, one.answered_at = by, timezone.now()
    _store(one)
    _tell(AuditEvent.Verb.DISPUTED, f"Answered on {one.metric}: {answer}", by)


def _hold_open(request: DataRequest) -> None:
    if not request.is_open:
        raise NotNow("That request is closed.")


def _store(row: DataRequest | Dispute) -> None:
    """Check and store; two at once are told apart by the database."""
    try:
        row.full_clean()
        with transaction.atomic():
            row.save()
    except ValidationError as wrong:
        raise NotNow(" ".join(wrong.messages)) from None
    except IntegrityError:
        raise NotNow("Somebody was quicker: look again.") from None


def _tell(verb: str, about: str, by: User) -> None:
    AuditEvent.objects.create(actor=by, verb=verb, about=about[:LONGEST])
