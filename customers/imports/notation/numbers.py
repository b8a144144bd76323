"""How a column writes its numbers: 1,204.50 or 1.204,50, decided once for the whole column."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

from customers.imports.notation.reasons import BadCell, Reason

REMEMBERED = 20_000
LONGEST = 30

PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
WRITTEN = {
    ".": re.compile(r"(?:[0-9]{1,3}(?:[, '’][0-9]{3})+|[0-9]*)(?:\.[0-9]*)?"),
    ",": re.compile(r"(?:[0-9]{1,3}(?:[. '’][0-9]{3})+|[0-9]*)(?:,[0-9]*)?"),
}
SEEN = {".": "dot read as decimal", ",": "comma read as decimal"}
ODD_MARKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "−": "-", "–": "-"})
CURRENCIES = {"£": {"GBP"}, "€": {"EUR"}, "$": {"USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN"}}
LOOKALIKES = {"O": "0", "o": "0", "l": "1", "I": "1"}

# A mark is the decimal one where it follows the other, or stands once and either after a lone 0
# or before other than three digits; or where the other one stands several times.
TELLING = {
    mark: re.compile(
        rf"[^.,]*{other}[^{mark}]*{mark}[^.,]*"
        rf"|[^.,]*{mark}(?![0-9]{{3}}$)[^.,]*"
        rf"|[^.,0-9]*0{mark}[^.,]*"
        rf"|[^.,]*(?:{other}[0-9]{{3}}){{2,}}"
    )
    for mark, other in ((r"\.", ","), (",", r"\."))
}


class NumberNotation:
    """Reads the numbers of one column."""

    def __init__(self, what: str, decimal: str, currency: str, has_marks: bool) -> None:
        """what: the word for the column in sentences, "amount"; decimal: a dot or a comma."""
        self.what = what
        self.decimal = decimal
        self.currency = currency
        self.seen = SEEN[decimal] if has_marks else "whole numbers"
        self.read = lru_cache(REMEMBERED)(self._read)

    def _read(self, text: str) -> Decimal:
        """The number; raises BadCell where the text is none, or is in another currency."""
        if self.decimal == "." and len(text) <= LONGEST and PLAIN.fullmatch(text):
            return Decimal(text)
        number = self._number(text)
        if number is None:
            raise BadCell(Reason.BAD_NUMBER, self._what_is_wrong(text))
        return number

    def _number(self, text: str) -> Decimal | None:
        """The number, or None; without its currency, and below zero as -5, 5- or (5)."""
        text = self._without_currency(text.translate(ODD_MARKS))
        bare = text.strip("()-+ ")
        if len(bare) > LONGEST or not WRITTEN[self.decimal].fullmatch(bare):
            return None
        digits = "".join(mark for mark in bare if mark.isdigit() or mark == self.decimal)
        if not digits.strip(".,"):
            return None
        number = Decimal(digits.replace(",", "."))
        return -number if "-" in text or text.startswith("(") else number

    def _without_currency(self, text: str) -> str:
        for sign, currencies in CURRENCIES.items():
            if sign in text:
                if self.currency not in currencies:
                    raise BadCell(
                        Reason.OTHER_CURRENCY,
                        f"The {self.what} is in {sign}; purchases are kept in {self.currency}.",
                    )
                text = text.replace(sign, "", 1)
        return text.removeprefix(self.currency).removesuffix(self.currency).strip()

    def _what_is_wrong(self, text: str) -> str:
        for letter, digit in LOOKALIKES.items():
            if letter in text and self._number(text.replace(letter, digit)) is not None:
                return f"The {self.what} has a letter {letter} in it."
        if not text.strip(".,-+() 0123456789"):
            return f"The {self.what} is not written like the others of its column: {self.seen}."
        return f"The {self.what} is not a number."


def see_numbers(
    columns: Mapping[str, Iterable[str]], currency: str, delimiter: str
) -> dict[str, NumberNotation]:
    """How each column of numbers is written. columns: the word for it -> its first values.

    Where a column does not tell, the others do; where none does, a file with ; between its
    values comes from where decimals have a comma.
    """
    samples = {what: list(values) for what, values in columns.items()}
    votes = {what: _votes(values) for what, values in samples.items()}
    together = sum(votes.values()) or (-1 if delimiter == ";" else 1)
    return {
        what: NumberNotation(
            what,
            decimal="." if (vote or together) > 0 else ",",
            currency=currency,
            has_marks=any("." in value or "," in value for value in samples[what]),
        )
        for what, vote in votes.items()
    }


def _votes(values: list[str]) -> int:
    """Values that tell of a decimal dot, less those that tell of a decimal comma."""
    return sum(
        bool(TELLING[r"\."].fullmatch(value)) - bool(TELLING[","].fullmatch(value))
        for value in (value.strip() for value in values)
        if "." in value or "," in value
    )
