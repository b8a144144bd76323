"""The map editor: a draft beside the published map, changed by forms, then proposed."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from metrics.boards.agreement.drafting import draft_board
from metrics.boards.agreement.preview import preview_of
from metrics.forms.agreement import ProposeForm
from metrics.forms.metric_map import LinkForm, MetricForms
from metrics.metric_map.agreement import drafting
from metrics.metric_map.changing import at_once
from metrics.metric_map.changing.removal import lost_with_link, lost_with_metric
from metrics.metric_map.document import stored_document
from metrics.metric_map.graph import changing_map
from metrics.models import MapEdition
from metrics.policy import smallest_group_for
from metrics.views.map.steps import map_change


def editing(view):
    """A page that asks by GET and changes the draft by POST."""
    return require_http_methods(["GET", "POST"])(map_change("map-edit")(view))


@require_GET
def map_edit(request):
    edition = MapEdition.objects.open()
    propose = ProposeForm(initial={"reason": edition.reason} if edition else None)
    context = {"board": draft_board(edition), "propose": propose}
    return render(request, "metrics/map_edit.html", context)


@require_POST
def map_start(request):
    with changing_map():
        at_once.start_map(request.user)
    return redirect("map-page")


@editing
def metric_new(request):
    return _metric_form(request, None)


@editing
def metric_edit(request, key):
    return _metric_form(request, _entry(_document(request), key))


@editing
def metric_remove(request, key):
    document = _document(request)
    entry = _entry(document, key)
    if request.method == "POST":
        return _changed(request, document.without_metric(key), f"Removed metric {entry.name}")
    context = {"title": f"Remove {entry.name}", "lost": lost_with_metric(document, key)}
    return render(request, "metrics/map_remove.html", context)


@require_POST
def metric_preview(request):
    """The part of the metric's form that shows what it would come to, before anybody agrees."""
    edition = MapEdition.objects.open()
    document = drafting.document_of(edition) if edition else stored_document()
    forms = MetricForms(request.POST, document, document.metrics.get(request.POST.get("key", "")))
    preview = None
    if forms.is_countable():
        preview = preview_of(
            forms.counting,
            request.POST.get("direction", "none"),
            smallest_group_for(request.user),
        )
    return render(request, "metrics/_metric_preview.html", {"preview": preview, "forms": forms})


@editing
def link_new(request):
    return _link_form(request, None)


@editing
def link_edit(request, child, parent):
    return _link_form(request, _link(_document(request), child, parent))


@editing
def link_remove(request, child, parent):
    document = _document(request)
    _link(document, child, parent)
    names = f"{document.metrics[child].name} to {document.metrics[parent].name}"
    if request.method == "POST":
        document_after = document.without_link(child, parent)
        return _changed(request, document_after, f"Removed link from {names}")
    context = {
        "title": f"Remove the link from {names}",
        "lost": lost_with_link(document, child, parent),
    }
    return render(request, "metrics/map_remove.html", context)


def _metric_form(request, stored):
    document = _document(request)
    forms = MetricForms(request.POST or None, document, stored, request.GET.dict())
    if request.method == "POST" and forms.is_valid():
        entry = forms.entry
        told = f"{'Changed' if stored else 'Added'} metric {entry.name}"
        return _changed(request, document.with_metric(entry), told)
    name = stored.name if stored else ""
    return render(request, "metrics/metric_edit.html", {"forms": forms, "name": name})


def _link_form(request, stored):
    document = _document(request)
    form = LinkForm(request.POST or None, document, stored, request.GET.dict())
    if request.method == "POST" and form.is_valid():
        entry = form.entry
        names = f"{document.metrics[entry.child].name} to {document.metrics[entry.parent].name}"
        told = f"{'Changed' if stored else 'Drew'} link from {names}"
        return _changed(request, document.with_link(entry), told)
    context = {"form": form, "link": stored, "names": document.metrics}
    return render(request, "metrics/link_edit.html", context)


def _document(request):
    """The draft's map; while nobody has begun one, the published map."""
    edition = MapEdition.objects.open()
    if edition is None:
        return stored_document()
    if edition.state != MapEdition.State.DRAFT:
        raise drafting.NotNow(f"{edition} is proposed. Take it back to change it.")
    return drafting.document_of(edition)


def _changed(request, document, told):
    """Put the changed map into the draft, begun now where there is none."""
    drafting.change_draft(drafting.draft_for(request.user), document, request.user, told)
    messages.success(request, f"{told}, in the draft.")
    return redirect("map-edit")


def _entry(document, key):
    if key not in document.metrics:
        raise Http404
    return document.metrics[key]


def _link(document, child, parent):
    if (child, parent) not in document.links:
        raise Http404
    return document.links[child, parent]
