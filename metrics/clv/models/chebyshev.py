"""Many smooth curves at once: each is a column of Chebyshev coefficients on [-1, 1]."""

from collections.abc import Callable

import numpy as np
from numpy.polynomial.chebyshev import chebint
from numpy.typing import NDArray
from scipy.fft import dct

from metrics.clv.purchases.histories import Array

NEGLIGIBLE = 1e-13
"""Size of the last coefficients, against the largest, at which a curve counts as followed."""

BLOCK = 8_192
"""Points evaluated at a time, so that the work stays in the processor's cache."""


class ImpossibleValue(ArithmeticError):
    """A value is infinite, unknown or out of reach; nothing of this run may be stored."""


def expand(curves: Callable[[Array], Array]) -> Array:
    """Coefficients, one column a curve, of curves that map n positions to n rows of values.

    Nodes are doubled until the last coefficients are negligible, or no better than rounding.
    Raises ImpossibleValue where 512 nodes do not follow a curve to 1e-9.
    """
    for count in (16, 32, 64, 128, 256, 512):
        position = np.cos(np.pi * (np.arange(count) + 0.5) / count)
        coefficients = np.asarray(dct(curves(position), type=2, axis=0)) / count
        coefficients[0] /= 2
        size = np.abs(coefficients)
        scale = np.maximum(size.max(axis=0), np.finfo(float).tiny)
        tail = (size[-count // 8 :] / scale).max()
        if tail <= NEGLIGIBLE:
            break
    if not tail <= 1e-9:
        raise ImpossibleValue("A forecast is too steep to be computed with these parameters.")
    needed = np.flatnonzero((size / scale).max(axis=1) > NEGLIGIBLE / 10)
    return np.asarray(coefficients[: needed[-1] + 1] if len(needed) else coefficients[:1])


def integral(coefficients: Array) -> Array:
    """Coefficients of the curves' integrals from -1."""
    return np.asarray(chebint(coefficients, lbnd=-1, axis=0), dtype=np.float64)


def quadrature(count: int) -> tuple[Array, Array]:
    """Positions in (-1, 1) and weights that integrate polynomials below degree count (Fejer)."""
    angle = np.pi * (np.arange(count) + 0.5) / count
    even = np.arange(2, count, 2)
    weight = 1 - 2 * (np.cos(np.outer(angle, even)) / (even**2 - 1.0)).sum(axis=1)
    return np.cos(angle), 2 / count * weight


def evaluate(coefficients: Array, column: NDArray[np.intp], position: Array) -> Array:
    """Value at each position in [-1, 1] of the curve in its column (Clenshaw's recurrence)."""
    answer = np.empty(position.shape)
    for start in range(0, len(position), BLOCK):
        here = slice(start, start + BLOCK)
        answer[here] = _clenshaw(coefficients, column[here], position[here])
    return answer


def _clenshaw(coefficients: Array, column: NDArray[np.intp], position: Array) -> Array:
    twice = 2 * position
    value, before = np.zeros_like(position), np.zeros_like(position)
    for row in coefficients[:0:-1]:
        value, before = row[column] + twice * value - before, value
    return np.asarray(coefficients[0][column] + position * value - before)
