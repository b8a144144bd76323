"""Pages that belong to no app: where people land, whether the site is well, and its parts."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from clvsite.doors import first_page


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
