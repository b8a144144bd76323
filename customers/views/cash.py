"""Pages of the terms that cash stands under: margins, and what getting customers cost."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers.cash import changes
from customers.cash.acquisition import winnings
from customers.forms.cash import AcquisitionCostForm, DepartmentMarginsForm, ProductMarginForm
from customers.models import AcquisitionCost, Customer, Department, ProductMargin

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def margin_list(request):
    departments = Department.objects.order_by("name", "pk")
    form = DepartmentMarginsForm(departments, request.POST or None)
    if not form.is_valid():
        return _margins(request, form, ProductMarginForm())
    for department, margin in form.changes():
        changes.set_department_margin(request.user, department, margin)
    messages.success(request, "The departments' margins are stored.")
    return redirect("margin-list")


@require_POST
def margin_new(request):
    form = ProductMarginForm(request.POST)
    if not form.is_valid():
        departments = DepartmentMarginsForm(Department.objects.order_by("name", "pk"))
        return _margins(request, departments, form)
    changes.set_product_margin(request.user, **form.cleaned_data)
    messages.success(request, f"The margin of {form.cleaned_data['product']} is stored.")
    return redirect("margin-list")


@require_POST
def margin_remove(request, pk):
    margin = get_object_or_404(ProductMargin, pk=pk)
    changes.remove_product_margin(request.user, margin)
    messages.success(request, f"{margin.product} has the general margin again.")
    return redirect("margin-list")


@require_GET
def acquisition_list(request):
    return _acquisition(request, AcquisitionCostForm())


@require_POST
def acquisition_new(request):
    form = AcquisitionCostForm(request.POST)
    if not form.is_valid():
        return _acquisition(request, form)
    changes.set_acquisition_cost(request.user, **form.cleaned_data)
    messages.success(request, f"What {form.cleaned_data['channel']} cost is stored.")
    return redirect("acquisition-list")


@require_POST
def acquisition_remove(request, pk):
    cost = get_object_or_404(AcquisitionCost, pk=pk)
    changes.remove_acquisition_cost(request.user, cost)
    messages.success(request, f"The cost of {cost.channel} in that month is removed.")
    return redirect("acquisition-list")


def _margins(request, department_form, product_form):
    text = request.GET.get("q", "").replace("\0", "")
    margins = ProductMargin.objects.filter(product__icontains=text).order_by("product", "pk")
    facts = {
        "department_form": department_form,
        "product_form": product_form,
        "page": Paginator(margins, PER_PAGE).get_page(request.GET.get("page")),
        "text": text,
    }
    return render(request, "customers/margin_list.html", facts)


def _acquisition(request, form):
    channels = Customer.objects.exclude(channel="").values_list("channel", flat=True)
    facts = {
        "form": form,
        "page": Paginator(winnings(), PER_PAGE).get_page(request.GET.get("page")),
        "channels": channels.distinct().order_by("channel"),
    }
    return render(request, "customers/acquisition_list.html", facts)
