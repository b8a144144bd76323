"""What customers are worth, and what moves it."""

from metrics.models.comparison import Movement, MovementPart, SecondOpinion, SecondOpinionRow
from metrics.models.conditions import (
    DriverPull,
    Scenario,
    ScenarioMonth,
    ScenarioShock,
    ScenarioValue,
)
from metrics.models.contest import (
    Contender,
    GainPoint,
    HoldoutFrequency,
    HoldoutTest,
    ModelRuling,
)
from metrics.models.diagnostics import (
    LeftOut,
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
from metrics.models.portfolio import CohortMonth, SegmentTotal, SizeBand, SpreadClass
from metrics.models.rounds import Shard, ShardTask
from metrics.models.valuation import ContractValue, CustomerValue, Valuation

__all__ = [
    "CohortMonth",
    "Condition",
    "Contender",
    "ContractValue",
    "CustomerValue",
    "DriverPull",
    "Figure",
    "FigureRun",
    "GainPoint",
    "HoldoutFrequency",
    "HoldoutTest",
    "LeftOut",
    "Link",
    "Measure",
    "Metric",
    "MetricVersion",
    "ModelRuling",
    "Movement",
    "MovementPart",
    "Scenario",
    "ScenarioMonth",
    "ScenarioShock",
    "ScenarioValue",
    "SecondOpinion",
    "SecondOpinionRow",
    "SegmentTotal",
    "Shard",
    "ShardTask",
    "SizeBand",
    "SpreadClass",
    "TrackingPoint",
    "Valuation",
    "ValuationParameter",
    "ValuationWarning",
]
