"""manage.py first_admin EMAIL NAME: the system administrator who lets everybody else in."""

import sys
from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from customers.management.first_use import FirstUseCommand
from customers.models import Role, User
from customers.people import staffing


class Command(FirstUseCommand):
    help = "Makes the first system administrator; the others are invited on the site."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument(
            "--password-from-stdin",
            action="store_true",
            help="read the password as one line instead of asking for it twice",
        )

    def handle(self, **options) -> None:
        if User.objects.working().holding(Role.SYSTEM_ADMIN).exists():
            raise CommandError("There is a system administrator already; people are invited.")
        person = User(email=options["email"].lower(), name=options["name"])
        password = _line() if options["password_from_stdin"] else _asked()
        try:
            person.set_password(password)
            person.full_clean()
            validate_password(password, person)
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from None
        with transaction.atomic():
            invited = staffing.invite(None, person.name, person.email, Role.SYSTEM_ADMIN, None)
            invited.set_password(password)
            invited.save(update_fields=["password"])
        self.stdout.write(f"{invited.name} can sign in as {invited.email}.")


def _line() -> str:
    return sys.stdin.readline().rstrip("\n")


def _asked() -> str:
    try:
        password, again = getpass("Password: "), getpass("The same again: ")
    except EOFError:
        raise CommandError(
            "Nobody is here to type a password: give it as one line with --password-from-stdin."
        ) from None
    if again != password:
        raise CommandError("The two passwords differ.")
    return password
