"""The metric map and its holes, for everybody who works towards its top."""

from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from metrics.boards.map.holes import hole_board
from metrics.boards.map.page import map_board
from metrics.boards.waiting import waiting_for
from metrics.models import MapEdition


@require_GET
def map_page(request):
    if day := request.GET.get("on"):
        return _as_it_was(request, day)
    asked = (request.GET.get(name, "") for name in ("metric", "department", "find"))
    board = map_board(request.user, *asked)
    if board is None:
        raise Http404
    context = {
        "board": board,
        "picture": board.picture,
        "waiting_now": partial(waiting_for, request.user),
    }
    return render(request, "metrics/map_page.html", context)


@require_GET
def hole_list(request):
    return render(request, "metrics/hole_list.html", {"board": hole_board(request.user)})


def _as_it_was(request, day):
    """To the edition that was in force at the end of that day."""
    try:
        known = parse_date(day)
    except ValueError:
        known = None
    edition = known and MapEdition.objects.in_force(known)
    if edition:
        return redirect("edition-page", number=edition.number)
    messages.error(request, "No edition of the map was in force on that day.")
    return redirect("map-page")
