"""The metric map, for everybody who works towards its top."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_GET

from metrics.indicators.reading import latest
from metrics.indicators.words import verdict_words
from metrics.metric_map.graph import read_map
from metrics.metric_map.paths import in_words
from metrics.metric_map.picture import Value, picture_of
from metrics.metric_map.words import within
from metrics.policy import map_metrics_for, metrics_for


@require_GET
def map_page(request):
    graph = read_map(map_metrics_for(request.user))
    chosen = _chosen(graph, request.GET.get("metric", ""))
    shown = set(metrics_for(request.user))
    picture = picture_of(graph, chosen, _values(shown))
    context = {
        "picture": picture,
        "words": in_words(picture.path),
        "top_name": within(graph.top.name) if graph.top else "",
        "may_open_chosen": chosen in shown,
        "values_hidden": not shown.issuperset(graph.metrics.values()),
        "links": graph.links,
        "assumed": sum(link.grade == "assumed" for link in graph.links),
    }
    return render(request, "metrics/map_page.html", context)


def _chosen(graph, key):
    if not key:
        return None
    for metric in graph.metrics.values():
        if metric.key == key:
            return metric
    raise Http404


def _values(metrics):
    return {
        key: Value(text, verdict.value, verdict_words(verdict))
        for key, (text, verdict) in latest(metrics).items()
    }
