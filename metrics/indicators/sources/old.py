"""What a metric can count: each source's rows of one period, and the fields they carry.

A declared measure names a source, an aggregate and a field; nothing here knows a metric. Some
sources are dated: their rows are what happened in the period. The others are a state: their rows
are what is true at the period's end, and where there is none of it, there is no figure either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DurationField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import NullIf, PercentRank

from customers.models import Customer, Purchase, PurchaseDay, PurchaseLine, SetAsideRow, Upload
from metrics.indicators.periods import Period
from metrics.models import CustomerValue, Valuation

TRAILING_DAYS = 365


class Kind(Enum):
    """How a field can be counted and compared."""

    NUMBER = "number"
    MONEY = "money"
    DAYS = "days"
    SHARE = "share"
    TRUTH = "yes or no"
    NAME = "name"

    @property
    def adds_up(self) -> bool:
        return self in {Kind.NUMBER, Kind.MONEY, Kind.DAYS}


@dataclass(frozen=True)
class Field:
    """One thing that every row of a source says.

    denied: the label of a yes or no where it is no; column: its name in the rows, where that
    differs.
    """

    label: str
    kind: Kind
    unit: str = ""
    denied: str = ""
    column: str = ""


@dataclass(frozen=True)
class Source:
    """Rows that can be counted. label: what several of them are called.

    rows: the rows of a period, in one queryset or several that have nothing in common; every
    field's column can be used in each of them.
    """

    label: str
    fields: Mapping[str, Field]
    rows: Callable[[Period], list[QuerySet]]
    is_state: bool = False
    is_forecast: bool = False

    def column(self, field: str) -> str:
        return self.fields[field].column or field


def _days_between(first: Expression, last: Expression) -> ExpressionWrapper:
    return ExpressionWrapper(last - first, output_field=DurationField())


def _truth(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _lines(period: Period) -> list[QuerySet]:
    is_return = Q(amount__lt=0)
    return [
        PurchaseLine.objects.filter(bought_on__range=period).annotate(
            known_product=NullIf("product", Value("")),
            sold_amount=Case(When(~is_return, then=F("amount"))),
            returned_amount=Case(When(is_return, then=-F("amount"))),
            is_return=_truth(is_return),
            has_customer=_truth(Q(purchase__record__customer__isnull=False)),
        )
    ]


def _orders(period: Period) -> list[QuerySet]:
    sold = Purchase.objects.filter(bought_on__range=period, lines__amount__gte=0)
    return [
        sold.annotate(
            amount=Sum("lines__amount"),
            items=Sum("lines__quantity"),
            products=Count("lines__product", distinct=True, filter=~Q(lines__product="")),
            line_count=Count("lines"),
            customer=F("record__customer"),
            has_customer=_truth(Q(record__customer__isnull=False)),
        )
    ]


def _newcomers(period: Period) -> list[QuerySet]:
    counting = PurchaseDay.objects.counting()
    before = counting.filter(record__customer=OuterRef("pk"), day__lt=period.starts_on)
    own = counting.filter(record__customer=OuterRef("pk")).order_by("day").values("day").distinct()
    bought = counting.filter(day__range=period).values("record__customer")
    return [
        Customer.objects.filter(~Exists(before), pk__in=bought).annotate(
            second_gap_days=_days_between(Subquery(own[:1]), Subquery(own[1:2]))
        )
    ]


def _customers(period: Period) -> list[QuerySet]:
    end = Value(period.ends_on)
    trailing = period.ends_on - timedelta(TRAILING_DAYS)
    days = PurchaseDay.objects.counting().filter(
        day__lte=period.ends_on, record__customer__isnull=False
    )
    return [
        days.values("record__customer").annotate(
            gap_days=_days_between(Max("day"), end),
            first_gap_days=_days_between(Min("day"), end),
            purchase_days=Count("day", distinct=True),
            spend_365=Sum("amount", filter=Q(day__gt=trailing), default=0),
            spend_rank=Window(PercentRank(), order_by=F("spend_365").desc()),
        )
    ]


def _rows_sent(period: Period) -> list[QuerySet]:
    stored = PurchaseLine.objects.filter(bought_on__range=period)
    set_aside = SetAsideRow.objects.filter(
        bought_on__range=period, doing=Upload.Doing.IMPORT, upload__doing=Upload.Doing.IMPORT
    )
    return [
        stored.annotate(is_unusable=_truth(Q(pk__isnull=True))),
        set_aside.annotate(is_unusable=_truth(Q(pk__isnull=False))),
    ]


def _values(period: Period) -> list[QuerySet]:
    return [CustomerValue.objects.filter(valuation=_valuation_of(period.ends_on))]


def _valuation_of(day: date) -> Subquery:
    """The newest finished valuation of the month end that is this day."""
    finished = Valuation.objects.month_ends().filter(as_of=day).order_by("-pk")
    return Subquery(finished.values("pk")[:1])


_HAS_CUSTOMER = Field("has a known customer", Kind.TRUTH, denied="has no known customer")

SOURCES: dict[str, Source] = {
    "lines": Source(
        "order lines",
        {
            "amount": Field("amount, returns below zero", Kind.MONEY),
            "sold_amount": Field("amount sold", Kind.MONEY),
            "returned_amount": Field("amount returned", Kind.MONEY),
            "quantity": Field("quantity", Kind.NUMBER, "items"),
            "is_return": Field("is a return", Kind.TRUTH, denied="is not a return"),
            "has_customer": _HAS_CUSTOMER,
            "product": Field("products", Kind.NAME, column="known_product"),
        },
        _lines,
    ),
    "orders": Source(
        "orders",
        {
            "amount": Field("amount sold", Kind.MONEY),
            "products": Field("different products", Kind.NUMBER, "products"),
            "items": Field("items", Kind.NUMBER, "items"),
            "lines": Field("lines", Kind.NUMBER, "lines", column="line_count"),
            "customer": Field("customers", Kind.NAME),
            "has_customer": _HAS_CUSTOMER,
        },
        _orders,
    ),
    "newcomers": Source(
        "customers with their first purchase",
        {"second_gap_days": Field("days to the second purchase", Kind.DAYS, "days")},
        _newcomers,
    ),
    "customers": Source(
        "customers so far",
        {
            "gap_days": Field("days since the last purchase", Kind.DAYS, "days"),
            "first_gap_days": Field("days since the first purchase", Kind.DAYS, "days"),
            "purchase_days": Field("days with a purchase", Kind.NUMBER, "days"),
            "spend_365": Field("spend of the last 365 days", Kind.MONEY),
            "spend_rank": Field(
                "place by spend of the last 365 days, 0 the largest to 1", Kind.SHARE
            ),
        },
        _customers,
        is_state=True,
    ),
    "rows": Source(
        "rows sent, with a readable day",
        {"is_unusable": Field("could not be used", Kind.TRUTH, denied="could be used")},
        _rows_sent,
    ),
    "values": Source(
        "customers in the valuation of that day",
        {
            "clv": Field("customer lifetime value", Kind.MONEY),
            "p_alive": Field("chance of still buying", Kind.SHARE),
        },
        _values,
        is_state=True,
        is_forecast=True,
    ),
}
