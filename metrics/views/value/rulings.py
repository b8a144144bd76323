"""Overruling the contest: an analyst chooses the model of the next valuations."""

from functools import partial

from celery import current_app
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from customers.models import AuditEvent
from customers.templatetags.numbers import signed_percent
from metrics.drawing.value.contest import contest_of
from metrics.forms.ruling import ModelRulingForm
from metrics.models import ModelRuling, Valuation
from metrics.models.valuation import AUTO, NAIVE
from metrics.value import asking


@require_http_methods(["GET", "HEAD", "POST"])
def model_ruling(request):
    shown = Valuation.objects.in_force()
    contest = shown and contest_of(list(shown.contest.all()), shown.holdout_actual or 0.0, NAIVE[0])
    ruling = ModelRuling.objects.select_related("by").order_by("-pk").first()
    current = ruling.model if ruling else AUTO[0]
    form = ModelRulingForm(request.POST or None, _said(contest), current)
    if request.method == "POST" and form.is_valid():
        asked = _rule(request.user, form)
        messages.success(request, _told(asked))
        return redirect("valuation-page", asked.pk) if asked else redirect("valuation-current")
    context = {"form": form, "valuation": shown, "contest": contest, "ruling": ruling}
    return render(request, "metrics/valuation_model.html", context)


@transaction.atomic
def _rule(user, form):
    """Store the ruling and ask for a valuation under it; None where one is on its way already."""
    form.instance.by = user
    ruling = form.save()
    asked = asking.ask_workers(by=user)
    about = f"Model: {ruling.get_model_display()}. {ruling.reason}"
    AuditEvent.objects.create(actor=user, verb=AuditEvent.Verb.RULED_MODEL, about=about[:200])
    if asked:
        signal = partial(current_app.send_task, "metrics.tasks.run_valuation", [asked.pk])
        transaction.on_commit(signal)
    return asked


def _told(asked):
    if asked:
        return "Your choice is stored, and a valuation under it is being made."
    return "Your choice is stored. It holds from the next valuation on."


def _said(contest):
    """A word on each model from the last contest."""
    if contest is None:
        return {}
    return {row.of.model: _word(row) for row in contest.rows}


def _word(row):
    if row.of.barred:
        return f"may not be used on these purchases. {row.of.barred}"
    off = "" if row.error is None else f"off by {signed_percent(row.error, 1)} in total, "
    return f"{off}misfit {row.of.deviance:.3f}{', the least' if row.is_least else ''}"
