"""Single events: an order, a ticket, a contact; what it was like and what came of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.effects.evidence.clusters import Array, coded, sums_by
from metrics.effects.evidence.customers import (
    LEAST_ROWS,
    PanelFinding,
    Rows,
    distinct,
    judged,
    slope_of,
)


@dataclass(frozen=True)
class Events:
    """One row an event, in the order in which they happened.

    exposure: what it was like (missed its dispatch day, 1 or 0). outcome: what came of it (late, a
    ticket, hours). customer: whose, or whatever rows go together by. window: the month or week, as
    a label. history: (events, k), what was known before, without gaps; k may be 0.
    """

    exposure: ArrayLike
    outcome: ArrayLike
    customer: ArrayLike
    window: ArrayLike
    history: ArrayLike | None = None


def look(events: Events, seed: int = 0) -> PanelFinding:
    """Whether the exposure of an event shows in its own outcome; customers against themselves.

    As customers.look, at lag 0: only where the outcome surely comes after the exposure. The placebo
    is the exposure of the customer's next event.
    """
    exposure = np.asarray(events.exposure, np.float64)
    outcome = np.asarray(events.outcome, np.float64)
    customer, window = np.asarray(events.customer), np.asarray(events.window)
    history = np.empty((len(exposure), 0))
    if events.history is not None:
        history = np.asarray(events.history, np.float64).reshape(len(exposure), -1)
    whole = np.isfinite(exposure) & np.isfinite(outcome)
    rows = _rows(exposure[whole], outcome[whole], customer[whole], window[whole], history[whole])
    return judged(rows, _placebo(rows), 0, seed)


def _rows(
    exposure: Array,
    outcome: Array,
    customer: np.ndarray[tuple[int], np.dtype[np.generic]],
    window: np.ndarray[tuple[int], np.dtype[np.generic]],
    history: Array,
) -> Rows:
    whose, when = coded(customer), coded(window)
    counts = np.bincount(whose)
    usual = (sums_by(whose, exposure[:, None])[:, 0] / np.maximum(counts, 1))[whose]
    columns = np.column_stack([exposure, history, usual])
    return Rows(outcome, columns[:, distinct(columns, when, 1)], whose, when)


def _placebo(rows: Rows) -> tuple[float, float]:
    """Slope, and error, of the next event's exposure; 0 and 0 where there are too few to ask."""
    order = np.argsort(rows.customer, kind="stable")
    follows = rows.customer[order][1:] == rows.customer[order][:-1]
    now, following = order[:-1][follows], order[1:][follows]
    if len(now) < LEAST_ROWS:
        return 0.0, 0.0
    after = rows.columns[following, 0]
    columns = np.column_stack([rows.columns[now, 0], after, rows.columns[now, 1:]])
    if np.ptp(columns[:, :2], axis=0).min() == 0:
        return 0.0, 0.0
    window = coded(rows.window[now])
    kept = columns[:, distinct(columns, window, 2)]
    return slope_of(Rows(rows.outcome[now], kept, coded(rows.customer[now]), window), which=1)
