"""Projects: written down with the sites where they went live, and held against the others."""

import pytest
from django.db import IntegrityError

from customers.models import Interaction, Role
from metrics.metric_map.evidence.projects import judge_projects
from metrics.models import Project, ProjectSite
from tests.metrics.metric_map.evidence import by_hand as company

LIVE_AT = ["Bay", "East", "North"]


@pytest.fixture
def planner(late):
    made = Project.objects.create(
        name="Route planner", metric=late, began_on="2024-08-01", hoped=-10
    )
    ProjectSite.objects.bulk_create(ProjectSite(project=made, site=one) for one in LIVE_AT)
    return made


@pytest.mark.parametrize(("helps", "sentence"), [(True, "it moved"), (False, "no effect on")])
def test_a_project_is_held_against_the_sites_without_it(planner, helps, sentence):
    begun = Interaction.objects.filter(kind="delivery", site__in=LIVE_AT, due_on__gte="2024-08-01")
    if helps:
        for one in begun:
            one.done_on = one.due_on
        Interaction.objects.bulk_update(begun, ["done_on"])
    (judged,) = judge_projects(company.AS_OF)
    assert judged.sentence.startswith(f"Route planner: {sentence} late deliveries")
    assert "against 3 sites without it" in judged.sentence
    assert judged.effect_low < judged.effect < judged.effect_high
    assert (judged.effect_high < 0) == helps
    assert ("points, against" in judged.sentence) == helps


def test_a_project_older_than_all_figures_has_nothing_to_be_held_against(planner):
    Project.objects.update(began_on="2019-01-01")
    (judged,) = judge_projects(company.AS_OF)
    assert judged.effect is None
    assert "too few figures of late deliveries" in judged.sentence


@pytest.mark.parametrize(
    ("site", "promise"), [("Bay", "project_site_named_once"), ("", "project_site_has_a_name")]
)
def test_the_database_refuses_a_site_named_twice_or_not_at_all(planner, site, promise):
    with pytest.raises(IntegrityError, match=f"{promise}|UNIQUE|unique"):
        ProjectSite.objects.create(project=planner, site=site)


def test_the_administrator_writes_a_project_down_and_changes_it(client, late, person):
    client.force_login(person(Role.MAP_ADMIN))
    asked = {"name": "Scanner", "metric": late.pk, "began_on": "2024-08-01", "hoped": "-3"}
    assert "Hill" in client.get("/map/projects/new/").text
    answer = client.post("/map/projects/new/", asked | {"live_at": ["Hill", "Bay"]}, follow=True)
    assert "Scanner is written down" in answer.text
    assert "Bay, Hill" in answer.text
    scanner = Project.objects.get()
    assert (scanner.live_at(), scanner.hoped) == (["Bay", "Hill"], -3)
    judge_projects(company.AS_OF)
    page = f"/map/projects/{scanner.pk}/edit/"
    client.post(page, asked | {"live_at": ["Hill"]})
    scanner.refresh_from_db()
    assert Project.objects.get().live_at() == ["Hill"]
    assert (scanner.effect, scanner.judged_on, scanner.sentence) == (None, None, "")
    refused = client.post(page, asked | {"live_at": ["Nowhere"]})
    assert "Nowhere is not one of the available choices" in refused.text
