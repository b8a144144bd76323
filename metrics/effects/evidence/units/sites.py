"""Links seen within sites or staff groups, month by month; each against itself and its month."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from metrics.effects.evidence.clusters import ROUNDS, Array, Codes, coded, demeaned
from metrics.effects.evidence.customers import PanelFinding
from metrics.effects.evidence.findings import Verdict, missing_for
from metrics.effects.evidence.units.panel import UnitSlope, within_units

LEAST_ROWS, LEAST_SITES = 60, 5
SURPRISE, PLACEBO_SURPRISE = 0.05, 0.01


def look(exposure: Array, outcome: Array, lag: int = 1) -> PanelFinding:
    """Whether the exposure of a window shows in the outcome of the same site lag windows later.

    Both (sites, windows), NaN where unknown. With few sites the spread between them is itself
    uncertain, so the larger of the clustered and the plain error counts. The placebo is
    the exposure one window after the outcome; the holdout leaves out each site in turn.
    """
    placebo = _slope(exposure, outcome, -1)
    site, window, x, y = _rows(exposure, outcome, lag)
    sites, windows = len(np.unique(site)), len(np.unique(window))
    if len(y) < LEAST_ROWS or sites < LEAST_SITES:
        verdict, missing = Verdict.LITTLE, None
        if sites >= LEAST_SITES:
            missing = int(np.ceil((LEAST_ROWS - len(y)) / sites))
        return _nothing(verdict, lag, len(y), sites, missing)
    if np.ptp(x) == 0 or np.ptp(y) == 0 or (found := _slope(exposure, outcome, lag)) is None:
        return _nothing(Verdict.STILL, lag, len(y), sites, None)
    skill, statistic = _foresight(site, window, x, y)
    if found.p > SURPRISE:
        verdict = Verdict.NOTHING
    elif placebo is not None and placebo.p < PLACEBO_SURPRISE:
        verdict = Verdict.PLACEBO
    else:
        verdict = Verdict.LINK if skill > 0 and statistic > 1.64 else Verdict.NO_FORESIGHT
    waits = verdict in {Verdict.NOTHING, Verdict.NO_FORESIGHT}
    missing = missing_for(found.slope, found.se, windows) if waits else None
    return PanelFinding(
        lag=lag, slope=found.slope, se=found.se, n=len(y), customers=sites, skill=skill,
        foresight=statistic, p=found.p, placebo_slope=placebo.slope if placebo else 0.0,
        placebo_p=placebo.p if placebo else 1.0, shuffled_share=0.0, verdict=verdict,
        missing_windows=0 if verdict.is_link else (missing or None),
    )  # fmt: skip


def _nothing(verdict: Verdict, lag: int, n: int, sites: int, missing: int | None) -> PanelFinding:
    return PanelFinding(lag, None, None, n, sites, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, verdict, missing)


def _rows(
    exposure: Array, outcome: Array, lag: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array, Array]:
    """Site, window, exposure and outcome where both are known; lag below 0: exposure after it."""
    windows = exposure.shape[1]
    early, late = slice(0, windows - abs(lag)), slice(abs(lag), windows)
    x, y = (exposure[:, early], outcome[:, late]) if lag >= 0 else (
        exposure[:, late], outcome[:, early]
    )  # fmt: skip
    whole = np.isfinite(x) & np.isfinite(y)
    site, window = np.nonzero(whole)
    return site, window, x[whole], y[whole]


def _slope(exposure: Array, outcome: Array, lag: int) -> UnitSlope | None:
    site, window, x, y = _rows(exposure, outcome, lag)
    if len(y) < LEAST_ROWS:
        return None
    left = demeaned(np.column_stack([y, x]), coded(site), coded(window))
    freedom = len(y) - len(np.unique(site)) - len(np.unique(window))
    squares = float(left[:, 1] @ left[:, 1])
    if freedom < 3 or squares < 1e-9 * max(float(x @ x), 1e-300):
        return None
    (found,) = within_units(y, x, site, window)
    unexplained = left[:, 0] - found.slope * left[:, 1]
    plain = max(float(np.sqrt(unexplained @ unexplained / freedom / squares)), 1e-300)
    p = max(
        found.p,
        float(2 * stats.t.sf(abs(found.slope) / plain, freedom)),
        _as_strong_with_others(left, coded(site), coded(window)),
    )
    return UnitSlope(found.slope, max(found.se, plain), p, found.n, found.units)


def _as_strong_with_others(left: Array, site: Codes, window: Codes) -> float:
    """How often exposures of other sites go with the outcomes as closely, sites dealt out anew.

    left: outcome and exposure without effects of site and window. Both may wander for months: that
    they do so at the same site is what has to be seen. Exact, however they wander.
    """
    shape = int(site.max()) + 1, int(window.max()) + 1
    outcome, exposure = np.zeros(shape), np.zeros(shape)
    outcome[site, window], exposure[site, window] = left.T
    together = exposure @ outcome.T
    draw, at = np.random.default_rng(0), np.arange(shape[0])
    dealt = draw.permuted(np.tile(at, (ROUNDS, 1)), axis=1)
    strange = np.abs(together[at, dealt].sum(axis=1)) >= abs(float(np.trace(together))) - 1e-12
    return float((1 + strange.sum()) / (ROUNDS + 1))


def _foresight(
    site: NDArray[np.int64], window: NDArray[np.int64], x: Array, y: Array
) -> tuple[float, float]:
    """Skill and Clark-West statistic over sites that were not learnt from."""
    left = demeaned(np.column_stack([y, x]), coded(site), coded(window))
    gains, missed, missed_with = [], 0.0, 0.0
    for one in np.unique(site):
        own = site == one
        rest = left[~own]
        slope = float(rest[:, 1] @ rest[:, 0] / max(float(rest[:, 1] @ rest[:, 1]), 1e-300))
        y_own, forecast = left[own, 0], slope * left[own, 1]
        missed += float(y_own @ y_own)
        missed_with += float(np.sum((y_own - forecast) ** 2))
        gains.append(float(np.sum(y_own**2 - (y_own - forecast) ** 2 + forecast**2)))
    gain = np.array(gains)
    spread = float(np.sqrt(np.sum((gain - gain.mean()) ** 2)))
    return 1 - missed_with / missed, float(gain.sum()) / spread if spread > 0 else 0.0
