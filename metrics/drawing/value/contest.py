"""Forecasts of days held out: models against each other, and one test after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from metrics.drawing.axes import percent

INSET = 0.04


class Contending(Protocol):
    """One model's forecast of the days held out; `barred` says why it may not be chosen."""

    model: str
    is_chosen: bool
    barred: str
    forecast: float
    mae: float
    deviance: float


class Frequency(Protocol):
    """Mean purchases of the customers who had bought again `frequency` times before."""

    model: str
    frequency: int
    customers: int
    actual: float
    forecast: float


@dataclass(frozen=True)
class ContestRow:
    """A contender with its bar from zero: forecast over what happened, less one."""

    of: Contending
    error: float | None
    bar_x: str
    bar_width: str
    is_benchmark: bool
    is_least: bool


@dataclass(frozen=True)
class Contest:
    """Rows from the least misfit up, barred ones after them, the benchmark last.

    least_ahead: how much less the best misfits than the next best; over_benchmark: how much less
    the chosen one misfits than the benchmark, below zero where it does worse. Shares of one.
    """

    rows: list[ContestRow]
    zero: str
    chosen: Contending | None
    least: Contending | None
    runner_up: Contending | None
    least_ahead: float | None
    over_benchmark: float | None


def contest_of(contenders: Sequence[Contending], actual: float, benchmark: str) -> Contest | None:
    """The contest, None without contenders. benchmark: the model that is no contender."""
    if not contenders:
        return None
    ordered = sorted(
        contenders, key=lambda each: (each.model == benchmark, bool(each.barred), each.deviance)
    )
    errors = [each.forecast / actual - 1 if actual else None for each in ordered]
    scale = _Scale([error for error in errors if error is not None])
    free = [each for each in ordered if each.model != benchmark and not each.barred]
    chosen = next((each for each in ordered if each.is_chosen), None)
    naive = next((each for each in ordered if each.model == benchmark), None)
    return Contest(
        rows=[
            ContestRow(
                of=each,
                error=error,
                bar_x=scale.start(error or 0.0),
                bar_width=scale.length(error or 0.0),
                is_benchmark=each.model == benchmark,
                is_least=each in free[:1],
            )
            for each, error in zip(ordered, errors, strict=True)
        ],
        zero=scale.start(0.0),
        chosen=chosen,
        least=free[0] if free else None,
        runner_up=free[1] if len(free) > 1 else None,
        least_ahead=_less(free[0], free[1]) if len(free) > 1 else None,
        over_benchmark=_less(chosen, naive) if chosen and naive else None,
    )


def _less(one: Contending, other: Contending) -> float | None:
    return 1 - one.deviance / other.deviance if other.deviance > 0 else None


@dataclass(frozen=True)
class FrequencyRow:
    """One group of customers: what happened beside the chosen model's and the others' forecasts.

    A mean of nobody is not known: None, and no place.
    """

    frequency: int
    is_last: bool
    customers: int
    actual: float | None
    forecast: float | None
    others: list[float | None]
    actual_x: str
    forecast_x: str


@dataclass(frozen=True)
class FrequencyTable:
    """others: the models beside the chosen one, as the rows list their forecasts."""

    rows: list[FrequencyRow]
    others: list[str]


def frequency_table(rows: Sequence[Frequency], chosen: str) -> FrequencyTable | None:
    """Group by group, on one scale from zero; None without rows. Rows in order of frequency.

    Rows without a model were written when there was one only: they are the chosen one's.
    """
    if not rows:
        return None
    models = dict.fromkeys(row.model or chosen for row in rows)
    others = [model for model in models if model != chosen]
    highest = max(max(row.actual, row.forecast) for row in rows) or 1.0

    def place(value: float) -> str:
        return percent(INSET + (1 - 2 * INSET) * value / highest)

    found = []
    for frequency, group in groupby(rows, key=lambda row: row.frequency):
        all_of_them = list(group)
        any_of = all_of_them[0]
        by_model = {row.model or chosen: row for row in all_of_them if row.customers}
        own = by_model.get(chosen)
        found.append(
            FrequencyRow(
                frequency=frequency,
                is_last=frequency == rows[-1].frequency,
                customers=any_of.customers,
                actual=any_of.actual if any_of.customers else None,
                forecast=own.forecast if own else None,
                others=[
                    by_model[model].forecast if model in by_model else None for model in others
                ],
                actual_x=place(any_of.actual) if any_of.customers else "",
                forecast_x=place(own.forecast) if own else "",
            )
        )
    return FrequencyTable(found, others)


class Tested(Protocol):
    """A forecast that was checked; error: forecast over what happened, less one."""

    @property
    def error(self) -> float | None: ...


@dataclass(frozen=True)
class TestedRow:
    of: Tested
    bar_x: str
    bar_width: str


@dataclass(frozen=True)
class TestedRows:
    rows: list[TestedRow]
    zero: str


def drawn_tests(tests: Sequence[Tested]) -> TestedRows | None:
    """The tests with their errors as bars on one scale; None without any."""
    if not tests:
        return None
    errors = [test.error or 0.0 for test in tests]
    scale = _Scale(errors)
    return TestedRows(
        rows=[
            TestedRow(test, scale.start(error), scale.length(error))
            for test, error in zip(tests, errors, strict=True)
        ],
        zero=scale.start(0.0),
    )


class _Scale:
    """From errors to bars: zero is on it, with some room at both ends."""

    def __init__(self, errors: Sequence[float]) -> None:
        self._low = min([0.0, *errors])
        self._span = max([0.0, *errors]) - self._low or 1.0

    def start(self, error: float) -> str:
        """Where the bar begins on the left."""
        share = (min(error, 0.0) - self._low) / self._span
        return percent(INSET + (1 - 2 * INSET) * share)

    def length(self, error: float) -> str:
        return percent((1 - 2 * INSET) * abs(error) / self._span)
