"""An address for each name of the site, of things that exist and that a person in Sales may see."""

from collections.abc import Iterable
from datetime import date

from django.urls import NoReverseMatch, reverse

from customers.models import (
    AcquisitionCost,
    Customer,
    Department,
    Membership,
    ProductMargin,
    Role,
    Source,
    SourceRecord,
    Upload,
    User,
)
from metrics.metric_map.changing.at_once import start_map
from metrics.models import CustomerValue, Link, Metric, Project, Scenario, Valuation


def one_of_each(names: Iterable[str]) -> dict[str, str]:
    """Make what addresses are of, in the database; the address of each name."""
    start_map(None)
    sales = Department.objects.get(name="Sales")
    source = Source.objects.create(name="shop")
    customer = Customer.objects.create(code="17850", department=sales)
    SourceRecord.objects.create(source=source, key="17850", customer=customer)
    valuation = Valuation.objects.create(
        status="done", in_force=True, as_of=date(2011, 12, 9), months=12, yearly_rate="0.1",
        margin="0.3", currency="GBP", changes=1, clv_total=100, model="nbd", unit="week",
    )  # fmt: skip
    CustomerValue.objects.create(
        valuation=valuation, customer=customer, x=1, t_x=1, T=2, mean_spend=3, spent=4,
        p_alive=0.5, expected_purchases=6, expected_spend=7, clv=8,
    )  # fmt: skip
    upload = Upload.objects.create(source=source, department=sales, file_name="a.csv")
    other = User.objects.create_user("other@gift-shop.example", "Other, of the sample")
    membership = Membership.objects.create(user=other, role=Role.ANALYST)
    product_margin = ProductMargin.objects.create(product="mug", margin="0.4")
    cost = AcquisitionCost.objects.create(channel="web", month=date(2011, 12, 1), amount=100)
    scenario = Scenario.objects.create(name="Fewer leave", owner=other, drop_out="0.9")
    metric = Metric.objects.filter(department=sales).first()
    link = Link.objects.with_ends().first()
    project = Project.objects.create(name="Routes", metric=metric, began_on=date(2011, 3, 1))
    keys = {
        "movement": [valuation.pk],
        "scenario": [scenario.pk],
        "margin": [product_margin.pk],
        "acquisition": [cost.pk],
        "customer-card": [customer.pk],
        "metric": [metric.key],
        "link": [link.child.key, link.parent.key],
        "metric-report": [_reported(sales).key],
        "dispute-new": [metric.key],
        "map-counter": [metric.key],
        "map-answer": [1],
        "evidence": [1],
        "project": [project.pk],
        "edition": [1],
        "request-answer": [1],
        "dispute-answer": [1],
        "alert": [1],
        "person": [other.pk],
        "membership-end": [membership.pk],
        "membership-new": [other.pk],
        "upload": [upload.pk],
        "valuation": [valuation.pk],
        "second-opinion-new": [valuation.pk],
        "second": [valuation.pk],
        "api-customer-detail": [customer.pk],
        "api-customer-value-detail": [customer.pk],
        "api-upload-detail": [upload.pk],
        "api-metric-detail": [metric.key],
        "api-valuation-detail": [valuation.pk],
    }
    return {name: _address(name, keys) for name in names}


def _reported(sales):
    """A metric that is reported, as most are that no file tells."""
    metric = Metric.objects.create(
        key="turnover", name="Turnover", description="Who left.", department=sales, level=4,
        direction="down", control="shared",
    )  # fmt: skip
    metric.versions.create(number=1, way="reported", grain="month", unit="% of staff", scale=100)
    return metric


def _address(name, keys):
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(name, args=keys.get(name) or keys[name.split("-")[0]])
