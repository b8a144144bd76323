"""Which sale a return reduces: a function of the stored lines, not of the order they came in."""

from collections.abc import Collection

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from customers.imports.purchases.days import days_for
from customers.models import PurchaseLine
from customers.models.facts.purchase import BY_MOMENT


def rematch(items: Collection[int], purchases: Collection[int]) -> set[int]:
    """Point the returns of these items and purchases at what they reduce, and count them there.

    items: PurchaseLine.item of lines that came or went; purchases: the orders these stand in,
    of known customers only. Answers the pks of the purchase days to rebuild.
    """
    affected = PurchaseLine.objects.filter(pk__in=_returns(items, purchases))
    returned = set(affected.values_list("item", flat=True)) - {None}
    sales = PurchaseLine.objects.sales().filter(item__in=returned)
    returns = list(_with_their_sale(affected, set(sales.values_list("item", flat=True))))
    sales = PurchaseLine.objects.filter(pk__in={line.sale for line in returns if line.sale})
    day_of_sale = dict(sales.values_list("pk", "counts_in"))
    alone = [line for line in returns if not line.sale]
    own_days = days_for((line.record, line.bought_on) for line in alone)
    moved, touched = [], set()
    for line in returns:
        day = day_of_sale[line.sale] if line.sale else own_days[line.record, line.bought_on]
        if (line.reduces, line.counts_in) != (line.sale, day):
            moved.append(PurchaseLine(pk=line.pk, reduces_id=line.sale, counts_in_id=day))
            touched |= {line.counts_in, day}
    PurchaseLine.objects.bulk_update(moved, ["reduces", "counts_in"], batch_size=200)
    return touched - {None}


def _returns(items: Collection[int], purchases: Collection[int]) -> set[int]:
    """The pks of the returns of these items or purchases.

    Two questions, not one with OR: while a table is new to PostgreSQL, it expects too much of
    that one and compiles it for longer than it runs.
    """
    returns = PurchaseLine.objects.returns().values_list("pk", flat=True)
    return {*returns.filter(item__in=items), *returns.filter(purchase__in=purchases)}


def _with_their_sale(returns: QuerySet, sold: Collection[int]) -> QuerySet:
    """Rows of pk, record, bought_on, reduces, counts_in, and sale: the line to reduce, or None.

    That is the latest earlier sale of the same customer and product, else of the same order
    where it has a code. sold: the items that were ever sold; to look for a sale of another would
    read all of its returns once for each of them. Sales of one moment are told apart by what
    they say.
    """
    earlier = (
        PurchaseLine.objects.sales()
        .filter(bought_at__lte=OuterRef("bought_at"))
        .order_by("-bought_at", "-content", "-occurrence")
        .values("pk")
    )
    of_item = Case(
        When(item__in=sold, then=Subquery(earlier.filter(item=OuterRef("item"))[:1])),
        default=None,
    )
    of_order = Case(
        When(purchase__order_key__startswith=BY_MOMENT, then=None),
        default=Subquery(earlier.filter(purchase=OuterRef("purchase"))[:1]),
    )
    return returns.annotate(
        sale=Coalesce(of_item, of_order), record=F("purchase__record")
    ).values_list("pk", "record", "bought_on", "reduces", "counts_in", "sale", named=True)
