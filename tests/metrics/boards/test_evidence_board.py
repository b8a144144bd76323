"""The evidence page's board: what projects were to bring, in their metrics' units."""

import pytest

from metrics.boards.evidence import evidence_board
from metrics.models import Metric, MetricVersion, Project


@pytest.fixture
def late(db, sales):
    metric = Metric.objects.create(
        key="late", name="Late", department=sales, level=3, direction="down", control="shared"
    )
    MetricVersion.objects.create(metric=metric, number=1, grain="week", unit="%", scale=100)
    return metric


def test_what_a_project_was_to_bring_has_the_unit_of_its_metric(late):
    Project.objects.create(
        name="Route planner", metric=late, began_on="2024-02-05",
        hoped=-3, effect=-1.31, effect_low=-4, effect_high=1.5,
    )  # fmt: skip
    (seen,) = evidence_board().projects
    assert (seen.hoped, seen.seen) == ("−3 points", "−1.3 points")
    assert seen.between == "−4 to +1.5"


def test_a_project_of_a_metric_without_a_definition_has_bare_numbers(late):
    MetricVersion.objects.all().delete()
    Project.objects.create(name="Scanner", metric=late, began_on="2024-02-05", hoped=2)
    (seen,) = evidence_board().projects
    assert (seen.hoped, seen.seen) == ("+2", "")
