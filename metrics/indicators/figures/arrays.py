"""Measures of rows that come as columns of numbers, one period after another."""

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from metrics.indicators.counting import Counted
from metrics.indicators.figures.tally import DISTINCT, MEDIAN, Asked, Tally
from metrics.indicators.periods import Period
from metrics.indicators.sources import Columns, Kind, Source
from metrics.models import Condition, Measure

Comparison = Condition.Comparison
COMPARE = {
    Comparison.EQUAL: operator.eq,
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.AT_LEAST: operator.ge,
    Comparison.MORE: operator.gt,
}


def walk(
    source: Source,
    columns: Columns,
    asked: Iterable[Asked],
    periods: Mapping[str, Iterable[Period]],
    show_life: Callable[[], None],
) -> Tally:
    """Count what is asked of each period of its grain. periods: grain -> those to count."""
    tally, by_grain = Tally(source), defaultdict(list)
    for one in asked:
        by_grain[one.grain].append(one)
    names = {name for one in asked for name in _names(one.counted)}
    grains = sorted(
        (period.ends_on, period, grain) for grain in by_grain for period in periods[grain]
    )
    in_order = [period for _, period, _ in grains]
    found = columns.at(in_order, names) if in_order else []
    for (_, period, grain), rows in zip(grains, found, strict=True):
        tally.add_state(grain, period.starts_on, len(rows[""]))
        for one in by_grain[grain]:
            number = _number(source, one.counted, rows)
            if number is not None:
                tally.add_period(one, period.starts_on, number)
        show_life()
    return tally


def _names(counted: Counted) -> set[str]:
    return {field for field, _, _ in counted.where} | ({counted.field} - {""})


def _number(source: Source, counted: Counted, rows: Mapping[str, np.ndarray]) -> float | None:
    """None for the median of nothing."""
    wanted = np.ones(len(rows[""]), dtype=bool)
    for name, comparison, value in counted.where:
        if source.fields[name].kind is Kind.TRUTH:
            wanted &= rows[name] == bool(value)
        else:
            wanted &= COMPARE[comparison](rows[name], float(value))
    if counted.aggregate == Measure.Aggregate.COUNT:
        return float(np.count_nonzero(wanted))
    values = rows[counted.field][wanted]
    if counted.aggregate == DISTINCT:
        return float(len(np.unique(values)))
    if counted.aggregate == MEDIAN:
        known = values[~np.isnan(values)]
        return float(np.median(known)) if len(known) else None
    return float(np.nansum(values))
