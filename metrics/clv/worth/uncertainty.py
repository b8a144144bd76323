"""How far a value may be off: parameters, the individual's chance, and the model itself.

Three doubts, told apart. Parameters are known to their covariance only. One customer's purchases
are a matter of chance even where all parameters are known. And the model is not the world:
that shows in forecasts of days that were held out, and cannot be had from a likelihood.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import stdtrit

from metrics.clv.fit import Fit
from metrics.clv.models.gamma_gamma import GammaGamma, SpendFit
from metrics.clv.purchases.histories import Array, Numbers

Z_95 = 1.6449
"""Standard normal deviate with 5 % beyond it."""

USUAL_ERROR, USUAL_TESTS = 0.15, 3
"""What a forecast from purchases alone errs by before it was ever tested: the root mean square of
log(actual / forecast) in four published holdouts, BG/NBD and Pareto/NBD on CDNOW (0.129, 0.122;
Fader, Hardie, Lee 2005) and on online groceries (-0.165, -0.164; BTYDplus). It counts as three
tests, so that one lucky test does not make a total certain."""

FARTHEST = 5.0
"""No drawn parameter is more than e^5 = 150 times the best one, or less than its 150th part."""

WIDEST = 3.0
"""Logarithm of a bound over the total beyond which it is no bound: 20 times as much."""

SEED = 1961
DRAWS = 64
"""Parameter vectors drawn; each serves several chance draws."""

EACH = 32

AGES = 8
"""Nodes of T."""

LEVELS: Array = np.linspace(0.0, 1.0, 61)
"""Shares of the chance draws at which the distribution of one who is alive is kept."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Relative spreads of a total, each a standard deviation of its logarithm.

    parameters: from the curvature, by the delta method; None where the total is 0.
    chance: of the individuals, from the sum of their variances. errors: log(actual / forecast)
    of each held-out test.
    """

    parameters: float | None
    chance: float
    errors: tuple[float, ...]

    def interval(self, total: float) -> tuple[float, float] | None:
        """Bounds of 5 and 95 % around a total, lognormal; None where a doubt is unknown or so
        large that bounds say nothing.

        The model's error is that of the tests, to which USUAL_ERROR is added as if seen in
        USUAL_TESTS more; Student's t for so few.
        """
        if self.parameters is None or not self.errors:
            return None
        tests = USUAL_TESTS + len(self.errors)
        of_model = (USUAL_TESTS * USUAL_ERROR**2 + sum(each**2 for each in self.errors)) / tests
        widths = [
            Z_95 * self.parameters,
            Z_95 * self.chance,
            float(stdtrit(tests, 0.95)) * float(np.sqrt(of_model)),
        ]
        width = float(np.sqrt(np.sum(np.square(widths))))
        if width > WIDEST:
            return None
        low, high = sorted((total * np.exp(-width), total * np.exp(width)))
        return float(low), float(high)


def drawn(fit: Fit[Any], count: int, random: np.random.Generator) -> list[Any]:
    """Models with parameters drawn from the fit's covariance, on the log scale."""
    values = np.log(list(fit.parameters.values()))
    if fit.covariance is None:
        return [fit.model] * count
    draws = random.multivariate_normal(values, fit.covariance, count, method="eigh")
    near = np.clip(draws - values, -FARTHEST, FARTHEST) + values
    return [type(fit.model)(*np.exp(draw)) for draw in near]


def slopes(fit: Fit[Any], values_with: Callable[[Any], Array]) -> Array:
    """Change of each value by each log-parameter, in central differences: values x parameters."""
    if fit.held is None:
        raise ValueError("a fit without curvature cannot say how far it may be off")
    widths = np.minimum(np.sqrt(np.diag(fit.held)) / 2, 0.02)
    columns = []
    for (name, value), width in zip(fit.parameters.items(), widths, strict=True):
        up, down = (
            values_with(replace(fit.model, **{name: value * float(np.exp(sign * width))}))
            for sign in (1, -1)
        )
        columns.append((up - down) / (2 * width))
    return np.stack(columns, axis=-1)


@dataclass(frozen=True, slots=True)
class Spread:
    """How chance spreads, over what is expected: of nodes of x and T, counts x ages.

    levels: quantiles at LEVELS, last axis; mean, square: of all draws.
    """

    levels: Array
    mean: Array
    square: Array


@dataclass(frozen=True, slots=True)
class ChanceTable:
    """What customers who are alive may bring within the horizon, by x and T (in the unit).

    purchases: over those expected of one who is alive; money: total spend over the same number
    of purchases and over v + x * mean_spend, or the expected spend where no spend model is given.
    So both change little from node to node, and stay near 1 where x or T lies beyond them.
    """

    counts: Array
    ages: Array
    purchases: Spread
    money: Spread

    def quantiles(
        self, of: Spread, x: Numbers, T: Array, p_alive: Array, levels: Sequence[float]
    ) -> list[Array]:
        """At each level, one value a customer: 0 with the chance of having left, else from `of`."""
        row, column, part = self._place(x, T)
        found = []
        for level in levels:
            share = (level - (1 - p_alive)) / np.maximum(p_alive, 1e-12)
            place, rest = _between(LEVELS, np.clip(share, 0, 1))
            low, high = (
                of.levels[row, age, place] * (1 - rest) + of.levels[row, age, place + 1] * rest
                for age in (column, column + 1)
            )
            found.append(np.where(share > 0, low * (1 - part) + high * part, 0.0))
        return found

    def variance(self, of: Spread, x: Numbers, T: Array, p_alive: Array) -> Array:
        """Variance of one customer's outcome, with the chance of having left."""
        row, column, part = self._place(x, T)
        mean, square = (
            table[row, column] * (1 - part) + table[row, column + 1] * part
            for table in (of.mean, of.square)
        )
        return np.asarray(np.maximum(p_alive * square - (p_alive * mean) ** 2, 0.0))

    def _place(self, x: Numbers, T: Array) -> tuple[Any, Any, Array]:
        column, part = _between(self.ages, T)
        return _nearest(self.counts, x), column, part


