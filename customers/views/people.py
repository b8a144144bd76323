"""Pages of the system administrator: people, their roles and the departments."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers.forms.team import DepartmentForm, PersonForm, RoleForm
from customers.models import Department, Membership, User
from customers.people import staffing
from customers.people.invitation import send_invitation
from customers.policy import opens


@require_GET
def person_list(request):
    return _list(request, DepartmentForm())


@require_POST
def department_new(request):
    form = DepartmentForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    staffing.found_department(request.user, form.instance)
    messages.success(request, f"Department {form.instance.name} is created.")
    return redirect("person-list")


@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request):
    person_form = PersonForm(request.POST or None)
    role_form = RoleForm(request.POST or None, person=User())
    if person_form.is_valid() and role_form.is_valid():
        person = staffing.invite(request.user, **person_form.cleaned_data, **role_form.cleaned_data)
        return _invitation(request, person)
    forms = {"person_form": person_form, "role_form": role_form}
    return render(request, "customers/person_new.html", forms)


@require_http_methods(["GET", "HEAD", "POST"])
def person_page(request, pk):
    person = get_object_or_404(User, pk=pk)
    form = PersonForm(request.POST or None, instance=get_object_or_404(User, pk=pk))
    if form.is_valid():
        staffing.rename(request.user, person, **form.cleaned_data)
        messages.success(request, "Name and e-mail are changed.")
        return redirect("person-page", pk)
    return _page(request, person, form, RoleForm(person=person))


@require_POST
def membership_new(request, pk):
    person = get_object_or_404(User, pk=pk)
    form = RoleForm(request.POST, person=person)
    if not form.is_valid():
        return _page(request, person, PersonForm(instance=person), form)
    membership = staffing.give_role(request.user, person, **form.cleaned_data)
    messages.success(request, f"{person.name} is now {membership.title}.")
    return redirect("person-page", pk)


@require_POST
def membership_end(request, pk):
    membership = get_object_or_404(Membership.objects.select_related("user", "department"), pk=pk)
    try:
        staffing.end_role(request.user, membership)
    except staffing.LastAdministrator as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{membership.user.name} is no longer {membership.title}.")
    return _back(request, membership.user)


@require_POST
def person_leave(request, pk):
    person = get_object_or_404(User.objects.working(), pk=pk)
    try:
        staffing.leave(request.user, person)
    except staffing.LastAdministrator as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{person.name} has left and is signed out everywhere.")
    return _back(request, person)


@require_POST
def person_return(request, pk):
    person = get_object_or_404(User.objects.filter(is_active=False), pk=pk)
    staffing.come_back(request.user, person)
    messages.success(request, f"{person.name} is back, with the roles from before.")
    return redirect("person-page", pk)


@require_POST
def person_reset(request, pk):
    return _invitation(request, get_object_or_404(User.objects.working(), pk=pk))


def _list(request: HttpRequest, department_form: DepartmentForm) -> HttpResponse:
    text = request.GET.get("q", "")
    people = User.objects.filter(Q(name__icontains=text) | Q(email__icontains=text))
    roles = Membership.objects.select_related("department").order_by("role", "pk")
    people = people.prefetch_related(Prefetch("memberships", roles))
    people = people.order_by("-is_active", "name", "pk")
    working = Count("memberships__user", Q(memberships__user__is_active=True), distinct=True)
    facts = {
        "page": Paginator(people, 50).get_page(request.GET.get("page")),
        "text": text,
        "departments": Department.objects.annotate(people=working).order_by("name", "pk"),
        "department_form": department_form,
        "may_change": opens(request.user, "person-page"),
    }
    return render(request, "customers/person_list.html", facts)


def _page(
    request: HttpRequest, person: User, person_form: PersonForm, role_form: RoleForm
) -> HttpResponse:
    memberships = person.memberships.select_related("department").order_by("role", "pk")
    facts = {
        "person": person,
        "memberships": memberships,
        "person_form": person_form,
        "role_form": role_form,
    }
    return render(request, "customers/person_page.html", facts)


def _invitation(request: HttpRequest, person: User) -> HttpResponse:
    """The page with the link: an answer to this one request, stored nowhere."""
    invitation = send_invitation(request, person)
    staffing.note_invitation(request.user, person)
    facts = {"person": person, "invitation": invitation}
    return render(request, "customers/person_link.html", facts)


def _back(request: HttpRequest, person: User) -> HttpResponse:
    """To the person's page, which somebody who changed their own roles may not see any more."""
    return redirect("home") if person == request.user else redirect("person-page", person.pk)
