"""A file of product margins, by the products' names as purchases have them."""

from collections import Counter
from pathlib import Path

from customers.cash.changes import let_values_become_due
from customers.imports.facts.bringing import Brought, bring, has_changed, put
from customers.imports.facts.sheet import Cells, Columns, Sheet, UnusableRow
from customers.models import ProductMargin

COLUMNS = Columns(
    names={
        "product": "product productname description item itemname article sku stockcode",
        "margin": "margin share productmargin",
    },
    needed=("product", "margin"),
    numbers=("margin",),
)


def import_product_margins(path: Path) -> Brought:
    """Store the margins of a file; products that it does not name keep theirs.

    Raises UnreadableFile.
    """
    return bring(Sheet(path, COLUMNS), _read, lambda margin: margin.product, _store)


def _read(cells: Cells) -> ProductMargin:
    product = cells.code("product", ProductMargin._meta.get_field("product").max_length)
    margin = cells.share("margin")
    if margin is None:
        raise UnusableRow("The row has no margin.")
    return ProductMargin(product=product, margin=margin)


def _store(margins: list[ProductMargin]) -> Counter[str]:
    outcomes = put(margins, key=("product",), values=("margin",))
    if has_changed(outcomes):
        let_values_become_due()
    return outcomes
