"""Which column of a file holds which fact: guessed, checked, or said on the command line."""

import unicodedata
from collections.abc import Iterable, Mapping

from django.db.models import TextChoices


class Field(TextChoices):
    """A fact that a row of a file can hold."""

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
        " transactionid basketid receipt receiptno receiptid bestellnummer"
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


def guess_columns(
    headers: Iterable[str], last: Mapping[str, str] | None = None
) -> dict[Field, str]:
    """Which header holds which fact: field -> header, only where one is likely.

    last: the mapping of the last upload from the same source. Where its columns are all here
    again it is the guess.
    """
    headers = list(headers)
    if last and set(last.values()) <= set(headers):
        return {Field(field): header for field, header in last.items()}
    by_name = {plain(header): header for header in reversed(headers)}
    guessed = {}
    for field, names in SYNONYMS.items():
        name = next((name for name in names.split() if name in by_name), None)
        if name:
            guessed[field] = by_name.pop(name)
    return guessed


def missing_columns(mapping: Mapping[str, str], headers: Iterable[str]) -> list[str]:
    """What keeps this mapping from being read, one sentence each; nothing where it can be."""
    headers = set(headers)
    problems = [
        f"The file has no column {header}." for header in mapping.values() if header not in headers
    ]
    if Field.CUSTOMER not in mapping:
        problems.append(
            "Say which column holds the customer code. It may be empty for a sale to a guest."
        )
    if Field.DATE not in mapping:
        problems.append("Say which column holds the day of the purchase.")
    if Field.AMOUNT not in mapping and not {Field.QUANTITY, Field.PRICE} <= set(mapping):
        problems.append("Say which column holds the amount, or which hold quantity and price.")
    return problems


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
