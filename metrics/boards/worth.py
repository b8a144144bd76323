"""What a step of a metric is worth, in words: its size, its money, its evidence, its delay."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from customers.templatetags.numbers import MINUS, estimate, grouped
from metrics.indicators.reading import Reading
from metrics.indicators.sources import SOURCES
from metrics.indicators.words import is_money, value_text
from metrics.metric_map.words import within
from metrics.models import Link, Measure, MetricVersion, MetricWorth, RollUp

DAYS_IN_A_MONTH = 30.4
SOON = 14
EVIDENCE = {
    None: ("by definition", 0),
    Link.Rung.ASSUMED: ("assumed", 1),
    Link.Rung.AGREED: ("agreed", 1),
    Link.Rung.LITERATURE: ("from the literature", 1),
    Link.Rung.CORRELATED: ("correlated", 2),
    Link.Rung.QUASI: ("back-tested", 3),
    Link.Rung.EXPERIMENT: ("experiment", 4),
}
BASES = {
    MetricWorth.StepBasis.BEST_QUARTER: "as in its own best quarter",
    MetricWorth.StepBasis.MATERIAL: "the least that matters",
    MetricWorth.StepBasis.TARGET: "to its target",
}


@dataclass(frozen=True)
class Worth:
    """One metric's worth as pages tell it.

    unknown: why there is no number, or ""; leaves_out: what the number does not hold, or "".
    """

    row: MetricWorth
    currency: str
    step: str
    in_rows: str
    unknown: str

    @property
    def leaves_out(self) -> str:
        return self.row.leaves_out

    @property
    def gain(self) -> str:
        """ "about +£14,000"; "" where it is not known."""
        if self.row.gain is None:
            return ""
        sign = "+" if self.row.gain >= 0 else MINUS
        return f"about {sign}{estimate(abs(self.row.gain), self.currency)}"

    @property
    def between(self) -> str:
        """ "£5,000 to £24,000"."""
        if self.row.gain is None or self.is_exact:
            return ""
        bounds = (self.row.gain_low, self.row.gain_high)
        return " to ".join(estimate(bound, self.currency) for bound in bounds)

    @property
    def is_exact(self) -> bool:
        return self.row.gain_low == self.row.gain_high

    @property
    def evidence(self) -> str:
        """What the weakest link of the best way rests on: "assumed", "back-tested"."""
        return EVIDENCE[self.row.lowest_rung][0]

    @property
    def rung(self) -> int:
        """How many bars of the evidence mark are filled; 0 for what holds by definition."""
        return EVIDENCE[self.row.lowest_rung][1]

    @property
    def chance(self) -> str:
        """How sure its sign is: "93 chances in 100 that it helps at all"; "" where certain."""
        share = self.row.p_right
        if share is not None and (self.row.gain or 0.0) < 0:
            share = 1 - share  # its good direction does harm, as far as the map knows
        if share is None or share > 0.995:
            return ""
        return f"{round(share * 100)} chances in 100 that it helps at all"

    @property
    def arrives(self) -> str:
        """ "half of it after about 3 months"; "" at once, or not known."""
        days = self.row.half_after_days
        if not days:
            return ""
        if days < SOON:
            return f"half of it after {days} days"
        if days < 2 * DAYS_IN_A_MONTH:
            return f"half of it after about {round(days / 7)} weeks"
        return f"half of it after about {round(days / DAYS_IN_A_MONTH)} months"

    @property
    def doubt(self) -> str:
        """Which link carries the doubt: "late deliveries → satisfaction"."""
        link = self.row.doubtful_link
        return f"{within(link.child.name)} → {within(link.parent.name)}" if link else ""

    @property
    def enables(self) -> str:
        return estimate(self.row.enables, self.currency) if self.row.enables else ""


def worths_of(readings: Iterable[Reading]) -> dict[int, Worth]:
    """The worth of each of these metrics by its key, in three queries; none before a roll-up."""
    readings = {reading.metric.pk: reading for reading in readings}
    roll_up = RollUp.objects.in_force()
    if roll_up is None:
        return {}
    rows = roll_up.worths.filter(metric__in=readings).select_related(
        "metric", "doubtful_link__child", "doubtful_link__parent"
    )
    return {row.metric_id: _worth(row, readings[row.metric_id], roll_up.currency) for row in rows}


def worth_in(stored: Mapping[int, MetricWorth], reading: Reading, currency: str) -> Worth | None:
    """The worth of one metric among those of a roll-up; None where there is none."""
    row = stored.get(reading.metric.pk)
    return _worth(row, reading, currency) if row else None


def _worth(row: MetricWorth, reading: Reading, currency: str) -> Worth:
    return Worth(row, currency, _step(row, reading), _in_rows(row, reading), row.unknown)


def _step(row: MetricWorth, reading: Reading) -> str:
    """ "1.2 points fewer, as in its own best quarter"; "" where there is none."""
    version = reading.version
    if row.step is None or version is None:
        return ""
    way = "more" if row.step > 0 else "less" if is_money(version) else "fewer"
    basis = BASES.get(MetricWorth.StepBasis(row.step_basis)) if row.step_basis else ""
    return f"{amount_text(version, row.step)} {way}" + (f", {basis}" if basis else "")


def amount_text(version: MetricVersion, change: float) -> str:
    """A change without its sign: "1.2 points", "£3.40", "14 orders"."""
    size = abs(change)
    if is_money(version):
        return value_text(version, size)
    digits = _digits(size)
    thing = "points" if version.unit.startswith(("%", "points")) else version.unit
    return f"{digits} {thing.removesuffix('s') if digits == '1' else thing}"


def change_text(version: MetricVersion, change: float) -> str:
    """A change with its sign: "−1.2 points"."""
    return f"{MINUS if change < 0 else '+'}{amount_text(version, change)}"


def _in_rows(row: MetricWorth, reading: Reading) -> str:
    """The step of a share as a number of things: "about 10 fewer a week"; "" elsewhere.

    Of what stands at the end of a period, and does not happen in it: "about 100 more in all".
    """
    version, last = reading.version, reading.last
    is_share = version is not None and version.scale == 100 and last is not None
    if not is_share or row.step is None or not last.denominator:
        return ""
    under = {side.side: side for side in version.measures.all()}.get(Measure.Side.DENOMINATOR)
    number = abs(row.step) / version.scale * last.denominator
    if number < 1 or under is None or under.aggregate == Measure.Aggregate.SUM:
        return ""
    source = SOURCES.get(under.source)
    each = "in all" if source and source.is_state else f"a {version.grain}"
    return f"about {_digits(number)} {'fewer' if row.step < 0 else 'more'} {each}"


def _digits(size: float) -> str:
    """Two figures that matter."""
    if size >= 100:
        return grouped(round(size))
    if size >= 10:
        return grouped(size, 0)
    if size >= 1:
        return grouped(size, 1).removesuffix(".0")
    return f"{size:.2g}"


def gain_of(worth: Worth | None) -> float:
    """What ranks metrics: the money of one step; what is not known comes after what is."""
    if worth is None or worth.row.gain is None:
        return -1.0
    return abs(worth.row.gain)
