"""A small company of which it is known what moves what: deliveries, answers, and six depots."""

from datetime import UTC, date, datetime, time

import numpy as np

from customers.models import Customer, Interaction, PurchaseDay, Source, SourceRecord
from metrics.models import Condition, Figure, FigureRun, Measure, MetricVersion

CUSTOMERS, MONTHS = 90, 14
AS_OF = date(2025, 3, 1)
HARM = -0.3  # points of satisfaction a point of late deliveries
DEPOTS = ("North", "East", "South", "West", "Hill", "Bay")


def day_of(month, day=10):
    return date(2024 + month // 12, month % 12 + 1, day)


def moment(day):
    return datetime.combine(day, time(12), UTC)


def records(department):
    source = Source.objects.create(name="Orders")
    people = Customer.objects.bulk_create(
        Customer(code=f"c{n}", department=department) for n in range(CUSTOMERS)
    )
    return SourceRecord.objects.bulk_create(
        SourceRecord(source=source, key=one.code, customer=one) for one in people
    )


def delivery(record, month, is_late, site="", nth=0):
    due = day_of(month)
    done = due.replace(day=13 if is_late else 10)
    return Interaction(
        record=record,
        kind="delivery",
        key=f"d{month}-{nth}",
        happened_at=moment(due.replace(day=7)),
        happened_on=due.replace(day=7),
        due_on=due,
        done_on=done,
        done_at=moment(done),
        site=site,
    )


def answer(record, month, score):
    day = day_of(month, 20)
    return Interaction(
        record=record,
        kind="survey",
        key=f"s{month}",
        happened_at=moment(day),
        happened_on=day,
        topic="satisfaction",
        score=float(np.clip(score, 0, 100)),
    )


def live(department, harm=HARM, seed=1):
    """A delivery and an answer a customer and month; a late one is felt a month later."""
    draw = np.random.default_rng(seed)
    late = draw.random((CUSTOMERS, MONTHS)) < 0.3
    usual = draw.normal(70, 5, CUSTOMERS)
    rows, days = [], []
    for who, record in enumerate(records(department)):
        for month in range(MONTHS):
            before = late[who, month - 1] if month else False
            score = usual[who] + 100 * harm * before + draw.normal(0, 4)
            rows += [
                delivery(record, month, late[who, month], DEPOTS[who % 6]),
                answer(record, month, score),
            ]
            days.append(PurchaseDay(record=record, day=day_of(month, 5), amount=30, lines_bought=1))
    Interaction.objects.bulk_create(rows)
    PurchaseDay.objects.bulk_create(days)


def counted(metric, source, numerator, denominator, **values):
    """Declare how it is counted: aggregate, field and conditions of each side."""
    version = MetricVersion.objects.create(
        metric=metric, number=1, **{"grain": "month", "unit": "points"} | values
    )
    for side, (aggregate, field, *where) in (
        ("numerator", numerator),
        ("denominator", denominator),
    ):
        measure = Measure.objects.create(
            version=version, side=side, source=source, aggregate=aggregate, field=field
        )
        for name in where:
            Condition.objects.create(measure=measure, field=name, comparison="eq", value=1)
    return version


def late_rate(metric):
    sides = ("count", "", "is_late"), ("count", "")
    return counted(metric, "deliveries", *sides, scale=100, grain="week")


def satisfaction_score(metric):
    sides = ("sum", "score", "is_satisfaction"), ("count", "", "is_satisfaction")
    return counted(metric, "surveys", *sides)


def figures_are_done():
    return FigureRun.objects.create(status="done", as_of=AS_OF, changes=1, definitions=1)


def weekly_figures(version, values):
    start = date(2024, 1, 1)
    Figure.objects.bulk_create(
        Figure(
            version=version,
            starts_on=date.fromordinal(start.toordinal() + 7 * week),
            ends_on=date.fromordinal(start.toordinal() + 7 * week + 6),
            numerator=value,
        )
        for week, value in enumerate(values)
    )
