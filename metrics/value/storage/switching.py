"""The end of a run: the switch, and what it leaves without use."""

from django.db import transaction

from metrics.models import CustomerValue, Valuation

KEPT_WITH_VALUES = 3
OVER = (Valuation.Status.DONE, Valuation.Status.FAILED)


@transaction.atomic
def switch(valuation: Valuation, **results) -> None:
    """End the run; a current one comes into force in the same moment as the last one leaves it."""
    is_newest = valuation.purpose == Valuation.Purpose.CURRENT and _follows_all(valuation)
    if is_newest:
        Valuation.objects.filter(in_force=True).update(in_force=False)
    valuation.finish(in_force=is_newest, **results)


def _follows_all(valuation: Valuation) -> bool:
    """Whether no newer one is in force. Of two that end at the same moment one waits here, and
    then sees the other."""
    in_force = Valuation.objects.filter(in_force=True)
    list(in_force.select_for_update(no_key=True))
    return not in_force.filter(pk__gt=valuation.pk).exists()


def thin_out(valuation: Valuation) -> None:
    """Drop what this run replaces: older runs of its month end, and values a customer of older
    current runs but the last finished ones; their totals and diagnostics stay."""
    older = Valuation.objects.filter(purpose=valuation.purpose, pk__lt=valuation.pk)
    if valuation.purpose == Valuation.Purpose.MONTH_END:
        older.filter(as_of=valuation.as_of).delete()
    elif valuation.purpose == Valuation.Purpose.CURRENT:
        kept = older.finished().order_by("-pk").values_list("pk", flat=True)[:KEPT_WITH_VALUES]
        thinned = CustomerValue.objects.filter(valuation__in=older.filter(status__in=OVER))
        thinned.exclude(valuation__in=list(kept)).delete()
