"""The privacy officer's page: who read what of whom, and who changed what."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_GET

from customers.forms.readings import ReadingFilter
from customers.models import AuditEvent


@require_GET
def reading_list(request):
    wanted = ReadingFilter(request.GET)
    events = AuditEvent.objects.select_related("actor", "customer").order_by("-at", "-pk")
    page = Paginator(wanted.narrow(events), 50).get_page(request.GET.get("page"))
    return render(request, "customers/reading_list.html", {"page": page, "wanted": wanted})
