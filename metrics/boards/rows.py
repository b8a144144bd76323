"""Rows of a board by department, led by a sentence of what they say together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from customers.models import DEPARTMENT_ROLES, Department, User
from customers.policy import departments_of
from metrics.boards.charts import spark_of
from metrics.drawing.spark import Spark
from metrics.indicators.reading import Reading, readings_of
from metrics.indicators.steadiness import Verdict
from metrics.indicators.words import control_words, number_word, period_text, unit_note
from metrics.metric_map.paths import one_line, paths_up
from metrics.models import Metric

TOLD_SIGNALS = 3
NEWS_FIRST = list(Verdict)


@dataclass(frozen=True)
class Row:
    """One metric of a board, in words and with its small chart."""

    reading: Reading
    control: str
    path: str
    spark: Spark | None

    @property
    def note(self) -> str:
        """What stands under the value: its unit."""
        return unit_note(self.reading.version) if self.reading.version else ""

    @property
    def period(self) -> str:
        last = self.reading.last
        return period_text(self.reading.version, last.ends_on) if last else ""


@dataclass(frozen=True)
class Section:
    """The metrics of one department, signals first."""

    department: Department
    rows: list[Row]

    @property
    def lead(self) -> str:
        return lead_of([row.reading for row in self.rows])


def sections_of(metrics: Iterable[Metric], user: User) -> list[Section]:
    """The metrics by department and then by verdict, in five queries whatever their number.

    metrics: a queryset that has their departments at hand.
    """
    readings = readings_of(metrics)
    paths = paths_up(reading.metric for reading in readings)
    own = departments_of(user, *DEPARTMENT_ROLES)
    rows = [
        Row(
            reading=reading,
            control=control_words(reading.metric, reading.metric.department_id in own),
            path=one_line(paths[reading.metric.pk]),
            spark=spark_of(reading),
        )
        for reading in sorted(readings, key=_place)
    ]
    return [
        Section(department, list(own_rows))
        for department, own_rows in groupby(rows, key=lambda row: row.reading.metric.department)
    ]


def lead_of(readings: Sequence[Reading]) -> str:
    """What these metrics say together, the news first; "" for none."""
    signals = [reading for reading in readings if reading.verdict.is_signal]
    quiet = sum(reading.verdict is Verdict.NOISE for reading in readings)
    little = sum(reading.verdict is Verdict.LITTLE for reading in readings)
    told = [f"{signal.metric.name} {signal.happened}{_worth(signal)}." for signal in signals]
    sentences = told[:TOLD_SIGNALS]
    if more := len(told) - len(sentences):
        sentences.append(f"{_capital(more)} more moved too.")
    if quiet:
        rest = f"The other {number_word(quiet)} did" if signals else "What moved, moved as usual:"
        sentences.append(f"{rest} nothing new.")
    if little:
        sentences.append(f"{_capital(little)} {'has' if little == 1 else 'have'} too little data.")
    return " ".join(sentences)


def _place(reading: Reading) -> tuple[str, int, int, str]:
    department = reading.metric.department
    news = NEWS_FIRST.index(reading.verdict)
    return department.name, department.pk, news, reading.metric.name


def _worth(signal: Reading) -> str:
    return "" if signal.verdict is Verdict.SIGNAL else f", for the {signal.verdict.value}"


def _capital(number: int) -> str:
    return number_word(number).capitalize()
