"""How many purchases a BG/NBD customer still makes within a horizon.

With s = log(1 + u / (alpha + T)), u the time ahead, a customer with x repeat purchases who is
alive at T buys, per unit of s, at the rate

    (r + x) e^s E[(1 + p (e^s - 1))^-(r + x + 1)],   p ~ Beta(a, b + x).

T and u enter by s only, the rate is positive, has no special case at a = 1, and is analytic for
|Im s| < 2 pi: a few Chebyshev nodes a distinct x integrate it for every customer and horizon.
The textbook form, a difference of two large terms divided by a - 1, is the same integral.
"""

import numpy as np
from scipy.special import betaln, digamma, hyp2f1, polygamma

from metrics.clv.histories import Array
from metrics.clv.models.chebyshev import ImpossibleValue, evaluate, expand, integral

MANY_LEAVE = 50.0
"""Up to this a Pfaff's form of 2F1 is used, which overflows for a above 250."""

FEW = 64
"""Expectations summed at a time; extreme parameters need thousands of terms each."""

MOST_TERMS = 100_000


def purchases_if_alive(
    r: float, alpha: float, a: float, b: float, x: Array, T: Array, t: Array
) -> Array:
    """Expected purchases in (T, T + t], given that the customer is alive at T; they broadcast."""
    x, reach = np.broadcast_arrays(x, np.log1p(t / (alpha + T)))
    longest = float(reach.max(initial=0.0))
    if longest == 0:
        return np.zeros(reach.shape)
    counts, column = np.unique(x.ravel(), return_inverse=True)

    def rates(position: Array) -> Array:
        s = (position[:, None] + 1) * longest / 2
        return (r + counts) * np.exp(s) * _survival(r + counts + 1, a, b + counts, np.expm1(s))

    curves = integral(expand(rates)) * longest / 2
    purchases = evaluate(curves, column, np.clip(2 * reach.ravel() / longest - 1, -1, 1))
    return np.maximum(purchases, 0.0).reshape(reach.shape)


def _survival(m: Array, a: float, b: Array, u: Array) -> Array:
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
        raise ImpossibleValue("A forecast is out of reach with parameters as extreme as these.")
    v = start[:, None] + step[:, None] * np.arange(count)
    log_p, log_rest = -np.logaddexp(0, -v), -np.logaddexp(0, v)
    log_weight = a * log_p + b[:, None] * log_rest - betaln(a, b)[:, None] + np.log(step)[:, None]
    log_kept = -m[:, None] * np.log1p(np.exp(log_p) * u[:, None])
    if a >= 1:
        return np.asarray(np.exp(log_weight + log_kept).sum(axis=1))
    return np.asarray(1 - (np.exp(log_weight) * -np.expm1(log_kept)).sum(axis=1))
