"""One metric against another over time: at which delay it leads, how strongly, and if truly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.effects.evidence.discovery import best_of
from metrics.effects.evidence.figures.forecasting import (
    DistributedLag,
    Foresight,
    Slope,
    best_model,
    foresight,
    granger,
    long_run_slope,
)
from metrics.effects.evidence.figures.lags import Array, Form, Pair, besides, made_comparable, scan
from metrics.effects.evidence.findings import Verdict, counted, in_words, later, missing_for

LEAST_PERIODS = 40
TOO_FEW_TO_TRY = 20
LONGEST_LAG = 12
SURPRISE = 0.05
REVERSE_SURPRISE = 0.01
"""Under this p-value the parent is held to lead the child; one link in a hundred is lost by it."""


@dataclass(frozen=True)
class SeriesFinding:
    """What two rows of figures say about a link.

    lag: periods until the parent follows most clearly; lags: first and last delay of the effect.
    slope, se: parent units per child unit, all delays together (form says of what); None where
    nothing could be estimated. n: periods used. skill: share of the squared forecast error that
    knowing the child takes away, in periods not learnt from. p: chance that unrelated rows go
    together so clearly at some delay. missing_periods: how many more would settle it; None where
    that is hopeless, 0 where it is settled.
    """

    lag: int
    slope: float | None
    se: float | None
    n: int
    skill: float
    p: float
    verdict: Verdict
    missing_periods: int | None
    lags: tuple[int, int] = (0, 0)
    reverse_p: float = 1.0
    form: Form = Form.LEVELS

    @property
    def is_lasting(self) -> bool:
        """Whether a lasting change of the child moves the parent for good."""
        return self.form is not Form.FOLLOWS_CHANGE

    def sentence(self, child: str, parent: str, period: str = "period") -> str:
        """In plain English. child, parent: names as they begin a sentence; period: "week"."""
        more = self.missing_periods
        return in_words(
            self.verdict, child=child, parent=parent, slope=self.slope, se=self.se,
            when=later(self.lag, period) + ("" if self.is_lasting else ", for a while only"),
            missing=f"about {counted(more, f'more {period}')}" if more else "",
        )  # fmt: skip


@dataclass(frozen=True)
class Look:
    """One form of the pair looked at."""

    pair: Pair
    peak: int
    p: float
    model: DistributedLag
    slope: Slope


def look(
    child: ArrayLike,
    parent: ArrayLike,
    *,
    lags: tuple[int, int] = (0, LONGEST_LAG),
    season: int | None = None,
    steps: Sequence[int] = (),
    controls: ArrayLike | None = None,
) -> SeriesFinding:
    """Whether the child leads the parent.

    child, parent: one figure a period, oldest first, aligned, NaN where there is none.
    lags: the delays to try, both included. season: periods of a year (12, 52), taken out of both.
    steps: periods at which a known break began. controls: (periods,) or (periods, k), what else
    moves both, such as a market index or a campaign.
    Raises ValueError where the rows are not aligned.
    """
    child, parent = np.asarray(child, np.float64), np.asarray(parent, np.float64)
    if child.ndim != 1 or child.shape != parent.shape:
        raise ValueError("child and parent must be rows of the same length")
    extra = None if controls is None else np.asarray(controls, np.float64)
    both = np.isfinite(child) & np.isfinite(parent)
    n = int(both.sum())
    if n < TOO_FEW_TO_TRY:
        return _nothing(Verdict.LITTLE, n, LEAST_PERIODS - n)
    if _is_still(child[both]) or _is_still(parent[both]):
        return _nothing(Verdict.STILL, n, None)
    beside = besides(len(child), season, steps, extra)
    longest = min(lags[1], max(lags[0], n // 4))
    pairs = made_comparable(child, parent, beside)
    looks = [_look_at(pair, range(lags[0], longest + 1)) for pair in pairs]
    best = min(looks, key=lambda one: one.slope.bic)
    return _judged(best, min(1.0, len(looks) * best.p), n, lags)


def _is_still(values: Array) -> bool:
    """Whether more than nine in ten figures are the same."""
    return bool(np.unique(values, return_counts=True)[1].max() > 0.9 * len(values))


def _nothing(verdict: Verdict, n: int, missing: int | None) -> SeriesFinding:
    return SeriesFinding(0, None, None, n, 0.0, 1.0, verdict, missing)


def _look_at(pair: Pair, lags: range) -> Look:
    found = scan(pair, lags)
    model = best_model(pair, found.peak, lags)
    p = best_of(found.p_values.tolist())
    return Look(pair, found.peak, p, model, long_run_slope(pair, model))


def _judged(best: Look, p: float, n: int, lags: tuple[int, int]) -> SeriesFinding:
    pair, model, slope = best.pair, best.model, best.slope
    reach = max(1, min(model.last, n // 8))
    forward = granger(pair.parent, pair.child, pair.beside, reach)
    reverse = granger(pair.child, pair.parent, pair.beside, reach)
    ahead = foresight(pair, model)
    hangs_together = p <= SURPRISE and abs(slope.slope) > 1.96 * slope.se
    if n < LEAST_PERIODS:
        verdict = Verdict.LITTLE
    elif not hangs_together:
        verdict = Verdict.NOTHING
    else:
        verdict = _direction(best.peak, lags, forward, reverse, ahead)
    return SeriesFinding(
        lag=best.peak,
        slope=slope.slope,
        se=slope.se,
        n=n,
        skill=ahead.skill,
        p=p,
        verdict=verdict,
        missing_periods=_still_missing(verdict, slope, ahead, n),
        lags=(model.first, model.last),
        reverse_p=reverse,
        form=pair.form,
    )


def _direction(
    peak: int, lags: tuple[int, int], forward: float, reverse: float, ahead: Foresight
) -> Verdict:
    if reverse < REVERSE_SURPRISE:
        return Verdict.BACKWARDS if reverse <= forward else Verdict.BOTH_WAYS
    if peak == 0 and lags != (0, 0) and forward > SURPRISE:
        return Verdict.SAME_PERIOD
    return Verdict.LINK if ahead.is_real else Verdict.NO_FORESIGHT


def _still_missing(verdict: Verdict, slope: Slope, ahead: Foresight, n: int) -> int | None:
    """Waiting helps only where it is a matter of too few periods."""
    if verdict is Verdict.LINK:
        return 0
    if verdict is Verdict.NO_FORESIGHT:
        return missing_for(ahead.statistic, 1.0, n) if ahead.statistic > 0 else None
    if verdict in {Verdict.LITTLE, Verdict.NOTHING}:
        return missing_for(slope.slope, slope.se, n, LEAST_PERIODS) or None
    return None
