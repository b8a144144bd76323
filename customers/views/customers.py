"""Finding a customer: one box; one sure hit opens the card."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from customers.models import AuditEvent, Role
from customers.policy import customer_columns, customers_for, identified, roles_of

PER_PAGE = 50
MOST_CANDIDATES = 5


@require_GET
@vary_on_headers("HX-Request")
def customer_list(request):
    text = request.GET.get("q", "").strip()
    if text and (customer := identified(request.user, text)):
        AuditEvent.objects.create(
            actor=request.user, verb=AuditEvent.Verb.LOOKED_UP, customer=customer
        )
        card = reverse("customer-card", args=[customer.pk])
        return redirect(f"{card}?code={customer.code}")
    is_counter = roles_of(request.user) == {Role.FRONT_LINE}
    found = customers_for(request.user, text)
    if is_counter:
        found = found[: MOST_CANDIDATES + 1] if text else found.none()
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "columns": customer_columns(request.user),
        "text": text,
        "is_counter": is_counter,
    }
    part = "_customer_table.html" if request.htmx else "customer_list.html"
    return render(request, f"customers/{part}", context)
