"""Customer equity by the plain retention formula: the check of the value engine, not the product.

N customers, m yearly contribution of each, r retention a year, d discount rate a year, A new
customers a year, c what one of them costs to get. Rates are shares: 0.8 is 80 %.
"""

from math import isfinite


def equity_formula(N: float, m: float, r: float, d: float, A: float = 0.0, c: float = 0.0) -> float:
    """N m r/(1+d-r) + A (m (1+d)/(1+d-r) - c): present customers, and one year's newcomers.

    Present customers pay from the end of the year on, newcomers at once too.
    Source: Gupta, Lehmann, Stuart (2004), "Valuing customers", constant margin and retention.
    """
    left = _years_left(r, d)
    return N * m * r / left + A * (m * (1 + d) / left - c)


def gradient(
    N: float, m: float, r: float, d: float, A: float = 0.0, c: float = 0.0
) -> dict[str, float]:
    """What one unit more of each does; r and d by 1.00, so a point is a hundredth of it."""
    left = _years_left(r, d)
    return {
        "N": m * r / left,
        "m": N * r / left + A * (1 + d) / left,
        "r": (N + A) * m * (1 + d) / left**2,
        "d": -(N + A) * m * r / left**2,
        "A": m * (1 + d) / left - c,
        "c": -A,
    }


def elasticities(r: float, d: float) -> dict[str, float]:
    """Per cent of the value of present customers by one per cent of each."""
    left = _years_left(r, d)
    return {"m": 1.0, "r": (1 + d) / left, "d": -d / left}


def multiple(r: float, d: float) -> float:
    """What a present customer is worth in yearly contributions."""
    return r / _years_left(r, d)


def _years_left(r: float, d: float) -> float:
    if not (0 <= r <= 1 and isfinite(d) and 1 + d > r):
        raise ValueError("retention must be between 0 and 1, and below 1 + the discount rate")
    return 1 + d - r
