"""What every model of repeat purchases can be asked."""

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from metrics.clv.histories import Array, checked_history


class PurchaseModel(Protocol):
    """Times are in the unit of the histories that the model was fitted to."""

    @property
    def alpha(self) -> float: ...

    def probability_alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Array:
        """Chance, in [0, 1], that the customer is still buying at T."""
        ...

    def purchases_if_alive(self, x: ArrayLike, T: ArrayLike, t: ArrayLike) -> Array:
        """Expected purchases in (T, T + t] of a customer who is still buying at T."""
        ...


def expected_purchases(
    model: PurchaseModel, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, t: ArrayLike
) -> Array:
    """Expected purchases in (T, T + t], given the history; all broadcast together.

    x: repeat purchases; t_x, T: time from the first purchase to the last and to now; t: the
    horizon. Raises ValueError naming the rule that an impossible history breaks.
    """
    x, t_x, T = checked_history(x, t_x, T)
    return model.probability_alive(x, t_x, T) * model.purchases_if_alive(x, T, t)


def expected_new(model: PurchaseModel, t: ArrayLike) -> Array:
    """Expected repeat purchases of a new customer in the time t since the first purchase."""
    return model.purchases_if_alive(0, 0, t)


def checked_horizon(t: ArrayLike) -> Array:
    """t as a float array; ValueError where it is negative or without end."""
    t = np.asarray(t, dtype=np.float64)
    if not np.all(np.isfinite(t) & (t >= 0)):
        raise ValueError("the horizon must be zero or more and finite")
    return t


def refuse_nonsense(model: object, **parameters: float) -> None:
    """ValueError unless every parameter is a positive, finite number."""
    for name, value in parameters.items():
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{type(model).__name__}: {name} must be positive, not {value}")
