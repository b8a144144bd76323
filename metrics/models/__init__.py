"""What customers are worth, and what moves it."""

from metrics.models.diagnostics import (
    HoldoutFrequency,
    LeftOut,
    SizeBand,
    SpreadClass,
    TrackingPoint,
    ValuationParameter,
    ValuationWarning,
)
from metrics.models.indicator import (
    Condition,
    Figure,
    FigureRun,
    Measure,
    Metric,
    MetricVersion,
)
from metrics.models.metric_map import Link
from metrics.models.valuation import CustomerValue, Valuation

__all__ = [
    "Condition",
    "CustomerValue",
    "Figure",
    "FigureRun",
    "HoldoutFrequency",
    "LeftOut",
    "Link",
    "Measure",
    "Metric",
    "MetricVersion",
    "SizeBand",
    "SpreadClass",
    "TrackingPoint",
    "Valuation",
    "ValuationParameter",
    "ValuationWarning",
]
