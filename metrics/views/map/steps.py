"""Steps that can be refused: a refusal is a sentence, and leaves nothing half done."""

from functools import wraps

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from metrics.metric_map.agreement.drafting import NotNow
from metrics.metric_map.graph import changing_map


def told_on(page):
    """A refusal becomes a message on this page, or on the one that the form names."""

    def wrapping(view):
        @wraps(view)
        def telling(request, **named):
            try:
                return view(request, **named)
            except NotNow as refused:
                messages.error(request, str(refused))
                return back_to(request, page)

        return telling

    return wrapping


def map_change(page):
    """The same of a view that changes the map or its agreement by POST: nobody else does then."""

    def wrapping(view):
        @wraps(view)
        def changing(request, **named):
            if request.method != "POST":
                return view(request, **named)
            with changing_map():
                return view(request, **named)

        return told_on(page)(changing)

    return wrapping


def back_to(request, page):
    """To the page of this site that the form names, else to this one."""
    back = request.POST.get("back", "")
    is_here = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    if is_here and back.startswith("/"):
        return HttpResponseRedirect(back)
    return redirect(page)


def as_sentence(form):
    """All that is wrong with a form."""
    return " ".join(message for errors in form.errors.values() for message in errors)
