"""What a document says: a whole map as plain values that can be compared.

People stand in it by their e-mail, departments by their name, metrics by their key, so that a
document means the same on another day and in another installation.
"""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Self

from metrics.indicators.counting import Counting, ordered

Pair = tuple[str, str]


class UnusableDocument(ValueError):
    """The text is no map. sentences: what is wrong with it, one problem each."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class MetricEntry:
    """One metric, with the names and values of its model's fields; counting is its version's."""

    key: str
    name: str
    description: str
    department: str
    level: int
    direction: str
    control: str
    owner: str = ""
    owner_title: str = ""
    backup: str = ""
    steward: str = ""
    consumers: tuple[str, ...] = ()
    lever: str = ""
    kind: str = "value"
    stage: str = ""
    is_core: bool = True
    sensitive: str = "no"
    data_source: str = ""
    target: float | None = None
    target_on: date | None = None
    counter_metric: str = ""
    base: float | None = None
    watch_note: str = ""
    review_on: date | None = None
    actions: tuple[str, ...] = ()
    counting: Counting | None = None

    def __post_init__(self) -> None:
        """Put in one order what has none, so that equal entries are equal."""
        object.__setattr__(self, "consumers", tuple(sorted(set(self.consumers))))
        object.__setattr__(self, "actions", tuple(sorted(set(self.actions))))
        if self.counting:
            object.__setattr__(self, "counting", ordered(self.counting))


@dataclass(frozen=True)
class LinkEntry:
    """One link, from the key of the lower metric to the key of the upper one."""

    child: str
    parent: str
    kind: str
    slope: float | None = None
    se: float | None = None
    lag_days: int = 0
    longest_lag_days: int | None = None
    rung: int = 0
    driver: str = ""
    are_distinct: bool = False
    asserted_by: str = ""
    expires_on: date | None = None
    note: str = ""

    @property
    def ends(self) -> Pair:
        return self.child, self.parent


@dataclass(frozen=True)
class MapDocument:
    """A whole map. metrics by key, links by the keys of their two ends."""

    name: str = ""
    metrics: dict[str, MetricEntry] = field(default_factory=dict)
    links: dict[Pair, LinkEntry] = field(default_factory=dict)

    def with_metric(self, entry: MetricEntry) -> Self:
        """This map with the metric, in the place of one with its key."""
        return replace(self, metrics=self.metrics | {entry.key: entry})

    def without_metric(self, key: str) -> Self:
        """This map without the metric, its links, and its place as a counter-metric."""
        metrics = {
            other: replace(entry, counter_metric="") if entry.counter_metric == key else entry
            for other, entry in self.metrics.items()
            if other != key
        }
        links = {ends: link for ends, link in self.links.items() if key not in ends}
        return replace(self, metrics=metrics, links=links)

    def with_link(self, entry: LinkEntry) -> Self:
        """This map with the link, in the place of one between the same two metrics."""
        return replace(self, links=self.links | {entry.ends: entry})

    def without_link(self, child: str, parent: str) -> Self:
        kept = {ends: link for ends, link in self.links.items() if ends != (child, parent)}
        return replace(self, links=kept)

    def links_up(self, key: str) -> list[LinkEntry]:
        """The links that start from the metric, by where they arrive."""
        return [self.links[ends] for ends in sorted(self.links) if ends[0] == key]


PEOPLE = ("owner", "backup", "steward")
METRIC_FIELDS = [f.name for f in fields(MetricEntry) if f.name not in {"key", "counting"}]
LINK_FIELDS = [f.name for f in fields(LinkEntry) if f.name not in {"child", "parent"}]
METRIC_DEFAULTS = {f.name: f.default for f in fields(MetricEntry)}
LINK_DEFAULTS = {f.name: f.default for f in fields(LinkEntry)}
