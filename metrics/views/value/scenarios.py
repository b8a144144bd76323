"""Scenarios: what customers would be worth under other conditions, beside what they are worth."""

from functools import partial

from celery import current_app
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers.models import AuditEvent
from metrics.boards.value.conditions import (
    cannot_be_known,
    changes_of,
    discount_rate,
    in_one_sentence,
)
from metrics.boards.value.scenarios import by_worth, comparison, months_of, rows_of, span_of
from metrics.drawing.value.pulls import pull_bars
from metrics.drawing.value.scenarios import month_lines
from metrics.forms.scenarios import ScenarioForms
from metrics.models import Scenario, Valuation
from metrics.policy import scenarios_changed_by, smallest_group_for
from metrics.value.beside import comparing

PER_PAGE = 50


@require_GET
def scenario_list(request):
    valuation = Valuation.objects.in_force()
    if valuation is None:
        return render(request, "metrics/scenario_none.html")
    page = Paginator(by_worth(valuation), PER_PAGE).get_page(request.GET.get("page"))
    rows = rows_of(page.object_list, valuation)
    context = {
        "valuation": valuation,
        "page": page,
        "compared": comparison(rows, valuation),
        "span": span_of(rows),
        "unknown": cannot_be_known((row.scenario for row in rows), valuation),
        "pulls": pull_bars(list(valuation.pulls.told().order_by("pk"))),
    }
    return render(request, "metrics/scenario_list.html", context)


@require_GET
def scenario_page(request, pk):
    valuation = Valuation.objects.in_force()
    if valuation is None:
        return redirect("scenario-list")
    (row,) = rows_of([get_object_or_404(by_worth(valuation), pk=pk)], valuation)
    months = months_of(row.value) if row.is_valued else []
    base = [month.base for month in months if month.base is not None]
    rate = row.scenario.yearly_rate
    context = {
        "valuation": valuation,
        "row": row,
        "months": months,
        "discount": discount_rate(valuation.yearly_rate if rate is None else rate),
        "lines": month_lines(base, [month.changed for month in months]),
        "unknown": cannot_be_known([row.scenario], valuation),
        "may_change": scenarios_changed_by(request.user).filter(pk=pk).exists(),
    }
    return render(request, "metrics/scenario_page.html", context)


@require_http_methods(["GET", "POST"])
def scenario_new(request):
    return _form(request, Scenario(owner=request.user))


@require_http_methods(["GET", "POST"])
def scenario_edit(request, pk):
    return _form(request, get_object_or_404(scenarios_changed_by(request.user), pk=pk))


@require_POST
def scenario_words(request):
    """What the form says so far, in words."""
    valuation = Valuation.objects.in_force()
    smallest = smallest_group_for(request.user)
    forms = ScenarioForms(request.POST, Scenario(owner=request.user), valuation, smallest)
    forms.is_valid()
    return render(request, "metrics/_scenario_words.html", _words(forms, valuation))


@require_http_methods(["GET", "POST"])
def scenario_remove(request, pk):
    scenario = get_object_or_404(scenarios_changed_by(request.user), pk=pk)
    if request.method == "POST":
        with transaction.atomic():
            scenario.delete()
            _note(request, f"Removed scenario {scenario}")
        messages.success(request, f"{scenario} is gone.")
        return redirect("scenario-list")
    return render(request, "metrics/scenario_remove.html", {"scenario": scenario})


@require_POST
def scenario_value(request, pk):
    scenario, valuation = get_object_or_404(Scenario, pk=pk), Valuation.objects.in_force()
    if not scenario.values.open().filter(valuation=valuation).exists():
        _ask(scenario, valuation)
    return redirect("scenario-page", pk)


def _form(request, scenario):
    name, valuation = scenario.name, Valuation.objects.in_force()
    forms = ScenarioForms(
        request.POST or None, scenario, valuation, smallest_group_for(request.user)
    )
    if request.method == "POST" and forms.is_valid():
        try:
            with transaction.atomic():
                stored = forms.save()
                _note(request, f"Scenario {stored}: {_words(forms, valuation)['words']}")
                _ask(stored, valuation)
        except IntegrityError:  # somebody else was first with this name
            forms.about.add_error("name", "A scenario of this name is there already.")
        else:
            return redirect("scenario-page", stored.pk)
    context = {"forms": forms, "scenario": scenario, "name": name, **_words(forms, valuation)}
    return render(request, "metrics/scenario_edit.html", context)


def _words(forms, valuation):
    scenario = forms.about.instance
    if "months" in forms.about.errors:  # the form has put them into the scenario all the same
        scenario.months = None
    told = changes_of(scenario, forms.kept_shocks, valuation)
    return {"words": in_one_sentence(told), "unknown": cannot_be_known([scenario], valuation)}


@transaction.atomic
def _ask(scenario, valuation):
    """Ask for its value, unless that is on its way, and tell a worker by the task's name."""
    value = valuation and comparing.ask_scenario(scenario, valuation)
    if value:
        signal = partial(current_app.send_task, "metrics.tasks.run_scenario_value", [value.pk])
        transaction.on_commit(signal)


def _note(request, about):
    longest = AuditEvent._meta.get_field("about").max_length
    AuditEvent.objects.create(
        actor=request.user, verb=AuditEvent.Verb.CHANGED_SCENARIO, about=about[:longest]
    )
