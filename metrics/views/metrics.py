"""Metrics: a department's own, all of them, and one with everything that it stands on."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from customers.models import DEPARTMENT_ROLES
from customers.policy import departments_of
from metrics.boards.charts import chart_of, sentence_of
from metrics.boards.rows import sections_of
from metrics.boards.sheet import sheet_of
from metrics.indicators.contributions import contributions_for
from metrics.indicators.reading import readings_of
from metrics.indicators.words import control_words, period_text, unit_note, value_text
from metrics.metric_map.paths import in_words, path_up
from metrics.models import FigureRun
from metrics.policy import metrics_for


@require_GET
def board(request):
    own = departments_of(request.user, *DEPARTMENT_ROLES)
    metrics = metrics_for(request.user).filter(department__in=own)
    return render(request, "metrics/board.html", _sections(request, metrics))


@require_GET
def metric_list(request):
    return render(
        request, "metrics/metric_list.html", _sections(request, metrics_for(request.user))
    )


@require_GET
def metric_page(request, key):
    shown = metrics_for(request.user).select_related("department", "owner")
    metric = get_object_or_404(shown, key=key)
    (reading,) = readings_of([metric])
    own = departments_of(request.user, *DEPARTMENT_ROLES)
    path = path_up(metric)
    context = {
        "metric": metric,
        "reading": reading,
        "control": control_words(metric, metric.department_id in own),
        "sheet": sheet_of(reading, request.company.currency),
        "chart": chart_of(reading),
        "path": path,
        "path_words": in_words(path),
        "counted": FigureRun.objects.last_done(),
    }
    if reading.last:
        context |= {
            "period": period_text(reading.version, reading.last.ends_on),
            "chart_sentence": sentence_of(reading),
            "newest_text": value_text(reading.version, reading.figures[-1].value),
            "unit": unit_note(reading.version),
            "contributions": contributions_for(request.user, reading.version, reading.extremes()),
        }
    return render(request, "metrics/metric_page.html", context)


def _sections(request, metrics):
    sections = sections_of(metrics.select_related("department"), request.user)
    return {"sections": sections, "counted": FigureRun.objects.last_done()}
