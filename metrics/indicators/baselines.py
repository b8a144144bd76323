"""Locked baselines: the usual level and range of a version, by which later points are judged."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db import transaction

from customers.models import User
from metrics.indicators.steadiness import (
    BASELINE_POINTS,
    D2,
    D3,
    LEAST_POINTS,
    Limits,
    limits_of,
)
from metrics.models import Baseline, Figure, MetricVersion


class NotRebased(ValueError):
    """A baseline cannot be set anew, said in a sentence."""


def lock_ripe(versions: Iterable[MetricVersion]) -> None:
    """Lock the first baseline of each version in force that has the points for it.

    That is 24 final ones, or 12 and more where the metric has a target.
    """
    in_force = {version.pk: version for version in versions if version.is_in_force}
    locked = Baseline.objects.filter(version__in=in_force).values_list("version", flat=True)
    for pk in set(locked):
        del in_force[pk]
    final = _final(in_force)
    for pk, version in in_force.items():
        has_target = version.metric.target is not None
        if len(final[pk]) >= (LEAST_POINTS if has_target else BASELINE_POINTS):
            _lock(version, final[pk][:BASELINE_POINTS])


def limits_by(baseline: Baseline) -> Limits:
    """What judge goes by."""
    reach = 3 / D2 * baseline.mean_range
    return Limits(
        centre=baseline.centre,
        lower=baseline.centre - reach,
        upper=baseline.centre + reach,
        mean_range=baseline.mean_range,
        range_limit=(1 + 3 * D3 / D2) * baseline.mean_range,
    )


@transaction.atomic
def rebase(
    version: MetricVersion, reason: str, by: User | None, first_on: date | None = None
) -> Baseline:
    """Set the baseline anew, for a reason that its charts tell from then on.

    first_on: where its first period starts; by default the last 24 final points count. Raises
    NotRebased without a reason or with fewer than 12 points.
    """
    if not reason.strip():
        raise NotRebased("A baseline is set anew for a reason: say which.")
    points = _final([version.pk])[version.pk]
    if first_on is None:
        points = points[-BASELINE_POINTS:]
    points = [point for point in points if first_on is None or point.starts_on >= first_on]
    if len(points) < LEAST_POINTS:
        raise NotRebased(
            f"A baseline needs {LEAST_POINTS} final points or more; there are {len(points)}."
        )
    version.baselines.filter(is_in_force=True).update(is_in_force=False)
    return _lock(version, points[:BASELINE_POINTS], reason=reason.strip(), set_by=by)


def _lock(version: MetricVersion, points: list[Figure], **why: str | User | None) -> Baseline:
    limits = limits_of([point.value for point in points])
    return Baseline.objects.create(
        version=version,
        first_on=points[0].starts_on,
        points=len(points),
        centre=limits.centre,
        mean_range=limits.mean_range,
        **why,
    )


def _final(versions: Iterable[int]) -> dict[int, list[Figure]]:
    """The final figures of each version with their value, oldest first."""
    final = defaultdict(list)
    figures = Figure.objects.filter(version__in=list(versions), is_final=True)
    for figure in figures.with_value().order_by("starts_on"):
        final[figure.version_id].append(figure)
    return final
