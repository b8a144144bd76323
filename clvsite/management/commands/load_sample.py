"""Fills an empty site with a UK gift shop's year of orders and returns, to try it out."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clvsite.sample import add_people, is_empty
from customers.imports.loader import import_file
from customers.models import Company, Department
from metrics.indicators.starting import create_starting_metrics
from metrics.metric_map.starting_links import create_starting_links
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


class Command(BaseCommand):
    help = "Load the sample company, a UK gift shop's real orders, into an empty site."

    def handle(self, **options) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("The sample company has known passwords: not for production.")
        if not is_empty():
            raise CommandError("Somebody uses this site already; the sample needs an empty one.")
        _describe_company()
        create_starting_metrics()
        create_starting_links()
        self.stdout.write("Importing 262,133 order lines; this takes about a minute.")
        import_file(
            FILE,
            source_name="Web shop",
            columns=COLUMNS,
            department=Department.objects.get(name="Sales"),
        )
        self.stdout.write("Valuing customers and counting every metric.")
        bring_up_to_date()
        add_people()  # last: a first run that was interrupted counts as empty, and begins anew


def _describe_company() -> None:
    company = Company.objects.current()
    company.name = "UK gift shop"
    company.currency, company.time_zone = "GBP", "Europe/London"
    company.data_credit = CREDIT
    company.save()
