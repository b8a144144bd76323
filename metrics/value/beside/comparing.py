"""Asking for comparisons with a valuation: under a scenario, or with an earlier valuation.

Rows that say what is wanted; no engine is needed for that.
"""

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.models import Work, WorkMoved
from metrics.models import CustomerValue, Movement, Scenario, ScenarioValue, Valuation


def ask_scenario(scenario: Scenario, valuation: Valuation) -> ScenarioValue | None:
    """Ask what the scenario is worth under the valuation; what was said of it before is dropped.

    A worker that is still busy with the earlier conditions finds its row gone and stops. None
    where somebody else has just asked.
    """
    try:
        with transaction.atomic():
            ScenarioValue.objects.filter(scenario=scenario, valuation=valuation).delete()
            return ScenarioValue.objects.create(
                scenario=scenario, valuation=valuation, status=Work.Status.WAITING
            )
    except IntegrityError:
        return None


def ask_movement(earlier: Valuation, later: Valuation) -> Movement:
    """Ask why equity moved between the two. Raises WorkMoved where that is on its way already, or
    is known and could not be made again, as the earlier values are no longer kept."""
    movement, is_new = Movement.objects.get_or_create(
        earlier=earlier, later=later, defaults={"status": Work.Status.WAITING}
    )
    if not is_new:
        kept = CustomerValue.objects.filter(valuation=earlier).exists()
        if movement.status == Work.Status.DONE and not kept:
            raise WorkMoved(movement.pk)
        movement.ask()
    return movement


def comparable_with(later: Valuation) -> QuerySet[Valuation]:
    """The finished valuations before this one that it can be set against, the newest first.

    They are in its currency and unit of time, and their customers' values are still kept, or they
    were set against it while these were.
    """
    values = CustomerValue.objects.filter(valuation=OuterRef("pk"))
    compared = Movement.objects.filter(earlier=OuterRef("pk"), later=later, status=Work.Status.DONE)
    before = Q(as_of__lt=later.as_of) | Q(as_of=later.as_of, pk__lt=later.pk)
    purposes = [Valuation.Purpose.MONTH_END, Valuation.Purpose.CURRENT]
    return (
        Valuation.objects.finished()
        .filter(
            before,
            clv_total__isnull=False,
            currency=later.currency,
            unit=later.unit,
            purpose__in=purposes,
        )
        .filter(Exists(values) | Exists(compared))
        .order_by("-as_of", "-pk")
    )
