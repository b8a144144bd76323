"""Valuations written by hand: pages can be tested without an engine."""

from datetime import date
from decimal import Decimal

from django.utils import timezone

from customers.models import Customer, Department
from metrics.models import (
    CustomerValue,
    DriverPull,
    Movement,
    MovementPart,
    Scenario,
    ScenarioMonth,
    ScenarioValue,
    SizeBand,
    Valuation,
)

TODAY = date(2026, 11, 18)
LAST_MONTH_END = date(2026, 10, 31)
PULLS = [
    ("keep", "+1 point of twelve-month retention", 21_400.0),
    ("rate", "+1% purchases", 17_900.0),
    ("spend", "+1% spend a purchase", 18_400.0),
    ("margin", "+1 point of margin", 61_300.0),
    ("discount", "+1 point of discount rate", -8_250.0),
    ("acquire", "+1 new customer, before what winning one costs", 38.2),
]
PARTS = {
    "time": "-341204.80",
    "gone": "-3120.05",
    "behaviour": "112881.05",
    "spend": "-23159.90",
    "new": "294076.12",
    "models": "-17930.21",
    "margin": "0.00",
    "terms": "-59302.11",
    "contracts": "0.00",
}


def valuation_of(as_of: date = TODAY, total: str = "1840210.13", **values) -> Valuation:
    """A finished valuation; in force unless said otherwise."""
    conditions = {
        "status": "done",
        "in_force": True,
        "outcome": "good",
        "months": 12,
        "yearly_rate": Decimal("0.1"),
        "margin": Decimal("0.3"),
        "currency": "GBP",
        "changes": 1,
        "model": "bg_nbd",
        "customers": 4821,
        "clv_total": Decimal(total),
        "clv_low": Decimal(total) * Decimal("0.91"),
        "clv_high": Decimal(total) * Decimal("1.1"),
        "top_tenth_share": 0.46,
        "misjudged_share": 0.31,
    }
    valuation = Valuation.objects.create(as_of=as_of, **conditions | values)
    rows = [("Very large", 8000.0, 48, 410e3, 260e3), ("Large", 2000.0, 434, 930e3, 640e3),
            ("Medium", 300.0, 1928, 700e3, 690e3), ("Small", 1.0, 2411, 180e3, 250e3)]  # fmt: skip
    SizeBand.objects.bulk_create(
        SizeBand(valuation=valuation, rank=rank, name=name, spent_from=spent_from,
                 customers=customers, spent=spent, clv=clv)
        for rank, (name, spent_from, customers, spent, clv) in enumerate(rows, start=1)
    )  # fmt: skip
    return valuation


def month_end_of(as_of: date = LAST_MONTH_END, total: str = "1877970.03", **values) -> Valuation:
    """A month end whose customers' values are still there."""
    values = {"purpose": "month end", "in_force": False, "customers": 4763} | values
    return with_values(valuation_of(as_of, total, **values))


def with_values(valuation: Valuation) -> Valuation:
    """The valuation with the value of one customer, which tells that they are kept."""
    department, _ = Department.objects.get_or_create(name="Sales")
    customer = Customer.objects.create(code=f"of {valuation.pk}", department=department)
    CustomerValue.objects.create(
        valuation=valuation, customer=customer, x=1, t_x=1, T=2, mean_spend=3, spent=4,
        p_alive=0.5, expected_purchases=6, expected_spend=7, clv=8,
    )  # fmt: skip
    return valuation


def with_pulls(valuation: Valuation, pulls=tuple(PULLS)) -> Valuation:
    DriverPull.objects.bulk_create(
        DriverPull(valuation=valuation, driver=driver, step=step, gain=gain)
        for driver, step, gain in pulls
    )
    return valuation


def movement_of(earlier: Valuation, later: Valuation, parts=PARTS, **values) -> Movement:
    movement = Movement.objects.create(earlier=earlier, later=later, **{"status": "done"} | values)
    MovementPart.objects.bulk_create(
        MovementPart(movement=movement, part=part, amount=Decimal(amount))
        for part, amount in parts.items()
    )
    return movement


def scenario_of(name, owner, **changes) -> Scenario:
    scenario = Scenario.objects.create(name=name, owner=owner, **changes)
    scenario.refresh_from_db()
    return scenario


def valued(scenario: Scenario, valuation: Valuation, total: str, **values) -> ScenarioValue:
    """The scenario's value under the valuation, month by month."""
    value = ScenarioValue.objects.create(
        scenario=scenario, valuation=valuation, scenario_changed_at=scenario.changed_at,
        ended_at=timezone.now(), clv_total=Decimal(total), clv_low=Decimal(total) * Decimal("0.91"),
        clv_high=Decimal(total) * Decimal("1.1"), **{"status": "done"} | values,
    )  # fmt: skip
    share = float(value.clv_total) / float(valuation.clv_total)
    months = scenario.months or valuation.months
    falling = [0.97**month for month in range(months)]
    step = float(valuation.clv_total) / sum(falling[: valuation.months])
    ScenarioMonth.objects.bulk_create(
        ScenarioMonth(
            value=value,
            month=month + 1,
            base=step * each if month < valuation.months else None,
            clv=step * each * share * (1 + 0.01 * month),
        )
        for month, each in enumerate(falling)
    )
    return value
