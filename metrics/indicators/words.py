"""How figures and verdicts are told."""

from datetime import date

from django.utils.formats import date_format

from customers.templatetags.numbers import MINUS, SYMBOLS, exact_money, grouped, money
from metrics.indicators.steadiness import Judgement, Rule, Verdict
from metrics.models import Metric, MetricVersion

VERDICTS = {
    Verdict.WORSE: "Signal, worse",
    Verdict.BETTER: "Signal, better",
    Verdict.SIGNAL: "Signal",
    Verdict.NOISE: "Noise",
    Verdict.LITTLE: "Too little data",
}
NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


def verdict_words(verdict: Verdict) -> str:
    return VERDICTS[verdict]


def number_word(number: int) -> str:
    """ "eight" up to twelve, then figures."""
    return NUMBERS[number] if number < len(NUMBERS) else grouped(number)


def value_text(version: MetricVersion, value: float) -> str:
    """A value of this version with its unit's sign: £412, £31.25, 7.4%, 1,204."""
    if is_money(version):
        return (exact_money if version.decimals else money)(value, version.unit)
    sign = "%" if version.unit.startswith("%") else ""
    return f"{grouped(value, version.decimals)}{sign}"


def axis_text(version: MetricVersion, value: float) -> str:
    """A value that fits beside an axis: £125k, £848, 7.4%; three figures where it is large."""
    if abs(value) >= 1e6:
        return f"{_short(version, value / 1e6)}m"
    if abs(value) >= 1e5:
        return f"{_short(version, value / 1e3)}k"
    return money(value, version.unit) if is_money(version) else value_text(version, value)


def unit_note(version: MetricVersion) -> str:
    """What stands under a value: "of orders", "customers"; "" under money."""
    return "" if is_money(version) else version.unit.removeprefix("%").strip()


def _short(version: MetricVersion, value: float) -> str:
    decimals = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    symbol = SYMBOLS.get(version.unit, f"{version.unit} ") if is_money(version) else ""
    return f"{MINUS if value < 0 else ''}{symbol}{grouped(abs(value), decimals)}"


def is_money(version: MetricVersion) -> bool:
    """Whether the unit is a currency, three capital letters."""
    return version.unit in SYMBOLS or (len(version.unit) == 3 and version.unit.isupper())


def period_text(version: MetricVersion, ends_on: date) -> str:
    """ "4 Dec 2011", "week to 4 Dec 2011", "November 2011" or "Q4 2011"."""
    match version.grain:
        case MetricVersion.Grain.DAY:
            return date_format(ends_on)
        case MetricVersion.Grain.MONTH:
            return date_format(ends_on, "F Y")
        case MetricVersion.Grain.QUARTER:
            return f"Q{ends_on.month // 3} {ends_on.year}"
    return f"week to {date_format(ends_on)}"


def control_words(metric: Metric, is_own: bool) -> str:
    """Who can move it, as told to somebody of its department or to anybody else."""
    if metric.control == Metric.Control.FULL and not is_own:
        return f"{metric.department} controls"
    return metric.get_control_display()


def happened(judgement: Judgement, version: MetricVersion, ends_on: list[date]) -> str:
    """What the current signal is: "stayed above the usual level for eight weeks"; "" without one.

    ends_on: the last days of the periods that were judged.
    """
    signal = judgement.current
    if signal is None:
        return ""
    side = "above" if signal.is_above else "below"
    periods = f"{number_word(len(signal.points))} {version.grain}s"
    last = period_text(version, ends_on[signal.last])
    is_week, is_day = (version.grain == grain for grain in ("week", "day"))
    in_last = f"on {last}" if is_day else f"in the {last}" if is_week else f"in {last}"
    if signal.rule is Rule.ONE_SIDE:
        until = "" if signal.last == len(ends_on) - 1 else f", last {in_last}"
        return f"stayed {side} the usual level for {periods}{until}"
    if signal.rule is Rule.OUTSIDE:
        return f"went {side} the usual range {in_last}"
    limit = "upper" if signal.is_above else "lower"
    return f"came near the {limit} limit in {periods}, last {in_last}"
