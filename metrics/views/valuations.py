"""Valuations: how good the forecast is, what it says, and asking for another."""

from functools import partial

from celery import current_app
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from customers.models import AuditEvent, WorkMoved
from metrics.drawing.spread import spread_bars
from metrics.drawing.tracking import tracking_chart
from metrics.models import Valuation
from metrics.value import asking, timing

PER_PAGE = 50


@require_GET
def valuation_current(request):
    shown = Valuation.objects.in_force()
    if shown is None:
        return render(request, "metrics/valuation_none.html", _going_on())
    return _page(request, shown)


@require_GET
def valuation_page(request, pk):
    return _page(request, get_object_or_404(Valuation, pk=pk))


@require_GET
def valuation_progress(request, pk):
    return render(
        request,
        "metrics/_valuation_progress.html",
        {"valuation": get_object_or_404(Valuation, pk=pk)},
    )


@require_GET
def valuation_list(request):
    page = Paginator(Valuation.objects.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "metrics/valuation_list.html", {"page": page})


@require_POST
def valuation_new(request):
    with transaction.atomic():
        asked = asking.ask_current(by=request.user)
        if asked:
            AuditEvent.objects.create(
                actor=request.user, verb=AuditEvent.Verb.ASKED_VALUATION, about=str(asked)
            )
            _signal(asked)
    if asked is None:
        return redirect("valuation-current")
    return redirect("valuation-page", asked.pk)


@require_POST
def valuation_try_again(request, pk):
    failed = get_object_or_404(Valuation, pk=pk)
    try:
        with transaction.atomic():
            failed.try_again()
            _signal(failed)
    except WorkMoved:
        pass  # somebody else was first: the page shows how far it is
    return redirect("valuation-page", pk)


def _signal(asked):
    """Tell a worker; by the task's name, since the engine behind it is not for a web process."""
    signal = partial(current_app.send_task, "metrics.tasks.run_valuation", [asked.pk])
    transaction.on_commit(signal)


def _page(request, shown):
    """One valuation. The answer is the same number of queries for one customer or a million."""
    points = list(shown.tracking.order_by("day"))
    parameters = list(shown.parameters.order_by("pk"))
    context = {
        "valuation": shown,
        "parameters": parameters,
        "warnings": list(shown.warnings.order_by("pk")),
        "by_frequency": list(shown.holdout_by_frequency.order_by("frequency")),
        "tracking": tracking_chart(points),
        "points": points,
        "bars": spread_bars(list(shown.spread.order_by("low"))),
        "left_out": list(shown.left_out.order_by("pk")),
        **_going_on(),
    }
    return render(request, "metrics/valuation_page.html", context)


def _going_on():
    """The current valuation that is being made, if one is, and whether there is data at all."""
    going_on = Valuation.objects.open().filter(purpose=Valuation.Purpose.CURRENT).first()
    return {"going_on": going_on, "has_data": timing.as_of_day() is not None}
