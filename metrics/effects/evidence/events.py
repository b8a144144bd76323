"""Single events: an order, a ticket, a contact; what it was like and what came of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.effects.evidence.clusters import Array, Clustered, Codes, coded, demeaned, sums_by
from metrics.effects.evidence.customers import (
    LEAST_ROWS,
    NO_PLACEBO,
    PanelFinding,
    judged,
    less_common,
    placebo_in,
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
    whose, when = coded(customer[whole]), coded(window[whole])
    counts = np.maximum(np.bincount(whose), 1)
    usual = (sums_by(whose, exposure[whole][:, None])[:, 0] / counts)[whose]
    flat = np.column_stack([outcome[whole], exposure[whole], history[whole], usual])
    rows = less_common(flat, demeaned(flat, when), whose, when, 1)
    return judged(rows, lambda: _placebo(flat, whose, when), 0, seed)


def _placebo(flat: Array, customer: Codes, window: Codes) -> Clustered:
    """Of the exposure of the customer's next event; nothing where there are too few to ask."""
    order = np.argsort(customer, kind="stable")
    follows = customer[order][1:] == customer[order][:-1]
    now, following = order[:-1][follows], order[1:][follows]
    if len(now) < LEAST_ROWS:
        return NO_PLACEBO
    both = np.column_stack([flat[now, :2], flat[following, 1], flat[now, 2:]])
    when = coded(window[now])
    return placebo_in(less_common(both, demeaned(both, when), coded(customer[now]), when, 2))
