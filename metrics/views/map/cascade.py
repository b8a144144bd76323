"""What it would take: a gain of customer equity, or of another metric, handed down."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from customers.models import Department
from metrics.boards.cascade import cascade_board, unit_of, usual_amount
from metrics.forms.cascade import EFFORTS, ROOMS, CascadeForm, efforts_in
from metrics.metric_map.worth.candidates import Asked
from metrics.models import Metric, RollUp
from metrics.policy import map_metrics_for, metrics_cascaded_by


@require_GET
def cascade_page(request):
    """Nothing is set by it."""
    roll_up = RollUp.objects.select_related("valuation").in_force()
    goals = _goals(request.user)
    goal = _chosen(request.GET.get("goal"), goals)
    if roll_up is None or roll_up.valuation is None or goal is None:
        return render(request, "metrics/cascade.html", {"board": None})
    metrics = metrics_cascaded_by(request.user)
    form = CascadeForm(
        _filled(request.GET, goal, roll_up),
        goals=goals,
        departments=Department.objects.filter(metrics__in=metrics).distinct().order_by("name"),
        unit=unit_of(goal, roll_up),
    )
    context = {"form": form, "roll_up": roll_up, "goal": goal, "efforts": EFFORTS, "board": None}
    if form.is_valid():
        context["board"] = cascade_board(_asked(form, metrics, request.GET), roll_up)
    return render(request, "metrics/cascade.html", context)


def _goals(user):
    """Metrics that others lead to, the top first."""
    shown = map_metrics_for(user).on_the_map().exclude(level=Metric.Level.FRONT_LINE)
    return shown.filter(links_down__isnull=False).distinct().order_by("level", "name", "pk")


def _chosen(key, goals):
    return goals.filter(key=key).first() or goals.filter(level=Metric.Level.BOARD).first()


def _filled(data, goal, roll_up):
    """The form as it was sent. An amount of another goal than this is not one of this."""
    filled = {"goal": goal.key, "room": ROOMS[0][0]} | data.dict()
    if data.get("goal") != goal.key:
        filled["goal"] = goal.key
    if "amount" not in data or data.get("of", goal.key) != goal.key:
        filled["amount"] = f"{usual_amount(goal, roll_up):.12g}"
    return filled


def _asked(form, metrics, data):
    told = form.cleaned_data
    if told["department"]:
        metrics = metrics.filter(department=told["department"])
    keys = frozenset(metrics.values_list("pk", flat=True))
    return Asked(told["goal"], told["amount"], keys, efforts_in(data), float(told["room"]))
