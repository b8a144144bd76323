"""The whole simulated company in the site: its own path finds what is written down."""

import pytest

from clvsite.sample.tarnholm.loading import load
from clvsite.simulated.truth import ROUTES, acts
from metrics.metric_map.evidence.looking import Looking
from metrics.metric_map.evidence.pairs import pairs_to_look_at
from metrics.metric_map.evidence.projects import judge_projects
from metrics.models import FigureRun

pytestmark = [pytest.mark.long, pytest.mark.django_db]
Z_95 = 1.96
SATISFACTION = "customer_satisfaction"
SAME_UNITS = (
    ("late_delivery_rate", SATISFACTION),
    ("billing_error_rate", SATISFACTION),
    ("on_time_dispatch", "late_delivery_rate"),
    ("first_contact_resolution", "complaint_resolution_time"),
    ("frontline_turnover", "first_contact_resolution"),
    ("training_tool_coverage", "frontline_engagement"),
    (SATISFACTION, "nps"),
)
"""Links whose metrics the map counts as the truth does: defects are counted by units there."""


def test_the_site_finds_what_is_written_down():
    load(print)
    as_of = FigureRun.objects.last_done().as_of
    looking, inside = Looking(as_of), []
    pairs = {(one.child.metric.key, one.parent.metric.key): one for one in pairs_to_look_at()}
    for ends in SAME_UNITS:
        seen = looking.at(pairs[ends]).evidence
        assert seen.verdict.is_link, ends
        inside.append(abs(seen.slope - acts(*ends)) < Z_95 * seen.se)
    assert sum(inside) >= len(inside) - 1
    judged = {one.name: one for one in judge_projects(as_of)}
    planner = judged[ROUTES.name]
    assert "no effect on late deliveries is seen" in planner.sentence
    assert planner.effect_low < ROUTES.effect < planner.effect_high
