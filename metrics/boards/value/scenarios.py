"""Scenarios side by side with the valuation in force: what each changes, and what it is worth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, OuterRef, QuerySet, Subquery

from customers.models import Work
from metrics.boards.value.conditions import changes_of, in_one_sentence, within_a_sentence
from metrics.drawing.value.scenarios import Total, TotalBar, total_bars
from metrics.models import Scenario, ScenarioValue, Valuation


@dataclass(frozen=True)
class Row:
    """One scenario under the valuation in force. bar: None until it is valued."""

    scenario: Scenario
    value: ScenarioValue | None
    changes: list[str]
    gain: Decimal | None
    share: float | None
    bar: TotalBar | None = None

    @property
    def sentence(self) -> str:
        return in_one_sentence(self.changes)

    @property
    def if_words(self) -> str:
        return within_a_sentence(self.changes)

    @property
    def is_valued(self) -> bool:
        return self.gain is not None

    @property
    def has_other_terms(self) -> bool:
        """Whether it looks further, or discounts otherwise: its total is of another kind."""
        return (self.scenario.months, self.scenario.yearly_rate) != (None, None)

    @property
    def is_awaited(self) -> bool:
        return self.value is not None and self.value.is_going_on

    @property
    def has_failed(self) -> bool:
        return self.value is not None and self.value.status == Work.Status.FAILED


@dataclass(frozen=True)
class Comparison:
    """The base and scenarios on one scale. zero and base_at: the two upright lines."""

    rows: list[Row]
    base: TotalBar
    zero: str
    base_at: str

    @property
    def is_awaited(self) -> bool:
        return any(row.is_awaited for row in self.rows)


@dataclass(frozen=True)
class Month:
    """Discounted cash of one month ahead, as today and under the scenario.

    base and gain are None beyond the horizon of the valuation.
    """

    number: int
    base: float | None
    changed: float
    gain: float | None


def by_worth(valuation: Valuation) -> QuerySet[Scenario]:
    """All scenarios, the one worth most first and those not yet valued last."""
    total = valuation.scenario_values.filter(scenario=OuterRef("pk")).values("clv_total")
    return (
        Scenario.objects.select_related("owner")
        .prefetch_related("shocks")
        .annotate(total=Subquery(total))
        .order_by(F("total").desc(nulls_last=True), "name", "pk")
    )


def rows_of(scenarios: Iterable[Scenario], valuation: Valuation) -> list[Row]:
    """The scenarios with what they are worth, in two queries and that of their shocks."""
    scenarios = list(scenarios)
    known = {
        value.scenario_id: value
        for value in valuation.scenario_values.filter(scenario__in=scenarios)
    }
    return [_row(each, known.get(each.pk), valuation) for each in scenarios]


def comparison(rows: Sequence[Row], valuation: Valuation) -> Comparison:
    """The rows with their bars, from one zero with the base's."""
    valued = [row for row in rows if row.is_valued]
    drawn = total_bars(_total(valuation), [_total(row.value) for row in valued])
    bars = dict(zip((row.scenario.pk for row in valued), drawn.bars[1:], strict=True))
    with_bars = [
        Row(row.scenario, row.value, row.changes, row.gain, row.share, bars.get(row.scenario.pk))
        for row in rows
    ]
    return Comparison(with_bars, drawn.bars[0], drawn.zero, drawn.base)


def months_of(value: ScenarioValue) -> list[Month]:
    return [
        Month(row.month, row.base, row.clv, None if row.base is None else row.clv - row.base)
        for row in value.by_month.order_by("month")
    ]


def span_of(rows: Sequence[Row]) -> tuple[Row, Row] | None:
    """The scenarios worth least and most; None where fewer than two are valued.

    Those that only count otherwise, by another rate or horizon, bring nothing and are left out.
    """
    comparable = (row for row in rows if row.is_valued and not row.has_other_terms)
    valued = sorted(comparable, key=lambda row: row.value.clv_total)
    return (valued[0], valued[-1]) if len(valued) > 1 else None


def _row(scenario: Scenario, value: ScenarioValue | None, valuation: Valuation) -> Row:
    changes = changes_of(scenario, scenario.shocks.all(), valuation)
    if value is None or value.status != Work.Status.DONE or value.clv_total is None:
        return Row(scenario, value, changes, None, None)
    if value.scenario_changed_at not in {None, scenario.changed_at}:
        return Row(scenario, None, changes, None, None)
    gain = value.clv_total - valuation.clv_total
    share = float(gain / valuation.clv_total) if valuation.clv_total else None
    return Row(scenario, value, changes, gain, share)


def _total(valued: Valuation | ScenarioValue) -> Total:
    low, high = valued.clv_low, valued.clv_high
    return Total(
        float(valued.clv_total),
        None if low is None else float(low),
        None if high is None else float(high),
    )
