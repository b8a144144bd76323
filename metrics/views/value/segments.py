"""Segments and cohorts of the valuation in force: who is worth what, and who keeps buying."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from metrics.drawing.segments.cohorts import cohort_triangle
from metrics.drawing.segments.groups import group_table, size_matrix
from metrics.models import SegmentTotal, Valuation
from metrics.policy import smallest_group_for

STEADINESS = ("steady", "mixed", "irregular", "too new")
PLACES = (SegmentTotal.Dimension.CHANNEL, SegmentTotal.Dimension.COUNTRY)


@require_GET
def segment_list(request):
    shown = Valuation.objects.in_force()
    if shown is None:
        return render(request, "metrics/segment_none.html")
    smallest = smallest_group_for(request.user)
    groups = {dimension: [] for dimension in SegmentTotal.Dimension}
    for group in shown.segments.order_by("rank", "pk"):
        groups[group.dimension].append(group)
    sizes = groups[SegmentTotal.Dimension.SIZE]
    bought = list(shown.cohorts.order_by("cohort", "months_since"))
    context = {
        "valuation": shown,
        "smallest": smallest,
        "matrix": size_matrix(sizes, STEADINESS, smallest),
        "below_zero": sum(group.below_zero for group in sizes),
        "tables": [
            (dimension, group_table([each for each in groups[dimension] if each.name], smallest))
            for dimension in PLACES
        ],
        "triangle": cohort_triangle(bought, shown.as_of, smallest),
        "by_cohort": group_table(groups[SegmentTotal.Dimension.COHORT], smallest),
    }
    return render(request, "metrics/segment_list.html", context)
