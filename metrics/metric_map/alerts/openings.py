"""Holes that open in the agreed map: told once each, to an owner or the map administrator."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from customers.models import Company, Role, User
from metrics.metric_map.agreement.drafting import document_of
from metrics.metric_map.alerts.recipients import address, hold_back
from metrics.metric_map.gaps.now import report_of_today
from metrics.metric_map.gaps.report import Hole
from metrics.metric_map.graph import changing_map, read_map
from metrics.models import Alert, Metric, MetricVersion, OpenHole, RollUp
from metrics.policy import people_who_open

NOBODY_ACTS, WITHOUT_DATA = "H4", "H5"
LONGEST_SENTENCE = Alert._meta.get_field("sentence").max_length
QUIET_DAYS = 92
Place = tuple[str, str]


def tell_openings(roll_up: RollUp) -> list[Alert]:
    """Alerts for the holes that were not there when the map was looked at before.

    Nobody is told of those that the first look finds, whatever was computed before it, nor of
    those that a metric comes on the map with: they were agreed. Nor of one that was told within a
    quarter and closed meanwhile, nor of data that are late, which have an alert of their own. What
    opens at a metric that was told of today is left for tomorrow. Safe to run again.
    """
    with changing_map():
        today = Company.objects.today()
        holes = {_place(hole): hole for hole in report_of_today().holes}
        known = set(OpenHole.objects.filter(closed_on=None).values_list("rule", "place"))
        recent = set(
            OpenHole.objects.filter(closed_on__gt=today - timedelta(QUIET_DAYS)).values_list(
                "rule", "place"
            )
        )
        told = set(_told_on(today).values_list("metric__key", flat=True))
        opened = [
            place for place, hole in holes.items() if place not in known and hole.key not in told
        ]
        _remember(opened, known - holes.keys(), today)
        before = RollUp.objects.last_to_look_for_holes()
        RollUp.objects.filter(pk=roll_up.pk).update(holes_seen_at=timezone.now())
        if before is None:
            return []
        news = _news([holes[place] for place in opened if place not in recent], before)
        alerts = _alerts(news, today)
        hold_back(alerts)
        return alerts


def tell_who_is_missing() -> list[Alert]:
    """Alerts for what opened since the last look, as soon as a metric's owner has left or has no
    role any more that opens its page.

    None, after a few queries, while everybody is there who was. Safe to run again.
    """
    last = RollUp.objects.last_to_look_for_holes()
    return tell_openings(last) if last and _newly_without_owner().exists() else []


def _newly_without_owner() -> QuerySet[Metric]:
    """Metrics that nobody can open as theirs, where that is not a known hole; without those that
    were told of today."""
    known = OpenHole.objects.filter(rule=NOBODY_ACTS, closed_on=None)
    today = _told_on(Company.objects.today())
    theirs = Metric.objects.on_the_map().exclude(owner__in=people_who_open("metric-page"))
    return theirs.exclude(key__in=known.values("place")).exclude(pk__in=today.values("metric"))


def _told_on(day: date) -> QuerySet[Alert]:
    """The alerts of metrics' holes from this day."""
    return Alert.objects.filter(kind=Alert.Kind.HOLE, period_on=day, metric__isnull=False)


def _place(hole: Hole) -> Place:
    return hole.rule, hole.key or hole.about


def _remember(opened: Iterable[Place], closed: Iterable[Place], today: date) -> None:
    OpenHole.objects.bulk_create(
        OpenHole(rule=rule, place=place, opened_on=today) for rule, place in opened
    )
    for rule, place in closed:
        OpenHole.objects.filter(rule=rule, place=place, closed_on=None).update(closed_on=today)


def _news(opened: Iterable[Hole], before: RollUp) -> list[Hole]:
    """Without those of metrics that came on the map since, and without data that are late."""
    edition = before.edition
    agreed = document_of(edition).metrics.keys() if edition else None
    awaited = MetricVersion.objects.in_force().filter(way=MetricVersion.Way.AWAITED)
    unmeasured = set(awaited.values_list("metric__key", flat=True))
    return [
        hole
        for hole in opened
        if (not hole.key or agreed is None or hole.key in agreed)
        and (hole.rule != WITHOUT_DATA or hole.key in unmeasured)
    ]


def _alerts(holes: Iterable[Hole], today: date) -> list[Alert]:
    """One a metric, or a place without one; stored, with whom it is for."""
    graph = read_map()
    metrics = {metric.key: metric for metric in graph.metrics.values()}
    places: Mapping[str, list[Hole]] = defaultdict(list)
    for hole in holes:
        places[hole.key or hole.about].append(hole)
    alerts = [
        Alert(
            metric=metrics.get(found[0].key),
            kind=Alert.Kind.HOLE,
            period_on=today,
            sentence=_sentence(found),
        )
        for found in places.values()
    ]
    address(alerts, graph)
    admin = User.objects.working().holding(Role.MAP_ADMIN).order_by("name", "pk").first()
    for alert in alerts:
        alert.owner = alert.owner or admin
    Alert.objects.bulk_create(alerts)
    return alerts


def _sentence(holes: list[Hole]) -> str:
    """ "Late deliveries leads nowhere; has no owner who can move it."."""
    first, *others = [hole.sentence.rstrip(".") for hole in holes]
    told = [first, *(one.removeprefix(holes[0].about).strip() for one in others)]
    return f"{'; '.join(told)[: LONGEST_SENTENCE - 1]}."
