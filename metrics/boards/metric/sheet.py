"""The facts behind one metric: its figures as lines of a table, and its definition in words."""

from dataclasses import dataclass

from customers.templatetags.numbers import exact_money, grouped
from metrics.indicators.declaration import (
    counts_money,
    in_words,
    problem_of,
    source_of,
)
from metrics.indicators.reading import Reading
from metrics.indicators.steadiness import LEAST_POINTS, Verdict
from metrics.indicators.words import period_text, value_text
from metrics.models import Measure, MetricVersion

SAYS = {
    Verdict.WORSE: "signal, worse",
    Verdict.BETTER: "signal, better",
    Verdict.SIGNAL: "signal",
}
UNTOLD = "Nobody has said yet what it counts."


@dataclass(frozen=True)
class Line:
    """One figure in words."""

    period: str
    value: str
    numerator: str
    denominator: str
    says: str


@dataclass(frozen=True)
class Sheet:
    """How a metric is counted, and what it came to. problem: why it cannot be counted, or "".

    made_of: by definition, of what is counted and not computed from it.
    """

    problem: str
    counts: str
    out_of: str
    source: str
    precision: str
    lines: list[Line]
    missing: int
    made_of: str = ""


def sheet_of(reading: Reading, currency: str) -> Sheet | None:
    """The sheet of a metric, newest figure first; None for a metric without a version."""
    if reading.version is None:
        return None
    if reading.version.way != MetricVersion.Way.COUNTED:
        return _uncounted(reading)
    measures = {measure.side: measure for measure in _measures(reading)}
    problem = problem_of(measures.values())
    if Measure.Side.NUMERATOR not in measures:
        problem = UNTOLD
    if problem:
        return Sheet(problem, counts="", out_of="", source="", precision="", lines=[], missing=0)
    numerator = measures[Measure.Side.NUMERATOR]
    denominator = measures.get(Measure.Side.DENOMINATOR)
    return Sheet(
        problem="",
        counts=in_words(numerator, currency),
        out_of=in_words(denominator, currency) if denominator else "",
        source=source_of(numerator).label,
        precision="a forecast" if source_of(numerator).is_forecast else "exact",
        lines=_lines(reading, measures, currency)[::-1],
        missing=max(0, LEAST_POINTS - len(reading.final)),
        made_of=reading.version.formula,
    )


def _uncounted(reading: Reading) -> Sheet:
    """Of what is no count of facts: a formula, a report, or nothing yet."""
    version = reading.version
    way = version.get_way_display()
    return Sheet(
        problem="",
        counts=f"{way}: {version.formula}" if version.formula else way,
        out_of="",
        source="",
        precision="",
        lines=_lines(reading, {}, "")[::-1],
        missing=max(0, LEAST_POINTS - len(reading.final)),
    )


def _measures(reading: Reading) -> list[Measure]:
    return list(reading.version.measures.prefetch_related("conditions"))


def _lines(reading: Reading, measures: dict[str, Measure], currency: str) -> list[Line]:
    meanings = reading.meanings()
    has_limits = reading.judgement.limits is not None
    lines = []
    for place, figure in enumerate(reading.figures):
        period = period_text(reading.version, figure.ends_on)
        says = SAYS[meanings[place]] if place in meanings else "usual" if has_limits else ""
        lines.append(
            Line(
                period=period[:1].upper() + period[1:],
                value=value_text(reading.version, figure.value),
                numerator=_side(measures.get(Measure.Side.NUMERATOR), figure.numerator, currency),
                denominator=_side(
                    measures.get(Measure.Side.DENOMINATOR), figure.denominator, currency
                ),
                says=says if figure.is_final else "preliminary",
            )
        )
    return lines


def _side(measure: Measure | None, total: float | None, currency: str) -> str:
    """One side of a figure as it was counted, not rounded beyond its unit."""
    if measure is None or total is None:
        return ""
    if counts_money(measure):
        return exact_money(total, currency)
    return grouped(total, 0 if float(total).is_integer() else 2)
