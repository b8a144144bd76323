"""The executive's page: customer equity with its conditions, why it moved, and how it is spread."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from metrics.boards.value.movements import newest_since_month_end, told
from metrics.boards.value.rests import rests_on
from metrics.boards.value.scenarios import by_worth, rows_of, span_of
from metrics.boards.waiting import waiting_for
from metrics.drawing.segments.size_bands import band_bars
from metrics.drawing.value.equity import equity_chart
from metrics.drawing.value.pulls import pull_bars
from metrics.models import Valuation
from metrics.policy import smallest_group_for

MOST_PARTS = 5
MOST_WARNINGS = 2
MOST_SCENARIOS = 50


@require_GET
def story(request):
    valuation = Valuation.objects.in_force()
    if valuation is None:
        waiting = waiting_for(request.user)
        return render(request, "metrics/story_none.html", {"waiting": waiting})
    bands = list(valuation.size_bands.order_by("rank"))
    past = list(valuation.comparable_month_ends().order_by("as_of"))
    movement = newest_since_month_end(valuation)
    warnings = list(valuation.warnings.order_by("pk"))
    context = {
        "waiting": waiting_for(request.user),
        "rests": rests_on(),
        "valuation": valuation,
        "before": past[-1] if past else None,
        "told": told(movement, MOST_PARTS) if movement else None,
        "span": span_of(rows_of(by_worth(valuation)[:MOST_SCENARIOS], valuation)),
        "warnings": warnings[:MOST_WARNINGS],
        "more_warnings": len(warnings) - MOST_WARNINGS,
        "pulls": pull_bars(list(valuation.pulls.told().order_by("pk"))),
        "bars": band_bars(bands, smallest_group=smallest_group_for(request.user)),
        "equity": equity_chart([*past, valuation]),
        "month_ends": past,
    }
    return render(request, "metrics/story.html", context)
