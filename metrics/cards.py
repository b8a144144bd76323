"""What stands on a customer's card, for the person who reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from customers.models import AuditEvent, Purchase, PurchaseDay, PurchaseLine, User
from metrics.clv.worth.portfolio import STEADY_UP_TO
from metrics.models import Valuation
from metrics.policy import valued_customer

LAST_ORDERS = 3
PRODUCTS_NAMED = 3
SAME_READING = timedelta(hours=1)


@dataclass(frozen=True)
class Order:
    """One order in words; amount is None for who may not see prices."""

    bought_on: date
    products: Sequence[str]
    more: int
    amount: float | None


@dataclass(frozen=True)
class Card:
    """A customer as this reader may see them; `facts` has only granted columns."""

    pk: int
    facts: dict[str, Any]
    as_of: date | None
    orders: Sequence[Order]
    usual_gap: int | None

    @property
    def title(self) -> str:
        return self.facts["name"] or f"Customer {self.facts['code']}"

    @property
    def silent_days(self) -> int | None:
        """Days from the last purchase to as-of."""
        last_on = self.facts.get("last_on")
        return (self.as_of - last_on).days if self.as_of and last_on else None

    @property
    def steadiness(self) -> str:
        variation = self.facts.get("spend_variation")
        if variation is None:
            return ""
        return "steady" if variation <= STEADY_UP_TO else "varying"

    @property
    def rhythm(self) -> str:
        """How often this customer comes, and how long it has been, in one sentence."""
        if self.silent_days is None or self.usual_gap is None:
            return ""
        silence = f"the last order was {_days(self.silent_days)} before this data ends"
        return f"Orders about every {_days(self.usual_gap)}; {silence}."


def card_for(user: User, pk: int, known_code: str = "") -> Card | None:
    """The card, or None where this person may not see the customer; the reading is recorded."""
    facts = valued_customer(user, pk, known_code)
    if facts is None:
        return None
    _record_reading(user, pk)
    valuation = Valuation.objects.in_force()
    return Card(
        pk=pk,
        facts=facts,
        as_of=valuation and valuation.as_of,
        orders=_last_orders(pk, with_amounts="spent" in facts),
        usual_gap=_usual_gap(pk),
    )


def _record_reading(user: User, pk: int) -> None:
    """Once an hour for the same reader and card."""
    reading = {"actor": user, "verb": AuditEvent.Verb.READ_CARD, "customer_id": pk}
    recent = AuditEvent.objects.filter(**reading, at__gte=timezone.now() - SAME_READING)
    if not recent.exists():
        AuditEvent.objects.create(**reading)


def _last_orders(pk: int, *, with_amounts: bool) -> list[Order]:
    sold = PurchaseLine.objects.sales().filter(purchase__record__customer=pk)
    latest = (
        Purchase.objects.filter(record__customer=pk, lines__amount__gte=0)
        .annotate(sum=Sum("lines__amount"))
        .order_by("-bought_at", "-pk")[:LAST_ORDERS]
    )
    latest = list(latest)
    lines = sold.filter(purchase__in=[order.pk for order in latest]).order_by("-amount", "pk")
    products: dict[int, list[str]] = {order.pk: [] for order in latest}
    for purchase, product in lines.values_list("purchase", "product"):
        if product and product not in products[purchase]:
            products[purchase].append(product)
    return [
        Order(
            bought_on=order.bought_on,
            products=[_in_words(product) for product in products[order.pk][:PRODUCTS_NAMED]],
            more=max(0, len(products[order.pk]) - PRODUCTS_NAMED),
            amount=float(order.sum) if with_amounts else None,
        )
        for order in latest
    ]


def _usual_gap(pk: int) -> int | None:
    """Median days between purchase days; None before the third."""
    days = list(
        PurchaseDay.objects.counting()
        .filter(record__customer=pk)
        .order_by("day")
        .values_list("day", flat=True)
    )
    gaps = sorted((later - day).days for day, later in pairwise(days))
    return gaps[len(gaps) // 2] if len(gaps) > 1 else None


def _in_words(product: str) -> str:
    """A product name as a person writes it: systems shout in capitals."""
    return product.capitalize() if product.isupper() else product


def _days(days: int) -> str:
    if days < 14:
        return f"{days} day{'' if days == 1 else 's'}"
    return f"{round(days / 7)} weeks"
