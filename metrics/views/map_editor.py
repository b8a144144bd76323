"""The map editor: the same map as a table with the power to change it."""

from contextlib import nullcontext
from functools import wraps

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from metrics.forms.metric_map import LinkForm, MetricForms
from metrics.metric_map import changes
from metrics.metric_map.graph import changing_map, read_map
from metrics.metric_map.holes import holes_of
from metrics.metric_map.removal import lost_with_link, lost_with_metric
from metrics.models import Link, Metric


def map_change(view):
    """A page that asks by GET and changes the map by POST, while nobody else does."""

    @wraps(view)
    def changing(request, **named):
        with changing_map() if request.method == "POST" else nullcontext():
            return view(request, **named)

    return require_http_methods(["GET", "POST"])(changing)


@require_GET
def map_edit(request):
    graph = read_map()
    rows = [(metric, graph.links_up.get(key, [])) for key, metric in graph.metrics.items()]
    context = {"rows": rows, "links": graph.links, "holes": holes_of(graph)}
    return render(request, "metrics/map_edit.html", context)


@require_POST
def map_start(request):
    with changing_map():
        changes.start_map(request.user)
    return redirect("map-page")


@map_change
def metric_new(request):
    return _metric_form(request, Metric())


@map_change
def metric_edit(request, key):
    return _metric_form(request, get_object_or_404(Metric, key=key))


@map_change
def metric_remove(request, key):
    metric = get_object_or_404(Metric, key=key)
    if request.method == "POST":
        changes.remove_metric(metric, request.user)
        return _back(request, f"{metric} is off the map.")
    context = {"title": f"Remove {metric}", "lost": lost_with_metric(metric)}
    return render(request, "metrics/map_remove.html", context)


@map_change
def link_new(request):
    return _link_form(request, Link())


@map_change
def link_edit(request, pk):
    return _link_form(request, get_object_or_404(Link.objects.with_ends(), pk=pk))


@map_change
def link_remove(request, pk):
    link = get_object_or_404(Link.objects.with_ends(), pk=pk)
    if request.method == "POST":
        changes.remove_link(link, request.user)
        return _back(request, f"The link from {link} is gone.")
    context = {"title": f"Remove the link from {link}", "lost": lost_with_link(link)}
    return render(request, "metrics/map_remove.html", context)


def _metric_form(request, metric):
    name = metric.name
    forms = MetricForms(request.POST or None, metric, request.GET.dict())
    if request.method == "POST" and forms.is_valid():
        changes.save_metric(metric, forms.counting, request.user)
        return _back(request, f"{metric} is stored.")
    return render(request, "metrics/metric_edit.html", {"forms": forms, "name": name})


def _link_form(request, link):
    name = str(link) if link.pk else ""
    form = LinkForm(request.POST or None, instance=link, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        changes.save_link(link, request.user)
        return _back(request, f"The link from {link} is stored.")
    return render(request, "metrics/link_edit.html", {"form": form, "link": link, "name": name})


def _back(request, sentence):
    messages.success(request, sentence)
    return redirect("map-edit")
