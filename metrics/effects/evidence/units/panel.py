"""Links seen within many sites or teams: what differs between them for good is left out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from linearmodels.panel import PanelOLS
from numpy.typing import ArrayLike
from scipy import stats

from metrics.effects.evidence.clusters import Array, Codes, coded, demeaned, wild_bootstrap
from metrics.effects.evidence.findings import Z_95

FEW_UNITS = 20


@dataclass(frozen=True)
class UnitSlope:
    """Outcome units per unit of exposure, within a unit of observation.

    se: clustered by unit; under twenty units it is widened until slope ± 1.96 se is the interval
    that a wild bootstrap by unit gives, and p is the bootstrap's.
    """

    slope: float
    se: float
    p: float
    n: int
    units: int


def within_units(
    outcome: ArrayLike,
    exposures: ArrayLike,
    unit: ArrayLike,
    period: ArrayLike,
    *,
    period_effects: bool = True,
) -> tuple[UnitSlope, ...]:
    """One slope for each column of exposures, with an effect of its own for each unit.

    outcome, unit, period: (rows,); exposures: (rows,) or (rows, k), already at their delay. Rows
    with a missing figure are left out. period_effects: also one for each period (whole numbers).
    Not for a change that reaches units at different dates: see interruption.untouched_units.
    """
    y = np.asarray(outcome, np.float64)
    x = np.asarray(exposures, np.float64).reshape(len(y), -1)
    whole = np.isfinite(y) & np.isfinite(x).all(axis=1)
    y, x = y[whole], x[whole]
    units, periods = coded(np.asarray(unit)[whole]), coded(np.asarray(period)[whole])
    index = pd.MultiIndex.from_arrays([units, periods])
    fit = PanelOLS(
        pd.Series(y, index),
        pd.DataFrame(x, index),
        entity_effects=True,
        time_effects=period_effects,
    ).fit(cov_type="clustered", cluster_entity=True)
    many = int(units.max()) + 1
    slopes, errors = np.asarray(fit.params), np.asarray(fit.std_errors)
    if many < FEW_UNITS:
        groupings = (units, periods) if period_effects else (units,)
        left = demeaned(np.column_stack([y, x]), *groupings)
        return tuple(_few(left, units, which) for which in range(x.shape[1]))
    return tuple(
        UnitSlope(float(slope), float(se), _p_of(float(slope / se)), len(y), many)
        for slope, se in zip(slopes, errors, strict=True)
    )


def _p_of(z: float) -> float:
    return float(2 * stats.norm.sf(abs(z)))


def _few(left: Array, units: Codes, which: int) -> UnitSlope:
    y, x = left[:, 0], left[:, 1:]
    slope = float(np.linalg.lstsq(x, y, rcond=None)[0][which])
    boot = wild_bootstrap(y, x, units, which)
    return UnitSlope(slope, boot.reach / Z_95, boot.p, len(y), int(units.max()) + 1)
