"""A file of facts by the names of its columns: cells become values, or a sentence says why not."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import TextChoices

from customers.imports.columns import Columns
from customers.imports.notation.dates import DateNotation, Moment, see_dates
from customers.imports.notation.numbers import NumberNotation, see_numbers
from customers.imports.notation.reasons import BadCell, Reason
from customers.imports.table import Table, UnreadableFile
from customers.models import Company

TOO_LARGE = Decimal(10) ** 11
NOTHING = {"", "null", "none", "nan", "n/a", "#n/a", "\\n", "-"}
YES = {
    *("1", "yes", "y", "true", "t", "x"),
    *("agreed", "consented", "granted", "flagged", "failed"),
}
NO = {"0", "no", "n", "false", "f", "refused", "withdrawn", "passed", "ok"}
MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")


class UnusableRow(ValueError):
    """The row cannot be stored; the text is the sentence for the person."""

    def __init__(
        self, sentence: str, fact: TextChoices | None = None, reason: Reason = Reason.UNFIT
    ) -> None:
        """fact: whose cell it is, where it is one cell's."""
        super().__init__(sentence)
        self.fact = fact
        self.reason = reason


class Sheet:
    """One file of facts."""

    def __init__(self, table: Table, mapping: Mapping[str, str], columns: Columns) -> None:
        """mapping: fact -> header. Raises UnreadableFile where a column that is needed is not."""
        problems = columns.problems(mapping, table.headers)
        if problems:
            here = f"Its columns are {', '.join(table.headers)}."
            raise UnreadableFile(" ".join([*problems, here]))
        self.table = table
        self.mapping = {columns.fact(name): header for name, header in mapping.items()}
        samples = {fact: table.column(header) for fact, header in self.mapping.items()}
        company = Company.objects.current()
        self._notation = Notation(
            len(table.headers),
            {fact: table.headers.index(header) for fact, header in self.mapping.items()},
            {
                fact: see_dates(samples[fact], company.clock)
                for fact in columns.days
                if fact in samples
            },
            see_numbers(
                {fact: samples[fact] for fact in columns.numbers if fact in samples},
                company.currency,
                table.delimiter,
            ),
            datetime.now(company.clock).date(),
        )

    def rows(self) -> "Iterator[Cells]":
        """Every row. Raises UnreadableFile."""
        return (Cells(number, cells, self._notation) for number, cells in self.table.rows())


@dataclass(frozen=True)
class Notation:
    """Where each fact stands, and how days and numbers are written. today: the company's."""

    width: int
    places: Mapping[TextChoices, int]
    dates: Mapping[TextChoices, DateNotation]
    numbers: Mapping[TextChoices, NumberNotation]
    today: date


@dataclass(slots=True)
class Cells:
    """One row. Each question raises UnusableRow where its cell does not hold what is asked for."""

    number: int
    cells: list[str]
    notation: Notation

    def hold_to_header(self) -> None:
        """Refuse a row with more or fewer values than there are columns."""
        width = self.notation.width
        if len(self.cells) < width or any(self.cells[width:]):
            raise UnusableRow(
                f"The row has {len(self.cells)} values, the header {width}.",
                reason=Reason.WRONG_LENGTH,
            )

    def value(self, fact: TextChoices | None) -> str:
        """The cell as it came."""
        place = self.notation.places.get(fact)
        return "" if place is None or place >= len(self.cells) else self.cells[place].strip()

    def text(self, fact: TextChoices, longest: int) -> str:
        """Empty where there is no such column or nothing in it."""
        place = self.notation.places.get(fact)
        text = "" if place is None else self.cells[place].strip()
        if len(text) > longest:
            raise UnusableRow(
                f"The {name_of(fact)} has {len(text)} characters; {longest} fit.",
                fact,
                Reason.TOO_LONG,
            )
        return "" if text.casefold() in NOTHING else text

    def code(self, fact: TextChoices, longest: int) -> str:
        """A text that has to be there."""
        return self.text(fact, longest) or refuse_nothing(fact)

    def moment(self, fact: TextChoices) -> Moment | None:
        text = self.text(fact, longest=40)
        try:
            return self.notation.dates[fact].read(text) if text else None
        except BadCell as bad:
            sentence = f"The {name_of(fact)} is {text}. {bad.sentence}"
            raise UnusableRow(sentence, fact, bad.reason) from None

    def past_moment(self, fact: TextChoices) -> Moment | None:
        """A moment not after today."""
        moment = self.moment(fact)
        if moment and moment.day > self.notation.today:
            raise UnusableRow(f"The {name_of(fact)} is still to come.", fact, Reason.FUTURE_DATE)
        return moment

    def month(self, fact: TextChoices) -> date:
        """The first day of a month that has to be there and has begun."""
        text = self.code(fact, longest=40)
        if (found := MONTH.fullmatch(text)) and 1 <= int(found[2]) <= 12 and found[1] > "1899":
            first = date(int(found[1]), int(found[2]), 1)
        else:
            first = self.moment(fact).day.replace(day=1)
        if first > self.notation.today:
            raise UnusableRow(f"The {name_of(fact)} is still to come.", fact, Reason.FUTURE_DATE)
        return first

    def quantity(self, fact: TextChoices, places: int = 2) -> Decimal | None:
        """A number with so many decimal places."""
        text = self.text(fact, longest=40)
        if not text:
            return None
        try:
            number = self.notation.numbers[fact].read(text)
        except BadCell as bad:
            raise UnusableRow(bad.sentence, fact, bad.reason) from None
        if abs(number) >= TOO_LARGE:
            sentence = f"A {name_of(fact)} of this size cannot be true."
            raise UnusableRow(sentence, fact, Reason.TOO_LARGE)
        return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)

    def money(self, fact: TextChoices) -> Decimal | None:
        """A number that is not below zero, to the cent."""
        amount = self.quantity(fact)
        if amount is not None and amount < 0:
            raise UnusableRow(f"The {name_of(fact)} is below zero.", fact)
        return amount

    def share(self, fact: TextChoices) -> Decimal | None:
        """A number between -1 and 1."""
        share = self.quantity(fact, places=4)
        if share is not None and abs(share) > 1:
            raise UnusableRow(f"The {name_of(fact)} is a share: write 0.3 for 30%.", fact)
        return share

    def score(self, fact: TextChoices) -> float | None:
        """A number from 0 to 100."""
        score = self.quantity(fact)
        if score is not None and not 0 <= score <= 100:
            raise UnusableRow(f"The {name_of(fact)} is from 0 to 100.", fact)
        return None if score is None else float(score)

    def count(self, fact: TextChoices) -> int | None:
        """A whole number, not below zero; means are rounded."""
        count = self.quantity(fact, places=0)
        if count is not None and count < 0:
            raise UnusableRow(f"The {name_of(fact)} is below zero.", fact)
        return None if count is None else int(count)

    def yes_or_no(self, fact: TextChoices) -> bool | None:
        text = self.text(fact, longest=40)
        word = text.casefold()
        if word in YES or word in NO:
            return word in YES
        if text:
            sentence = f"The {name_of(fact)} is yes or no, not {text}."
            raise UnusableRow(sentence, fact, Reason.UNKNOWN_WORD)
        return None


def name_of(fact: TextChoices) -> str:
    """The fact's name within a sentence."""
    return fact.label.lower()


def refuse_nothing(fact: TextChoices) -> None:
    raise UnusableRow(f"The row has no {name_of(fact)}.", fact, Reason.NOT_SAID)
