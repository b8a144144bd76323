"""What the golden number rests on: the top of the map, the links below it, and what is missing."""

from dataclasses import dataclass

from metrics.models import Link, Metric, MetricVersion, OpenHole

FOUNDED = Link.Rung.CORRELATED


@dataclass(frozen=True)
class Rests:
    """top: the metric at the top, None without one. links: all of them; exact: by definition;
    founded: by data; holes: places of the map where something is missing; awaited: metrics whose
    data are not there yet.
    """

    top: Metric | None
    links: int
    exact: int
    founded: int
    holes: int
    awaited: int

    @property
    def believed(self) -> int:
        """Links that rest on what somebody said or wrote."""
        return self.links - self.exact - self.founded


def rests_on() -> Rests:
    """Of the map in force, in four queries."""
    on_the_map = Metric.objects.on_the_map()
    links = list(Link.objects.values_list("kind", "rung"))
    missing = OpenHole.objects.filter(closed_on=None).values("place").distinct()
    waiting = MetricVersion.objects.in_force().filter(way=MetricVersion.Way.AWAITED)
    return Rests(
        top=on_the_map.filter(level=Metric.Level.BOARD).first(),
        links=len(links),
        exact=sum(kind == Link.Kind.IDENTITY for kind, _ in links),
        founded=sum(kind != Link.Kind.IDENTITY and rung >= FOUNDED for kind, rung in links),
        holes=missing.count(),
        awaited=waiting.filter(metric__in=on_the_map).count(),
    )
