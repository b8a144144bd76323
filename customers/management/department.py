"""Who looks after the customers of a file that a command brings."""

from django.core.management.base import CommandError

from customers.models import Department

FIRST_DEPARTMENT = "Customers"


def department_named(name: str | None) -> Department:
    """The department of that name; without a name the only one there is, made if there is none."""
    if name:
        department = Department.objects.filter(name__iexact=name).first()
        if department is None:
            known = ", ".join(Department.objects.order_by("name").values_list("name", flat=True))
            raise CommandError(f"There is no department {name}. There is: {known or 'none yet'}.")
        return department
    departments = list(Department.objects.order_by("pk")[:2])
    if len(departments) > 1:
        raise CommandError("Say with --department who looks after the customers of this file.")
    return departments[0] if departments else Department.objects.create(name=FIRST_DEPARTMENT)
