"""Which column of a file holds the customer, the day and the amount: said, or guessed by name."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

USUAL: dict[str, str] = {
    "customer": (
        "customer customerid customercode customerno customernumber custno custid cust client"
        " clientid clientno householdid household memberid member buyerid buyer accountid account"
        " userid user kunde kundennummer"
    ),
    "date": (
        "boughton date orderdate invoicedate invoicetime purchasedate transactiondate ordertime"
        " transactiontime transactiontimestamp datetime timestamp boughtat time day datum"
    ),
    "amount": (
        "amount net netamount linetotal lineamount total sales salesvalue value revenue spend price"
        " betrag umsatz"
    ),
}
"""What systems call these facts, the likeliest first."""


class UnreadableFile(ValueError):
    """A file that purchases cannot be read from; the text is the sentence for the person."""


class Headers(NamedTuple):
    """Names of the columns; amount is None where the file has none."""

    customer: str
    date: str
    amount: str | None


def find_headers(
    present: Sequence[str],
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
) -> Headers:
    """The columns named, and for the others the likeliest of those present.

    Raises UnreadableFile for a column that is not there, and where no customer or day is found.
    """
    for name in filter(None, (customer, date, amount)):
        if name not in present:
            raise UnreadableFile(f"The file has no column {name}. It has {', '.join(present)}.")
    taken = {name for name in (customer, date, amount) if name}
    free = [name for name in present if name not in taken]
    customer = customer or _likeliest(free, "customer")
    date = date or _likeliest(free, "date")
    if customer is None or date is None:
        missing = "customer" if customer is None else "day"
        raise UnreadableFile(
            f"Say which column holds the {missing}; the file has {', '.join(present)}."
        )
    return Headers(customer, date, amount or _likeliest(free, "amount"))


def _likeliest(present: Sequence[str], fact: str) -> str | None:
    by_name = {_plain(name): name for name in reversed(present)}
    return next((by_name[name] for name in USUAL[fact].split() if name in by_name), None)


def _plain(name: str) -> str:
    """Without case, accents, spaces and signs: `Customer-ID` is `customerid`."""
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in decomposed.casefold() if letter.isalnum())
