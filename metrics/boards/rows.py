"""Rows of metrics: value, verdict, what one step is worth, and what can be done."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from customers.models import Department, User
from metrics.boards.charts import spark_of
from metrics.boards.missing import Missing, missing_of
from metrics.boards.worth import Worth, gain_of, worths_of
from metrics.drawing.spans import Span, spans
from metrics.drawing.spark import Spark
from metrics.indicators.reading import Reading, readings_of
from metrics.indicators.steadiness import LEAST_POINTS, Verdict
from metrics.indicators.words import control_words, number_word, period_text, unit_note
from metrics.metric_map.paths import paths_up
from metrics.metric_map.words import listed
from metrics.models import ControlAction, Metric
from metrics.policy import is_own

TOLD_SIGNALS = 3


@dataclass(frozen=True)
class Row:
    """One metric in words, with its small chart. span: its worth on the scale of all rows.

    through: what lies between it and the top, on its best way; is_led_up: whether it has one.
    """

    reading: Reading
    control: str
    is_own: bool
    through: str
    is_led_up: bool
    spark: Spark | None
    worth: Worth | None
    span: Span | None
    actions: list[str]
    missing: Missing | None

    @property
    def metric(self) -> Metric:
        return self.reading.metric

    @property
    def note(self) -> str:
        """What stands under the value: its unit."""
        return unit_note(self.reading.version) if self.reading.version else ""

    @property
    def period(self) -> str:
        last = self.reading.last
        return period_text(self.reading.version, last.ends_on) if last else ""

    @property
    def periods_wanted(self) -> int:
        """How many more periods it takes until there are limits."""
        return max(0, LEAST_POINTS - len(self.reading.final)) if self.reading.last else 0

    @property
    def is_only_watched(self) -> bool:
        return self.metric.control == Metric.Control.NONE


@dataclass(frozen=True)
class Section:
    """The metrics of one department, what is worth most first."""

    department: Department
    rows: list[Row]

    @property
    def lead(self) -> str:
        return lead_of([row.reading for row in self.rows])


def rows_of(metrics: Iterable[Metric], user: User) -> list[Row]:
    """A row of each metric, what one step is worth most first; eleven queries for any number.

    metrics: a queryset that has their departments at hand.
    """
    readings = readings_of(metrics)
    paths = paths_up(reading.metric for reading in readings)
    worths = worths_of(readings)
    readings.sort(key=lambda one: (-gain_of(worths.get(one.metric.pk)), one.metric.name))
    drawn = spans([_interval(worths.get(reading.metric.pk)) for reading in readings])
    actions = actions_of(reading.metric for reading in readings)
    missing = missing_of(reading.metric for reading in readings)
    return [
        Row(
            reading=reading,
            control=control_words(reading.metric, is_own(user, reading.metric)),
            is_own=is_own(user, reading.metric),
            through=listed(step.parent for step in paths[reading.metric.pk][:-1]),
            is_led_up=bool(paths[reading.metric.pk]),
            spark=spark_of(reading),
            worth=worths.get(reading.metric.pk),
            span=span,
            actions=actions.get(reading.metric.pk, []),
            missing=missing.get(reading.metric.pk),
        )
        for reading, span in zip(readings, drawn, strict=True)
    ]


def sections_of(metrics: Iterable[Metric], user: User) -> list[Section]:
    """The rows by department."""
    rows = sorted(rows_of(metrics, user), key=lambda row: _place(row.metric.department))
    grouped = groupby(rows, key=lambda row: row.metric.department)
    return [Section(department, list(own)) for department, own in grouped]


def actions_of(metrics: Iterable[Metric]) -> dict[int, list[str]]:
    """What the owner of each of these metrics can do, in the order in which it was named."""
    found = defaultdict(list)
    for action in ControlAction.objects.filter(metric__in=list(metrics)).order_by("pk"):
        found[action.metric_id].append(action.text)
    return found


def lead_of(readings: Sequence[Reading]) -> str:
    """What these metrics say together, the news first; "" for none."""
    signals = [reading for reading in readings if reading.verdict.is_signal]
    quiet = sum(reading.verdict is Verdict.NOISE for reading in readings)
    little = sum(reading.verdict is Verdict.LITTLE for reading in readings)
    told = [f"{signal.metric.name} {signal.happened}{_for_the(signal)}." for signal in signals]
    sentences = told[:TOLD_SIGNALS]
    if more := len(told) - len(sentences):
        sentences.append(f"{_capital(more)} more moved too.")
    if quiet:
        rest = f"The other {number_word(quiet)} did" if signals else "What moved, moved as usual:"
        sentences.append(f"{rest} nothing new.")
    if little:
        sentences.append(f"{_capital(little)} {'has' if little == 1 else 'have'} too little data.")
    return " ".join(sentences)


def _interval(worth: Worth | None) -> tuple[float, float, float] | None:
    row = worth.row if worth else None
    if row is None or row.gain is None:
        return None
    return row.gain_low, row.gain, row.gain_high


def _place(department: Department) -> tuple[str, int]:
    return department.name, department.pk


def _for_the(signal: Reading) -> str:
    return "" if signal.verdict is Verdict.SIGNAL else f", for the {signal.verdict.value}"


def _capital(number: int) -> str:
    return number_word(number).capitalize()
