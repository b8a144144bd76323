"""A map administrator, the form of one sound metric, and what the draft holds."""

import pytest

from customers.models import AuditEvent
from metrics.metric_map.agreement.drafting import document_of
from metrics.models import MapEdition


@pytest.fixture
def editor(signed_in):
    return signed_in("map_admin")


@pytest.fixture
def form(sales):
    """What a browser sends for one sound metric."""
    conditions = {
        f"{side}-{name}_{number}": value
        for side in ("numerator", "denominator")
        for number in range(3)
        for name, value in (("field", ""), ("comparison", "eq"), ("value", ""))
    }
    return conditions | {
        "name": "Return rate",
        "key": "return_rate",
        "description": "What came back.",
        "department": sales.name,
        "kind": "value",
        "sensitive": "no",
        "actions": "Check the picking list",
        "level": 3,
        "lever": "keep",
        "direction": "down",
        "control": "shared",
        "way": "counted",
        "grain": "week",
        "revision_days": 0,
        "unit": "% of lines",
        "scale": 100,
        "decimals": 1,
        "ripens_after_days": 0,
        "history_days": 0,
        "numerator-counted": "lines.count.",
        "numerator-field_0": "lines.is_return",
        "numerator-comparison_0": "eq",
        "numerator-value_0": "1",
        "denominator-counted": "lines.count.",
    }


def draft():
    """The map of the open draft."""
    return document_of(MapEdition.objects.open())


def told():
    return list(
        AuditEvent.objects.filter(verb="changed map").order_by("pk").values_list("about", flat=True)
    )
