"""What was sold and came back: order lines, orders, rows sent, and products bought anew."""

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, NullIf

from customers.models import Change, Purchase, PurchaseLine, SetAsideRow, Upload
from metrics.indicators.periods import Period
from metrics.indicators.sources.kinds import (
    FROM_THEN_ON,
    HAS_CUSTOMER,
    Field,
    Kind,
    Source,
    Table,
    truth,
)

FACTS = frozenset({Change.PURCHASE})
IS_RETURN = Q(amount__lt=0)


def _lines(period: Period) -> list[QuerySet]:
    return [
        PurchaseLine.objects.filter(bought_on__range=period).annotate(
            known_product=NullIf("product", Value("")),
            sold_amount=Case(When(~IS_RETURN, then=F("amount"))),
            returned_amount=Case(When(IS_RETURN, then=-F("amount"))),
            margin=_margin(),
            is_return=truth(IS_RETURN),
            has_customer=truth(Q(purchase__record__customer__isnull=False)),
        )
    ]


def _margin() -> Coalesce:
    """Share of the line left after product cost: its own where that is known, else its product's.

    Not known for returns.
    """
    own = 1 - Cast("cost", FloatField()) / Cast("amount", FloatField())
    is_sale = Q(amount__gt=0)
    return Coalesce(
        Case(When(is_sale & Q(cost__isnull=False), then=own), output_field=FloatField()),
        Case(When(is_sale, then=Cast("product_margin__margin", FloatField()))),
    )


def _orders(period: Period) -> list[QuerySet]:
    sold = Purchase.objects.filter(bought_on__range=period, lines__amount__gte=0)
    return [
        sold.annotate(
            amount=Sum("lines__amount"),
            items=Sum("lines__quantity"),
            products=Count("lines__product", distinct=True, filter=~Q(lines__product="")),
            line_count=Count("lines"),
            customer=F("record__customer"),
            has_customer=truth(Q(record__customer__isnull=False)),
        )
    ]


def _rows_sent(period: Period) -> list[QuerySet]:
    stored = PurchaseLine.objects.filter(bought_on__range=period)
    set_aside = SetAsideRow.objects.filter(
        bought_on__range=period,
        doing=Upload.Doing.IMPORT,
        upload__doing=Upload.Doing.IMPORT,
        upload__holds=Upload.Holds.PURCHASES,
    )
    return [
        stored.annotate(is_unusable=truth(Q(pk__isnull=True))),
        set_aside.annotate(is_unusable=truth(Q(pk__isnull=False))),
    ]


def _new_products(period: Period) -> list[QuerySet]:
    sales = PurchaseLine.objects.sales().filter(item__isnull=False)
    same = sales.filter(item=OuterRef("item"), bought_on__lt=OuterRef("bought_on"))
    earlier = PurchaseLine.objects.sales().filter(
        purchase__record=OuterRef("purchase__record"), bought_on__lt=OuterRef("bought_on")
    )
    found = sales.filter(~Exists(same), Exists(earlier), bought_on__range=period)
    return [found.annotate(customer=F("purchase__record__customer"))]


PURCHASES = {
    "lines": Source(
        "order lines",
        {
            "amount": Field("amount, returns below zero", Kind.MONEY),
            "sold_amount": Field("amount sold", Kind.MONEY),
            "returned_amount": Field("amount returned", Kind.MONEY),
            "quantity": Field("quantity", Kind.NUMBER, "items"),
            "margin": Field("share left after product cost", Kind.SHARE),
            "is_return": Field("is a return", Kind.TRUTH, denied="is not a return"),
            "has_customer": HAS_CUSTOMER,
            "product": Field("products", Kind.NAME, column="known_product"),
        },
        Table(_lines, "bought_on"),
        FACTS,
    ),
    "orders": Source(
        "orders",
        {
            "amount": Field("amount sold", Kind.MONEY),
            "products": Field("different products", Kind.NUMBER, "products"),
            "items": Field("items", Kind.NUMBER, "items"),
            "lines": Field("lines", Kind.NUMBER, "lines", column="line_count"),
            "customer": Field("customers", Kind.NAME),
            "has_customer": HAS_CUSTOMER,
        },
        Table(_orders, "bought_on"),
        FACTS,
    ),
    "new_products": Source(
        "order lines of products that their customer had not bought on an earlier visit",
        {
            "amount": Field("amount sold", Kind.MONEY),
            "customer": Field("customers", Kind.NAME),
        },
        Table(_new_products, "bought_on"),
        FACTS,
        reach=FROM_THEN_ON,
    ),
    "rows": Source(
        "rows sent, with a readable day",
        {"is_unusable": Field("could not be used", Kind.TRUTH, denied="could be used")},
        Table(_rows_sent, "bought_on"),
        FACTS,
    ),
}
