"""The command that lets the first person in."""

import getpass
import io

import pytest
from django.core.management import CommandError, call_command

from customers.management.commands import first_admin
from customers.models import AuditEvent, Role, User


@pytest.fixture
def type_in(monkeypatch):
    def lines(*typed):
        answers = iter(typed)
        monkeypatch.setattr(first_admin, "getpass", lambda _: next(answers))

    return lines


def test_the_first_administrator_can_sign_in(db, type_in):
    type_in("a long enough secret", "a long enough secret")
    call_command("first_admin", "Ann@Example.com", "Ann Archer", stdout=io.StringIO())
    ann = User.objects.get(email="ann@example.com")
    assert ann.check_password("a long enough secret")
    assert ann.memberships.get().role == Role.SYSTEM_ADMIN
    assert list(AuditEvent.objects.values_list("actor", flat=True)) == [None, None]


def test_the_password_can_come_as_a_line(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough secret\n"))
    words = ["ann@example.com", "Ann Archer", "--password-from-stdin"]
    call_command("first_admin", *words, stdout=io.StringIO())
    assert User.objects.get().check_password("a long enough secret")


@pytest.mark.filterwarnings("ignore:Can not control echo:getpass.GetPassWarning")
def test_without_a_terminal_it_says_how_else_the_password_can_come(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr(first_admin, "getpass", getpass.fallback_getpass)
    with pytest.raises(CommandError, match="--password-from-stdin"):
        call_command("first_admin", "ann@example.com", "Ann")


def test_a_second_one_is_refused(person):
    person(Role.SYSTEM_ADMIN)
    with pytest.raises(CommandError, match="There is a system administrator already"):
        call_command("first_admin", "ann@example.com", "Ann")


def test_one_who_left_does_not_stand_in_the_way(person, type_in):
    person(Role.SYSTEM_ADMIN)
    User.objects.update(is_active=False)
    type_in("a long enough secret", "a long enough secret")
    call_command("first_admin", "ann@example.com", "Ann", stdout=io.StringIO())
    assert User.objects.working().holding(Role.SYSTEM_ADMIN).get().name == "Ann"


@pytest.mark.parametrize(
    ("email", "name", "passwords", "sentence"),
    [
        ("ann@example.com", "Ann", ("one secret", "other secret"), "The two passwords differ"),
        ("ann@example.com", "Ann", ("short", "short"), "too short"),
        ("ann@example.com", "Ann", ("password", "password"), "too common"),
        ("ann", "Ann", ("a long enough secret",) * 2, "valid email"),
        ("ann@example.com", "", ("a long enough secret",) * 2, "cannot be blank"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_made(db, type_in, email, name, passwords, sentence):
    type_in(*passwords)
    with pytest.raises(CommandError, match=sentence):
        call_command("first_admin", email, name)
    assert not User.objects.exists()
