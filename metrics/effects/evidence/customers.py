"""What a customer lived through in one window, and what he did or said in a later one.

Matrices are (customers, windows), a window being a month or a week, oldest first; NaN where there
was nothing to live through or nothing was measured.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from metrics.effects.evidence.clusters import (
    Array,
    Clustered,
    Codes,
    clustered,
    coded,
    demeaned,
    sums_by,
)
from metrics.effects.evidence.findings import Verdict, counted, in_words, later, missing_for

LEAST_ROWS, LEAST_CUSTOMERS = 200, 40
FOLDS = 5
SHUFFLES = 99
STRANGE_SHARE = 0.16
"""Of 99 shuffles about 5 look like a link; more than 15 do so once in 100,000 times."""

SURPRISE, PLACEBO_SURPRISE = 0.05, 0.01
PLACEBO_SHARE = 0.2
"""A placebo of less than a fifth of the slope leaves the link standing, though it be certain."""

ROUNDING = 1e-8


@dataclass(frozen=True)
class Experiences:
    """exposure: a share (late deliveries of his), a count, or yes and no as 1 and 0.

    outcome: a survey score, bought again (1, 0), spend. history: what was known of the customer
    as the window began: recency, purchases so far, tenure. Earlier exposure is added to it here.
    The outcome seen before is not: where an experience lasts, part of what it did stands in that
    already, and would be taken away from it. Customers are compared with themselves, so that what
    differs between them for good is left out. All (customers, windows).
    """

    exposure: Array
    outcome: Array
    history: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shapes = {np.shape(each) for each in (self.exposure, self.outcome, *self.history.values())}
        if len(shapes) != 1:
            raise ValueError("exposure, outcome and history must have one shape")


@dataclass(frozen=True)
class PanelFinding:
    """What the customers say about a link.

    slope, se: outcome units per unit of exposure, clustered by customer, at equal history, in the
    same window and against the customer's own usual; None where there was too little.
    lag: windows between. n: rows used.
    skill: share of squared error taken away for customers not learnt from; small by nature.
    foresight: Clark and West's statistic of it, by customer, standard normal for no use.
    placebo_slope, placebo_p: of the exposure one window after the outcome, which cannot have
    caused it.
    shuffled_share: share of shuffles of the exposure within a window that look like a link; 0.05
    where the errors are right. missing_windows: as missing_periods of a SeriesFinding.
    """

    lag: int
    slope: float | None
    se: float | None
    n: int
    customers: int
    skill: float
    foresight: float
    p: float
    placebo_slope: float
    placebo_p: float
    shuffled_share: float
    verdict: Verdict
    missing_windows: int | None

    def sentence(self, child: str, parent: str, window: str = "month") -> str:
        """In plain English; names as they begin a sentence."""
        more = self.missing_windows
        return in_words(
            self.verdict, child=child, parent=parent, slope=self.slope, se=self.se,
            when=later(self.lag, window),
            missing=f"about {counted(more, f'more {window}')}" if more else "",
        )  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """One row for each customer and window, less what the windows have in common.

    columns: exposure first, then history; without those that say nothing of their own. themselves:
    whether customers are compared with themselves only, so that one row of one says nothing.
    """

    outcome: Array
    columns: Array
    customer: Codes
    window: Codes
    themselves: bool = False

    @property
    def customers(self) -> int:
        return int(self.customer.max(initial=-1)) + 1

    @property
    def is_enough(self) -> bool:
        counts = np.bincount(self.customer)
        telling = counts[counts > self.themselves]
        return bool(telling.sum() >= LEAST_ROWS and len(telling) >= LEAST_CUSTOMERS)

    def slope(self, which: int = 0) -> Clustered:
        return clustered(self.outcome, self.columns, self.customer, which)


NO_PLACEBO = Clustered(0.0, 0.0, 1.0)


def look(experiences: Experiences, lag: int = 1, seed: int = 0) -> PanelFinding:
    """Whether the exposure of a window shows in the outcome lag windows later.

    seed: of the folds and shuffles. Same window (lag 0) only where the outcome surely comes after.
    """
    return judged(rows_of(experiences, lag), lambda: placebo_of(experiences, lag), lag, seed)


def judged(rows: Rows, placebo_of_it: Callable[[], Clustered], lag: int, seed: int) -> PanelFinding:
    """The finding on rows whose first column is the exposure. The placebo is asked where there
    is something to doubt."""
    windows = int(rows.window.max(initial=-1)) + 1
    if not rows.is_enough:
        return _nothing(Verdict.LITTLE, rows, lag, _windows_for_least(rows, windows))
    if not rows.columns[:, 0].any() or not rows.outcome.any():
        return _nothing(Verdict.STILL, rows, lag, None)
    found, placebo, share = rows.slope(), NO_PLACEBO, 0.0
    skill, statistic = foresight(rows, seed)
    verdict = Verdict.NOTHING
    if found.p <= SURPRISE:
        placebo, share = placebo_of_it(), shuffled_share(rows, seed)
        verdict = Verdict.LINK if skill > 0 and statistic > 1.64 else Verdict.NO_FORESIGHT
        counts = abs(placebo.slope) > PLACEBO_SHARE * abs(found.slope)
        if (counts and placebo.p < PLACEBO_SURPRISE) or share > STRANGE_SHARE:
            verdict = Verdict.PLACEBO
    missing = missing_for(found.slope, found.se, windows) if verdict in WAITING else None
    return PanelFinding(
        lag=lag, slope=found.slope, se=found.se, n=len(rows.outcome), customers=rows.customers,
        skill=skill, foresight=statistic, p=found.p, placebo_slope=placebo.slope,
        placebo_p=placebo.p, shuffled_share=share, verdict=verdict,
        missing_windows=0 if verdict.is_link else (missing or None),
    )  # fmt: skip


WAITING = {Verdict.NOTHING, Verdict.NO_FORESIGHT}


def _nothing(verdict: Verdict, rows: Rows, lag: int, missing: int | None) -> PanelFinding:
    n = len(rows.outcome)
    return PanelFinding(
        lag, None, None, n, rows.customers, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, verdict, missing
    )


def _windows_for_least(rows: Rows, windows: int) -> int | None:
    n = len(rows.outcome)
    if not n or windows < 1 or rows.customers < LEAST_CUSTOMERS:
        return None
    return max(1, int(np.ceil((LEAST_ROWS - n) / (n / windows))))


def rows_of(experiences: Experiences, lag: int, *beside: Array) -> Rows:
    """The exposure of each window and the outcome lag windows later, where both are known.

    beside: further (customers, windows) that have to be known, next after the exposure.
    """
    exposure, outcome = experiences.exposure, _ahead(experiences.outcome, lag)
    whole = np.isfinite(exposure) & np.isfinite(outcome)
    for other in beside:
        whole &= np.isfinite(other)
    columns = [exposure, *beside, *_history(experiences)]
    who, when = np.nonzero(whole)
    flat = np.column_stack([outcome[whole], *(column[whole] for column in columns)])
    customer, window = coded(who), coded(when)
    left = demeaned(flat, customer, window)
    rows = less_common(flat, left, customer, window, 1 + len(beside))
    return replace(rows, themselves=True)


def less_common(flat: Array, left: Array, customer: Codes, window: Codes, first: int) -> Rows:
    """flat: outcome and columns as they were, left: as they are without what goes for all.

    The first columns stay; of the others those that are no sum of earlier ones. What is nothing
    but rounding becomes 0.
    """
    sizes = np.maximum(np.linalg.norm(flat, axis=0), 1e-300)
    left = np.where(np.linalg.norm(left, axis=0) <= ROUNDING * sizes, 0.0, left)
    kept, basis = [0, *range(1, 1 + first)], np.empty((len(left), 0))
    for at in range(1, left.shape[1]):
        rest = left[:, at] - basis @ (basis.T @ left[:, at])
        rest = rest - basis @ (basis.T @ rest)
        norm = float(np.linalg.norm(rest))
        if norm > ROUNDING * sizes[at]:
            basis = np.column_stack([basis, rest / norm])
            kept += [at] if at > first else []
    return Rows(left[:, 0], left[:, kept[1:]], customer, window)


def _ahead(values: Array, lag: int) -> Array:
    """The value so many windows later; NaN at the end."""
    later_values = np.full(values.shape, np.nan)
    later_values[:, : max(values.shape[1] - lag, 0)] = values[:, lag:]
    return later_values


def _history(experiences: Experiences) -> list[Array]:
    """What was known before; 0 and a mark of its own where it was not."""
    known = [*experiences.history.values()]
    exposure = experiences.exposure
    known += [earlier_mean(exposure)]
    return [
        column
        for values in known
        for column in (np.nan_to_num(values, nan=0.0), np.isnan(values).astype(float))
    ]


def earlier_mean(values: Array) -> Array:
    """Mean over the windows before each; NaN before the first."""
    seen = np.isfinite(values)
    total = np.cumsum(np.where(seen, values, 0.0), axis=1) - np.where(seen, values, 0.0)
    count = np.cumsum(seen, axis=1) - seen
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def placebo_of(experiences: Experiences, lag: int) -> Clustered:
    """Slope, and error, of the exposure one window after the outcome, beside the real one.

    It cannot have caused the outcome. Where it shows, a third thing moves both, or the company
    reacts to the outcome. Nothing where there are too few rows to ask.
    """
    rows = rows_of(experiences, lag, _ahead(experiences.exposure, lag + 1))
    return placebo_in(rows)


def placebo_in(rows: Rows) -> Clustered:
    """What the second column, which cannot be a cause, says."""
    if len(rows.outcome) < LEAST_ROWS or not rows.columns[:, :2].any(axis=0).all():
        return NO_PLACEBO
    return rows.slope(which=1)


def foresight(rows: Rows, seed: int) -> tuple[float, float]:
    """Skill and Clark-West statistic over customers that each fold has not learnt from."""
    draw = np.random.default_rng(seed)
    fold = draw.integers(FOLDS, size=rows.customers)[rows.customer]
    y, x = rows.outcome, rows.columns
    parts = [np.flatnonzero(fold == one) for one in range(FOLDS)]
    squares = [(x[part].T @ x[part], x[part].T @ y[part]) for part in parts]
    left, total = sum(one for one, _ in squares), sum(one for _, one in squares)
    with_it, without = np.empty(len(y)), np.empty(len(y))
    for part, (own_left, own_total) in zip(parts, squares, strict=True):
        known, said = left - own_left, total - own_total
        with_it[part] = x[part] @ (np.linalg.pinv(known) @ said)
        without[part] = x[part][:, 1:] @ (np.linalg.pinv(known[1:, 1:]) @ said[1:])
    missed, missed_with = (y - without) ** 2, (y - with_it) ** 2
    gain = sums_by(rows.customer, (missed - missed_with + (without - with_it) ** 2)[:, None])[:, 0]
    spread = float(np.sqrt(np.sum((gain - gain.mean()) ** 2)))
    statistic = float(gain.sum()) / spread if spread > 0 else 0.0
    return float(1 - missed_with.sum() / missed.sum()), statistic


def shuffled_share(rows: Rows, seed: int) -> float:
    """Share of shuffles of the exposure within its window whose |t| exceeds 1.96."""
    draw = np.random.default_rng([seed, 1])
    y, exposure = rows.outcome, rows.columns[:, 0]
    order = np.argsort(rows.window, kind="stable")
    bounds = np.flatnonzero(np.diff(rows.window[order])) + 1
    blocks: list[NDArray[np.int64]] = np.split(order, bounds)
    strange = 0
    for _ in range(SHUFFLES):
        shuffled = np.empty_like(exposure)
        for block in blocks:
            shuffled[block] = exposure[draw.permutation(block)]
        found = clustered(y, shuffled[:, None], rows.customer)
        strange += abs(found.slope) > 1.96 * found.se
    return strange / SHUFFLES
