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
from metrics.models.indicators.figure import (
    Annotation,
    Baseline,
    Figure,
    FigureRun,
    ReportedFigure,
)
from metrics.models.indicators.metric import ControlAction, Metric
from metrics.models.indicators.version import Condition, Measure, MetricVersion
from metrics.models.metric_map.alert import Alert, OpenHole
from metrics.models.metric_map.edition import CounterProposal, MapEdition, Signature
from metrics.models.metric_map.evidence import (
    CustomersLost,
    EvidenceRun,
    Finding,
    FindingQuarter,
    Project,
    ProjectSite,
)
from metrics.models.metric_map.link import Link
from metrics.models.metric_map.requests import DataRequest, Dispute
from metrics.models.metric_map.worth import MetricWorth, RollUp
from metrics.models.portfolio import CohortMonth, SegmentTotal, SizeBand, SpreadClass
from metrics.models.rounds import Shard, ShardTask
from metrics.models.valuation import ContractValue, CustomerValue, Valuation

__all__ = [
    "Alert",
    "Annotation",
    "Baseline",
    "CohortMonth",
    "Condition",
    "Contender",
    "ContractValue",
    "ControlAction",
    "CounterProposal",
    "CustomerValue",
    "CustomersLost",
    "DataRequest",
    "Dispute",
    "DriverPull",
    "EvidenceRun",
    "Figure",
    "FigureRun",
    "Finding",
    "FindingQuarter",
    "GainPoint",
    "HoldoutFrequency",
    "HoldoutTest",
    "LeftOut",
    "Link",
    "MapEdition",
    "Measure",
    "Metric",
    "MetricVersion",
    "MetricWorth",
    "ModelRuling",
    "Movement",
    "MovementPart",
    "OpenHole",
    "Project",
    "ProjectSite",
    "ReportedFigure",
    "RollUp",
    "Scenario",
    "ScenarioMonth",
    "ScenarioShock",
    "ScenarioValue",
    "SecondOpinion",
    "SecondOpinionRow",
    "SegmentTotal",
    "Shard",
    "ShardTask",
    "Signature",
    "SizeBand",
    "SpreadClass",
    "TrackingPoint",
    "Valuation",
    "ValuationParameter",
    "ValuationWarning",
]
