"""Every cause in the simulated company and what it does: the simulator reads its slopes here.

Metric keys, units and good directions are those of the starting map. A percentage changes by
points, so an effect of -0.14 on satisfaction says: where all of a person's deliveries are late
instead of none, a hundred points, their satisfaction is 14 lower.

What is felt of deliveries and invoices lasts until the next: where a month brings none, the last
month that did still counts. An estimate that writes zero there finds seven eighths of the effect.
"""

from dataclasses import dataclass

PANEL, SERIES = "panel", "series"


@dataclass(frozen=True, slots=True)
class Effect:
    """One cause and what it does.

    acts: slope as the simulator acts on one `unit`, in parent units per child unit.
    slope: the same between the two metrics of the whole company, where it is another number.
    log_hazard: what one child unit adds to the logarithm of the hazard, where it acts on that.
    lag_days: from the cause's day to the first and the last day on which the effect begins.
    found_by: the smallest thing that shows it: a panel of units, or only a series of weeks.
    """

    child: str
    parent: str
    acts: float
    unit: str
    lag_days: tuple[int, int]
    sentence: str
    slope: float | None = None
    log_hazard: float | None = None
    found_by: str = PANEL

    @property
    def between_metrics(self) -> float:
        return self.acts if self.slope is None else self.slope


NEXT_MONTH = (1, 31)

EFFECTS = (
    Effect(
        "on_time_dispatch",
        "late_delivery_rate",
        -0.45,
        "order",
        (3, 3),
        "An order that misses its dispatch day is 45 points likelier to arrive late.",
    ),
    Effect(
        "late_delivery_rate",
        "customer_satisfaction",
        -0.14,
        "customer and month",
        NEXT_MONTH,
        "Late deliveries of one month lower that customer's satisfaction from the next month on,"
        " until a month with another delivery is over.",
        slope=-0.126,
    ),
    Effect(
        "product_defect_rate",
        "customer_satisfaction",
        -0.12,
        "customer and month",
        NEXT_MONTH,
        "Defects among a month's delivered lines lower satisfaction in the same way.",
        slope=-0.118,
    ),
    Effect(
        "billing_error_rate",
        "customer_satisfaction",
        -0.10,
        "customer and month",
        NEXT_MONTH,
        "So do wrong invoices among the month's.",
        slope=-0.093,
    ),
    Effect(
        "complaint_resolution_time",
        "customer_satisfaction",
        -0.10,
        "customer with a ticket",
        NEXT_MONTH,
        "Each hour that a ticket takes lowers satisfaction from the month after it was closed;"
        " a ticket solved faster than usual raises it.",
        slope=-0.011,
    ),
    Effect(
        "returns_cycle_time",
        "customer_satisfaction",
        -0.7,
        "customer with a refund",
        NEXT_MONTH,
        "Each day that a refund takes lowers satisfaction from the month after it was paid.",
        slope=-0.05,
    ),
    Effect(
        "frontline_engagement",
        "customer_satisfaction",
        0.26,
        "staff group and month",
        (62, 92),
        "Engaged staff have satisfied customers three months later, in their own group.",
    ),
    Effect(
        "training_tool_coverage",
        "frontline_engagement",
        0.15,
        "staff group and month",
        (62, 92),
        "Three months after more of a group are trained, the group is more engaged.",
    ),
    Effect(
        "frontline_turnover",
        "first_contact_resolution",
        -0.05,
        "ticket",
        NEXT_MONTH,
        "Where people leave, fewer tickets of the group are solved at first contact next month.",
    ),
    Effect(
        "frontline_data_availability",
        "first_contact_resolution",
        0.20,
        "ticket",
        (0, 0),
        "With the complete record on the screen a ticket is 20 points likelier to be solved at"
        " first contact.",
    ),
    Effect(
        "first_contact_resolution",
        "complaint_resolution_time",
        -0.36,
        "ticket",
        (0, 0),
        "A ticket that is not solved at first contact takes 36 hours longer on average."
        " The median, which the map asks for, moves less than the mean.",
        slope=-0.315,
    ),
    Effect(
        "late_delivery_rate",
        "trouble_report_rate",
        0.25,
        "order",
        (0, 3),
        "A late delivery makes a ticket 25 points likelier.",
        slope=0.165,
    ),
    Effect(
        "product_defect_rate",
        "trouble_report_rate",
        0.35,
        "order",
        (0, 3),
        "A defect in an order makes a ticket 35 points likelier.",
        slope=0.38,
    ),
    Effect(
        "billing_error_rate",
        "trouble_report_rate",
        0.40,
        "order",
        (0, 5),
        "A wrong invoice makes a ticket 40 points likelier.",
        slope=0.27,
    ),
    Effect(
        "prebill_exceptions",
        "billing_error_rate",
        0.34,
        "invoice",
        (0, 0),
        "An invoice sent although it fails the pre-bill check is 34 points likelier to be wrong.",
    ),
    Effect(
        "frontline_data_availability",
        "cross_sell_offer_rate",
        0.25,
        "contact",
        (0, 0),
        "With the complete record a fitting offer is 25 points likelier to be made.",
    ),
    Effect(
        "cross_sell_offer_rate",
        "cross_sell_value",
        0.185,
        "contact",
        (1, 59),
        "An offer made brings an order from a category that is new to the customer next month:"
        " 18.50 a contact on average; the metric counts them by customer and year.",
        slope=0.41,
    ),
    Effect(
        "save_contact_rate",
        "customer_loss_rate",
        -0.22,
        "flagged account",
        (1, 120),
        "A flagged account that is called within seven days stays: its danger falls from nine"
        " times the usual to twice, for three months. Lost: within 120 days of the flag; the metric"
        " is per year, and of a hundred accounts thirty are flagged in one.",
        slope=-0.048,
    ),
    Effect(
        "customer_satisfaction",
        "retention_rate",
        0.52,
        "customer and month",
        NEXT_MONTH,
        "Each point of satisfaction lowers next month's danger of leaving by 3.5 %.",
        log_hazard=-0.035,
    ),
    Effect(
        "customer_satisfaction",
        "nps",
        2.6,
        "customer and month",
        NEXT_MONTH,
        "Satisfied customers say a month later that they would recommend us: 0.06 of the eleven"
        " steps for each point.",
    ),
    Effect(
        "nps",
        "word_of_mouth",
        0.008,
        "customer and month",
        NEXT_MONTH,
        "Of a hundred promoters 1.6 bring a friend in the following month, of a hundred passives"
        " 0.8, of detractors nobody does; seven of ten friends order. Counted in friends brought by"
        " a hundred customers in a month; the metric counts new customers a year.",
        slope=1.2,
    ),
    Effect(
        "app_install_rate",
        "trial_conversion",
        0.15,
        "prospect",
        (3, 21),
        "A prospect who installs the app is 15 points likelier to order for the first time.",
    ),
    Effect(
        "escaped_defects",
        "product_defect_rate",
        0.15,
        "week",
        (14, 14),
        "Defects that a week's inspection missed are found by customers two weeks later.",
        found_by=SERIES,
    ),
)
