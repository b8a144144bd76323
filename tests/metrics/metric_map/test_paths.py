"""The way from a metric to the top, as steps and as words."""

import pytest

from metrics.metric_map.graph import read_map
from metrics.metric_map.holes import holes_of
from metrics.metric_map.paths import in_words, one_line, path_up, paths_up
from metrics.models import Link


def test_a_path_is_told_step_by_step(returns):
    path = path_up(returns)
    assert one_line(path) == "Return rate → active customers → customer equity"
    assert in_words(path) == (
        "A change in return rate moves active customers after about 1 month (assumed);"
        " a change in active customers moves customer equity by definition."
    )


def test_the_top_has_an_empty_path(equity):
    assert path_up(equity) == []
    assert in_words([]) == one_line([]) == ""


def test_risk_is_told_as_risk(metric, link, equity):
    share = metric("Top share")
    link(share, equity, "risk", rung=3, lag_days=1)
    assert in_words(path_up(share)) == (
        "A change in top share acts on the risk of customer equity after 1 day"
        " (correlated, survived a holdout)."
    )


def test_the_shortest_path_wins_over_the_best_founded(metric, link, returns, equity):
    direct = metric("Direct", level=4)
    link(direct, returns, rung=5)
    link(direct, equity, "risk", rung=0)
    assert one_line(path_up(direct)) == "Direct → customer equity"


def test_of_paths_as_short_the_best_founded_wins(metric, link, active, equity):
    other = metric("Another way", level=2)
    link(other, equity, "identity")
    start = metric("Start")
    link(start, other, rung=0)
    link(start, active, rung=4)
    assert [step.parent for step in path_up(start)] == [active, equity]


def test_a_metric_that_reaches_no_top_is_a_hole(metric, link, returns):
    lonely, follower = metric("Lonely"), metric("Follower", level=4)
    link(follower, lonely)
    assert holes_of(read_map()).leading_nowhere == [lonely, follower]


def test_without_a_top_everything_is_a_hole(returns, active, equity):
    equity.delete()
    assert set(holes_of(read_map()).leading_nowhere) == {returns, active}


def test_a_department_with_people_and_no_metric_is_a_hole(person, marketing, sales, returns):
    person("manager", marketing)
    person("front_line", marketing)
    person("manager", sales)
    assert holes_of(read_map()).without_metric == [marketing]


def test_paths_of_many_metrics_take_two_queries(metric, link, active, django_assert_num_queries):
    made = [metric(f"Metric {number}") for number in range(40)]
    for one in made:
        link(one, active)
    with django_assert_num_queries(2):
        paths = paths_up(made)
    assert {one_line(path).split(" → ")[-1] for path in paths.values()} == {"customer equity"}


@pytest.mark.parametrize(
    ("kind", "days", "spoken"),
    [
        ("identity", 0, "at once"),
        ("leading", 0, "in the same period"),
        ("leading", 1, "after 1 day"),
        ("leading", 14, "after 14 days"),
        ("leading", 91, "after about 3 months"),
    ],
)
def test_a_delay_is_spoken(kind, days, spoken):
    assert Link(kind=kind, lag_days=days).delay == spoken
