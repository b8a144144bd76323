"""Forms and differences of the map speak as people do: no names of columns, no dashes to choose."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps

from metrics.indicators.counting import Counted, Counting
from metrics.metric_map.document import LinkEntry, MapDocument, MetricEntry, differences
from metrics.models import Dispute

FORMS = (
    "/map/metrics/new/",
    "/map/metrics/return_rate/",
    "/map/links/new/",
    "/map/links/return_rate/active_customers/",
    "/data-requests/new/",
    "/disputes/",
)
COLUMNS = {
    field.name.replace("_", " ")
    for model in apps.get_app_config("metrics").get_models()
    for field in model._meta.fields
    if "_" in field.name
}


@pytest.mark.parametrize("address", FORMS)
def test_no_form_of_the_map_says_a_columns_name_or_offers_dashes(
    signed_in, returns, person, address
):
    Dispute.objects.create(metric=returns, raised_by=person("manager"), said="No.")
    page = signed_in("map_admin").get(address).text
    assert "---" not in page
    labels = re.findall(r"<(?:label|legend)[^>]*>([^<]+)", page)
    assert labels
    assert [one for one in labels if one.strip().lower() in COLUMNS - {"owner title"}] == []


def test_a_difference_names_what_people_choose_from():
    late = MetricEntry(
        key="late", name="Late deliveries", description="Too late.", department="Operations",
        level=4, direction="up", control="shared",
        counting=Counting(
            grain="week", unit="deliveries", way="counted", scale=1, decimals=0,
            ripens_after_days=0, history_days=0,
            numerator=Counted("deliveries", "count", "", (("is_late", "eq", Decimal(1)),)),
        ),
    )  # fmt: skip
    before = MapDocument(metrics={"late": late}).with_link(LinkEntry("late", "top", "leading"))
    costs = Counted("deliveries", "sum", "cost", (("cost", "gte", Decimal(5)),))
    changed = replace(
        late, direction="down", target_on=date(2026, 12, 31),
        counting=late.counting._replace(grain="month", numerator=costs),
    )  # fmt: skip
    after = before.with_metric(changed).with_link(LinkEntry("late", "top", "risk", rung=5))
    assert [one.sentence for one in differences(before, after)] == [
        "Late deliveries: what is better from Higher is better to Lower is better.",
        "Late deliveries: day to reach the target by from nothing to 31 Dec 2026.",
        "Late deliveries: counted each from Week to Month.",
        "Late deliveries: what is counted from number of deliveries due, counting only"
        " what was late to sum of cost of deliveries due where cost ≥ 5.",
        "The link from Late deliveries to top: kind from Leading: moves it later"
        " to Risk: acts on the discount rate.",
        "The link from Late deliveries to top: evidence from Assumed to Experiment.",
    ]
