"""What a definition would come to: for whom it is counted, and of how few it is not told."""

from datetime import date, timedelta

import pytest

from metrics.models import MapEdition


@pytest.fixture
def sold(shop):
    for week in range(26):
        day = date(2026, 1, 7) + timedelta(weeks=week)
        for number in range(12 if week == 3 else 1):
            shop.sells(f"ann{number}", day, 10)
    shop.is_complete_until("2026-06-30")


def test_it_is_counted_while_the_edition_is_proposed_too(signed_in, form, sold):
    client = signed_in("map_admin")
    client.post("/map/metrics/new/", form)
    MapEdition.objects.update(state="proposed")
    assert "stored nowhere" in client.post("/map/metrics/preview/", form).text


@pytest.mark.parametrize("role", ["manager", "team_lead", "data_steward", "analyst"])
def test_nobody_counts_other_departments_by_it(signed_in, form, role):
    assert signed_in(role).post("/map/metrics/preview/", form).status_code == 404


def test_a_sum_over_fewer_than_ten_is_left_out(signed_in, form, sold):
    told = form | {"numerator-counted": "lines.sum.amount", "numerator-field_0": "",
                   "numerator-value_0": "", "denominator-counted": "", "scale": 1,
                   "unit": "GBP"}  # fmt: skip
    page = signed_in("map_admin").post("/map/metrics/preview/", told)
    assert page.status_code == 200
    assert len(page.context["preview"].reading.figures) == 1
    assert "The last 1 weeks" in page.text
