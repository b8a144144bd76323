"""The sample company: a real gift shop's purchases, departments, people, metrics and links.

For trying the site out. It is loaded once, into an empty database, never in production.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db.models import QuerySet

from customers.imports.loader import import_file
from customers.models import Company, Department, Membership, Role, User
from metrics.indicators.starting import create_starting_metrics
from metrics.metric_map.starting_links import create_starting_links
from metrics.tasks import bring_up_to_date

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

GIFT_SHOP_FILE = Path(__file__).parents[1] / "customers/sample/online_retail_even_customers.csv.gz"
GIFT_SHOP_COLUMNS = {
    "customer": "customer_id",
    "date": "invoice_time",
    "product": "description",
    "quantity": "quantity",
    "price": "unit_price",
    "country": "country",
}


@dataclass(frozen=True)
class Sample:
    title: str
    load: Callable[[Callable[[str], None]], None]


def load_gift_shop(say: Callable[[str], None]) -> None:
    """Fill an empty site with a UK gift shop's year of orders and returns."""
    if settings.IS_PRODUCTION:
        raise CommandError("The sample company has known passwords: it is not for production.")
    company = Company.objects.current()
    company.name = "UK gift shop"
    company.currency, company.time_zone = "GBP", "Europe/London"
    company.data_credit = (
        "Sample data: Online Retail, D. Chen (2015), UCI Machine Learning Repository,"
        " doi 10.24432/C5BW33, CC BY 4.0; the customers with an even number."
    )
    company.save()
    create_starting_metrics()
    create_starting_links()
    say("Importing 262,133 order lines; this takes about a minute.")
    import_file(
        GIFT_SHOP_FILE,
        source_name="Web shop",
        columns=GIFT_SHOP_COLUMNS,
        department=Department.objects.get(name="Sales"),
    )
    say("Valuing customers and counting every metric.")
    bring_up_to_date()
    _add_people()  # last: a first run that was interrupted still counts as empty, and begins anew


def _add_people() -> None:
    for local_part, name, role, department in PEOPLE:
        user = User.objects.create_user(f"{local_part}@{DOMAIN}", name, PASSWORD)
        place = department and Department.objects.get_or_create(name=department)[0]
        Membership.objects.create(user=user, role=role, department=place)


def is_empty() -> bool:
    """Whether nobody has used this site yet."""
    return not User.objects.exists()


def sample_people() -> QuerySet[User]:
    """The people of the sample who may still sign in with its password."""
    people = User.objects.filter(email__endswith=f"@{DOMAIN}", is_active=True)
    return people.prefetch_related("memberships").order_by("pk")


SAMPLES = {
    "gift-shop": Sample("a UK gift shop's real orders of 2010 and 2011", load_gift_shop),
}
