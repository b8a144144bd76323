"""A metric's page says how many customers its bad events have cost, where that is known."""

from datetime import date

import pytest

from customers.models import Role
from metrics.models import CustomersLost, EvidenceRun, Figure
from tests.metrics.boards.conftest import QUIET

UNTIL = date(2025, 12, 31)
LEFT = (
    "In the twelve months to 31 Dec 2025, about <b>41</b> of the 212 customers who are known to"
    " have left did so because of metric late (25 to 58)."
)


@pytest.fixture
def late(with_figures):
    """Ten in a hundred."""
    version = with_figures(*QUIET, key="late", unit="%", direction="down")
    Figure.objects.filter(version=version).update(denominator=1)
    return version.metric


@pytest.fixture
def lost(late):
    run = EvidenceRun.objects.create(status="done", as_of=UNTIL)
    return CustomersLost.objects.create(
        run=run, metric=late, until=UNTIL, lost=41.2, lost_low=24.6, lost_high=57.9, leavers=212
    )


@pytest.fixture
def page(signed_in):
    def read(role=Role.MANAGER):
        return " ".join(signed_in(role).get("/metrics/late/").text.split())

    return read


@pytest.mark.parametrize("role", [Role.FRONT_LINE, Role.MANAGER, Role.ANALYST])
def test_how_many_left_because_of_it_is_told_with_its_range_and_its_months(lost, page, role):
    told = page(role)
    assert LEFT in told
    assert told.count('class="whisker"') == 1
    assert "The step above" not in told


@pytest.mark.parametrize(("step", "kept"), [(-1.0, "4"), (-2.5, "10"), (-30.0, "41")])
def test_a_step_keeps_its_share_of_them_and_never_more_than_all(
    lost, late, worth, page, step, kept
):
    worth(late, 12_500, 4_000, 25_000, step=step)
    assert f"The step above would have kept about {kept} of them." in page()


@pytest.mark.parametrize("step", [-0.01, 1.0])
def test_a_step_that_keeps_nobody_is_not_told(lost, late, worth, page, step):
    worth(late, 12_500, 4_000, 25_000, step=step)
    told = page()
    assert LEFT in told
    assert "The step above would" not in told


def test_nothing_is_told_where_the_newest_evidence_has_none(lost, late, page):
    EvidenceRun.objects.create(status="running", as_of=UNTIL)
    assert LEFT in page()
    EvidenceRun.objects.update(status="done")
    assert "What it has cost" not in page()
