"""Does knowing the child make forecasts of the parent better?"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from statsmodels.regression.linear_model import OLS

from metrics.effects.evidence.figures.lags import Array, Pair, finite, lagged

FIRST_SHARE = 0.4
"""Share of the history that is learnt from before the first forecast."""

SPREAD_BEFORE, SPREAD_AFTER, MEMORY = 3, 4, 3


@dataclass(frozen=True)
class DistributedLag:
    """parent_t = a + sum phi_i parent_(t-i) + sum beta_k child_(t-k) + beside + error.

    memory: how many phi; first, last: the delays of the effect, both included. The sum over k runs
    on to last + memory, or a memory of the errors alone would be taken for an effect that lasts.
    """

    memory: int
    first: int
    last: int

    @property
    def delays(self) -> range:
        """The delays k that are estimated."""
        return range(self.first, self.last + self.memory + 1)


@dataclass(frozen=True)
class Slope:
    """In parent units per child unit, when all has arrived, with its standard error."""

    slope: float
    se: float
    n: int
    bic: float


@dataclass(frozen=True)
class Foresight:
    """One-step forecasts of periods not learnt from, with the child and without.

    skill: share of squared error that the child takes away; negative where it makes things worse.
    statistic: Diebold and Mariano's, standard normal where the child is of no use.
    """

    skill: float
    statistic: float
    periods: int

    @property
    def is_real(self) -> bool:
        return self.skill > 0 and self.statistic > 1.64


def rows_of(pair: Pair, model: DistributedLag, memory: int | None = None) -> tuple[Array, ...]:
    """The parent, what is known without the child, and the child's past: rows without a gap.

    memory: rows are dropped as if the parent's past reached so far back, to compare models.
    """
    reach = max(model.memory, memory or 0)
    past = lagged(pair.parent, range(1, reach + 1))
    child = lagged(pair.child, model.delays)
    whole = finite(pair.parent, past, pair.beside, child)
    known = np.column_stack([np.ones(len(past)), past[:, : model.memory], pair.beside])
    return pair.parent[whole], known[whole], child[whole]


def best_model(pair: Pair, peak: int, lags: range) -> DistributedLag:
    """The memory and the delays around the peak with the lowest BIC, on the same rows."""
    window = DistributedLag(
        MEMORY, max(lags[0], peak - SPREAD_BEFORE), min(lags[-1], peak + SPREAD_AFTER)
    )
    parent, known, child = rows_of(pair, window)
    others = known[:, MEMORY + 1 :]
    best, chosen = np.inf, DistributedLag(0, peak, peak)
    for memory, first, last in product(
        range(MEMORY + 1), range(window.first, peak + 1), range(peak, window.last + 1)
    ):
        delays = child[:, first - window.first : last + memory - window.first + 1]
        columns = np.column_stack([known[:, : memory + 1], others, delays])
        if len(parent) < 2 * columns.shape[1] + 4:
            continue
        score = _bic(parent, columns)
        if score < best:
            best, chosen = score, DistributedLag(memory, first, last)
    return chosen


def _bic(y: Array, columns: Array) -> float:
    errors = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    mean_square = max(float(np.mean(errors**2)), 1e-300)
    return float(len(y) * np.log(mean_square) + columns.shape[1] * np.log(len(y)))


def long_run_slope(pair: Pair, model: DistributedLag) -> Slope:
    """Sum of beta / (1 - sum of phi); the error by the delta method from Newey-West errors."""
    parent, known, child = rows_of(pair, model)
    columns = np.column_stack([known, child])
    reach = max(1, int(4 * (len(parent) / 100) ** (2 / 9)))
    fit = OLS(parent, columns).fit(
        cov_type="HAC", cov_kwds={"maxlags": reach, "use_correction": True}
    )
    past = slice(1, model.memory + 1)
    kept = 1 - float(fit.params[past].sum())
    slope = float(fit.params[known.shape[1] :].sum()) / kept
    gradient = np.zeros(columns.shape[1])
    gradient[past] = slope / kept
    gradient[known.shape[1] :] = 1 / kept
    variance = float(gradient @ fit.cov_params() @ gradient)
    return Slope(slope, float(np.sqrt(variance)), len(parent), _bic(parent, columns))


def granger(effect: Array, cause: Array, beside: Array, lags: int) -> float:
    """p-value of "the cause's past adds nothing to the effect's own past" (Granger, 1969).

    It asks whether the past helps to forecast, not whether it causes.
    """
    past, other = lagged(effect, range(1, lags + 1)), lagged(cause, range(1, lags + 1))
    whole = finite(effect, past, beside, other)
    known = np.column_stack([np.ones(len(past)), past, beside])[whole]
    if whole.sum() <= known.shape[1] + lags + 2:
        return 1.0
    alone = OLS(effect[whole], known).fit()
    both = OLS(effect[whole], np.column_stack([known, other[whole]])).fit()
    return float(both.compare_f_test(alone)[1])


def foresight(pair: Pair, model: DistributedLag) -> Foresight:
    """Forecasts of each period after the first four tenths, learnt anew from all before it.

    The delays are chosen with the whole history in view; the price for that choice is paid by the
    p-value over all delays, not here. Source: Diebold, Mariano (1995).
    """
    parent, known, child = rows_of(pair, model)
    both = np.column_stack([known, child])
    start = max(int(FIRST_SHARE * len(parent)), both.shape[1] + 6)
    if start > len(parent) - 8:
        return Foresight(0.0, 0.0, 0)
    errors = np.array([
        [_miss(parent, known, now), _miss(parent, both, now)] for now in range(start, len(parent))
    ])  # fmt: skip
    squared = errors**2
    gain = squared[:, 0] - squared[:, 1]
    spread = float(gain.std(ddof=1)) / np.sqrt(len(gain))
    without, with_child = squared.sum(axis=0)
    if without <= 0 or spread <= 0:
        return Foresight(0.0, 0.0, len(gain))
    return Foresight(float(1 - with_child / without), float(gain.mean() / spread), len(gain))


def _miss(y: Array, columns: Array, now: int) -> float:
    """Error of the forecast of row now, learnt from the rows before it."""
    fit = np.linalg.lstsq(columns[:now], y[:now], rcond=None)[0]
    return float(y[now] - columns[now] @ fit)
