"""Why customer equity moved from an earlier valuation to one that is shown."""

from functools import partial

from celery import current_app
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from customers.models import AuditEvent, WorkMoved
from metrics.boards.value.movements import newest_since_month_end, told
from metrics.models import Valuation
from metrics.value.beside import comparing


@require_GET
def movement_page(request, pk):
    later = get_object_or_404(Valuation.objects.finished(), pk=pk, clv_total__isnull=False)
    others = list(comparing.comparable_with(later))
    earlier = _chosen(request.GET.get("since", ""), others) or _usual(later, others)
    movement = later.movements_to.filter(earlier=earlier).select_related("earlier", "later").first()
    context = {
        "later": later,
        "others": others,
        "earlier": earlier,
        "told": told(movement) if movement else None,
    }
    return render(request, "metrics/movement_page.html", context)


@require_POST
def movement_ask(request, pk):
    later = get_object_or_404(Valuation.objects.finished(), pk=pk, clv_total__isnull=False)
    earlier = _chosen(request.POST.get("since", ""), comparing.comparable_with(later))
    if earlier is None:
        raise Http404
    try:
        with transaction.atomic():
            movement = comparing.ask_movement(earlier, later)
            AuditEvent.objects.create(
                actor=request.user,
                verb=AuditEvent.Verb.ASKED_VALUATION,
                about=f"Why the total moved from {earlier.as_of:%d %b %Y} to"
                f" {later.as_of:%d %b %Y} (valuations {earlier.pk} and {later.pk})",
            )
            signal = partial(current_app.send_task, "metrics.tasks.run_movement", [movement.pk])
            transaction.on_commit(signal)
    except WorkMoved:
        pass  # it is on its way: the page shows how far
    return redirect(f"{reverse('movement-page', args=[pk])}?since={earlier.pk}")


def _chosen(since, others):
    """The valuation that was chosen to compare with; None where none was. 404 for any other."""
    if not since:
        return None
    for valuation in others:
        if since == str(valuation.pk):
            return valuation
    raise Http404


def _usual(later, others):
    """What to compare with unasked: the newest that is known, else the month end before."""
    if known := newest_since_month_end(later):
        return known.earlier
    compared = later.movements_to.order_by("pk").last()
    if compared:
        return next((each for each in others if each.pk == compared.earlier_id), None)
    month_ends = (each for each in others if each.purpose == Valuation.Purpose.MONTH_END)
    return next(month_ends, others[0] if others else None)
