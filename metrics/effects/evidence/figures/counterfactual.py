"""What a metric would have been, had we left it alone: many paths that it might have taken."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from statsmodels.tsa.statespace.structural import UnobservedComponents

Array = NDArray[np.float64]

LIVELINESS = np.logspace(-4, 1, 13)
"""Variance of the level's steps as a share of the noise's: from standing still to running off."""

SEASONS_NEEDED = 3
WAVES = 3


@dataclass(frozen=True)
class Scale:
    """Units in which figures and controls are about one in size."""

    middle: Array
    size: Array

    def of(self, values: Array) -> Array:
        return np.asarray((values - self.middle) / self.size)


def paths(
    before: Array, controls: Array, periods: int, season: int | None, many: int, seed: int
) -> Array:
    """(periods, many): what might have followed the figures before.

    before: NaN where there is none. controls: (before + periods, k), known throughout, k may be 0.
    A level that wanders, the season where three were seen, and the controls at fixed weights. The
    weights, the level and both variances are drawn anew for each path, so that the spread holds the
    doubt about them too. Variances: flat priors, in the log of the noise and of the liveliness.
    """
    scale = _scale(before)
    known = np.isfinite(before)
    y, x = scale.of(before), _scale(controls[: len(before)]).of(controls)
    model = _model(y, x[: len(before)], season)
    free = int(known.sum()) - model.k_states
    draw = np.random.default_rng(seed)
    ends = np.array([_fits(model, share, free) for share in LIVELINESS])
    weights = ends[:, 0] - free / 2 * np.log(ends[:, 1])
    chosen = draw.multinomial(many, np.exp(weights - logsumexp(weights)))
    drawn = [
        _drawn(model, share, misfit, free, x[len(before) :], periods, int(count), draw)
        for share, misfit, count in zip(LIVELINESS, ends[:, 1], chosen, strict=True)
        if count
    ]
    return np.asarray(np.column_stack(drawn) * scale.size + scale.middle)


def _scale(values: Array) -> Scale:
    size = np.nanstd(values, axis=0)
    return Scale(np.nanmean(values, axis=0), np.where(size > 0, size, 1.0))


def _model(y: Array, x: Array, season: int | None) -> UnobservedComponents:
    seasons: dict[str, object] = {}
    if season and len(y) >= SEASONS_NEEDED * season:
        waves = [{"period": season, "harmonics": min(WAVES, season // 2)}]
        seasons = {"freq_seasonal": waves, "stochastic_freq_seasonal": [False]}
    return UnobservedComponents(
        y, "llevel", exog=x if x.shape[1] else None, mle_regression=False,
        use_exact_diffuse=True, **seasons,
    )  # fmt: skip


def _fits(model: UnobservedComponents, share: float, free: int) -> tuple[float, float]:
    """Log-likelihood less its misfit at noise of variance one, and the misfit: weighed squares."""
    one, two = model.loglike([1.0, share]), model.loglike([2.0, 2.0 * share])
    misfit = 4 * (two - one + free / 2 * np.log(2))
    return float(one + misfit / 2), float(misfit)


def _drawn(
    model: UnobservedComponents,
    share: float,
    misfit: float,
    free: int,
    controls: Array,
    periods: int,
    count: int,
    draw: np.random.Generator,
) -> Array:
    """(periods, count) at this liveliness; the noise's variance is drawn for each path."""
    smoothed = model.smooth([1.0, share])
    ahead = {"exog": controls} if controls.shape[1] else {}
    middle = np.asarray(smoothed.get_forecast(periods, **ahead).predicted_mean)[:, None]
    around = smoothed.simulate(periods, anchor="end", repetitions=count, rng=draw, **ahead)
    spread = np.sqrt(misfit / draw.chisquare(free, count))
    return np.asarray(middle + (around[:, 0, :] - middle) * spread)
