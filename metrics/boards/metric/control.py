"""Whose a metric is: what is declared, what can be done, and what part of it the data grant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, nan, pi, sin

from metrics.effects.control import (
    LEAST_CHANGES,
    LEAST_CONTROL,
    Declared,
    Gate,
    gate,
    outside_share,
)
from metrics.indicators.reading import Reading, readings_of
from metrics.indicators.words import number_word
from metrics.metric_map.words import enumerated, within
from metrics.models import ControlAction, Dispute, Link, Metric

MOST_FACTORS = 4
DAYS_IN_A_YEAR = 365.25
GATES = {
    Gate.OPEN: "It may carry a target.",
    Gate.WAIVED: "It may carry a target.",
    Gate.NOT_THEIRS: "It carries no target: whoever has it can only watch it.",
    Gate.NO_LEVER: "It should carry no target before somebody names what its owner can do.",
    Gate.MOVED_FROM_OUTSIDE: "It should carry no target: it is mostly moved from outside.",
}


@dataclass(frozen=True)
class Control:
    """share: what of its changes the outside does not explain; None while that is not known."""

    actions: list[str]
    share: float | None
    factors: str
    changes: int
    gate: str
    disputes: list[Dispute]

    @property
    def measured(self) -> str:
        """What the data say, in a sentence."""
        if self.share is None:
            wanted = max(0, LEAST_CHANGES - self.changes)
            if not wanted:
                return "Nothing outside the department is known that could explain it."
            return f"The data say something after {number_word(wanted)} more periods."
        outside = round(100 * (1 - self.share))
        verb = "explain" if " and " in self.factors else "explains"
        told = f"{self.factors.capitalize()} {verb} {outside}% of its changes"
        note = ", which is more than a target bears" if self.share < LEAST_CONTROL else ""
        return f"{told}{note}; {self.changes} changes were compared."


def control_of(reading: Reading, drivers: Sequence[Link]) -> Control:
    """drivers: the links that arrive at it; those of other departments count as outside."""
    metric = reading.metric
    actions = list(
        ControlAction.objects.filter(metric=metric).order_by("pk").values_list("text", flat=True)
    )
    outside = [one.child for one in drivers if one.child.department_id != metric.department_id]
    found, names, changes = _measured(reading, outside[:MOST_FACTORS])
    disputes = Dispute.objects.filter(metric=metric).select_related("raised_by", "answered_by")
    return Control(
        actions=actions,
        share=found,
        factors=names,
        changes=changes,
        gate=GATES[gate(Declared(metric.control), bool(actions), found)],
        disputes=list(disputes.order_by("answered_at", "-raised_at")[:10]),
    )


def _measured(reading: Reading, outside: Sequence[Metric]) -> tuple[float | None, str, int]:
    """The control share, what it was held against, and how many changes that rests on."""
    figures = reading.final
    others = (
        [
            one
            for one in readings_of(outside)
            if one.version and one.version.grain == reading.version.grain and one.final
        ]
        if reading.version
        else []
    )
    changes = max(0, len(figures) - 1)
    if changes < LEAST_CHANGES:
        return None, "", changes
    by_start = [{one.starts_on: one.value for one in other.final} for other in others]
    rows = [
        [*_season(figure.starts_on), *(known.get(figure.starts_on, nan) for known in by_start)]
        for figure in figures
    ]
    found = outside_share([figure.value for figure in figures], rows)
    if found is None:
        return None, "", changes
    names = enumerated(["the season", *(within(one.metric.name) for one in others)])
    return found.control_share, names, found.changes


def _season(day: date) -> tuple[float, float]:
    angle = 2 * pi * day.timetuple().tm_yday / DAYS_IN_A_YEAR
    return sin(angle), cos(angle)
