"""Reporting a metric that people or other systems say: the form, and what it would come to."""

from datetime import date

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from metrics.boards.reporting import others_due, previews, reporting_board
from metrics.forms.reporting import ReportForm
from metrics.indicators.reporting.batches import NotTaken, look_ahead, report_all
from metrics.models import MetricVersion
from metrics.policy import metrics_for, metrics_reported_by


@require_http_methods(["GET", "POST"])
def metric_report(request, key):
    """With ?preview, what is filled in is worked out and nothing is kept."""
    metric = get_object_or_404(metrics_reported_by(request.user), key=key)
    version = metric.versions.in_force().get()
    version.metric = metric
    board = reporting_board(version)
    form = ReportForm(
        request.POST or None, version, board.divides, _periods(request, board.due), board.said
    )
    shown = []
    if request.method == "POST" and form.is_valid():
        if "preview" in request.GET:
            days = [one.starts_on for one in form.said]
            shown = previews(version, days, look_ahead(form.said, request.user))
        elif _taken(request, form):
            return redirect("metric-report", key=key)
    context = {
        "metric": metric,
        "board": board,
        "form": form,
        "previews": shown,
        "may_see_metric": metrics_for(request.user).filter(pk=metric.pk).exists(),
        "others": _others(request.user, metric),
    }
    return render(request, "metrics/metric_report.html", context)


def _taken(request, form):
    if not form.said:
        messages.error(request, "No line says anything yet.")
        return False
    try:
        figures = report_all(form.said, request.user)
    except NotTaken as refused:
        form.refuse(refused.refused)
        return False
    number = len(figures)
    counted = f"{number} figure{'s' if number != 1 else ''} taken."
    messages.success(request, counted if number else "That is what was said already.")
    return True


def _periods(request, due):
    """The period that somebody wants to say otherwise, then those that are due."""
    try:
        asked = date.fromisoformat(request.GET.get("period", ""))
    except ValueError:
        return due
    return [asked, *(day for day in due if day != asked)]


def _others(user, metric):
    in_force = Prefetch("versions", MetricVersion.objects.in_force())
    others = metrics_reported_by(user).exclude(pk=metric.pk).prefetch_related(in_force, "reports")
    return others_due(others.order_by("name", "pk"))
