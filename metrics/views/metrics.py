"""Metrics: a person's own, all of them, and one with everything that it stands on."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from metrics.boards.metric.page import metric_board
from metrics.boards.mine import board_of
from metrics.boards.rows import sections_of
from metrics.boards.waiting import waiting_for
from metrics.forms.asking import AlertForm, DisputeForm
from metrics.forms.metric_page import AnnotationForm, RebaseForm
from metrics.indicators.baselines import NotRebased, rebase
from metrics.models import Annotation, FigureRun, RollUp
from metrics.policy import (
    metrics_for,
    metrics_rebased_by,
    metrics_reported_by,
    own_metrics_of,
)


@require_GET
def board(request):
    shown = board_of(request.user)
    context = {
        "board": shown,
        "alert_form": AlertForm(),
        "counted": FigureRun.objects.last_done(),
        "roll_up": RollUp.objects.in_force(),
    }
    if shown.is_front_line and shown.rows and "all" not in request.GET:
        one = metric_board(shown.rows[0].metric, request.user)
        return render(request, "metrics/board_one.html", context | {"one": one})
    return render(request, "metrics/board.html", context)


@require_GET
def metric_list(request):
    shown = metrics_for(request.user).on_the_map().select_related("department")
    context = {
        "waiting": waiting_for(request.user),
        "sections": sections_of(shown, request.user),
        "counted": FigureRun.objects.last_done(),
        "roll_up": RollUp.objects.in_force(),
    }
    return render(request, "metrics/metric_list.html", context)


@require_GET
def metric_page(request, key):
    ends = ("department", "owner", "backup", "steward", "counter_metric")
    metric = get_object_or_404(metrics_for(request.user).select_related(*ends), key=key)
    context = {
        "board": metric_board(metric, request.user),
        "annotation_form": AnnotationForm(initial={"day": timezone.localdate()}),
        "rebase_form": RebaseForm(),
        "may_rebase": metrics_rebased_by(request.user).filter(pk=metric.pk).exists(),
        "may_report": metrics_reported_by(request.user).filter(pk=metric.pk).exists(),
        "dispute_form": DisputeForm(),
    }
    return render(request, "metrics/metric_page.html", context)


@require_POST
def metric_annotate(request, key):
    """Tell what one knows of a day, on the metric's chart."""
    metric = get_object_or_404(own_metrics_of(request.user), key=key)
    form = AnnotationForm(request.POST)
    if form.is_valid():
        Annotation.objects.get_or_create(
            metric=metric, **form.cleaned_data, defaults={"by": request.user}
        )
        messages.success(request, "It stands on the chart.")
    else:
        messages.error(request, _first_error(form))
    return redirect("metric-page", key=key)


@require_POST
def metric_rebase(request, key):
    """Set the usual level and range anew, from the last periods."""
    metric = get_object_or_404(metrics_rebased_by(request.user), key=key)
    form = RebaseForm(request.POST)
    try:
        if not form.is_valid():
            raise NotRebased(_first_error(form))
        version = get_object_or_404(metric.versions.in_force())
        baseline = rebase(version, form.cleaned_data["reason"], request.user)
        messages.success(request, f"The baseline is set anew, from {baseline.points} periods.")
    except NotRebased as refused:
        messages.error(request, str(refused))
    return redirect("metric-page", key=key)


def _first_error(form):
    return " ".join(message for errors in form.errors.values() for message in errors)
