"""The largest single order or line behind a figure, for those who may see orders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Value

from customers.models import User
from customers.models.facts.purchase import BY_MOMENT
from customers.policy import customers_for
from metrics.indicators.declaration import conditions_of, source_of
from metrics.indicators.periods import Period
from metrics.indicators.words import period_text
from metrics.models import Figure, Measure, MetricVersion
from metrics.policy import may_see_contributions

ORDER_COLUMNS = {
    "lines": {
        "order": F("purchase__order_key"),
        "moment": F("bought_at"),
        "what": F("product"),
        "customer_pk": F("purchase__record__customer"),
        "customer_code": F("purchase__record__customer__code"),
    },
    "orders": {
        "order": F("order_key"),
        "moment": F("bought_at"),
        "what": Value(""),
        "customer_pk": F("record__customer"),
        "customer_code": F("record__customer__code"),
    },
}


@dataclass(frozen=True)
class Contribution:
    """One order or line. share: of the figure's numerator; product: "" for a whole order.

    order: its code; "" where the moment is all that it is known by.
    customer: the code; "" for a guest, None for a customer whom the reader may not see.
    """

    period: str
    bought_at: datetime
    order: str
    product: str
    amount: float
    share: float
    customer: str | None


def contributions_for(
    user: User, version: MetricVersion, figures: Iterable[Figure]
) -> list[Contribution]:
    """The largest contribution to each of these figures, newest first; empty where not granted.

    One query a figure. Only to sums over orders or their lines. The customer is named to who may
    see that customer.
    """
    sides = {one.side: one for one in version.measures.all()}
    measure = sides.get(Measure.Side.NUMERATOR)
    is_sum = (
        measure and measure.aggregate == Measure.Aggregate.SUM and measure.source in ORDER_COLUMNS
    )
    if not is_sum or not may_see_contributions(user, version.metric):
        return []
    newest = sorted(figures, key=lambda figure: figure.starts_on, reverse=True)
    found = [(figure, row) for figure in newest if (row := _largest(measure, figure))]
    known = [row["customer_pk"] for _, row in found]
    visible = set(customers_for(user).filter(pk__in=known).values_list("pk", flat=True))
    return [
        _contribution(period_text(version, figure.ends_on), figure, row, visible)
        for figure, row in found
    ]


def _largest(measure: Measure, figure: Figure) -> dict | None:
    source = source_of(measure)
    column = source.column(measure.field)
    (rows,) = source.data.rows(Period(figure.starts_on, figure.ends_on))
    if where := conditions_of(measure):
        rows = rows.filter(where)
    largest = rows.filter(**{f"{column}__gt": 0}).order_by(F(column).desc(), "pk")
    return largest.values(**ORDER_COLUMNS[measure.source], counted=F(column)).first()


def _contribution(period: str, figure: Figure, row: dict, visible: set[int]) -> Contribution:
    amount = float(row["counted"])
    hidden = row["customer_pk"] and row["customer_pk"] not in visible
    return Contribution(
        period=period,
        bought_at=row["moment"],
        order="" if row["order"].startswith(BY_MOMENT) else row["order"],
        product=row["what"],
        amount=amount,
        share=amount / figure.numerator,
        customer=None if hidden else row["customer_code"] or "",
    )
