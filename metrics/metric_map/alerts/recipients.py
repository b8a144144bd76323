"""Who gets an alert, and how many of them in a month."""

from collections.abc import Sequence

from django.utils import timezone

from customers.models import Company, Membership, Role, User
from metrics.metric_map.graph import MetricMap
from metrics.metric_map.paths import best_paths, one_line
from metrics.models import Alert, MetricWorth, RollUp
from metrics.policy import people_who_open

LONGEST_PATH = Alert._meta.get_field("path").max_length


def address(alerts: Sequence[Alert], graph: MetricMap) -> None:
    """Give each of a metric its way up, and its owner: who can open its page, else the manager."""
    paths = best_paths(graph)
    managers: dict[int, User] = {}
    holders = Membership.objects.filter(role=Role.MANAGER, user__is_active=True)
    for membership in holders.select_related("user").order_by("user__name", "pk"):
        managers.setdefault(membership.department_id, membership.user)
    keys = [one.metric.owner_id for one in alerts if one.metric]
    owners = people_who_open("metric-page").in_bulk(keys)
    for alert in alerts:
        metric = alert.metric
        if metric is None:
            continue
        alert.owner = owners.get(metric.owner_id) or managers.get(metric.department_id)
        alert.path = one_line(paths.get(metric.pk, []))[:LONGEST_PATH]


def hold_back(alerts: Sequence[Alert]) -> None:
    """Keep each owner's budget of the month: what is worth most goes out, the rest waits."""
    company = Company.objects.current()
    month = timezone.localtime(timezone=company.clock).replace(day=1, hour=0, minute=0, second=0)
    sent = Alert.objects.filter(
        raised_at__gte=month, is_held_back=False, expected_from=None, owner__isnull=False
    ).exclude(pk__in=[alert.pk for alert in alerts])
    used: dict[int | None, int] = {}
    for owner in sent.values_list("owner", flat=True):
        used[owner] = used.get(owner, 0) + 1
    roll_up = RollUp.objects.in_force()
    worths = MetricWorth.objects.filter(roll_up=roll_up).values_list("metric", "gain")
    gains = {metric: abs(gain or 0.0) for metric, gain in worths}
    for alert in sorted(alerts, key=lambda one: -gains.get(one.metric_id, 0.0)):
        used[alert.owner_id] = used.get(alert.owner_id, 0) + 1
        alert.is_held_back = used[alert.owner_id] > company.alerts_a_month
    held_back = [alert.pk for alert in alerts if alert.is_held_back]
    Alert.objects.filter(pk__in=held_back).update(is_held_back=True)
