"""How numbers are written: £1,234 · 41,873 · 7.4% · −1.2 · 1 day. Nothing known is a dash.

Each filter takes an int, a Decimal or a float, and rounds half away from zero, once, here.
Estimates come with three significant figures from who made them; a filter adds none.
"""

from decimal import ROUND_HALF_UP, Decimal

from django import template

Number = int | float | Decimal

NOTHING = "—"
MINUS = "−"
SYMBOLS = {"GBP": "£", "USD": "$", "EUR": "€"}
PENCE_BELOW = 100

register = template.Library()


@register.filter
def money(amount: Number | None, currency: str) -> str:
    """`£41,873`: whole units from 100 up, pence below. currency: three letters, ISO 4217."""
    if amount is None:
        return NOTHING
    with_pence = _rounded(amount, 2)
    return _money(with_pence, currency, 0 if abs(with_pence) >= PENCE_BELOW else 2)


@register.filter
def exact_money(amount: Number | None, currency: str) -> str:
    """`£41,873.10`: always with pence, for what was counted and adds up."""
    return NOTHING if amount is None else _money(_rounded(amount, 2), currency, 2)


@register.filter
def estimate(amount: Number | None, currency: str) -> str:
    """`£61,500`: money that was forecast, with three significant figures."""
    if amount is None or not amount:
        return money(amount, currency)
    places = 2 - _decimal(amount).adjusted()
    return money(_rounded(amount, places), currency)


@register.filter
def grouped(number: Number | None, decimals: int = 0) -> str:
    """`41,873`, or `41,873.5` with one decimal."""
    return NOTHING if number is None else _signless_zero(_rounded(number, decimals))


@register.filter
def percent(share: Number | None, decimals: int = 0) -> str:
    """`7.4%` of the share 0.074, with one decimal."""
    if share is None:
        return NOTHING
    return f"{_signless_zero(_rounded(_decimal(share) * 100, decimals))}%"


@register.filter
def signed(number: Number | None, decimals: int = 0) -> str:
    """`+1,204` or `−1.2`: a change; no change has no sign."""
    if number is None:
        return NOTHING
    rounded = _rounded(number, decimals)
    return f"+{rounded:,f}" if rounded > 0 else _signless_zero(rounded)


@register.filter
def signed_percent(share: Number | None, decimals: int = 0) -> str:
    """`−2.7%` of the share −0.027: an error or a change."""
    return NOTHING if share is None else f"{signed(_decimal(share) * 100, decimals)}%"


@register.filter
def too_high_or_low(error: Number | None) -> str:
    """`2.7% too low` of the error −0.027; `right to 0.1%` of one that rounds to nothing."""
    if error is None:
        return NOTHING
    written = signed_percent(error, 1)
    if not written.strip("+−0.%"):
        return "right to 0.1%"
    return f"{written.lstrip('+−')} too {'low' if error < 0 else 'high'}"


@register.filter
def signed_money(amount: Number | None, currency: str) -> str:
    """`+£1,204.00` or `−£3.10`: one part of an exact change."""
    if amount is None:
        return NOTHING
    rounded = _rounded(amount, 2)
    return f"{'+' if rounded > 0 else ''}{_money(rounded, currency, 2)}"


@register.filter
def days(number: int | None) -> str:
    """`1 day`, `120 days`."""
    return counted(number, "day")


@register.filter
def counted(number: int | None, thing: str) -> str:
    """`1 row`, `38,219 rows`. thing: a noun, or `person,people` where an s does not make many."""
    if number is None:
        return NOTHING
    one, _, many = thing.partition(",")
    return f"{grouped(number)} {one if number == 1 else many or f'{one}s'}"


def _money(amount: Decimal, currency: str, decimals: int) -> str:
    symbol = SYMBOLS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    rounded = _rounded(amount, decimals)
    return f"{MINUS if rounded < 0 else ''}{symbol}{abs(rounded):,f}"


def _signless_zero(rounded: Decimal) -> str:
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,f}"


def _rounded(number: Number, decimals: int) -> Decimal:
    return _decimal(number).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _decimal(number: Number) -> Decimal:
    """The number as it is printed, so that 2.675 rounds as people expect."""
    return Decimal(str(number))
