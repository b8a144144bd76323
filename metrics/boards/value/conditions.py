"""What a scenario changes, in words: "a tenth fewer leave, and the margin is 2 points higher"."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from customers.templatetags.numbers import counted, grouped, percent
from metrics.models import Scenario, ScenarioShock, Valuation
from metrics.models.valuation import PurchaseModel

DAYS_IN_A_MONTH = 365.25 / 12
FRACTIONS = {
    Decimal("0.1"): "a tenth",
    Decimal("0.2"): "a fifth",
    Decimal("0.25"): "a quarter",
}
NOBODY_LEAVES = (
    "The model in force sees nobody leave, so what fewer or more leaving would change cannot be"
    " known: that part of a scenario counts for nothing here."
)


def changes_of(
    scenario: Scenario, shocks: Iterable[ScenarioShock], valuation: Valuation | None
) -> list[str]:
    """Each change as a clause; empty where nothing is changed."""
    told = []
    if scenario.drop_out != 1:
        told.append(f"{_by(scenario.drop_out, 'more', 'fewer')} leave")
    if scenario.rate != 1:
        told.append(f"customers buy {_by(scenario.rate, 'more', 'less')} often")
    if scenario.spend != 1:
        told.append(f"they spend {_by(scenario.spend, 'more', 'less')} a purchase")
    if scenario.margin_points:
        told.append(f"the margin is {_points(scenario.margin_points)}")
    told += _terms(scenario, valuation)
    told += [_shock(shock, _is_in_sight(shock, scenario, valuation)) for shock in shocks]
    return told


def in_one_sentence(clauses: Sequence[str]) -> str:
    """ "A tenth fewer leave, and the margin is 2 points higher."; "" without clauses."""
    told = within_a_sentence(clauses)
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def within_a_sentence(clauses: Sequence[str]) -> str:
    """ "a tenth fewer leave, and the margin is 2 points higher"."""
    *others, last = clauses or [""]
    return f"{', '.join(others)}, and {last}" if others else last


def cannot_be_known(scenarios: Iterable[Scenario], valuation: Valuation | None) -> str:
    """Why a change of leaving counts for nothing, or "" where it does count."""
    is_asked = any(scenario.drop_out != 1 for scenario in scenarios)
    sees_nobody_leave = valuation is not None and valuation.model == PurchaseModel.NBD
    return NOBODY_LEAVES if is_asked and sees_nobody_leave else ""


def discount_rate(share: Decimal) -> str:
    """ "10.0%", and "10.25%" where one decimal would not tell it."""
    return percent(share, 1 if share * 1000 % 1 == 0 else 2)


def _by(factor: Decimal, more: str, less: str) -> str:
    """ "a tenth fewer", "5% more"."""
    change = Decimal(factor) - 1
    size = abs(change)
    written = FRACTIONS.get(size.normalize()) or percent(size, 0 if size * 100 % 1 == 0 else 1)
    return f"{written} {more if change > 0 else less}"


def _points(points: Decimal) -> str:
    written = grouped(abs(points), 0 if points % 1 == 0 else 1)
    noun = "point" if abs(points) == 1 else "points"
    return f"{written} {noun} {'higher' if points > 0 else 'lower'}"


def _terms(scenario: Scenario, valuation: Valuation | None) -> list[str]:
    told = []
    if scenario.yearly_rate is not None:
        rate = discount_rate(scenario.yearly_rate)
        now = valuation and discount_rate(valuation.yearly_rate)
        told.append(f"the discount rate is {rate} a year{_beside_today(rate, now)}")
    if scenario.months is not None:
        months, now = str(scenario.months), valuation and str(valuation.months)
        ahead = counted(scenario.months, "month")
        told.append(f"we look {ahead} ahead{_beside_today(months, now)}")
    return told


def _beside_today(changed: str, today: str | None) -> str:
    """ " instead of 12"; ", as today" where they are the same; "" where today is not known."""
    if today is None:
        return ""
    return ", as today" if changed == today else f" instead of {today}"


def _is_in_sight(shock: ScenarioShock, scenario: Scenario, valuation: Valuation | None) -> bool:
    """Whether it begins within the months that are looked at; taken so without a valuation."""
    if valuation is None:
        return True
    months = (shock.from_on - valuation.as_of).days / DAYS_IN_A_MONTH
    return months < (scenario.months or valuation.months)


def _shock(shock: ScenarioShock, is_in_sight: bool) -> str:
    day = f"{shock.from_on.day} {shock.from_on:%b %Y}"
    beyond = "" if is_in_sight else ", later than we look ahead,"
    who = f"from {day}{beyond} {shock.band.lower()} customers"
    if not shock.purchases:
        return f"{who} buy nothing"
    if shock.purchases == 1:
        return f"{who} buy as today"
    return f"{who} make {_by(shock.purchases, 'more', 'fewer')} purchases"
