"""The page of the one stored row that all numbers stand under."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods

from customers.forms.team import CompanyForm
from customers.models import AuditEvent, Company


@require_http_methods(["GET", "HEAD", "POST"])
def company_page(request):
    form = CompanyForm(request.POST or None, instance=Company.objects.current())
    if not form.is_valid():
        return render(request, "customers/company_page.html", {"form": form})
    if form.has_changed():
        with transaction.atomic():
            form.save()
            AuditEvent.objects.create(
                actor=request.user,
                verb=AuditEvent.Verb.CHANGED_COMPANY,
                about=Truncator(form.changes()).chars(200),
            )
        messages.success(request, "The company's settings are changed.")
    return redirect("company-page")