def chance_table(
    fit: Fit[Any],
    spend: SpendFit | None,
    counts: Sequence[int],
    oldest: float,
    horizon: float,
    variation: float = 0.0,
) -> ChanceTable:
    """Draws of parameters, then of purchases and spend, for nodes of x and T; always the same.

    counts: the numbers of repeat purchases that occur; many are thinned to sixty. oldest: the
    largest T. horizon: in the unit. variation: of the spend of a purchase day where it is not
    modelled, its standard deviation over its mean. Nodes of T are even in log(alpha + T), as rates
    are.
    """
    nodes = thinned(np.asarray(counts, dtype=np.float64))
    from_age = max(float(fit.model.alpha), oldest / 1_000, 1e-9)
    ages = from_age * np.expm1(np.linspace(0.0, np.log1p(max(oldest, 1e-9) / from_age), AGES))
    return ChanceTable(
        nodes, ages, *spreads_at(fit, spend, nodes[:, None], ages, horizon, variation)
    )


def spreads_at(
    fit: Fit[Any],
    spend: SpendFit | None,
    x: Array,
    T: Array,
    horizon: float,
    variation: float = 0.0,
) -> tuple[Spread, Spread]:
    """Of purchases and of money at these x and T, which broadcast; see ChanceTable."""
    random = np.random.default_rng(SEED)
    expected = fit.model.purchases_if_alive(x, T, horizon)[..., None]
    spends = drawn(spend, DRAWS, random) if spend is not None else [None] * DRAWS
    shape = (*expected.shape[:-1], EACH)
    x, T = (np.broadcast_to(each[..., None], shape) for each in (x, T))
    purchases, money = [], []
    for model, spending in zip(drawn(fit, DRAWS, random), spends, strict=True):
        bought = model.draw_if_alive(x, T, horizon, random)
        purchases.append(bought / expected)
        spent = (
            _unmodelled_money(variation, x, bought, random)
            if spend is None
            else _drawn_money(spending, spend.model, x, bought, random)
        )
        money.append(spent / expected)
    return _spread(purchases), _spread(money)


def thinned(counts: Array, most: int = 60) -> Array:
    """At most so many of these counts, closer together where they are small."""
    if len(counts) <= most:
        return counts
    wanted = np.geomspace(1, len(counts), most) - 1
    return np.asarray(counts[np.unique(wanted.astype(np.int64))])


def _drawn_money(
    drawn_model: GammaGamma, best: GammaGamma, x: Array, bought: Array, random: np.random.Generator
) -> Array:
    """Total spend of so many purchases, over v + x * mean_spend of the best model."""
    usual = best.p * best.v / max(best.q - 1, 0.1)
    scale = (drawn_model.v + x * usual) / (best.v + x * usual)
    spent = random.standard_gamma(drawn_model.p * np.maximum(bought, 1))
    level = random.standard_gamma(np.broadcast_to(drawn_model.q + drawn_model.p * x, bought.shape))
    return np.asarray(np.where(bought > 0, scale * spent / level, 0.0))


def _unmodelled_money(
    variation: float, x: Array, bought: Array, random: np.random.Generator
) -> Array:
    """Total spend of so many purchases, over the expected spend: the level of a customer is known
    from x purchases and the company's mean, each purchase varies as they all do."""
    if variation <= 0:
        return bought
    tight = 1 / variation**2
    level = random.standard_gamma((1 + x) * tight) / ((1 + x) * tight)
    spent = random.standard_gamma(tight * np.maximum(bought, 1)) / tight
    return np.asarray(np.where(bought > 0, level * spent, 0.0))


def _spread(draws: Sequence[Array]) -> Spread:
    together = np.sort(np.concatenate(draws, axis=-1), axis=-1)
    place = LEVELS * (together.shape[-1] - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, together.shape[-1] - 1)
    levels = together[..., low] + (place - low) * (together[..., high] - together[..., low])
    return Spread(levels, together.mean(axis=-1), np.square(together).mean(axis=-1))


def _between(nodes: Array, values: Array) -> tuple[Any, Array]:
    """The node below each value, and how far the value is on the way to the next."""
    place = np.clip(np.searchsorted(nodes, values, side="right") - 1, 0, len(nodes) - 2)
    return place, np.clip((values - nodes[place]) / (nodes[place + 1] - nodes[place]), 0.0, 1.0)


def _nearest(nodes: Array, values: Numbers) -> Any:
    after = np.clip(np.searchsorted(nodes, values), 1, max(len(nodes) - 1, 1))
    if len(nodes) == 1:
        return np.zeros(len(values), dtype=np.int64)
    return np.where(values - nodes[after - 1] <= nodes[after] - values, after - 1, after)
