"""The executive's page: customer equity with its conditions, and how it is spread."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from metrics.drawing.equity import equity_chart
from metrics.drawing.size_bands import band_bars
from metrics.models import Valuation

SMALLEST_GROUP = 10


@require_GET
def story(request):
    valuation = Valuation.objects.in_force()
    if valuation is None:
        return render(request, "metrics/story_none.html")
    bands = list(valuation.size_bands.order_by("rank"))
    past = list(valuation.comparable_month_ends().order_by("as_of"))
    context = {
        "valuation": valuation,
        "before": past[-1] if past else None,
        "warnings": list(valuation.warnings.order_by("pk")),
        "bars": band_bars(bands, smallest_group=SMALLEST_GROUP),
        "equity": equity_chart([*past, valuation]),
        "month_ends": past,
    }
    return render(request, "metrics/story.html", context)
