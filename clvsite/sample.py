"""The sample company's people: one for every role, and who may still sign in as them."""

import shutil

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import QuerySet

from customers.models import Department, Membership, Role, User

PASSWORD = "look-at-the-whole-customer"  # noqa: S105 - a sample's, printed at every start
DOMAIN = "gift-shop.example"

PEOPLE = (
    ("frida.frontline", "Frida Lane", Role.FRONT_LINE, "Sales"),
    ("tom.lead", "Tom Reyes", Role.TEAM_LEAD, "Sales"),
    ("maya.manager", "Maya Okafor", Role.MANAGER, "Sales"),
    ("olga.lead", "Olga Petrova", Role.TEAM_LEAD, "Operations"),
    ("omar.operations", "Omar Haddad", Role.MANAGER, "Operations"),
    ("mina.marketing", "Mina Sato", Role.MANAGER, "Marketing"),
    ("paul.product", "Paul Njoroge", Role.MANAGER, "Product"),
    ("fay.finance", "Fay Whitmore", Role.MANAGER, "Finance"),
    ("ian.it", "Ian Kowalski", Role.MANAGER, "IT"),
    ("ruth.executive", "Ruth Adeyemi", Role.EXECUTIVE, None),
    ("jonas.map", "Jonas Lindqvist", Role.MAP_ADMIN, None),
    ("petra.data", "Petra Novak", Role.DATA_STEWARD, None),
    ("priya.privacy", "Priya Raman", Role.PRIVACY_OFFICER, None),
    ("anna.analyst", "Anna Bauer", Role.ANALYST, None),
    ("sam.system", "Sam Berg", Role.SYSTEM_ADMIN, None),
)


def add_people() -> None:
    """Give every role somebody who can sign in with the sample's password."""
    for local_part, name, role, department in PEOPLE:
        user = User.objects.create_user(f"{local_part}@{DOMAIN}", name, PASSWORD)
        place = department and Department.objects.get_or_create(name=department)[0]
        Membership.objects.create(user=user, role=role, department=place)


def is_of_sample(user: User) -> bool:
    """Whether this is somebody of the sample, whose password everybody knows."""
    return user.email.endswith(f"@{DOMAIN}")


def clear(email: str, name: str, password: str) -> User:
    """Empty the site of the sample, its people too; the one administrator who is left.

    Everything goes: the sample's rows and yours hang together.
    """
    call_command("flush", interactive=False, verbosity=0)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    with transaction.atomic():
        user = User.objects.create_user(email, name, password)
        Membership.objects.create(user=user, role=Role.SYSTEM_ADMIN)
    return user


def is_empty() -> bool:
    """Whether nobody has used this site yet."""
    return not User.objects.exists()


def sample_people() -> QuerySet[User]:
    """The people of the sample who may still sign in with its password."""
    people = User.objects.filter(email__endswith=f"@{DOMAIN}", is_active=True)
    return people.prefetch_related("memberships").order_by("pk")
