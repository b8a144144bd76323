"""A file of interactions: what happened with customers whom a source knows, and what it cost."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from customers.imports.facts.bringing import Brought, bring, has_changed, put
from customers.imports.facts.sheet import Cells, Columns, Sheet, UnusableRow
from customers.imports.lines import hash_of
from customers.imports.notation.dates import Moment
from customers.imports.table import UnreadableFile
from customers.models import Customer, Interaction, Source, SourceRecord

COLUMNS = Columns(
    names={
        "customer": "customer customerid customercode customerno custno client clientid accountid",
        "kind": "kind type interaction interactiontype what",
        "day": "happenedon happenedat date day datetime timestamp when time",
        "number": "number id key ticket ticketid ticketno reference",
        "cost": "cost costs amount",
        "description": "description subject text note summary",
    },
    needed=("customer", "kind", "day"),
    days=("day",),
    numbers=("cost",),
)
KEY = ("record_id", "kind", "key")
VALUES = ("happened_at", "happened_on", "cost", "description")
KINDS = {
    word.casefold(): kind for kind in Interaction.Kind for word in (kind.value, str(kind.label))
}


@dataclass(frozen=True, slots=True)
class InteractionRow:
    record: int
    kind: str
    key: str
    moment: Moment
    cost: Decimal | None
    description: str


def import_interactions(path: Path, *, source_name: str) -> Brought:
    """Store the interactions of a file, by this source's codes of its customers.

    One of somebody whom the source does not know is set aside. Raises UnreadableFile.
    """
    sheet = Sheet(path, COLUMNS)
    source = Source.objects.filter(name=source_name).first()
    if source is None:
        raise UnreadableFile(f"There is no source {source_name}: its customers come first.")

    def store(rows: list[InteractionRow]) -> Counter[str]:
        Source.objects.hold(source.pk)
        outcomes = put(map(_interaction, rows), KEY, VALUES)
        if has_changed(outcomes):
            Source.objects.count_change(source.pk)
        return outcomes

    return bring(sheet, _reader(source), lambda row: (row.record, row.kind, row.key), store)


def _reader(source: Source) -> Callable[[Cells], InteractionRow]:
    known = SourceRecord.objects.filter(source=source, customer__isnull=False)
    records = dict(known.values_list("key", "pk"))
    seen: Counter[int] = Counter()

    def read(cells: Cells) -> InteractionRow:
        customer = cells.code("customer", Customer._meta.get_field("code").max_length)
        if customer not in records:
            raise UnusableRow(f"{source.name} knows no customer {customer}.")
        kind, moment = _kind(cells), cells.past_moment("day")
        cost, description = cells.money("cost"), cells.text("description", _longest("description"))
        key = cells.text("number", _longest("key"))
        if not key:
            content = hash_of(customer, kind, moment.local.isoformat(), cost, description)
            seen[content] += 1
            key = f"#{content & (1 << 64) - 1:016x}-{seen[content]}"
        return InteractionRow(records[customer], kind, key, moment, cost, description)

    return read


def _kind(cells: Cells) -> str:
    text = cells.code("kind", longest=40)
    if text.casefold() not in KINDS:
        known = ", ".join(Interaction.Kind.values)
        raise UnusableRow(f"There is no kind {text}. The kinds are {known}.")
    return KINDS[text.casefold()].value


def _longest(field: str) -> int:
    return Interaction._meta.get_field(field).max_length


def _interaction(row: InteractionRow) -> Interaction:
    return Interaction(
        record_id=row.record,
        kind=row.kind,
        key=row.key,
        happened_at=row.moment.at,
        happened_on=row.moment.day,
        cost=row.cost,
        description=row.description,
    )
