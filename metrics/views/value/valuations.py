"""Valuations: how good the forecast is, what it says, and asking for another."""

from functools import partial

from celery import current_app
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from customers.models import AuditEvent, WorkMoved
from metrics.drawing.value.contest import contest_of, drawn_tests, frequency_table
from metrics.drawing.value.doubts import doubts_of
from metrics.drawing.value.gain import gain_curve
from metrics.drawing.value.spread import spread_bars
from metrics.drawing.value.tracking import tracking_chart
from metrics.models import ModelRuling, SecondOpinion, Valuation
from metrics.models.valuation import NAIVE, PurchaseModel
from metrics.value import asking, timing

PER_PAGE = 50
MOST_RULINGS = 20


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
        asked = asking.ask_workers(by=request.user)
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
            _note(request, f"{failed}, again")
            _signal(failed)
    except (WorkMoved, IntegrityError):
        pass  # somebody else was first: the page shows how far it is
    return redirect("valuation-page", pk)


@require_GET
def second_opinion_progress(request, pk):
    shown = get_object_or_404(Valuation.objects.finished(), pk=pk)
    context = {"valuation": shown, **_second_opinion(shown)}
    return render(request, "metrics/_valuation_second_opinion.html", context)


@require_POST
def second_opinion_new(request, pk):
    shown = get_object_or_404(Valuation.objects.finished(), pk=pk)
    waiting = {"status": SecondOpinion.Status.WAITING, "asked_by": request.user}
    try:
        with transaction.atomic():
            opinion, is_new = SecondOpinion.objects.get_or_create(valuation=shown, defaults=waiting)
            if not is_new:
                opinion.try_again()
            _note(request, f"Second opinion on {shown}")
            signal = partial(
                current_app.send_task, "metrics.tasks.run_second_opinion", [opinion.pk]
            )
            transaction.on_commit(signal)
    except WorkMoved:
        pass  # it is there or on its way: the page shows which
    return redirect(f"{reverse('valuation-page', args=[pk])}#second-opinion")


def _note(request, about):
    verb = AuditEvent.Verb.ASKED_VALUATION
    AuditEvent.objects.create(actor=request.user, verb=verb, about=about)


def _signal(asked):
    """Tell a worker; by the task's name, since the engine behind it is not for a web process."""
    signal = partial(current_app.send_task, "metrics.tasks.run_valuation", [asked.pk])
    transaction.on_commit(signal)


def _page(request, shown):
    """One valuation. The answer is the same number of queries for one customer or a million."""
    points = list(shown.tracking.order_by("day"))
    context = {
        "valuation": shown,
        "parameters": list(shown.parameters.order_by("pk")),
        "warnings": list(shown.warnings.order_by("pk")),
        "tracking": tracking_chart(points),
        "points": points,
        "bars": spread_bars(list(shown.spread.order_by("low"))),
        "left_out": list(shown.left_out.order_by("pk")),
        **_judged(shown),
        **_ruled(),
        **_second_opinion(shown),
        **_going_on(),
    }
    return render(request, "metrics/valuation_page.html", context)


def _judged(shown):
    """What tells how good the forecast is: the contest, the tests, and what the interval is of."""
    tests = list(shown.tests.order_by("as_of"))
    by_frequency = list(shown.holdout_by_frequency.order_by("frequency", "pk"))
    names = dict(PurchaseModel.choices)
    frequencies = frequency_table(by_frequency, shown.model)
    spreads = (shown.parameter_spread, shown.chance_spread)
    is_known = tests and shown.clv_low is not None and None not in spreads
    bounds = is_known and (float(shown.clv_low), float(shown.clv_high))
    return {
        "contest": contest_of(list(shown.contest.all()), shown.holdout_actual or 0.0, NAIVE[0]),
        "frequencies": frequencies,
        "other_models": [names[model] for model in frequencies.others] if frequencies else [],
        "gain": gain_curve(list(shown.gains.filter(model=shown.model))),
        "tests": drawn_tests(tests),
        "doubts": is_known and doubts_of(float(shown.clv_total), bounds, *spreads),
    }


def _ruled():
    """The last word on which model to use, and those before it."""
    rulings = list(ModelRuling.objects.select_related("by").order_by("-pk")[:MOST_RULINGS])
    return {"ruling": rulings[0] if rulings else None, "earlier_rulings": rulings[1:]}


def _second_opinion(shown):
    """What lifetimes says of the same customers, as far as it has been asked."""
    opinion = SecondOpinion.objects.filter(valuation=shown).first()
    rows = list(opinion.rows.order_by("rank", "pk")) if opinion else []
    compared = [row for row in rows if row.difference is not None]
    farthest = max(compared, key=lambda row: abs(row.difference), default=None)
    return {"opinion": opinion, "opinion_rows": rows, "farthest": farthest}


def _going_on():
    """The current valuation that is being made, if one is, and whether there is data at all."""
    going_on = Valuation.objects.open().filter(purpose=Valuation.Purpose.CURRENT).first()
    return {"going_on": going_on, "has_data": timing.as_of_day() is not None}
