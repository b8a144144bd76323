"""The rules of the map, one function and one sentence each."""

from collections.abc import Iterator
from graphlib import CycleError
from typing import NamedTuple

from metrics.metric_map.graph import MetricMap
from metrics.metric_map.words import in_a_row, listed, within
from metrics.models import Link, Metric


class BrokenRule(NamedTuple):
    """Which field of the form to look at, None for the whole, and the sentence that says why."""

    field: str | None
    sentence: str


def rules_broken_by_link(stored: MetricMap, link: Link) -> list[BrokenRule]:
    """The rules that this link would break, were it drawn on the stored map."""
    if link.child_id == link.parent_id:
        return [BrokenRule("parent", "A metric cannot lead to itself.")]
    others = stored.without(link)
    found = (rule(others, link) for rule in LINK_RULES)
    return [broken for broken in found if broken]


def rules_broken_by_metric(stored: MetricMap, metric: Metric) -> list[BrokenRule]:
    """The rules that this metric would break at its level, with the links that it has."""
    return [*_second_top(stored, metric), *_links_turned_down(stored, metric)]


def rules_broken_by_map(graph: MetricMap) -> list[BrokenRule]:
    """The rules that a whole map breaks: its top, its circles, each of its links."""
    found = [*_not_one_top(graph)]
    if circle := _circle(graph):
        names = in_a_row(graph.metrics[key] for key in circle)
        found.append(BrokenRule(None, f"The map has a circle: {names}."))
    for link in graph.links:
        others = graph.without(link)
        found.extend(filter(None, (rule(others, link) for rule in RULES_OF_ONE_LINK)))
    return list(dict.fromkeys(found))


def _not_one_top(graph: MetricMap) -> Iterator[BrokenRule]:
    tops = [one for one in graph.metrics.values() if one.level == Metric.Level.BOARD]
    if graph.metrics and not tops:
        yield BrokenRule("level", "The map has no top: one metric stands at the board level.")
    if len(tops) > 1:
        yield BrokenRule("level", f"The map has {len(tops)} tops, and takes one: {listed(tops)}.")


def _circle(graph: MetricMap) -> list[int]:
    """The keys of a circle in the order of its links, the first one twice; none without."""
    try:
        graph.upward()
    except CycleError as error:
        return error.args[1]
    return []


def _repeats_a_pair(others: MetricMap, link: Link) -> BrokenRule | None:
    pairs = {(other.child_id, other.parent_id) for other in others.links}
    if (link.child_id, link.parent_id) not in pairs:
        return None
    return BrokenRule("parent", "These two metrics are linked already.")


def _leaves_the_top(others: MetricMap, link: Link) -> BrokenRule | None:
    if link.child.level != Metric.Level.BOARD:
        return None
    return BrokenRule("child", f"{link.child} is the top of the map: it leads to nothing.")


def _closes_a_circle(others: MetricMap, link: Link) -> BrokenRule | None:
    circle = _circle(others.with_link(link))[1:]
    if link.child_id not in circle:
        return None
    start = circle.index(link.child_id)
    around = [*circle[start:], *circle[:start], link.child_id]
    names = in_a_row(others.metrics[key] for key in around)
    return BrokenRule("parent", f"That would close a circle: {names}.")


def _mixes_identity_with_belief(others: MetricMap, link: Link) -> BrokenRule | None:
    arriving = others.links_down.get(link.parent_id, [])
    exact = [other.child for other in arriving if other.is_identity]
    believed = [other.child for other in arriving if other.kind == Link.Kind.LEADING]
    name = link.parent.name
    if link.kind == Link.Kind.LEADING and exact:
        return BrokenRule(
            "kind",
            f"{name} follows exactly from {listed(exact)}, so it takes only identity"
            " and risk links.",
        )
    if link.is_identity and believed:
        return BrokenRule(
            "kind",
            f"{name} has a leading link from {listed(believed)}, so it cannot also follow"
            " exactly by definition.",
        )
    return None


def _delays_an_identity(others: MetricMap, link: Link) -> BrokenRule | None:
    if not (link.is_identity and link.lag_days):
        return None
    return BrokenRule("lag_days", "What holds by definition holds at once: the delay is 0.")


def _falls_without_a_reason(others: MetricMap, link: Link) -> BrokenRule | None:
    if not link.points_down or link.note.strip():
        return None
    return BrokenRule(
        "note",
        f"This link points down, from {within(link.child.name)} ({_level(link.child)}) to"
        f" {within(link.parent.name)} ({_level(link.parent)}): say why in the note.",
    )


def _second_top(stored: MetricMap, metric: Metric) -> Iterator[BrokenRule]:
    top = stored.top
    if metric.level == Metric.Level.BOARD and top and top.pk != metric.pk:
        yield BrokenRule(
            "level", f"{top} is the top already: a map has one metric at the board level."
        )


def _links_turned_down(stored: MetricMap, metric: Metric) -> Iterator[BrokenRule]:
    leaving = stored.links_up.get(metric.pk, [])
    if metric.level == Metric.Level.BOARD and leaving:
        parents = listed(link.parent for link in leaving)
        yield BrokenRule("level", f"The top leads to nothing: remove its link to {parents} first.")
    for link in (*leaving, *stored.links_down.get(metric.pk, [])):
        child = metric if link.child_id == metric.pk else link.child
        parent = metric if link.parent_id == metric.pk else link.parent
        if parent.level > child.level and not link.note.strip():
            yield BrokenRule(
                "level",
                f"At this level the link from {within(child.name)} to {within(parent.name)}"
                " would point down: say why in its note first.",
            )


def _level(metric: Metric) -> str:
    return metric.get_level_display().lower()


RULES_OF_ONE_LINK = (
    _leaves_the_top,
    _mixes_identity_with_belief,
    _delays_an_identity,
    _falls_without_a_reason,
)
LINK_RULES = (_repeats_a_pair, _closes_a_circle, *RULES_OF_ONE_LINK)
