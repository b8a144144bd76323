"""How far the total may be off: what the parameters leave open, and what the holdout showed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from metrics.clv.fit import Fit
from metrics.clv.histories import Array

Z_95 = 1.6449
"""Standard normal deviate with 5 % beyond it."""


def total_interval(total: float, *spreads: float) -> tuple[float, float]:
    """Bounds of 5 and 95 % around a total, lognormal.

    spreads: standard deviations of the total's logarithm from independent sources; their
    variances add up.
    """
    spread = float(np.sqrt(sum(each**2 for each in spreads)))
    low, high = sorted((total * np.exp(-Z_95 * spread), total * np.exp(Z_95 * spread)))
    return float(low), float(high)


def parameter_spread(fit: Fit[Any], total_with: Callable[[Any], float]) -> float:
    """Standard deviation of log total_with(model) as the model's parameters vary.

    Parameters are normal on the log scale with the fit's covariance; the total's logarithm is
    taken as linear in them, so a few evaluations stand for draws. 0 where the total is not
    positive; ValueError where the fit has no covariance.
    """
    if fit.covariance is None:
        raise ValueError("a fit without covariance cannot say how far it may be off")
    names = list(fit.model.__dataclass_fields__)
    width = np.minimum(np.sqrt(np.diag(fit.covariance)) / 2, 0.02)
    slope: Array = np.zeros(len(names))
    for place, name in enumerate(names):
        value = getattr(fit.model, name)
        up, down = (
            total_with(replace(fit.model, **{name: value * np.exp(sign * width[place])}))
            for sign in (1, -1)
        )
        if up <= 0 or down <= 0:
            return 0.0
        slope[place] = np.log(up / down) / (2 * width[place])
    return float(np.sqrt(slope @ fit.covariance @ slope))
