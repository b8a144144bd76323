"""Figures as they are stored: only those that differ are written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from metrics.models import Figure, MetricVersion

SAID = ("ends_on", "numerator", "denominator", "rows", "is_final")

Known = dict[date, Figure]


def known_figures(versions: Iterable[MetricVersion]) -> dict[int, Known]:
    """The stored figures of each version by their first day, in one query."""
    known: dict[int, Known] = defaultdict(dict)
    for figure in Figure.objects.filter(version__in=list(versions)):
        known[figure.version_id][figure.starts_on] = figure
    return known


def store(version: MetricVersion, figures: Iterable[Figure], known: Known | None = None) -> None:
    """Make these the figures of the version: one a period, and no others.

    known: those stored now, where that has been read.
    """
    if known is None:
        known = known_figures([version])[version.pk]
    wanted = {figure.starts_on: figure for figure in figures}
    gone = [known[day].pk for day in known.keys() - wanted.keys()]
    if gone:
        Figure.objects.filter(pk__in=gone).delete()
    Figure.objects.bulk_create(
        [
            figure
            for day, figure in wanted.items()
            if day not in known or _said(figure) != _said(known[day])
        ],
        update_conflicts=True,
        unique_fields=["version", "starts_on"],
        update_fields=SAID,
    )


def kept(version: MetricVersion, figures: Mapping[date, Figure], as_of: date) -> list[Figure]:
    """These figures of the version again, final where they have ripened by this day."""
    ripe_until = as_of - timedelta(version.ripens_after_days)
    again = []
    for figure in figures.values():
        is_final = figure.ends_on <= ripe_until
        if is_final != figure.is_final:
            said = {name: getattr(figure, name) for name in SAID} | {"is_final": is_final}
            figure = Figure(version=version, starts_on=figure.starts_on, **said)
        again.append(figure)
    return again


def _said(figure: Figure) -> tuple:
    return tuple(getattr(figure, name) for name in SAID)
