"""How much a BG/NBD or MBG/NBD customer still buys: within a horizon, or discounted without end.

With s = log(1 + u / (alpha + T)), u the time ahead, a customer with x repeat purchases who is
alive at T buys, per unit of s, at the rate

    (r + x) e^s E[(1 + p (e^s - 1))^-(r + x + 1)],   p ~ Beta(a, kept + x),

kept being b in BG/NBD and b + 1 in MBG/NBD. T and u enter by s only, the rate is positive, has no
special case at a = 1, and is analytic for |Im s| < 2 pi: a few Chebyshev nodes a distinct x
integrate it for every customer and horizon. The textbook form, a difference of two large terms
divided by a - 1, is the same integral. Discounting multiplies the rate by exp(-d (e^s - 1)),
d the rate times alpha + T.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, digamma, hyp2f1, polygamma

from metrics.clv.models.chebyshev import ImpossibleValue, evaluate, expand, integral, quadrature
from metrics.clv.purchases.histories import Array

MANY_LEAVE = 50.0
"""Up to this a Pfaff's form of 2F1 is used, which overflows for a above 250."""

FEW = 64
"""Expectations summed at a time; extreme parameters need thousands of terms each."""

MOST_TERMS = 100_000

NOTHING_LEFT = 40.0
"""Discounting by e^-40 leaves less than rounding of a value."""

SETTLED = 1e-8
"""Relative change on doubling the nodes below which a sum counts as settled: each doubling about
squares the error."""


def purchases(r: float, a: float, kept: Array, x: Array, ahead: Array) -> Array:
    """Expected purchases within a horizon of `ahead` times alpha + T; x and ahead broadcast.

    Relative accuracy 1e-11 for horizons of one size (r up to 1,000, other parameters wherever a
    fit looks), or ImpossibleValue.
    """
    x, reach = np.broadcast_arrays(x, np.log1p(ahead))
    longest = float(reach.max(initial=0.0))
    if longest == 0:
        return np.zeros(reach.shape)
    counts, column = np.unique(x.ravel(), return_inverse=True)

    def rates(position: Array) -> Array:
        return _rates(r, a, kept, counts, (position + 1) * longest / 2)

    curves = integral(expand(rates)) * longest / 2
    until = evaluate(curves, column, np.clip(2 * reach.ravel() / longest - 1, -1, 1))
    return np.maximum(until, 0.0).reshape(reach.shape)


def residual(r: float, a: float, kept: Array, x: Array, discount: Array) -> Array:
    """Discounted expected purchases without an end; discount: the rate times alpha + T.

    Both broadcast. Relative accuracy 1e-9 (r up to 1,000, the others as above), or
    ImpossibleValue, which only extremes meet: hundreds of each of r and a with b near 0.
    """
    x, discount = np.broadcast_arrays(x, discount)
    counts, column = np.unique(x.ravel(), return_inverse=True)
    distinct, place = np.unique(discount.ravel(), return_inverse=True)
    if not len(distinct):
        return np.zeros(x.shape)
    longest = np.log1p(NOTHING_LEFT / distinct[0])

    @cache
    def nodes(count: int) -> tuple[Array, Array]:
        position, weight = quadrature(count)
        s = (position + 1) * longest / 2
        return np.expm1(s), _rates(r, a, kept, counts, s) * weight[:, np.newaxis] * longest / 2

    if len(distinct) <= FEW:
        return _discounted(nodes, distinct)[place, column].reshape(x.shape)
    low, span = np.log(distinct[0]), np.log(distinct[-1] / distinct[0])
    curves = expand(
        lambda position: np.log(_discounted(nodes, np.exp(low + (position + 1) * span / 2)))
    )
    between = np.clip(2 * (np.log(distinct) - low) / span - 1, -1, 1)[place]
    return np.asarray(np.exp(evaluate(curves, column, between)).reshape(x.shape))


def _discounted(nodes: Callable[[int], tuple[Array, Array]], discount: Array) -> Array:
    """Sums over as many nodes as settle them, a row for each discount, a column for each count."""
    before: Array | float = np.inf
    for count in (32, 64, 128, 256, 512, 1024):
        ahead, rates = nodes(count)
        sums = np.einsum("ds,sc->dc", np.exp(-discount[:, np.newaxis] * ahead), rates)
        if np.all(np.abs(sums - before) <= SETTLED * sums):
            return np.asarray(sums)
        before = sums
    raise ImpossibleValue("A value without an end is out of reach with these parameters.")


def _rates(r: float, a: float, kept: Array, counts: Array, s: Array) -> Array:
    """Purchases per unit of s, a row for each s, a column for each count."""
    s = s[:, np.newaxis]
    return (r + counts) * np.exp(s) * survival(r + counts + 1, a, kept + counts, np.expm1(s))


def survival(m: ArrayLike, a: float, b: ArrayLike, u: ArrayLike) -> Array:
    """E[(1 + p u)^-m] for p ~ Beta(a, b), by Gauss's function in the form that suits a."""
    m, b, u = np.broadcast_arrays(m, b, u)
    with np.errstate(over="ignore", invalid="ignore"):
        if a < MANY_LEAVE:
            value = (1 + u) ** -a * hyp2f1(a, a + b - m, a + b, u / (1 + u))
        else:
            value = (1 + u) ** -m * hyp2f1(m, b, a + b, u / (1 + u))
    lost = ~(np.isfinite(value) & (value > 0))
    rows = np.argwhere(lost)
    for some in np.array_split(rows, -(-len(rows) // FEW)) if len(rows) else ():
        here = tuple(some.T)
        value[here] = _survival_by_trapezoid(m[here], a, b[here], u[here])
    return np.asarray(value)


def _survival_by_trapezoid(m: Array, a: float, b: Array, u: Array) -> Array:
    """The same where SciPy's hyp2f1 gives up: large b with long horizons or many purchases.

    The trapezoidal rule in v = logit(p), which converges exponentially. For a < 1 it sums
    1 - (1 + p u)^-m instead, whose left tail is shorter.
    """
    tail = a if a >= 1 else a + 1
    spread = np.sqrt(polygamma(1, tail) + polygamma(1, b))
    centre = digamma(tail) - digamma(b)
    start = np.minimum(centre, -np.log1p(m * u)) - 38 * spread
    step = np.minimum(0.25, spread / 4)
    count = int(np.ceil(((centre + 38 * spread - start) / step).max()))
    if count > MOST_TERMS:
        raise ImpossibleValue(
            "A forecast is out of reach with parameters as extreme as these: try another model."
        )
    v = start[:, None] + step[:, None] * np.arange(count)
    log_p, log_rest = -np.logaddexp(0, -v), -np.logaddexp(0, v)
    log_weight = a * log_p + b[:, None] * log_rest - betaln(a, b)[:, None] + np.log(step)[:, None]
    log_kept = -m[:, None] * np.log1p(np.exp(log_p) * u[:, None])
    if a >= 1:
        return np.asarray(np.exp(log_weight + log_kept).sum(axis=1))
    return np.asarray(1 - (np.exp(log_weight) * -np.expm1(log_kept)).sum(axis=1))
