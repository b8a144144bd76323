"""Lines of a file become purchases, a chunk at a time, in the transaction of whoever calls."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from customers.imports.purchases.days import days_for, rebuild
from customers.imports.purchases.lines import Line
from customers.imports.purchases.returns import rematch
from customers.models import Change, Customer, Purchase, PurchaseLine, SourceRecord, Upload
from customers.models.facts.purchase import BY_MOMENT

LINE_FIELDS = (
    "upload",
    "purchase",
    "counts_in",
    "content",
    "occurrence",
    "item",
    "bought_at",
    "bought_on",
    "product",
    "quantity",
    "amount",
    "cost",
)


def here_already(lines: Iterable[Line]) -> set[tuple[int, int]]:
    """The identities of those lines that an earlier file has brought."""
    contents = {line.content for line in lines}
    known = PurchaseLine.objects.filter(content__in=contents)
    return set(known.values_list("content", "occurrence"))


def strangers(upload: Upload, lines: Iterable[Line]) -> set[str]:
    """The keys of customers that this source has not named before."""
    keys = {line.row.customer for line in lines} - {""}
    return keys - _records(upload, keys).keys()


def write(upload: Upload, lines: list[Line]) -> int:
    """Store these lines with their customers and orders, and bring purchase days up to date.

    None of them may be here already. Answers how many customers are new. Six tables, and no
    query a row.
    """
    records, new_customers = _records_for(upload, lines)
    purchases = _purchases_for(records, lines)
    known = [line for line in lines if line.row.customer]
    days = days_for(
        (records[line.row.customer], line.row.moment.day) for line in known if line.row.amount >= 0
    )
    PurchaseLine.objects.insert(
        LINE_FIELDS,
        (
            (
                upload.pk,
                purchases[line.order],
                days.get((records[line.row.customer], line.row.moment.day))
                if line.row.amount >= 0
                else None,  # rematch finds the day of a return
                *_facts(line),
            )
            for line in lines
        ),
    )
    items = {line.item for line in known} - {None}
    moved = rematch(items, {purchases[line.order] for line in known})
    rebuild(moved | set(days.values()))
    begin_with_first_line(purchases.values())
    take_over_channels(records[line.row.customer] for line in known)
    Change.objects.mark(Change.PURCHASE, {line.row.moment.day for line in lines})
    return new_customers


def begin_with_first_line(purchases: Iterable[int]) -> None:
    """Let orders with a code begin at the moment of their earliest line.

    An order counts on the day on which it begins, so the days before and after are noted.
    """
    orders = Purchase.objects.filter(pk__in=purchases)
    days = set(orders.values_list("bought_on", flat=True))
    own = PurchaseLine.objects.filter(purchase=OuterRef("pk")).order_by("bought_at")
    coded = Purchase.objects.filter(pk__in=purchases).exclude(order_key__startswith=BY_MOMENT)
    coded.update(
        bought_at=Subquery(own.values("bought_at")[:1]),
        bought_on=Subquery(own.values("bought_on")[:1]),
    )
    Change.objects.mark(Change.PURCHASE, {*days, *orders.values_list("bought_on", flat=True)})


def take_over_channels(records: Iterable[int]) -> None:
    """Let the customers of these records have the channel of the first order they bought by.

    It follows from the stored orders, so the order in which files come does not matter; a first
    order without a channel leaves it blank.
    """
    sales = PurchaseLine.objects.sales().filter(purchase=OuterRef("pk"))
    first = (
        Purchase.objects.filter(Exists(sales), record__customer=OuterRef("pk"))
        .order_by("bought_at", "order_key", "pk")
        .values("channel")
    )
    owners = SourceRecord.objects.filter(pk__in=set(records)).values("customer")
    customers = Customer.objects.filter(pk__in=owners).annotate(
        first_channel=Coalesce(Subquery(first[:1]), Value(""))
    )
    customers.exclude(channel=F("first_channel")).update(channel=F("first_channel"))


def _records(upload: Upload, keys: Iterable[str]) -> dict[str, int]:
    known = SourceRecord.objects.filter(source=upload.source_id, key__in=keys)
    return dict(known.values_list("key", "pk"))


def _records_for(upload: Upload, lines: list[Line]) -> tuple[dict[str, int], int]:
    """key -> pk of the source record of each line, and how many new customers that made."""
    first_rows = {line.row.customer: line.row for line in reversed(lines)}
    records = _records(upload, first_rows)
    unknown = [row for key, row in first_rows.items() if key and key not in records]
    customers = Customer.objects.bulk_create(
        Customer(
            code=row.customer,
            name=row.name,
            country=row.country,
            department_id=row.department or upload.department_id,
        )
        for row in unknown
    )
    new = [
        SourceRecord(source_id=upload.source_id, key=customer.code, customer=customer)
        for customer in customers
    ]
    if "" in first_rows and "" not in records:
        new.append(SourceRecord(source_id=upload.source_id, key=""))
    records |= {record.key: record.pk for record in SourceRecord.objects.bulk_create(new)}
    return records, len(customers)


def _purchases_for(records: dict[str, int], lines: list[Line]) -> dict[tuple[str, str], int]:
    """(key, order key) -> pk of the purchase of each line, made where there was none."""
    first_lines = {line.order: line for line in reversed(lines)}
    purchases = Purchase.objects.bulk_create(
        [
            Purchase(
                record_id=records[line.row.customer],
                order_key=line.order_key,
                bought_at=line.row.moment.at,
                bought_on=line.row.moment.day,
                channel=line.row.channel,
            )
            for line in first_lines.values()
        ],
        update_conflicts=True,
        unique_fields=["record", "order_key"],
        update_fields=["order_key"],
    )
    return {order: purchase.pk for order, purchase in zip(first_lines, purchases, strict=True)}


def _facts(line: Line) -> tuple[Any, ...]:
    """What a purchase line takes over from its row, in the order of LINE_FIELDS."""
    row = line.row
    return (
        line.content,
        line.occurrence,
        line.item,
        row.moment.at,
        row.moment.day,
        row.product,
        row.quantity,
        row.amount,
        row.cost,
    )
