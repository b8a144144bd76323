"""Which column of a file holds which fact: guessed, checked, or said on the command line."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices


@dataclass(frozen=True)
class Columns:
    """What the columns of one kind of file can hold.

    names: fact -> what systems call its column, without case and signs, the likeliest first.
    """

    names: Mapping[TextChoices, str]
    needed: Collection[TextChoices]
    days: Collection[TextChoices] = ()
    numbers: Collection[TextChoices] = ()

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Fact and title, as a form asks for them."""
        return [(fact.value, str(fact.label)) for fact in self.names]

    def fact(self, name: str) -> TextChoices:
        return next(fact for fact in self.names if fact.value == name)

    def guess(
        self, headers: Iterable[str], last: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Which header holds which fact: fact -> header, only where one is likely.

        last: the mapping of the last upload from the same source. Where its columns are all here
        again it is the guess.
        """
        headers = list(headers)
        if last and set(last.values()) <= set(headers):
            return dict(last)
        by_name = {plain(header): header for header in reversed(headers)}
        guessed = {}
        for fact, names in self.names.items():
            name = next((name for name in names.split() if name in by_name), None)
            if name:
                guessed[fact.value] = by_name.pop(name)
        return guessed

    def problems(self, mapping: Mapping[str, str], headers: Iterable[str]) -> list[str]:
        """What keeps this mapping from being read, one sentence each; nothing where it can be."""
        headers = set(headers)
        unknown = [
            f"The file has no column {name}." for name in mapping.values() if name not in headers
        ]
        return unknown + self._missing(mapping)

    def _missing(self, mapping: Mapping[str, str]) -> list[str]:
        return [
            f"Say which column holds the {fact.label.lower()}."
            for fact in self.needed
            if fact.value not in mapping
        ]


class Field(TextChoices):
    """A fact that a row of purchases can hold."""

    CUSTOMER = "customer", "Customer code"
    DATE = "date", "Bought on"
    ORDER = "order", "Order code"
    PRODUCT = "product", "Product"
    QUANTITY = "quantity", "Quantity"
    PRICE = "price", "Price of one"
    AMOUNT = "amount", "Amount"
    COST = "cost", "Cost of the line"
    CHANNEL = "channel", "Channel"
    COUNTRY = "country", "Country"
    NAME = "name", "Customer's name"
    DEPARTMENT = "department", "Looked after by"


NUMBERS = (Field.QUANTITY, Field.PRICE, Field.AMOUNT, Field.COST)

# What systems call these facts, the likeliest first. No name for the department: in most files
# a "department" is one of the shop's, not who looks after the customer.
SYNONYMS: dict[Field, str] = {
    Field.CUSTOMER: (
        "customer customerid customercode customerno customernumber custno custid cust client"
        " clientid clientno householdid memberid buyerid buyer accountid kunde kundennummer"
    ),
    Field.DATE: (
        "boughton date orderdate invoicedate invoicetime purchasedate transactiondate ordertime"
        " transactiontime transactiontimestamp datetime timestamp boughtat time day datum"
    ),
    Field.ORDER: (
        "ordercode order orderid orderno ordernumber invoiceno invoiceid invoice invoicenumber"
        " transactionid basketid receipt receiptno receiptid bestellnummer beleg"
        " belegnummer rechnungsnummer"
    ),
    Field.PRODUCT: (
        "product productname description item itemname article sku stockcode productid"
        " productcode artikel"
    ),
    Field.QUANTITY: "quantity qty units pieces count menge anzahl",
    Field.PRICE: "unitprice price priceofone priceeach itemprice preis einzelpreis",
    Field.AMOUNT: (
        "amount net netamount linetotal lineamount total sales salesvalue value revenue"
        " betrag umsatz"
    ),
    Field.COST: "cost linecost costs cogs costofgoods productcost kosten",
    Field.CHANNEL: "channel saleschannel shop store storeid branch kanal",
    Field.COUNTRY: "country customercountry countrycode land",
    Field.NAME: "customername clientname fullname name company companyname",
    Field.DEPARTMENT: "",
}


class UnusableColumns(ValueError):
    """The columns do not say enough; the text is the sentence for the person."""


class PurchaseColumns(Columns):
    """Columns of purchases: the amount may be said by two."""

    def _missing(self, mapping: Mapping[str, str]) -> list[str]:
        problems = []
        if Field.CUSTOMER not in mapping:
            problems.append(
                "Say which column holds the customer code. It may be empty for a sale to a guest."
            )
        if Field.DATE not in mapping:
            problems.append("Say which column holds the day of the purchase.")
        if Field.AMOUNT not in mapping and not {Field.QUANTITY, Field.PRICE} <= set(mapping):
            problems.append("Say which column holds the amount, or which hold quantity and price.")
        return problems


PURCHASES = PurchaseColumns(
    SYNONYMS, needed=(Field.CUSTOMER, Field.DATE), days=(Field.DATE,), numbers=NUMBERS
)


def parse_columns(text: str) -> dict[Field, str]:
    """The mapping that `customer=cust_no,date=invoice_date` says.

    Raises UnusableColumns where a part is not field=header, or names no known field.
    """
    mapping = {}
    for part in text.split(","):
        name, equals, header = part.partition("=")
        if not equals or not header.strip():
            raise UnusableColumns(f"Write columns as field=column; “{part}” is not.")
        if name.strip() not in Field.values:
            known = ", ".join(Field.values)
            raise UnusableColumns(f"There is no field {name.strip()}. The fields are {known}.")
        if mapping.setdefault(Field(name.strip()), header.strip()) != header.strip():
            raise UnusableColumns(f"The field {name.strip()} is given twice.")
    return mapping


def plain(header: str) -> str:
    """The header without case, accents, spaces and signs: `Customer-ID` is `customerid`."""
    decomposed = unicodedata.normalize("NFKD", header)
    return "".join(letter for letter in decomposed.casefold() if letter.isalnum())
