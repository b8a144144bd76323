"""The kinds of facts that come as files, and which of them a file looks like."""

from collections.abc import Iterable, Mapping

from customers.imports.columns import PURCHASES, Columns
from customers.imports.facts.contracts import Contracts
from customers.imports.facts.interactions import Interactions
from customers.imports.facts.kind import Facts
from customers.imports.facts.margins import ProductMargins
from customers.imports.facts.staff import StaffMonths
from customers.models import Upload

KINDS: Mapping[str, type[Facts]] = {
    Upload.Holds.INTERACTIONS: Interactions,
    Upload.Holds.CONTRACTS: Contracts,
    Upload.Holds.STAFF: StaffMonths,
    Upload.Holds.MARGINS: ProductMargins,
}
COLUMNS: Mapping[str, Columns] = {
    Upload.Holds.PURCHASES: PURCHASES,
    **{holds: kind.columns for holds, kind in KINDS.items()},
}


def recognised(headers: Iterable[str]) -> str:
    """What a file with these columns holds: of what it may hold, what takes most of them.

    Purchases where it could be several or none.
    """
    headers = list(headers)
    guesses = {holds: columns.guess(headers) for holds, columns in COLUMNS.items()}
    usable = {
        holds: len(guess)
        for holds, guess in guesses.items()
        if not COLUMNS[holds].problems(guess, headers)
    }
    return max(usable, key=usable.__getitem__, default=Upload.Holds.PURCHASES)
