"""Why customer equity moved from one valuation to another."""

from decimal import Decimal

from django.db import transaction

from metrics.clv.models.chebyshev import ImpossibleValue
from metrics.clv.worth.movement import NotComparable, Valued, movement
from metrics.models import Movement, MovementPart, Valuation
from metrics.value.beside.stored import NothingLeft, valued


def ask_for(valuation: Valuation) -> None:
    """Wanted by a current valuation: why it moved since the last month end, and since the current
    one before it. A month end that is the last before the valuation in force is wanted by that."""
    if valuation.purpose == Valuation.Purpose.MONTH_END:
        current = Valuation.objects.in_force()
        later = Valuation.objects.open().filter(purpose=valuation.purpose)
        if later.filter(as_of__gt=valuation.as_of).exists():
            return
        if current and _last(current, Valuation.Purpose.MONTH_END) == valuation:
            ask(valuation, current)
        return
    for purpose in (Valuation.Purpose.MONTH_END, Valuation.Purpose.CURRENT):
        earlier = _last(valuation, purpose)
        if earlier:
            ask(earlier, valuation)


def _last(valuation: Valuation, purpose: str) -> Valuation | None:
    """The last finished valuation before this one that it can be compared with."""
    finished = Valuation.objects.finished().filter(
        purpose=purpose, currency=valuation.currency, unit=valuation.unit
    )
    if purpose == Valuation.Purpose.MONTH_END:
        return finished.filter(as_of__lt=valuation.as_of).order_by("as_of", "pk").last()
    before = finished.filter(as_of__lte=valuation.as_of, pk__lt=valuation.pk)
    return before.order_by("as_of", "pk").last()


def ask(earlier: Valuation, later: Valuation) -> Movement:
    """The movement between these two, waiting where it is not known yet."""
    return Movement.objects.get_or_create(
        earlier=earlier, later=later, defaults={"status": Movement.Status.WAITING}
    )[0]


def run(asked: Movement) -> None:
    """Split the change that was asked for. Safe to run again at any point."""
    earlier, later = asked.earlier, asked.later
    if earlier.currency != later.currency:
        asked.fail("These two valuations are in different currencies.")
        return
    try:
        parts = _parts(earlier, later)
    except (NothingLeft, NotComparable, ImpossibleValue) as reason:
        asked.fail(str(reason))
        return
    with transaction.atomic():
        asked.finish()
        asked.parts.all().delete()
        MovementPart.objects.bulk_create(
            MovementPart(movement=asked, part=part, amount=amount) for part, amount in parts.items()
        )


def _parts(earlier: Valuation, later: Valuation) -> dict[str, Decimal]:
    """The parts of the change of equity, which add up to it. Raises NothingLeft, NotComparable."""
    before, after = valued(earlier), valued(later)
    if not _is_whole(later, after):
        raise NothingLeft(
            f"Customers of valuation {later.pk} have been removed since: value again to see why"
            " customer equity moved."
        )
    parts = movement(before, after)
    # Values went with the customers who were removed. Where none did, what is left is the cents
    # by which totals were rounded.
    takes_the_rest = "behaviour" if _is_whole(earlier, before) else "gone"
    parts[takes_the_rest] += (later.clv_total - earlier.clv_total) - sum(parts.values())
    parts["contracts"] = later.contract_clv - earlier.contract_clv
    return parts


def _is_whole(valuation: Valuation, kept: Valued) -> bool:
    return len(kept.customer) == valuation.customers
