"""What projects did to the metric that they were begun for, beside what was hoped."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from metrics.effects.evidence.findings import Verdict, signed
from metrics.effects.evidence.units.interruption import Effect, interrupted, untouched_units
from metrics.effects.evidence.windows import months_since
from metrics.metric_map.changing.projects import UNSEEN
from metrics.metric_map.evidence.measures import Facts
from metrics.metric_map.evidence.sites import values_by_site
from metrics.metric_map.words import units_of, within
from metrics.models import Figure, MetricVersion, Project

Array = NDArray[np.float64]
PLACEBO_SURPRISE = 0.02
LEAST_MONTHS = 3
SEASONS = {"week": 52, "month": 12, "quarter": 4}
LONGEST = Project._meta.get_field("sentence").max_length


def judge_projects(as_of: date) -> list[Project]:
    """Judge every project begun before this day; what was seen is stored with it.

    Where it went live at some of the sites or staff groups that the metric is counted for, they
    are held against the others, month by month. Else the metric is held against what it would have
    been, by its own past.
    """
    begun = Project.objects.filter(began_on__lt=as_of).order_by("pk")
    projects = list(begun.select_related("metric").prefetch_related("sites"))
    if not projects:
        return []
    facts = Facts.until(as_of)
    for project in projects:
        version = project.metric.versions.in_force().prefetch_related("measures__conditions")
        seen = _seen(project, version.first(), facts)
        for name, value in seen.items():
            setattr(project, name, value)
        project.judged_on = as_of
        project.save(update_fields=[*seen, "judged_on"])
    return projects


def _seen(project: Project, version: MetricVersion | None, facts: Facts) -> dict:
    if version is None:
        return _nothing(project)
    return _beside_others(project, version, facts) or _beside_its_past(project, version)


def _beside_others(project: Project, version: MetricVersion, facts: Facts) -> dict | None:
    own = project.live_at()
    values = values_by_site(version, facts) if own else None
    if values is None:
        return None
    start = max(0, int(months_since(facts.known_span.first, [project.began_on])[0]))
    compared = _comparable(values, start)
    treated = np.array([site in own for site in facts.sites])
    if not (treated & compared).any() or (~treated & compared).sum() < 2:
        return None
    site, month = np.nonzero(np.isfinite(values) & compared[:, None])
    begun = np.where(treated[site], float(start), np.nan)
    found, placebo = untouched_units(values[site, month], site, month, begun)
    is_strange = placebo is not None and placebo.p < PLACEBO_SURPRISE
    others = int((~treated & compared).sum())
    how = f"against {others} sites without it"
    return _told(project, found, is_strange, how, units_of(version.unit))


def _comparable(values: Array, start: int) -> NDArray[np.bool_]:
    """Sites with enough months before and after."""
    known = np.isfinite(values)
    before, after = known[:, :start].sum(axis=1), known[:, start:].sum(axis=1)
    return np.asarray((before >= LEAST_MONTHS) & (after >= LEAST_MONTHS))


def _beside_its_past(project: Project, version: MetricVersion) -> dict:
    figures = Figure.objects.filter(version=version, is_final=True).with_value()
    rows = list(figures.order_by("starts_on").values_list("starts_on", "value"))
    values = np.array([value for _, value in rows], dtype=np.float64)
    start = sum(day < project.began_on for day, _ in rows)
    found = interrupted(values, start, season=SEASONS.get(version.grain)) if rows else None
    if found is None or found.verdict is Verdict.LITTLE:
        return _nothing(project)
    is_strange = found.verdict is Verdict.PLACEBO
    unit = units_of(version.unit)
    return _told(project, found.effect, is_strange, "against its own past", unit)


def _nothing(project: Project) -> dict:
    metric = within(project.metric.name)
    sentence = f"{project.name}: there are too few figures of {metric} to see an effect."
    return UNSEEN | {"sentence": sentence[:LONGEST]}


def _told(project: Project, seen: Effect, is_strange: bool, how: str, unit: str) -> dict:
    metric = within(project.metric.name)
    between = f"95 in 100: {signed(seen.low)} to {signed(seen.high)}"
    if is_strange:
        said = "no effect can be claimed, as a date before it shows one too"
    elif seen.shows:
        said = f"it moved {metric} by {signed(seen.effect)} {unit}"
    else:
        said = f"no effect on {metric} is seen"
    sentence = f"{project.name}: {said}, {how} ({between})."
    return {
        "effect": seen.effect,
        "effect_low": seen.low,
        "effect_high": seen.high,
        "sentence": sentence[:LONGEST],
    }
