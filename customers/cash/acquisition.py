"""What winning a customer has cost, by the channel and month in which they first bought."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Min

from customers.models import AcquisitionCost, PurchaseDay

READ_AT_ONCE = 20_000

ChannelMonth = tuple[str, date]


@dataclass(frozen=True)
class Winning:
    """One stored cost, and how many customers first bought in that month through that channel."""

    pk: int
    channel: str
    month: date
    amount: Decimal
    customers: int

    @property
    def cost_each(self) -> Decimal | None:
        """What one of them has cost; None where nobody was won."""
        return self.amount / self.customers if self.customers else None


def winnings(until: date | None = None) -> list[Winning]:
    """Every stored cost, the newest month first, with the customers won for it.

    until: the last day of which purchases are read; None: of all.
    """
    won = Counter(place for _, place in _first_purchases(until))
    rows = AcquisitionCost.objects.order_by("-month", "channel", "pk")
    return [
        Winning(pk, channel, month, amount, won[channel, month])
        for pk, channel, month, amount in rows.values_list("pk", "channel", "month", "amount")
    ]


def acquisition_costs(until: date) -> Iterator[tuple[int, float]]:
    """Customer's pk and what winning this customer has cost, in the currency.

    That is the month's cost of the channel, shared by all customers who first bought in it. A
    customer whose channel or month has no cost is left out: not known is not 0.
    """
    first = list(_first_purchases(until))
    won = Counter(place for _, place in first)
    rows = AcquisitionCost.objects.filter(month__lte=until)
    each = {
        (channel, month): float(amount) / won[channel, month]
        for channel, month, amount in rows.values_list("channel", "month", "amount")
        if won[channel, month]
    }
    return ((customer, each[place]) for customer, place in first if place in each)


def _first_purchases(until: date | None) -> Iterator[tuple[int, ChannelMonth]]:
    """Customer's pk, with channel and month of the first purchase day that counts; of channels
    that have a cost."""
    days = PurchaseDay.objects.counting()
    if until is not None:
        days = days.filter(day__lte=until)
    channels = AcquisitionCost.objects.values("channel")
    rows = (
        days.filter(record__customer__channel__in=channels)
        .values_list("record__customer", "record__customer__channel")
        .annotate(first_on=Min("day"))
        .order_by("record__customer")
        .iterator(chunk_size=READ_AT_ONCE)
    )
    return ((customer, (channel, day.replace(day=1))) for customer, channel, day in rows)
