"""Rows of text become purchases, or rows set aside with the sentence that says why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from customers.imports.columns import NUMBERS, PURCHASES, Field
from customers.imports.notation.dates import Moment, see_dates
from customers.imports.notation.numbers import see_numbers
from customers.imports.notation.reasons import BadCell, Reason
from customers.imports.set_aside import BadRow, as_line
from customers.imports.table import Table, UnreadableFile
from customers.models import Company, Customer, Department, Purchase, PurchaseLine, Upload

CENT = Decimal("0.01")
THOUSANDTH = Decimal("0.001")
ONE = Decimal("1.000")
TOO_LARGE = Decimal(10) ** 11
NOT_A_LETTER = "\ufffd"  # what decoding leaves where a byte stands for no letter
CODES = {Field.CUSTOMER, Field.ORDER}
NOTHING = {"null", "none", "nan", "n/a", "#n/a", "\\n", "-"}
TEXTS = {
    Field.CUSTOMER: Customer._meta.get_field("code"),
    Field.ORDER: Purchase._meta.get_field("order_key"),
    Field.PRODUCT: PurchaseLine._meta.get_field("product"),
    Field.CHANNEL: Purchase._meta.get_field("channel"),
    Field.COUNTRY: Customer._meta.get_field("country"),
    Field.NAME: Customer._meta.get_field("name"),
}


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """One usable row: a line of an order. Without a customer it is a sale to a guest."""

    number: int
    moment: Moment
    customer: str
    order: str
    product: str
    quantity: Decimal
    amount: Decimal
    cost: Decimal | None
    channel: str
    country: str
    name: str
    department: int | None


class RowReader:
    """Reads the rows of one table, by one mapping of its columns, for one company."""

    def __init__(self, table: Table, mapping: Mapping[str, str], company: Company) -> None:
        """mapping: field -> header. Raises UnreadableFile where a column that is needed is not."""
        problems = PURCHASES.problems(mapping, table.headers)
        if problems:
            raise UnreadableFile(" ".join(problems))
        self.table = table
        self.mapping = {Field(field): header for field, header in mapping.items()}
        self._places = {f: table.headers.index(h) for f, h in self.mapping.items()}
        self._today = datetime.now(company.clock).date()
        self._departments = {
            name.casefold(): pk for name, pk in Department.objects.values_list("name", "pk")
        }
        self.dates = see_dates(table.column(self.mapping[Field.DATE]), company.clock)
        self.numbers = see_numbers(
            {f: table.column(self.mapping[f]) for f in NUMBERS if f in self.mapping},
            company.currency,
            table.delimiter,
        )

    def read_all(self) -> Iterator[PurchaseRow | BadRow]:
        """Every row of the table, in its order. Raises UnreadableFile."""
        return (self.read(number, cells) for number, cells in self.table.rows())

    def read(self, number: int, cells: list[str]) -> PurchaseRow | BadRow:
        """What one row says. number: the line of the file that it begins on."""
        width = len(self.table.headers)
        if len(cells) < width or any(cells[width:]):
            return self._of_another_length(number, cells)
        try:
            return self._purchase(number, cells)
        except BadCell as bad:
            return self._set_aside(number, cells, bad)

    def _purchase(self, number: int, cells: list[str]) -> PurchaseRow:
        moment = self._moment(cells)
        quantity, amount = self._quantity_and_amount(cells)
        customer = self._key(Field.CUSTOMER, cells)
        if not customer and not amount:
            raise BadCell(
                Reason.NO_CUSTOMER_NOTHING_PAID,
                "No customer code and nothing paid, so it is no sale.",
                Field.CUSTOMER,
            )
        return PurchaseRow(
            number=number,
            moment=moment,
            customer=customer,
            order=self._key(Field.ORDER, cells),
            product=self._words(Field.PRODUCT, cells),
            quantity=quantity,
            amount=amount,
            cost=self._cost(cells, amount),
            channel=self._words(Field.CHANNEL, cells),
            country=self._words(Field.COUNTRY, cells),
            name=self._words(Field.NAME, cells),
            department=self._department(cells),
        )

    def _moment(self, cells: list[str]) -> Moment:
        text = self._key(Field.DATE, cells)
        if not text:
            raise BadCell(Reason.NO_DATE, "The row names no day.", Field.DATE)
        try:
            moment = self.dates.read(text)
        except BadCell as bad:
            raise bad.of(Field.DATE) from None
        if moment.day > self._today:
            raise BadCell(Reason.FUTURE_DATE, "This day is still to come.", Field.DATE)
        return moment

    def _quantity_and_amount(self, cells: list[str]) -> tuple[Decimal, Decimal]:
        quantity = self._number(Field.QUANTITY, cells)
        price = self._number(Field.PRICE, cells)
        amount = self._number(Field.AMOUNT, cells)
        if price is not None and price < 0:
            raise BadCell(
                Reason.NEGATIVE_PRICE,
                "A negative price is an adjustment, not a purchase.",
                Field.PRICE,
            )
        if amount is None:
            if quantity is None or price is None:
                raise BadCell(Reason.NO_AMOUNT, "The row has no amount.", self._amount_field())
            amount = _within_reach(quantity * price, self._amount_field())
        amount = amount.quantize(CENT, ROUND_HALF_UP)
        if quantity is None:
            return (-ONE if amount < 0 else ONE), amount
        quantity = quantity.quantize(THOUSANDTH, ROUND_HALF_UP)
        _refuse_no_purchase(quantity, amount)
        return quantity, amount

    def _cost(self, cells: list[str], amount: Decimal) -> Decimal | None:
        """What the line cost us; below zero for a return, however the file signs it."""
        cost = self._number(Field.COST, cells)
        if cost is None:
            return None
        if cost < 0 <= amount:
            raise BadCell(Reason.NEGATIVE_COST, "The cost of a sale is below zero.", Field.COST)
        return (-abs(cost) if amount < 0 else cost).quantize(CENT, ROUND_HALF_UP)

    def _department(self, cells: list[str]) -> int | None:
        text = self._words(Field.DEPARTMENT, cells)
        if not text:
            return None
        if text.casefold() not in self._departments:
            raise BadCell(
                Reason.UNKNOWN_DEPARTMENT, f"There is no department {text[:60]}.", Field.DEPARTMENT
            )
        return self._departments[text.casefold()]

    def _number(self, field: Field, cells: list[str]) -> Decimal | None:
        text = self._key(field, cells)
        if not text:
            return None
        try:
            return _within_reach(self.numbers[field].read(text), field)
        except BadCell as bad:
            raise bad.of(field) from None

    def _key(self, field: Field, cells: list[str]) -> str:
        """The text, or nothing where it is a system's word for nothing."""
        text = self._words(field, cells)
        return "" if text.casefold() in NOTHING else text

    def _words(self, field: Field, cells: list[str]) -> str:
        place = self._places.get(field)
        if place is None:
            return ""
        text = cells[place].strip()
        if field in TEXTS and len(text) > TEXTS[field].max_length:
            raise BadCell(
                Reason.TOO_LONG,
                f"It has {len(text)} characters; {TEXTS[field].max_length} fit.",
                field,
            )
        if field in CODES and NOT_A_LETTER in text:
            raise BadCell(
                Reason.UNREADABLE_CODE, "It has a letter that cannot be read in it.", field
            )
        return text

    def _amount_field(self) -> Field:
        return Field.AMOUNT if Field.AMOUNT in self.mapping else Field.PRICE

    def _set_aside(self, number: int, cells: list[str], bad: BadCell) -> BadRow:
        field = Field(bad.field)
        try:
            bought_on = self._moment(cells).day
        except BadCell:
            bought_on = None
        return BadRow(
            number=number,
            column=self.mapping[field],
            value=cells[self._places[field]].strip(),
            reason=bad.reason,
            sentence=bad.sentence,
            bought_on=bought_on,
            raw=as_line(cells),
        )

    def _of_another_length(self, number: int, cells: list[str]) -> BadRow:
        values = "1 value" if len(cells) == 1 else f"{len(cells)} values"
        sentence = f"The row has {values}, the header {len(self.table.headers)}."
        return BadRow(number, "", "", Reason.WRONG_LENGTH, sentence, None, as_line(cells))


def reader_of(upload: Upload, table: Table) -> RowReader:
    """The reader of this upload's file. Raises UnreadableFile where its columns do not do."""
    return RowReader(table, upload.mapping(), Company.objects.current())


def _within_reach(number: Decimal, field: Field) -> Decimal:
    if abs(number) >= TOO_LARGE:
        raise BadCell(Reason.TOO_LARGE, "A number of this size is not a purchase.", field)
    return number


def _refuse_no_purchase(quantity: Decimal, amount: Decimal) -> None:
    """Sets aside what moved no goods or no money in one direction."""
    if quantity == 0:
        raise BadCell(
            Reason.ZERO_QUANTITY, "The quantity is 0, so nothing was bought.", Field.QUANTITY
        )
    if quantity < 0 and amount == 0:
        raise BadCell(
            Reason.NOTHING_RETURNED,
            "Fewer pieces and no money: a stock correction, not a return.",
            Field.QUANTITY,
        )
    if quantity < 0 < amount:
        raise BadCell(
            Reason.SIGNS_DIFFER,
            "The quantity is below zero and the amount above: return or purchase?",
            Field.QUANTITY,
        )
