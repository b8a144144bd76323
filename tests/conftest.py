"""What tests of many rooms start from: a company, its departments, and one person a role."""

import os

import pytest
from django.db import connection, transaction
from hypothesis import settings

from customers.models import DEPARTMENT_ROLES, Company, Department, Membership, Role, User
from tests.migrated import copied_or_kept, kept_in

settings.register_profile("as_long_as_it_takes", deadline=None)  # a busy machine is no fault
settings.load_profile("as_long_as_it_takes")

LONGEST = ("workers/test_killed_worker", "browser/", "test_every_command", "together/test_rounds")
"""What takes longest begins first, so that no test process waits for another at the end."""


def pytest_collection_modifyitems(config, items):
    """Leave out what speaks of the other database, or proves at length; begin with the longest."""
    unwanted = [{"sqlite": "postgresql", "postgresql": "sqlite"}[connection.vendor]]
    if "CLVSITE_PROVE" not in os.environ:
        unwanted.append("prove")
    left_out = [item for item in items if any(map(item.get_closest_marker, unwanted))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((n for n, name in enumerate(LONGEST) if f"tests/{name}" in nodeid), len(LONGEST))


@pytest.fixture(scope="session")
def django_db_setup(request, migrated_folder, django_db_blocker):
    """pytest-django's own, but on SQLite only one process of all migrates."""
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), copied_or_kept(migrated_folder):
            request.getfixturevalue("django_db_setup")
    else:
        request.getfixturevalue("django_db_setup")


@pytest.fixture(scope="session")
def migrated_folder(request, tmp_path_factory):
    """Where a migrated SQLite database is kept."""
    cache = getattr(request.config, "cache", None)
    folder = cache.mkdir("migrated") if cache else tmp_path_factory.getbasetemp() / "migrated"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def migrated(django_db_setup, migrated_folder):
    """A file with the site's tables and nothing in them; None where tests run on PostgreSQL."""
    return kept_in(migrated_folder) if connection.vendor == "sqlite" else None


@pytest.fixture(scope="module")
def stored_once(django_db_setup, django_db_blocker):
    """What a module's fixture stores after this one is there for all its tests, and then gone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


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
