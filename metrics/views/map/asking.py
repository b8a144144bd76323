"""Data requests, disputes and alerts: a form each, and one sentence where it cannot be."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from metrics.forms.asking import (
    AlertForm,
    DataRequestForm,
    DisputeAnswerForm,
    DisputeForm,
    PromiseForm,
)
from metrics.metric_map import asking
from metrics.metric_map.agreement.drafting import NotNow
from metrics.metric_map.alerts import handling
from metrics.metric_map.holes import data_request_for
from metrics.models import Dispute
from metrics.policy import data_requests_answered_by, metrics_for, own_metrics_of
from metrics.views.map.steps import as_sentence, back_to, told_on


@require_GET
def request_list(request):
    requests = list(asking.data_requests()[:200])
    answered = set(data_requests_answered_by(request.user).values_list("pk", flat=True))
    context = {
        "open": [(one, one.pk in answered) for one in requests if one.is_open],
        "stories": [one for one in requests if one.delivered_on],
        "refused": [one for one in requests if one.refused_on],
    }
    return render(request, "metrics/request_list.html", context)


@require_http_methods(["GET", "POST"])
@told_on("request-list")
def request_new(request):
    metric = metrics_for(request.user).filter(key=request.GET.get("metric", "")).first()
    initial = data_request_for(metric)._asdict() | {"metric": metric} if metric else {}
    form = DataRequestForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        asked = asking.ask_for_data(**form.cleaned_data, by=request.user)
        messages.success(request, f"{asked.department} is asked for {asked.wanted}.")
        return redirect("request-list")
    return render(request, "metrics/request_new.html", {"form": form, "metric": metric})


@require_POST
@told_on("request-list")
def request_answer(request, pk):
    asked = get_object_or_404(data_requests_answered_by(request.user), pk=pk)
    form = PromiseForm(request.POST)
    if not form.is_valid():
        raise NotNow(as_sentence(form))
    told = form.cleaned_data
    if told["does"] == "promise":
        asking.promise(asked, told["day"], request.user, told["answer"])
    elif told["does"] == "deliver":
        asking.deliver(asked, request.user)
    else:
        asking.refuse(asked, told["answer"], request.user)
    return redirect("request-list")


@require_GET
def dispute_list(request):
    disputes = Dispute.objects.select_related("metric", "raised_by", "answered_by")
    context = {"disputes": disputes.order_by("answered_at", "raised_at")[:200]}
    return render(request, "metrics/dispute_list.html", context)


@require_POST
def dispute_new(request, key):
    metric = get_object_or_404(own_metrics_of(request.user), key=key)
    form = DisputeForm(request.POST)
    if form.is_valid():
        try:
            asking.dispute(metric, form.cleaned_data["said"], request.user)
            messages.success(request, "The map administrator has to answer that.")
        except NotNow as refused:
            messages.error(request, str(refused))
    else:
        messages.error(request, "Say why it cannot be moved so.")
    return redirect("metric-page", key=key)


@require_POST
@told_on("dispute-list")
def dispute_answer(request, pk):
    one = get_object_or_404(Dispute, pk=pk, answered_at=None)
    form = DisputeAnswerForm(request.POST)
    if not form.is_valid():
        raise NotNow("Say how it is decided, and why.")
    asking.answer_dispute(one, **form.cleaned_data, by=request.user)
    return redirect("dispute-list")


@require_POST
@told_on("board")
def alert_handle(request, pk):
    alert = get_object_or_404(handling.alerts_for(request.user), pk=pk)
    form = AlertForm(request.POST)
    if not form.is_valid():
        raise NotNow(as_sentence(form))
    told = form.cleaned_data
    if told["does"] == "wait":
        handling.snooze(alert, request.user, told["until"], told["comment"])
    else:
        handling.acknowledge(alert, request.user, told["comment"])
    return back_to(request, "board")
