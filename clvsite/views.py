"""Pages that belong to no app: where people land, whether the site is well, and its parts."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clvsite import sample
from clvsite.doors import first_page
from clvsite.forms.sample import ClearForm


@require_GET
def home(request):
    page = first_page(request.user)
    if page is None:
        return render(request, "clvsite/no_role.html", status=403)
    return redirect(page)


@login_not_required
@require_GET
def healthz(request):
    return HttpResponse("ok", content_type="text/plain")


@require_GET
def parts(request):
    return render(request, "clvsite/parts.html")


@require_http_methods(["GET", "POST"])
def sample_clear(request):
    if not sample.sample_people().exists():
        raise Http404
    form = ClearForm(request.POST or None)
    if form.is_valid():
        own = form.cleaned_data
        user = sample.clear(own["email"].lower(), own["name"], own["password"])
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect("home")
    return render(request, "clvsite/sample_clear.html", {"form": form})
