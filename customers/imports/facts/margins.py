"""A file of product margins, by the products' names as purchases have them."""

from collections.abc import Hashable, Iterable, Sequence

from django.db.models import Model, QuerySet, TextChoices

from customers.cash.changes import let_values_become_due
from customers.imports.columns import Columns
from customers.imports.facts.kind import Facts
from customers.imports.facts.sheet import Cells, refuse_nothing
from customers.models import ProductMargin


class Fact(TextChoices):
    """A fact that a row of margins can hold."""

    PRODUCT = "product", "Product"
    MARGIN = "margin", "Margin"


COLUMNS = Columns(
    names={
        Fact.PRODUCT: "product productname description item itemname article sku stockcode",
        Fact.MARGIN: "margin share productmargin",
    },
    needed=(Fact.PRODUCT, Fact.MARGIN),
    numbers=(Fact.MARGIN,),
)
LONGEST_PRODUCT = ProductMargin._meta.get_field("product").max_length


class ProductMargins(Facts):
    """Products that the file does not name keep their margins."""

    columns = COLUMNS
    model = ProductMargin
    values = ("margin",)

    def read(self, cells: Cells) -> ProductMargin:
        product = cells.code(Fact.PRODUCT, LONGEST_PRODUCT)
        margin = cells.share(Fact.MARGIN)
        if margin is None:
            refuse_nothing(Fact.MARGIN)
        return ProductMargin(product=product, margin=margin)

    def key_of(self, fact: ProductMargin) -> tuple[Hashable, ...]:
        return (fact.product,)

    def like(self, facts: Sequence[ProductMargin]) -> QuerySet:
        return ProductMargin.objects.filter(product__in={fact.product for fact in facts})

    def note_change(self, facts: Iterable[Model]) -> None:
        let_values_become_due()
