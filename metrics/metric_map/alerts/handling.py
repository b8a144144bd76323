"""What people do with alerts: read them, say what they know, let them wait; and the daily mail."""

from collections import Counter
from datetime import date
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from customers.models import AuditEvent, Role, User
from customers.policy import departments_of
from metrics.metric_map.agreement.signing import needed_for
from metrics.models import Alert, MapEdition
from metrics.policy import people_who_open


def alerts_for(user: User) -> QuerySet[Alert]:
    """What waits for this person: the own alerts, one a way, the newest first.

    A manager also gets those of the department that have no owner, or whose owner has left, or
    has no role any more that opens the metric.
    """
    is_read = Q(owner__in=people_who_open("metric-page"))
    orphans = ~is_read & Q(metric__department__in=departments_of(user, Role.MANAGER))
    own = _live().filter(is_read & Q(owner=user) | orphans, expected_from=None)
    return own.select_related("metric__department").order_by("is_held_back", "-raised_at", "-pk")


def acknowledge(alert: Alert, by: User, comment: str = "") -> None:
    """It was seen; what follows from it further up is taken as seen too."""
    now = timezone.now()
    seen = {"acknowledged_at": now, "acknowledged_by": by}
    open_ones = Alert.objects.filter(acknowledged_at=None)
    with transaction.atomic():
        if open_ones.filter(pk=alert.pk).update(comment=comment, **seen):
            open_ones.filter(expected_from=alert).update(**seen)
            _tell(f"Acknowledged: {alert.sentence}", by)


def snooze(alert: Alert, by: User, until: date, reason: str) -> None:
    """Let it wait until a day, for a reason."""
    with transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(snoozed_until=until, snooze_reason=reason)
        _tell(f"Snoozed until {until:%d %b %Y}: {alert.sentence}", by)


def send_digests() -> int:
    """Mail every owner what is new, each alert once, and every signer of a proposed edition how
    much waits for them, once. How many mails went out.

    What is told is marked as sent before its mail goes, so that no worker that dies sends it
    twice; it stays among what waits for them whatever becomes of the mail.
    """
    to_sign = _newly_asked_to_sign()
    fresh = _live().filter(
        sent_at=None,
        is_held_back=False,
        expected_from=None,
        owner__in=people_who_open("metric-page"),
    )
    mails = 0
    told = Q(pk__in=fresh.values("owner")) | Q(pk__in=to_sign)
    for owner in User.objects.filter(told).order_by("pk"):
        keys = list(fresh.filter(owner=owner).order_by("pk").values_list("pk", flat=True))
        own = [pk for pk in keys if _take(pk)]
        alerts = Alert.objects.filter(pk__in=own).select_related("metric")
        if (own or to_sign[owner.pk]) and _mail(owner, alerts, to_sign[owner.pk]):
            mails += 1
    return mails


def _newly_asked_to_sign() -> Counter[int]:
    """By person: how many definitions of the proposed edition wait for them; none a second time,
    and none for somebody who cannot open them."""
    told = {"signers_told_at": timezone.now()}
    proposed = MapEdition.objects.filter(state=MapEdition.State.PROPOSED, signers_told_at=None)
    edition = proposed.first()
    if edition is None or not proposed.filter(pk=edition.pk).update(**told):
        return Counter()
    missing = [one for one in needed_for(edition) if one.signature is None]
    can = set(people_who_open("agreement-list").values_list("pk", flat=True))
    people = (person.pk for one in missing for person in one.people)
    return Counter(pk for pk in people if pk in can)


def _live() -> QuerySet[Alert]:
    """What waits, of metrics that are on the map still."""
    return Alert.objects.waiting().filter(metric__retired_on=None)


def _take(pk: int) -> bool:
    """Mark it as sent; False where another worker was quicker."""
    return bool(Alert.objects.filter(pk=pk, sent_at=None).update(sent_at=timezone.now()))


def _mail(owner: User, alerts: QuerySet[Alert], to_sign: int) -> bool:
    """to_sign: how many definitions wait for this person."""
    told = {"owner": owner, "alerts": alerts.order_by("-raised_at"), "to_sign": to_sign}
    text = render_to_string("metrics/email/alerts.txt", told | {"site": settings.SITE_ADDRESS})
    if alerts:
        subject = "One metric needs you" if len(alerts) == 1 else f"{len(alerts)} metrics need you"
    else:
        subject = "An edition of the metric map waits for your signature"
    try:
        return bool(send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [owner.email]))
    except (OSError, SMTPException):
        return False


def _tell(about: str, by: User) -> None:
    longest = AuditEvent._meta.get_field("about").max_length
    AuditEvent.objects.create(actor=by, verb=AuditEvent.Verb.HANDLED_ALERT, about=about[:longest])
