"""A target for the top, handed down: which metrics move by how much, with the least effort."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog, minimize

Array = NDArray[np.float64]

TOLERANCE = 1e-6
"""By what share an answer may miss the target or a cap."""


@dataclass(frozen=True, slots=True)
class JointCap:
    """Metrics that act through one parent, which cannot move by more than `most` of its units.

    weights: by the place of the metric, what one of its units moves the parent.
    """

    weights: dict[int, float]
    most: float


@dataclass(frozen=True, slots=True)
class Cascade:
    """Steps in each metric's units, in its good direction. reached: what they bring the top.

    is_possible: False where all room together falls short; the steps are then the most there is.
    """

    steps: Array
    reached: float
    is_possible: bool


def cascade(
    worth: ArrayLike,
    effort: ArrayLike,
    target: float,
    headroom: ArrayLike | None = None,
    caps: Sequence[JointCap] = (),
) -> Cascade:
    """The steps x with the least Σ effort x² whose worth Σ worth x reaches the target.

    worth: of one unit in the good direction, in the top's units; with doubt pass its cautious
    value (the 25th percentile, `Spread.cautious`), and what is not above 0 gets no step.
    effort: above 0, a score agreed with the owner. headroom: the most that each can move.
    """
    gain: Array = np.maximum(np.asarray(worth, dtype=float), 0.0)
    cost: Array = np.asarray(effort, dtype=float)
    room: Array = np.full(gain.shape, inf) if headroom is None else np.asarray(headroom, float)
    if not (np.all(cost > 0) and np.all(room >= 0) and target > 0):
        raise ValueError("efforts and the target must be above 0, headroom not below")
    if not gain.any():
        return Cascade(np.zeros_like(gain), 0.0, is_possible=False)
    most = _most(gain, room, caps)
    if most is not None and gain @ most < target:
        return Cascade(most, float(gain @ most), is_possible=False)
    steps = least_effort(gain, cost, target, room)
    if any(_row(cap, len(steps)) @ steps > cap.most for cap in caps):
        steps = _capped(gain, cost, target, room, caps)
    return Cascade(steps, float(gain @ steps), is_possible=True)


def least_effort(worth: Array, effort: Array, target: float, room: Array) -> Array:
    """Without caps, exactly: target (worth / effort) / Σ(worth² / effort); what then goes beyond
    its room stops there, and the others share the rest in the same way.

    The room must suffice.
    """
    steps = target * (worth / effort) / np.sum(worth**2 / effort)
    while np.any(beyond := steps > room):
        free = (steps < room) & ~beyond & (worth > 0)
        steps = np.where(free, 0.0, np.minimum(steps, room))
        if not free.any():
            break
        rest = target - worth @ steps
        share = worth / effort / np.sum(worth[free] ** 2 / effort[free])
        steps = np.where(free, rest * share, steps)
    return np.asarray(steps)


def _most(worth: Array, room: Array, caps: Sequence[JointCap]) -> Array | None:
    """The steps that bring the most; None where nothing bounds it."""
    found = linprog(
        -worth,
        A_ub=[_row(cap, len(worth)) for cap in caps] or None,
        b_ub=[cap.most for cap in caps] or None,
        bounds=[(0.0, None if most == inf else most) for most in room.tolist()],
    )
    return np.asarray(found.x) if found.status == 0 else None


def _capped(
    worth: Array, effort: Array, target: float, room: Array, caps: Sequence[JointCap]
) -> Array:
    """Solved in units of the unbounded answer's size, in which all numbers are near 1."""
    unit = target / np.sqrt(np.sum(worth**2 / effort)) / np.sqrt(effort)
    pull = worth * unit / target
    rows = [_row(cap, len(unit)) * unit / cap.most for cap in caps if cap.most > 0]
    blocked = {place for cap in caps if cap.most <= 0 for place in cap.weights}
    highest = [0.0 if place in blocked else high for place, high in enumerate(room / unit)]
    found = minimize(
        lambda z: z @ z,
        np.minimum(pull, highest),
        jac=lambda z: 2 * z,
        method="SLSQP",
        bounds=[(0.0, None if high == inf else high) for high in highest],
        constraints=[
            {"type": "ineq", "fun": lambda z: pull @ z - 1, "jac": lambda z: pull},
            *(_below_one(row) for row in rows),
        ],
        options={"ftol": 1e-10, "maxiter": 500},
    )
    z = np.clip(found.x, 0.0, highest)
    # The last line search may end "unsuccessful" on the answer itself; what counts is the bounds.
    if pull @ z < 1 - TOLERANCE or any(row @ z > 1 + TOLERANCE for row in rows):
        raise ValueError(f"no cascade was found: {found.message}")
    return np.asarray(z * unit)


def _below_one(row: Array) -> dict[str, object]:
    return {"type": "ineq", "fun": lambda z: 1 - row @ z, "jac": lambda z: -row}


def _row(cap: JointCap, length: int) -> Array:
    row = np.zeros(length)
    row[list(cap.weights)] = list(cap.weights.values())
    return row
