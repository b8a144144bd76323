"""What tests of many rooms start from: a company, its departments, and one person a role."""

import pytest
from django.db import connection

from customers.models import DEPARTMENT_ROLES, Company, Department, Membership, Role, User


def pytest_collection_modifyitems(config, items):
    """Leave out what speaks of the other database."""
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[connection.vendor]
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker(other)]


@pytest.fixture
def company(db):
    return Company.objects.current()


@pytest.fixture
def sales(db):
    return Department.objects.create(name="Sales")


@pytest.fixture
def marketing(db):
    return Department.objects.create(name="Marketing")


@pytest.fixture
def person(db, sales):
    """Make somebody who holds a role: in a department where the role belongs to one."""

    def make(role: Role, department: Department | None = None) -> User:
        place = (department or sales) if role in DEPARTMENT_ROLES else None
        number = User.objects.count()
        user = User.objects.create_user(f"{role}-{number}@example.com", Role(role).label, "sesame")
        Membership.objects.create(user=user, department=place, role=role)
        return user

    return make


@pytest.fixture
def signed_in(client, person):
    """A browser in which somebody with this role has signed in."""

    def enter(role: Role, department: Department | None = None):
        client.force_login(person(role, department))
        return client

    return enter
