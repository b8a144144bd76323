"""Rows of a sheet go in chunk by chunk; each is new, changed, here already, or set aside."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from django.db import transaction
from django.db.models import Model

from customers.imports.facts.sheet import Cells, Sheet, UnusableRow

CHUNK = 1000
NEW, CHANGED, HERE_ALREADY = "new", "changed", "here already"

Fact = TypeVar("Fact")


@dataclass
class Brought:
    """What became of a file's rows. set_aside: line of the file and the sentence that says why."""

    rows: int
    outcomes: Counter[str] = field(default_factory=Counter)
    set_aside: list[tuple[int, str]] = field(default_factory=list)


def bring(
    sheet: Sheet,
    read: Callable[[Cells], Fact],
    key_of: Callable[[Fact], Hashable],
    store: Callable[[list[Fact]], Counter[str]],
) -> Brought:
    """Read every row and store it, a thousand in one transaction.

    read may raise UnusableRow. Of two rows with one key the later is set aside. Raises
    UnreadableFile.
    """
    brought = Brought(sheet.row_count)
    facts = _usable(sheet, read, key_of, brought)
    while chunk := list(islice(facts, CHUNK)):
        with transaction.atomic():
            brought.outcomes += store(chunk)
    return brought


def put(facts: Iterable[Model], key: Sequence[str], values: Sequence[str]) -> Counter[str]:
    """Store these rows of one table by their unique key, and count what they were: outcome -> rows.

    Belongs in a transaction. key, values: names of fields; of a foreign key with its _id.
    """
    said = {tuple(getattr(fact, name) for name in key): fact for fact in facts}
    if not said:
        return Counter()
    model = type(next(iter(said.values())))
    rows = model._default_manager.filter(
        **{f"{name}__in": {found[place] for found in said} for place, name in enumerate(key)}
    ).values_list(*key, *values)
    known = {row[: len(key)]: row[len(key) :] for row in rows}
    outcomes, moved = Counter(), []
    for found, fact in said.items():
        if known.get(found) == tuple(getattr(fact, name) for name in values):
            outcomes[HERE_ALREADY] += 1
        else:
            outcomes[CHANGED if found in known else NEW] += 1
            moved.append(fact)
    model._default_manager.bulk_create(
        moved, update_conflicts=True, unique_fields=key, update_fields=values
    )
    return outcomes


def has_changed(outcomes: Counter[str]) -> bool:
    return bool(outcomes[NEW] or outcomes[CHANGED])


def _usable(
    sheet: Sheet,
    read: Callable[[Cells], Fact],
    key_of: Callable[[Fact], Hashable],
    brought: Brought,
) -> Iterator[Fact]:
    lines: dict[Hashable, int] = {}
    for cells in sheet.rows():
        try:
            cells.hold_to_header()
            fact = read(cells)
            first = lines.setdefault(key_of(fact), cells.number)
            if first != cells.number:
                raise UnusableRow(f"Line {first} of the file says the same one already.")
        except UnusableRow as unusable:
            brought.set_aside.append((cells.number, str(unusable)))
        else:
            yield fact
