"""Finding a customer: one box; one sure hit opens the card."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from customers.models import AuditEvent
from customers.policy import customer_columns, customers_for, identified, serves_at_counter

PER_PAGE = 50


@require_GET
@vary_on_headers("HX-Request")
def customer_list(request):
    text = request.GET.get("q", "").replace("\0", "").strip()
    if text and (customer := identified(request.user, text)):
        AuditEvent.objects.create(
            actor=request.user, verb=AuditEvent.Verb.LOOKED_UP, customer=customer
        )
        known = {"code": customer.code}
        return redirect(reverse("customer-card", args=[customer.pk], query=known))
    is_counter = serves_at_counter(request.user)
    found = customers_for(request.user, text)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "columns": customer_columns(request.user),
        "text": text,
        "is_counter": is_counter,
    }
    part = "_customer_table.html" if request.htmx else "customer_list.html"
    return render(request, f"customers/{part}", context)
