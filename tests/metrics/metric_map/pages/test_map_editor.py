"""For whom the map editor opens, and how a map begins."""

import pytest

from customers.models import AuditEvent
from metrics.models import Metric


@pytest.mark.parametrize("role", ["executive", "manager", "analyst", "system_admin"])
@pytest.mark.parametrize("address", ["/map/edit/", "/map/metrics/new/", "/map/links/new/"])
def test_the_editor_opens_for_nobody_else(signed_in, role, address):
    assert signed_in(role).get(address).status_code == 404


def test_an_empty_map_begins_with_the_metrics_that_purchases_can_answer(signed_in):
    client = signed_in("map_admin")
    assert "Begin with fifteen metrics" in client.get("/map/").text
    page = client.post("/map/start/", follow=True).text
    assert "Customer equity" in page
    assert Metric.objects.count() == 15
    assert AuditEvent.objects.get().about == "Began the map with 15 metrics"


def test_a_map_in_use_is_not_begun_again(signed_in, returns):
    before = Metric.objects.count()
    signed_in("map_admin").post("/map/start/")
    assert Metric.objects.count() == before


def test_others_are_told_who_begins_the_map(signed_in):
    page = signed_in("manager").get("/map/").text
    assert "A map administrator adds it." in page
    assert "Begin with" not in page
