"""Figures of reported versions: what somebody said of each period."""

from datetime import date, timedelta

from metrics.indicators.periods import period_of
from metrics.models import Figure, MetricVersion, ReportedFigure


def figures_reported(version: MetricVersion, today: date) -> list[Figure]:
    """One for each report that is of a whole period of the version; of others there is none."""
    ripe_until = today - timedelta(version.ripens_after_days)
    figures = []
    for said in ReportedFigure.objects.filter(metric=version.metric_id).order_by("starts_on"):
        period = period_of(version.grain, said.starts_on)
        is_told = not version.beside_until or period.ends_on <= version.beside_until
        if period.starts_on == said.starts_on and is_told:
            figures.append(
                Figure(
                    version=version,
                    starts_on=period.starts_on,
                    ends_on=period.ends_on,
                    numerator=said.numerator,
                    denominator=said.denominator,
                    is_final=period.ends_on <= ripe_until,
                )
            )
    return figures
