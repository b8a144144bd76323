"""Why a metric moved: its change in parts that add up to it, or no parts at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, fsum, isclose, isfinite, log, log1p, prod

Parts = dict[str, float]
Formula = Callable[[Sequence[float]], float]

MOST_FACTORS = 12
"""Shapley asks for every subset: 4,096 values of the formula at twelve."""


class DoesNotAddUp(ValueError):
    """The parts are not the change: a page must not show them."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a ratio: how much it weighs (customers), and its own rate."""

    weight: float
    rate: float


@dataclass(frozen=True, slots=True)
class RateAndMix:
    """A ratio's change by segment: because its rate changed, and because the mix did.

    A segment's mix part is against the average of all: one that grew counts by how far its own
    rate is from that.
    """

    rate: Parts
    mix: Parts

    @property
    def rate_effect(self) -> float:
        return fsum(self.rate.values())

    @property
    def mix_effect(self) -> float:
        return fsum(self.mix.values())


@dataclass(frozen=True, slots=True)
class Lead:
    """A child of leading links. slopes: by lag in periods, parent units per child unit.

    changes: from period to period, oldest first; the last is that of the period in question.
    """

    slopes: Mapping[int, float]
    changes: Sequence[float]


@dataclass(frozen=True, slots=True)
class Explained:
    """What the links led to expect of a change, child by child, and what came."""

    parts: Parts
    actual: float

    @property
    def expected(self) -> float:
        return fsum(self.parts.values())

    @property
    def unexplained(self) -> float:
        return self.actual - self.expected


def of_product(
    before: Mapping[str, float], after: Mapping[str, float], change: float | None = None
) -> Parts:
    """What each factor did to their product: LMDI where all are above 0, else Shapley."""
    positive = min(*before.values(), *after.values()) > 0
    return lmdi(before, after, change) if positive else shapley(before, after, change=change)


def lmdi(
    before: Mapping[str, float], after: Mapping[str, float], change: float | None = None
) -> Parts:
    """What each factor did to their product: L(V1, V0) ln(after / before). Order plays no role.

    L(V1, V0) = (V1 - V0) / ln(V1 / V0). change: of the parent as reported, else the product's.
    Raises ValueError unless all factors are above 0, DoesNotAddUp where they are not the parent.
    Source: Ang (2005), "The LMDI approach to decomposition analysis: a practical guide".
    """
    _same_names(before, after)
    if min(*before.values(), *after.values()) <= 0:
        raise ValueError("logarithms need factors above 0")
    old, new = prod(before.values()), prod(after.values())
    mean = _logarithmic_mean(new, old)
    parts = {name: mean * log(after[name] / before[name]) for name in before}
    return _adding_up(parts, new - old if change is None else change, max(abs(old), abs(new)))


def shapley(
    before: Mapping[str, float],
    after: Mapping[str, float],
    formula: Formula = prod,
    change: float | None = None,
) -> Parts:
    """What each input did to a formula, averaged over all orders in which they could change.

    formula: of the inputs in their order; the product unless given. change: of the parent as
    reported, else the formula's own. Source: Shapley (1953), "A value for n-person games".
    """
    _same_names(before, after)
    names = list(before)
    if len(names) > MOST_FACTORS:
        raise ValueError(f"more than {MOST_FACTORS} inputs take too long")

    def value(changed: frozenset[str]) -> float:
        return formula([(after if name in changed else before)[name] for name in names])

    values = {
        subset: value(subset)
        for size in range(len(names) + 1)
        for subset in map(frozenset, combinations(names, size))
    }
    parts = dict.fromkeys(names, 0.0)
    for subset, without in values.items():
        for name in set(names) - subset:
            share = 1 / (len(names) * comb(len(names) - 1, len(subset)))
            parts[name] += share * (values[subset | {name}] - without)
    old, new = values[frozenset()], values[frozenset(names)]
    return _adding_up(parts, new - old if change is None else change, max(abs(old), abs(new)))


def rate_and_mix(
    before: Mapping[str, Segment], after: Mapping[str, Segment], change: float | None = None
) -> RateAndMix:
    """A ratio's change, split at the midpoint of before and after.

    A segment that is only on one side has the rate of that side on both, so it is all mix.
    change: of the ratio as reported. Source: Kitagawa (1955), "Components of a difference
    between two rates".
    """
    names = list(dict.fromkeys([*before, *after]))
    old = {name: before.get(name) or Segment(0.0, after[name].rate) for name in names}
    new = {name: after.get(name) or Segment(0.0, before[name].rate) for name in names}
    old_share, new_share = _shares(old), _shares(new)
    old_rate = fsum(old_share[name] * old[name].rate for name in names)
    new_rate = fsum(new_share[name] * new[name].rate for name in names)
    middle = (old_rate + new_rate) / 2
    rate, mix = {}, {}
    for name in names:
        share = (old_share[name] + new_share[name]) / 2
        rate[name] = share * (new[name].rate - old[name].rate)
        distance = (old[name].rate + new[name].rate) / 2 - middle
        mix[name] = (new_share[name] - old_share[name]) * distance
    whole = {"rate": fsum(rate.values()), "mix": fsum(mix.values())}
    actual = new_rate - old_rate if change is None else change
    _adding_up(whole, actual, max(abs(old_rate), abs(new_rate)))
    return RateAndMix(rate, mix)


def by_leads(leads: Mapping[str, Lead], actual: float) -> Explained:
    """What leading links led to expect: Σ slope_k change_{t-k} of each child; the rest is open.

    actual: the parent's change. Raises DoesNotAddUp where a child's changes do not reach back as
    far as its lags, or one of them is missing.
    """
    parts = {}
    for name, lead in leads.items():
        if max(lead.slopes, default=0) >= len(lead.changes):
            raise DoesNotAddUp(f"{name} is not known for as long as its effect takes")
        parts[name] = fsum(slope * lead.changes[-1 - lag] for lag, slope in lead.slopes.items())
    explained = Explained(parts, actual)
    if not isfinite(explained.unexplained):
        raise DoesNotAddUp("a change is missing")
    return explained


def _logarithmic_mean(new: float, old: float) -> float:
    """L(V1, V0), to full precision however near or far the two are."""
    if new == old:
        return old
    near = old / 2 < new < 2 * old
    return (new - old) / (log1p((new - old) / old) if near else log(new / old))


def _adding_up(parts: Parts, change: float, size: float) -> Parts:
    """The parts, if they are the change but for rounding; size: of the values compared."""
    total = fsum(parts.values())
    if not isclose(total, change, rel_tol=1e-6, abs_tol=1e-9 * size):
        raise DoesNotAddUp(f"the parts make {total:g}, the change is {change:g}")
    return parts


def _same_names(before: Mapping[str, float], after: Mapping[str, float]) -> None:
    if not before or before.keys() != after.keys():
        raise ValueError("the same factors must be given before and after")


def _shares(segments: Mapping[str, Segment]) -> Parts:
    whole = fsum(segment.weight for segment in segments.values())
    if whole <= 0 or min(segment.weight for segment in segments.values()) < 0:
        raise ValueError("weights must not be negative, and not all 0")
    return {name: segment.weight / whole for name, segment in segments.items()}
