"""A UK gift shop's real year of orders and returns comes into an empty site."""

from collections.abc import Callable

from django.conf import settings

from clvsite.sample.people import add_people
from customers.imports.loader import import_file
from customers.models import Company, Department
from metrics.metric_map.changing.at_once import start_map
from metrics.metric_map.graph import changing_map
from metrics.tasks import bring_up_to_date

FILE = settings.BASE_DIR / "customers/sample/online_retail_even_customers.csv.gz"
COLUMNS = {
    "customer": "customer_id",
    "date": "invoice_time",
    "product": "description",
    "quantity": "quantity",
    "price": "unit_price",
    "country": "country",
}
CREDIT = (
    "Sample data: Online Retail, D. Chen (2015), UCI Machine Learning Repository,"
    " doi 10.24432/C5BW33, CC BY 4.0; the customers with an even number."
)


def load(say: Callable[[str], None]) -> None:
    """Fill an empty site. People come last: a loading that broke off leaves it empty of them."""
    _describe_company()
    with changing_map():
        start_map(None)
    say("Importing 262,133 order lines; this takes about a minute.")
    import_file(
        FILE,
        source_name="Web shop",
        columns=COLUMNS,
        department=Department.objects.get(name="Sales"),
    )
    say("Valuing customers and counting every metric.")
    bring_up_to_date()
    add_people()


def _describe_company() -> None:
    company = Company.objects.current()
    company.name = "UK gift shop"
    company.currency, company.time_zone = "GBP", "Europe/London"
    company.data_credit = CREDIT
    company.save()
