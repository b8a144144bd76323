"""Changes of margins and acquisition costs: each in one transaction with its audit event.

Every source then counts a change, so that valuations and figures become due.
"""

from datetime import date
from decimal import Decimal

from django.db import transaction

from customers.models import AcquisitionCost, AuditEvent, Department, ProductMargin, Source, User


@transaction.atomic
def set_department_margin(actor: User, department: Department, margin: Decimal | None) -> None:
    """margin: a share of the sale; None for the company's."""
    Department.objects.filter(pk=department.pk).update(margin=margin)
    _tell(actor, f"Margin of {department.name}: {_in_words(margin)}")


@transaction.atomic
def set_product_margin(actor: User, product: str, margin: Decimal) -> None:
    ProductMargin.objects.update_or_create(product=product, defaults={"margin": margin})
    _tell(actor, f"Margin of product {product}: {_in_words(margin)}")


@transaction.atomic
def remove_product_margin(actor: User, margin: ProductMargin) -> None:
    margin.delete()
    _tell(actor, f"Margin of product {margin.product}: removed")


@transaction.atomic
def set_acquisition_cost(actor: User, channel: str, month: date, amount: Decimal) -> None:
    """month: any day of it; what was stored for it before is replaced."""
    first = month.replace(day=1)
    AcquisitionCost.objects.update_or_create(
        channel=channel, month=first, defaults={"amount": amount}
    )
    _tell(actor, f"Getting customers by {channel} in {first:%b %Y}: {amount}")


@transaction.atomic
def remove_acquisition_cost(actor: User, cost: AcquisitionCost) -> None:
    cost.delete()
    _tell(actor, f"Getting customers by {cost.channel} in {cost.month:%b %Y}: removed")


def let_values_become_due() -> None:
    """Note at every source that what its purchases are worth has changed."""
    for pk in Source.objects.order_by("pk").values_list("pk", flat=True):
        Source.objects.count_change(pk)


def _tell(actor: User, sentence: str) -> None:
    let_values_become_due()
    AuditEvent.objects.create(
        actor=actor, verb=AuditEvent.Verb.CHANGED_COMPANY, about=sentence[:200]
    )


def _in_words(margin: Decimal | None) -> str:
    return "the company's" if margin is None else f"{margin:f}"
