"""The people of the samples: somebody for every role, and who may still sign in as them."""

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.db.models import Q, QuerySet

from customers.models import Department, Membership, Role, User

PASSWORD = "look-at-the-whole-customer"  # noqa: S105 - a sample's, printed at every start
GIFT_SHOP, TARNHOLM = "gift-shop.example", "tarnholm.example"
DOMAINS = (GIFT_SHOP, TARNHOLM)

Person = tuple[str, str, Role, str | None]

AT_THE_GIFT_SHOP: tuple[Person, ...] = (
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
AT_TARNHOLM: tuple[Person, ...] = (
    ("frida.frontline", "Frida Lane", Role.FRONT_LINE, "Service"),
    ("finn.frontline", "Finn Aalto", Role.FRONT_LINE, "Sales"),
    ("selma.lead", "Selma Idris", Role.TEAM_LEAD, "Service"),
    ("tom.lead", "Tom Reyes", Role.TEAM_LEAD, "Sales"),
    ("olga.lead", "Olga Petrova", Role.TEAM_LEAD, "Operations"),
    ("mark.lead", "Mark Osei", Role.TEAM_LEAD, "Marketing"),
    ("stefan.service", "Stefan Brandt", Role.MANAGER, "Service"),
    ("maya.manager", "Maya Okafor", Role.MANAGER, "Sales"),
    ("omar.operations", "Omar Haddad", Role.MANAGER, "Operations"),
    ("mina.marketing", "Mina Sato", Role.MANAGER, "Marketing"),
    ("paul.product", "Paul Njoroge", Role.MANAGER, "Product"),
    ("fay.finance", "Fay Whitmore", Role.MANAGER, "Finance"),
    ("hana.hr", "Hana Lindgren", Role.MANAGER, "HR"),
    ("ian.it", "Ian Kowalski", Role.MANAGER, "IT"),
    ("ruth.executive", "Ruth Adeyemi", Role.EXECUTIVE, None),
    ("jonas.map", "Jonas Lindqvist", Role.MAP_ADMIN, None),
    ("lena.map", "Lena Moreau", Role.MAP_ADMIN, None),
    ("petra.data", "Petra Novak", Role.DATA_STEWARD, None),
    ("priya.privacy", "Priya Raman", Role.PRIVACY_OFFICER, None),
    ("anna.analyst", "Anna Bauer", Role.ANALYST, None),
    ("sam.system", "Sam Berg", Role.SYSTEM_ADMIN, None),
)


def add_people(people: Iterable[Person] = AT_THE_GIFT_SHOP, domain: str = GIFT_SHOP) -> None:
    """Let each of them sign in with the samples' password, which is hashed once for all."""
    known = make_password(PASSWORD)
    for local_part, name, role, department in people:
        user = User.objects.create(email=f"{local_part}@{domain}", name=name, password=known)
        place = department and Department.objects.get_or_create(name=department)[0]
        Membership.objects.create(user=user, role=role, department=place)


def is_of_sample(user: User) -> bool:
    """Whether this is somebody of a sample, whose password everybody knows."""
    return user.email.endswith(tuple(f"@{domain}" for domain in DOMAINS))


def sample_people() -> QuerySet[User]:
    """The people of a sample who may still sign in with its password."""
    theirs = Q(email__endswith=f"@{GIFT_SHOP}") | Q(email__endswith=f"@{TARNHOLM}")
    people = User.objects.filter(theirs, is_active=True)
    return people.prefetch_related("memberships").order_by("pk")
