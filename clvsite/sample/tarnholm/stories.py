"""What people at Tarnholm Supply asked, answered and wrote down beside their figures."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd

from clvsite.sample.tarnholm.agreement import person
from clvsite.simulated.facts import Facts
from clvsite.simulated.surroundings.conditions import FIRST_MONDAY
from clvsite.simulated.truth import PROJECTS
from customers.models import Department
from metrics.metric_map.paths import one_line, path_up
from metrics.metric_map.words import enumerated
from metrics.models import (
    Annotation,
    DataRequest,
    Dispute,
    Metric,
    Project,
    ProjectSite,
    ReportedFigure,
    Scenario,
)

REQUESTS = (
    # metric, source, wanted, asked, promised, delivered, refused, answer
    (
        "frontline_data_availability",
        "CRM logs",
        "Whether the whole record was on the screen, a contact each",
        date(2025, 2, 17), date(2025, 4, 30), date(2025, 4, 24), None,
        "The logs had it all along; nobody had asked.",
    ),
    (
        "escaped_defects",
        "Inspection sheets",
        "Defects that each week’s inspection missed",
        date(2025, 3, 3), date(2025, 5, 31), date(2025, 6, 12), None,
        "Two weeks late: the sheets had to be typed in.",
    ),
    (
        "late_delivery_rate",
        "Warehouse system",
        "The depot that sent each delivery",
        date(2025, 5, 5), date(2025, 6, 30), date(2025, 6, 20), None,
        "",
    ),
    (
        "prebill_exceptions",
        "Billing system",
        "The outcome of the pre-bill check, an invoice each",
        date(2025, 6, 2), date(2025, 7, 31), date(2025, 7, 30), None,
        "",
    ),
    (
        "save_contact_rate",
        "CRM",
        "When each flagged account was reached",
        date(2025, 7, 7), date(2025, 9, 30), date(2025, 10, 9), None,
        "Later than promised: two tools kept two lists.",
    ),
    (
        "margin_migration",
        "Price list",
        "Margins by product",
        date(2025, 8, 4), date(2025, 11, 30), date(2025, 11, 14), None,
        "",
    ),
    (
        "stable_revenue_share",
        "Order system",
        "Eight quarters of revenue, a customer each, checked by the ledger",
        date(2025, 10, 6), date(2026, 3, 31), None, None,
        "After the close of the year",
    ),
    (
        "social_review_score",
        "Review sites",
        "Each month’s public reviews, by site",
        date(2025, 11, 3), date(2026, 2, 27), None, None,
        "",
    ),
    (
        "customer_ideas_shipped",
        "Issue tracker",
        "Which releases carry a customer’s idea",
        date(2025, 12, 1), None, None, None,
        "",
    ),
    (
        "price_premium",
        "Price comparison",
        "Reference prices of rivals, a quarter each",
        date(2025, 9, 1), None, None, date(2025, 9, 19),
        "The portal forbids it in its terms; buying the data costs more than they are worth.",
    ),
)  # fmt: skip
TOLD_AFTER = pd.Timedelta(days=7, hours=9)
WEEKS_OF_A_YEAR = 52.18
MANY = 4
CAMPAIGNS = {6: "Winter", 18: "Spring", 27: "Summer", 37: "Autumn", 46: "Before Christmas"}


def tell(facts: Facts) -> None:
    """Write all of it down. Belongs in a transaction, after the map."""
    metrics = Metric.objects.in_bulk(field_name="key")
    last_day = pd.Timestamp(facts.last_day).date()
    _report(metrics["escaped_defects"], _escaped(facts))
    _ask(metrics)
    _dispute(metrics)
    _begin_projects(metrics, last_day)
    _annotate(metrics, last_day)
    _imagine()


def _report(metric: Metric, weeks: pd.DataFrame) -> None:
    """weeks: numerator and denominator by the Monday of each whole week."""
    ReportedFigure.objects.bulk_create(
        ReportedFigure(
            metric=metric,
            starts_on=monday.date(),
            numerator=row.numerator,
            denominator=row.denominator,
            reported_by=metric.owner,
            reported_at=(monday + TOLD_AFTER).tz_localize(UTC),
        )
        for monday, row in weeks.iterrows()
    )


def _escaped(facts: Facts) -> pd.DataFrame:
    weeks = facts.inspections.set_index("week")
    table = pd.DataFrame({"numerator": weeks["escaped"].astype(float), "denominator": None})
    whole = table.index + pd.Timedelta(days=6) <= facts.last_day
    return table[whole & (table.index >= pd.Timestamp(2023, 1, 2))]


def _ask(metrics: Mapping[str, Metric]) -> None:
    it = Department.objects.get(name="IT")
    rows = []
    for key, source, wanted, asked, promised, delivered, refused, answer in REQUESTS:
        metric = metrics[key]
        rows.append(
            DataRequest(
                metric=metric,
                asked_by=metric.owner,
                asked_on=asked,
                department=it,
                source=source,
                wanted=wanted,
                promised_on=promised,
                delivered_on=delivered,
                refused_on=refused,
                answer=answer,
                opened_path=one_line(path_up(metric)) if delivered else "",
            )
        )
    DataRequest.objects.bulk_create(rows)


def _dispute(metrics: Mapping[str, Metric]) -> None:
    Dispute.objects.create(
        metric=metrics["on_time_dispatch"],
        raised_by=person("olga.lead"),
        raised_at=datetime(2025, 9, 8, 7, 40, tzinfo=UTC),
        said="On days when the carrier comes early, what is packed at noon stays until tomorrow.",
        outcome=Dispute.Outcome.KEPT,
        answer="The carrier’s hour is agreed in your own contract: ask Omar to move it to three.",
        answered_by=person("jonas.map"),
        answered_at=datetime(2025, 9, 15, 12, 5, tzinfo=UTC),
    )
    Dispute.objects.create(
        metric=metrics["escaped_defects"],
        raised_by=person("paul.product"),
        raised_at=datetime(2025, 12, 11, 15, 20, tzinfo=UTC),
        said="What suppliers send in sealed boxes is not inspected here, and counts all the same.",
    )


def _begin_projects(metrics: Mapping[str, Metric], last_day: date) -> None:
    for project in PROJECTS:
        if project.starts_on <= last_day:
            begun = Project.objects.create(
                name=project.name,
                metric=metrics[project.metric],
                began_on=project.starts_on,
                hoped=project.expected,
            )
            ProjectSite.objects.bulk_create(
                ProjectSite(project=begun, site=unit) for unit in project.units
            )


def _annotate(metrics: Mapping[str, Metric], last_day: date) -> None:
    """Only what can be known without the truth: that something began, not what it did."""
    rows = [
        Annotation(
            metric=metrics[project.metric],
            day=project.starts_on,
            text=f"{project.name} goes live {_where(project.units)}",
            by=person("ian.it"),
        )
        for project in PROJECTS
        if project.starts_on <= last_day
    ]
    metric, mark = metrics["engaged_prospects"], person("mark.lead")
    rows += [
        Annotation(metric=metric, day=day, text=f"{name} campaign begins", by=mark)
        for day, name in _campaigns(last_day)
    ]
    Annotation.objects.bulk_create(rows)


def _where(units: tuple[str, ...]) -> str:
    return f"at {enumerated(units)}" if len(units) < MANY else f"in {len(units)} groups"


def _campaigns(last_day: date) -> list[tuple[date, str]]:
    """First Mondays of the campaigns of the last year; a simulated year has 52.18 weeks."""
    weeks = np.arange((np.datetime64(last_day) - FIRST_MONDAY).astype(int) // 7 + 1)
    of_year = (weeks % WEEKS_OF_A_YEAR).astype(int)
    found = [
        (pd.Timestamp(FIRST_MONDAY + 7 * week).date(), CAMPAIGNS[of_year[week]])
        for week in weeks
        if of_year[week] in CAMPAIGNS
    ]
    return [(day, name) for day, name in found if day.year == last_day.year]


def _imagine() -> None:
    Scenario.objects.create(
        name="A quiet year",
        owner=person("ruth.executive"),
        note="Builders order less: everybody buys a tenth less often.",
        rate="0.9",
    )
    Scenario.objects.create(
        name="Fewer leave",
        owner=person("anna.analyst"),
        note="Deliveries come in time: a tenth fewer leave.",
        drop_out="0.9",
    )
