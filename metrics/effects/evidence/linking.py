"""What the data say of one link of the map, from the best source that has enough of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import stats

from metrics.effects.evidence import customers, events, survival
from metrics.effects.evidence.discovery import RATE, adjusted, best_of
from metrics.effects.evidence.figures import series
from metrics.effects.evidence.figures.lags import Array
from metrics.effects.evidence.findings import Source, Verdict, in_words, later
from metrics.effects.evidence.units import interruption, sites

CORRELATED, QUASI = 3, 4
UNTESTED = {Verdict.LITTLE, Verdict.STILL}


@dataclass(frozen=True)
class Evidence:
    """What is written to a link.

    rung: 3 for a correlation at the right delay that survived its holdout, 4 for what followed from
    something we changed ourselves, None where nothing is claimed (the link keeps the rung it has).
    slope, se: parent units per child unit; from source SURVIVAL, points of twelve-month retention.
    is_lasting: false where the parent returns to its level though the child stays where it went;
    such a slope must not be rolled up.
    lag, missing: in periods of the source: windows of customers, or periods of the series.
    placebo_p: of what cannot have been the cause; None where the source has no such question.
    log_hazard: from source SURVIVAL, of leaving, per child unit, with its standard error.
    """

    child: str
    parent: str
    source: Source
    verdict: Verdict
    rung: int | None
    lag: int
    slope: float | None
    se: float | None
    n: int
    skill: float
    p: float
    missing: int | None
    sentence: str
    is_lasting: bool = True
    placebo_p: float | None = None
    log_hazard: tuple[float, float] | None = None


@dataclass(frozen=True)
class Names:
    """Of child and parent as they begin a sentence; period: of series, window: of customers."""

    child: str
    parent: str
    period: str = "week"
    window: str = "month"


@dataclass(frozen=True)
class Rows:
    """Two rows of figures; the fields are the arguments of series.look."""

    child: Array
    parent: Array
    lags: tuple[int, int] = (0, series.LONGEST_LAG)
    season: int | None = None
    steps: Sequence[int] = field(default=())
    controls: Array | None = None


@dataclass(frozen=True)
class Units:
    """Sites or staff groups; both (sites, windows)."""

    exposure: Array
    outcome: Array


def weigh(
    names: Names,
    *,
    single: events.Events | None = None,
    panel: customers.Experiences | None = None,
    lives: survival.Lives | None = None,
    units: Units | None = None,
    rows: Rows | None = None,
    lags: Sequence[int] = (1,),
) -> Evidence:
    """Single events, customers, their leaving, sites, then series: the first with enough speaks.

    lags: windows to try for customers; the clearest counts, at the price of having looked at all.
    Where none has enough, the one that needs least more. Give all links of a map to claimed()
    before anything is written. Raises ValueError where there is nothing to look at.
    """
    seen = []
    for one in _looks(names, (single, panel, lives, units, rows), lags):
        if one.verdict not in UNTESTED:
            return one
        seen.append(one)
    if not seen:
        raise ValueError("no events, customers, lives, units or rows to look at")
    return min(seen, key=lambda one: np.inf if one.missing is None else one.missing)


def _looks(
    names: Names,
    sources: tuple[
        events.Events | None,
        customers.Experiences | None,
        survival.Lives | None,
        Units | None,
        Rows | None,
    ],
    lags: Sequence[int],
) -> Iterator[Evidence]:
    """What each source says, best first; a later one is looked at only when asked for."""
    single, panel, lives, units, rows = sources
    if single is not None:
        yield _of_customers(names, [events.look(single)])
    if panel is not None:
        yield _of_customers(names, [customers.look(panel, lag) for lag in lags])
    if lives is not None:
        yield _of_lives(names, lives, lags)
    if units is not None:
        found = [sites.look(units.exposure, units.outcome, lag) for lag in lags]
        yield _of_customers(names, found)
    if rows is not None:
        yield _of_rows(names, rows)


def claimed(evidence: Sequence[Evidence], rate: float = RATE) -> list[Evidence]:
    """The same, in their order, with links that so many looks would turn up by chance taken back.

    evidence: of every pair that was looked at, the unlinked too. Benjamini-Hochberg.
    """
    tested = [at for at, one in enumerate(evidence) if one.verdict not in UNTESTED]
    judged = list(evidence)
    for at, p in zip(tested, adjusted([evidence[at].p for at in tested]), strict=True):
        if evidence[at].verdict.is_link and p > rate:
            judged[at] = _taken_back(evidence[at])
    return judged


def _taken_back(one: Evidence) -> Evidence:
    sentence = in_words(
        Verdict.CHANCE, child=one.child, parent=one.parent, slope=None, se=None, when=""
    )
    return replace(one, verdict=Verdict.CHANCE, rung=None, sentence=sentence)


def _rung(verdict: Verdict) -> int | None:
    return CORRELATED if verdict.is_link else None


def _of_customers(names: Names, found: Sequence[customers.PanelFinding]) -> Evidence:
    best = min(found, key=lambda one: (one.p, -_clarity(one)))
    return Evidence(
        names.child, names.parent, Source.PANEL, best.verdict, _rung(best.verdict), best.lag,
        best.slope, best.se, best.n, best.skill, best_of([one.p for one in found]),
        best.missing_windows, best.sentence(names.child, names.parent, names.window),
        placebo_p=None if best.verdict is Verdict.NOTHING else best.placebo_p,
    )  # fmt: skip


def _clarity(one: customers.PanelFinding) -> float:
    """Where a bootstrap cannot tell two delays apart, the one that stands out further counts."""
    return abs(one.slope / one.se) if one.slope is not None and one.se else 0.0


def _of_lives(names: Names, lives: survival.Lives, lags: Sequence[int]) -> Evidence:
    found = [survival.look(lives, lag) for lag in lags]
    best = min(found, key=lambda one: one.p)
    return Evidence(
        names.child, names.parent, Source.SURVIVAL, best.verdict, _rung(best.verdict), best.lag,
        best.slope, best.se, best.n, 0.0, best_of([one.p for one in found]),
        best.missing_windows, best.sentence(names.child, names.parent, names.window),
        log_hazard=best.log_hazard,
    )  # fmt: skip


def _of_rows(names: Names, rows: Rows) -> Evidence:
    best = series.look(
        rows.child, rows.parent, lags=rows.lags, season=rows.season, steps=rows.steps,
        controls=rows.controls,
    )  # fmt: skip
    return Evidence(
        names.child, names.parent, Source.SERIES, best.verdict, _rung(best.verdict), best.lag,
        best.slope, best.se, best.n, best.skill, best.p, best.missing_periods,
        best.sentence(names.child, names.parent, names.period), best.is_lasting,
    )  # fmt: skip


def weigh_initiative(
    names: Names,
    child: interruption.InitiativeFinding,
    parent: interruption.InitiativeFinding,
    lag: int = 0,
) -> Evidence:
    """Rung 4: what an initiative did to the child, and through it to the parent.

    lag: periods between the start looked at for the child and the one looked at for the parent.
    Nothing is claimed unless both moved and no placebo did.
    """
    verdict = child.verdict if not child.verdict.is_link else parent.verdict
    slope, se, p = None, None, 1.0
    if child.effect.shows:
        slope, se = interruption.slope_of(child.effect, parent.effect)
        p = float(2 * stats.norm.sf(abs(slope) / se))
    sentence = in_words(
        verdict, child=names.child, parent=names.parent, slope=slope, se=se,
        when=f"{later(lag, names.period)}, by what we changed ourselves",
    )  # fmt: skip
    return Evidence(
        names.child, names.parent, Source.INITIATIVE, verdict, QUASI if verdict.is_link else None,
        lag, slope, se, len(parent.by_period), 0.0, p, parent.missing_periods, sentence,
    )  # fmt: skip
