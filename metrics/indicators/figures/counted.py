"""Figures of counted versions: all of them together, each source read once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from metrics.indicators.counting import Counting, counting_by
from metrics.indicators.declaration import NotCountable, problem_of
from metrics.indicators.figures.arrays import walk
from metrics.indicators.figures.expected import Expectation, sources_of
from metrics.indicators.figures.scan import scan
from metrics.indicators.figures.tally import Asked, Tally
from metrics.indicators.periods import Period, stretches
from metrics.indicators.sources import SOURCES, Columns
from metrics.models import Figure, MetricVersion

Wanted = Mapping[MetricVersion, list[Period]]


def nobody_waits() -> None:
    pass


def compute(
    version: MetricVersion, as_of: date, show_life: Callable[[], None] = nobody_waits
) -> list[Figure]:
    """The figures of all whole periods from the first fact to as_of, not stored yet.

    A period whose denominator is 0, or that needs more history than there is, has no figure; a
    plain count of nothing is 0 while its source is complete. Raises NotCountable.
    """
    if problem := problem_of(version.measures.all()):
        raise NotCountable(problem)
    return count({version: Expectation(as_of).of(version)}, as_of, show_life)[version]


def count(
    wanted: Wanted, as_of: date, show_life: Callable[[], None] = nobody_waits
) -> dict[MetricVersion, list[Figure]]:
    """The figures of these periods of each version, which all can be counted.

    show_life: called after each piece, since all of them may take longer than a lease.
    """
    countings = {version: counting_by(version) for version in wanted}
    tallies = _tallies(wanted, countings, show_life)
    return {
        version: _figures(version, countings[version], periods, tallies, as_of)
        for version, periods in wanted.items()
    }


def _tallies(
    wanted: Wanted, countings: Mapping[MetricVersion, Counting], show_life: Callable[[], None]
) -> dict[str, Tally]:
    asked: dict[str, set[Asked]] = defaultdict(set)
    periods: dict[str, dict[str, set[Period]]] = defaultdict(lambda: defaultdict(set))
    for version, counting in countings.items():
        for side in _sides(counting):
            asked[side.source].add(Asked(side, version.grain))
        for name in sources_of(counting):
            periods[name][version.grain] |= set(wanted[version])
    return {name: _tally(name, asked[name], periods[name], show_life) for name in sorted(asked)}


def _tally(
    name: str,
    asked: Iterable[Asked],
    periods: Mapping[str, set[Period]],
    show_life: Callable[[], None],
) -> Tally:
    source, data = SOURCES[name], SOURCES[name].data
    in_order = sorted(asked)
    if isinstance(data, Columns):
        return walk(source, data, in_order, periods, show_life)
    days = stretches(period for of_grain in periods.values() for period in of_grain)
    return scan(source, data, in_order, days, show_life)


def _figures(
    version: MetricVersion,
    counting: Counting,
    periods: list[Period],
    tallies: Mapping[str, Tally],
    as_of: date,
) -> list[Figure]:
    grain = version.grain
    numerator, *denominator = (
        tallies[side.source].of(Asked(side, grain), periods) for side in _sides(counting)
    )
    rows = tallies[counting.numerator.source].rows(grain, periods)
    states = [
        tallies[name].rows(grain, periods)
        for name in sources_of(counting)
        if SOURCES[name].is_state
    ]
    ripe_until = as_of - timedelta(version.ripens_after_days)
    return [
        Figure(
            version=version,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            numerator=numerator[period],
            denominator=denominator[0][period] if denominator else None,
            rows=rows[period],
            is_final=period.ends_on <= ripe_until,
        )
        for period in periods
        if period in numerator
        and all(state[period] for state in states)
        and (not denominator or denominator[0][period] != 0)
    ]


def _sides(counting: Counting) -> list:
    return [side for side in (counting.numerator, counting.denominator) if side]
