"""The page of a map with more metrics than a desk has room for boxes; finding one by its name."""

import pytest

from metrics.metric_map.folding import MOST_BOXES
from metrics.models import Link


@pytest.fixture
def large(metric, link, active, sales, marketing):
    """150 metrics: one on top, one outcome, heads and front line of two departments."""
    made = [
        metric(f"Metric {number}", 3 + number % 2, (sales, marketing)[number // 2 % 2])
        for number in range(148)
    ]
    for place, one in enumerate(made):
        link(one, made[place - 1] if place % 2 else active)
    return made


def test_a_large_map_stands_in_lists_with_one_line_from_each(signed_in, large):
    page = signed_in("executive").get("/map/")
    assert page.text.count('<g class="node"') == 150
    lines = page.context["picture"].lines
    assert sorted(len(line.links) for line in lines) == [1, 37, 37, 37, 37]
    assert "So many metrics stand in lists" in page.text
    assert page.context["board"].links == 149


def test_the_table_has_every_metric_and_link_of_the_folded_drawing(signed_in, large):
    page = signed_in("executive").get("/map/")
    picture, rows = page.context["picture"], page.context["board"].rows
    assert len(rows) == len(picture.nodes) == 150
    assert {entry.metric for entry, *_ in rows} == {entry.metric for entry, _ in picture.nodes}
    told = [link.pk for entry, *_ in rows for link in entry.links]
    drawn = {link.pk for line in picture.lines for link in line.links}
    assert sorted(told) == sorted(Link.objects.values_list("pk", flat=True))
    assert drawn == set(told)
    table = page.text.split('aria-labelledby="table"')[1]
    assert table.count('<th scope="rowgroup"') == 150
    assert table.count('data-label="Evidence"') == len(told)


def test_links_within_a_list_stand_in_the_table_alone(signed_in, large, link):
    inner = link(large[0], large[4])
    page = signed_in("executive").get("/map/")
    assert inner.pk not in {one.pk for line in page.context["picture"].lines for one in line.links}
    told = {one.pk for entry, *_ in page.context["board"].rows for one in entry.links}
    assert inner.pk in told
    assert "Links within a list stand in the table only." in page.text


def test_what_a_line_stands_for_is_told_to_the_script_that_lights_it(signed_in, large):
    page = signed_in("executive").get("/map/").text
    assert f"{large[1].pk}&gt;{large[0].pk} " in page


def test_one_metric_of_a_large_map_is_drawn_with_what_leads_to_it_and_from_it(signed_in, large):
    page = signed_in("executive").get("/map/?metric=metric_0")
    drawn = {entry.metric.name for entry, _ in page.context["picture"].nodes}
    assert drawn == {"Metric 0", "Metric 1", "Active customers", "Customer equity"}
    assert "of 150: the ways up from Metric 0, and what leads to it" in page.text
    assert "So many metrics stand in lists" not in page.text


def test_one_department_of_a_large_map_may_still_need_lists(signed_in, large, sales):
    page = signed_in("executive").get(f"/map/?department={sales.pk}")
    assert len(page.context["picture"].nodes) == 76 > MOST_BOXES
    assert page.context["picture"].is_folded


def test_a_map_that_has_room_keeps_its_boxes(signed_in, metric, link, active):
    for number in range(MOST_BOXES - 2):
        link(metric(f"Metric {number}"), active)
    page = signed_in("executive").get("/map/")
    assert len(page.context["picture"].lines) == MOST_BOXES - 1
    assert not page.context["picture"].is_folded


def test_a_metric_is_found_by_its_name(signed_in, large):
    client = signed_in("front_line")
    assert "Path of “Active customers”" in client.get("/map/?find=ACTIVE").text
    assert "Path of “Metric 14”" in client.get("/map/?find=metric+14").text


def test_several_metrics_with_the_words_are_listed(signed_in, large):
    page = signed_in("front_line").get("/map/?find=ric+14")
    assert "9 metrics have “ric 14” in their name:" in page.text
    assert '<a href="?metric=metric_141">Metric 141</a>' in page.text


def test_a_name_that_no_metric_has_is_told(signed_in, returns):
    page = signed_in("front_line").get("/map/?find=nonsense")
    assert page.status_code == 200
    assert "No metric has “nonsense” in its name." in page.text
