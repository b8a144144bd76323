"""Which line is which: what makes two rows the same line, in one file and across files."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

from customers.imports.purchases.reader import PurchaseRow
from customers.models.facts.purchase import BY_MOMENT


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its identity: content and occurrence are those of a PurchaseLine, item too."""

    row: PurchaseRow
    order_key: str
    content: int
    occurrence: int
    item: int | None

    @property
    def identity(self) -> tuple[int, int]:
        return self.content, self.occurrence

    @property
    def order(self) -> tuple[str, str]:
        """Customer and order: what a Purchase is known by, within its source."""
        return self.row.customer, self.order_key


@dataclass
class FileSoFar:
    """What has been read of one file; the same after reading on as after reading it again.

    It grows by about 100 bytes a row, and holds no row.
    """

    source_id: int
    customers: set[str] = field(default_factory=set)
    first_on: date | None = None
    last_on: date | None = None
    _seen: dict[int, int] = field(default_factory=dict)

    def take(self, rows: Iterable[PurchaseRow]) -> list[Line]:
        """The next rows as lines: the n-th row that says the same has occurrence n."""
        lines = [self._line(row) for row in rows]
        if lines:
            days = [line.row.moment.day for line in lines]
            self.first_on = min(days if self.first_on is None else [self.first_on, *days])
            self.last_on = max(days if self.last_on is None else [self.last_on, *days])
            self.customers.update(line.row.customer for line in lines if line.row.customer)
        return lines

    def _line(self, row: PurchaseRow) -> Line:
        order_key = row.order or f"{BY_MOMENT}{row.moment.local.isoformat()}"
        content = hash_of(
            self.source_id,
            row.customer,
            order_key,
            row.moment.local.isoformat(),
            row.product,
            row.quantity,
            row.amount,
            row.cost,
            row.channel,
        )
        self._seen[content] = occurrence = self._seen.get(content, 0) + 1
        is_item = row.customer and row.product
        item = hash_of(self.source_id, row.customer, row.product) if is_item else None
        return Line(row, order_key, content, occurrence, item)


def hash_of(*parts: object) -> int:
    """A signed number of 64 bits."""
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), signed=True)
