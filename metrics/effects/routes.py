"""Ways through the map, and where two of them may tell of one effect twice."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from metrics.effects.roll_up import Arrow, Node, climbs


@dataclass(frozen=True, slots=True)
class DoubleRoute:
    """Two metrics joined by ways that share nothing between; last: where these arrive from."""

    child: Node
    parent: Node
    last: tuple[Node, ...]


def double_routes(arrows: Sequence[Arrow], top: Node) -> list[DoubleRoute]:
    """Pairs whose ways part at the child and first meet at the parent, each arriving by a belief.

    Both departments have to confirm that such ways are distinct effects: both slopes may have
    been seen in the same movement. Ways that meet in a definition are distinct by it, and pairs
    that only inherit a meeting further up are not named again.
    """
    ways_up = climbs(arrows, top)
    arriving: dict[Node, list[Arrow]] = defaultdict(list)
    for ways in ways_up.values():
        for arrow in ways:
            arriving[arrow.parent].append(arrow)
    upward = [*reversed(ways_up), top]
    pairs: list[DoubleRoute] = []
    for place, child in enumerate(upward[:-1]):
        pairs += _meetings(child, upward[place + 1 :], arriving)
    return pairs


def routes(arrows: Sequence[Arrow], child: Node, parent: Node) -> Iterator[tuple[Arrow, ...]]:
    """Every way from one metric up to another, as its arrows; there can be very many."""
    ways_up = climbs(arrows, parent)
    begun: list[tuple[Arrow, ...]] = [(arrow,) for arrow in reversed(ways_up.get(child, []))]
    while begun:
        way = begun.pop()
        if way[-1].parent == parent:
            yield way
        else:
            begun += [(*way, arrow) for arrow in reversed(ways_up[way[-1].parent])]


def _meetings(
    child: Node, above: Sequence[Node], arriving: dict[Node, list[Arrow]]
) -> Iterator[DoubleRoute]:
    """Where ways from the child meet that nothing joins before: its dominators tell."""
    passed: dict[Node, set[Node]] = {child: {child}}  # what every way to a node goes through
    for node in above:
        reaching = [arrow for arrow in arriving[node] if arrow.child in passed]
        if not reaching:
            continue
        passed[node] = {node} | set.intersection(*(passed[arrow.child] for arrow in reaching))
        believed = [arrow.child for arrow in reaching if not arrow.exact]
        if len(believed) > 1 and set.intersection(*(passed[one] for one in believed)) == {child}:
            yield DoubleRoute(child, node, tuple(believed))
