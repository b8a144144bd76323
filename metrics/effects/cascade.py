"""A target for the top, handed down: which metrics move by how much, with the least effort."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog, minimize

Array = NDArray[np.float64]


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
    worth = np.maximum(np.asarray(worth, dtype=float), 0.0)
    effort = np.asarray(effort, dtype=float)
    room = np.broadcast_to(np.asarray(inf if headroom is None else headroom, float), worth.shape)
    if not (np.all(effort > 0) and np.all(room >= 0) and target > 0):
        raise ValueError("efforts and the target must be above 0, headroom not below")
    if not worth.any():
        return Cascade(np.zeros_like(worth), 0.0, is_possible=False)
    free = least_effort(worth, effort, target)
    if np.all(free <= room) and all(_used(cap, free) <= cap.most for cap in caps):
        return Cascade(free, target, is_possible=True)
    best = _most(worth, room, caps)
    if best is not None and worth @ best < target:
        return Cascade(best, float(worth @ best), is_possible=False)
    steps = _bounded(worth, effort, target, room, caps)
    return Cascade(steps, float(worth @ steps), is_possible=True)


def least_effort(worth: Array, effort: Array, target: float) -> Array:
    """The same without bounds: target (worth / effort) / Σ(worth² / effort)."""
    return np.asarray(target * (worth / effort) / np.sum(worth**2 / effort))


def _most(worth: Array, room: Array, caps: Sequence[JointCap]) -> Array | None:
    """The steps that bring the most; None where nothing bounds it."""
    found = linprog(
        -worth,
        A_ub=[_row(cap, len(worth)) for cap in caps] or None,
        b_ub=[cap.most for cap in caps] or None,
        bounds=[(0.0, None if most == inf else most) for most in room.tolist()],
    )
    return np.asarray(found.x) if found.status == 0 else None


def _bounded(
    worth: Array, effort: Array, target: float, room: Array, caps: Sequence[JointCap]
) -> Array:
    """Solved in units of the unbounded answer's size, in which all numbers are near 1."""
    unit = target / np.sqrt(np.sum(worth**2 / effort)) / np.sqrt(effort)
    pull = worth * unit / target
    limits = [
        {"type": "ineq", "fun": lambda z, row=_row(cap, len(unit)) * unit / cap.most: 1 - row @ z}
        for cap in caps
        if cap.most > 0
    ]
    blocked = {place for cap in caps if cap.most <= 0 for place in cap.weights}
    most = [0.0 if place in blocked else high for place, high in enumerate(room / unit)]
    found = minimize(
        lambda z: z @ z,
        np.minimum(pull, most),
        jac=lambda z: 2 * z,
        method="SLSQP",
        bounds=[(0.0, None if high == inf else high) for high in most],
        constraints=[{"type": "ineq", "fun": lambda z: pull @ z - 1}, *limits],
        options={"ftol": 1e-12, "maxiter": 500},
    )
    if not found.success:
        raise ValueError(f"no cascade was found: {found.message}")
    return np.asarray(found.x * unit)


def _row(cap: JointCap, length: int) -> Array:
    row = np.zeros(length)
    row[list(cap.weights)] = list(cap.weights.values())
    return row


def _used(cap: JointCap, steps: Array) -> float:
    return float(_row(cap, len(steps)) @ steps)
