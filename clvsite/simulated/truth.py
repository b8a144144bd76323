"""The truth about the simulated company: what its projects did, and what moves nothing."""

from dataclasses import dataclass
from datetime import date

from clvsite.simulated.effects import EFFECTS, Effect


@dataclass(frozen=True, slots=True)
class Project:
    """An IT project: it went live on one day for some units; the others show what it did."""

    key: str
    name: str
    starts_on: date
    metric: str
    effect: float
    among: str
    units: tuple[str, ...]
    cost: int
    expected: float
    sentence: str


@dataclass(frozen=True, slots=True)
class NoEffect:
    """Two metrics that move together for a reason outside both, or do not at all."""

    child: str
    parent: str
    reason: str


DESKTOP = Project(
    "desktop",
    "One customer desktop",
    date(2024, 4, 1),
    "frontline_data_availability",
    20.0,
    "staff_group",
    ("Service A", "Service B", "Service C", "Service D", "Sales A", "Sales B"),
    140_000,
    15.0,
    "Half of the groups got one screen with the whole record: it is there 20 points oftener.",
)
ROUTES = Project(
    "routes",
    "Route planner",
    date(2024, 2, 5),
    "late_delivery_rate",
    0.0,
    "depot",
    ("North", "East"),
    90_000,
    -3.0,
    "Two of four depots plan their routes by computer. Late deliveries fell afterwards, as they"
    " do after every winter and at the other depots too: the planner does nothing.",
)
PROJECTS = (DESKTOP, ROUTES)

NO_EFFECTS = (
    NoEffect("engaged_prospects", "late_delivery_rate", "The season moves both."),
    NoEffect("engaged_prospects", "average_order_value", "Campaigns move both."),
    NoEffect("app_install_rate", "repeat_conversion", "Campaigns and the season surround both."),
    NoEffect("trial_conversion", "repeat_conversion", "Who tries is not likelier to come again."),
    NoEffect("billing_error_rate", "late_delivery_rate", "The rush before Christmas moves both."),
    NoEffect("prebill_exceptions", "on_time_dispatch", "The rush before Christmas moves both."),
    NoEffect("frontline_turnover", "late_delivery_rate", "January follows December."),
    NoEffect(
        "customer_satisfaction",
        "average_order_value",
        "Trade customers order more and are harder to please; nobody orders more when pleased.",
    ),
    NoEffect("cross_sell_offer_rate", "customer_satisfaction", "Offers annoy nobody here."),
    NoEffect("frontline_engagement", "late_delivery_rate", "Neither touches the other."),
    NoEffect("escaped_defects", "late_delivery_rate", "Neither touches the other."),
)

SATISFACTION_KEEPS = "customer_satisfaction", "retention_rate"
USUAL_SATISFACTION, USUAL_HOURS, USUAL_REFUND_DAYS = 72.0, 28.0, 8.0
RECOMMEND_PER_POINT = 0.06
PROMOTER, DETRACTOR = 9, 6
REFERS = 0.008
DANGER_FLAGGED, DANGER_CALLED, DANGER_MONTHS = 9.0, 2.0, 3
ACCEPTS = 0.15


def acts(child: str, parent: str) -> float:
    """The slope with which the simulator acts on one unit."""
    return effect(child, parent).acts


def effect(child: str, parent: str) -> Effect:
    (found,) = (each for each in EFFECTS if (each.child, each.parent) == (child, parent))
    return found


def leads_to(child: str, parent: str) -> bool:
    """Whether child moves parent, itself or through others."""
    return any(
        each.parent == parent or leads_to(each.parent, parent)
        for each in EFFECTS
        if each.child == child
    )
