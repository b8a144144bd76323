"""What customers are worth, and what moves it."""

from metrics.models.indicator import (
    Condition,
    Figure,
    FigureRun,
    Measure,
    Metric,
    MetricVersion,
)
from metrics.models.metric_map import Link
from metrics.models.valuation import (
    CustomerValue,
    HoldoutFrequency,
    TrackingPoint,
    Valuation,
    ValuationParameter,
    ValuationWarning,
)

__all__ = [
    "Condition",
    "CustomerValue",
    "Figure",
    "FigureRun",
    "HoldoutFrequency",
    "Link",
    "Measure",
    "Metric",
    "MetricVersion",
    "TrackingPoint",
    "Valuation",
    "ValuationParameter",
    "ValuationWarning",
]
