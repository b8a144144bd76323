"""Charts of a metric's reading: values, usual range, and signals with their meaning."""

from collections.abc import Sequence

from metrics.drawing.process_chart import Event, Point, ProcessChart, Run, Usual, process_chart
from metrics.drawing.spark import Spark, spark
from metrics.indicators.reading import Reading
from metrics.indicators.steadiness import Rule, Verdict
from metrics.indicators.words import axis_text, period_text, value_text

SPARK_POINTS = 26
CHART_POINTS = 104


def chart_of(reading: Reading, events: Sequence[Event] = ()) -> ProcessChart | None:
    """The newest figures, preliminary ones at the end, and what is known of their days; None
    without any figure."""
    hidden = max(0, len(reading.figures) - CHART_POINTS)
    meanings = reading.meanings()
    places = range(hidden, len(reading.figures))
    return process_chart(
        [_point(reading, place, meanings) for place in places],
        _usual(reading),
        _run(reading, hidden),
        lambda value: axis_text(reading.version, value),
        events,
    )


def spark_of(reading: Reading) -> Spark | None:
    """The newest final figures, small; None without any."""
    hidden = max(0, len(reading.final) - SPARK_POINTS)
    meanings = reading.meanings()
    places = range(hidden, len(reading.final))
    return spark([_point(reading, place, meanings) for place in places], _usual(reading))


def sentence_of(reading: Reading) -> str:
    """What the chart shows, for somebody who does not see it; needs a figure."""
    version, limits = reading.version, reading.judgement.limits
    sentences = [f"{reading.metric.name} by {version.grain}, {len(reading.figures)} figures"]
    if limits:
        low, high = (value_text(version, limit) for limit in (limits.lower, limits.upper))
        sentences.append(f"Usual level {value_text(version, limits.centre)}, from {low} to {high}")
    sentences.append(f"Last {reading.last_text}, {reading.verdict_words.lower()}")
    return ". ".join([*sentences, ""]).strip()


def _point(reading: Reading, place: int, meanings: dict[int, Verdict]) -> Point:
    figure, version = reading.figures[place], reading.version
    text = f"{period_text(version, figure.ends_on)}: {value_text(version, figure.value)}"
    title = text[:1].upper() + text[1:] + ("" if figure.is_final else ", preliminary")
    mark = meanings[place].value if place in meanings else ""
    return Point(figure.ends_on, figure.value, title, mark, figure.is_final)


def _usual(reading: Reading) -> Usual | None:
    limits = reading.judgement.limits
    if limits is None:
        return None
    return Usual(limits.centre, limits.lower, limits.upper, limits.range_limit)


def _run(reading: Reading, hidden: int) -> Run | None:
    """The bracket of the current signal, where that is a row of points in sight."""
    signal, limits = reading.judgement.current, reading.judgement.limits
    if signal is None or signal.rule is Rule.OUTSIDE or signal.first < hidden:
        return None
    count = len(signal.points)
    periods = f"{count} {reading.version.grain}s"
    if signal.rule is Rule.ONE_SIDE:
        side, centre = ("above" if signal.is_above else "below"), limits.centre
        words = f"{periods} in a row {side} {value_text(reading.version, centre)}"
    else:
        words = f"{periods} near the {'upper' if signal.is_above else 'lower'} limit"
    return Run(
        signal.first - hidden,
        signal.last - hidden,
        signal.is_above,
        mark=reading.verdict.value,
        long=words,
        short=f"{count} in a row" if signal.rule is Rule.ONE_SIDE else f"{count} near",
    )
