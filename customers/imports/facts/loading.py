"""A file of facts on its way: dry run, import and undo, chunk by chunk, safe at any point."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.db import transaction
from django.db.models import Model

from customers.imports.facts.kind import Facts
from customers.imports.facts.kinds import KINDS
from customers.imports.facts.sheet import Cells, Sheet, UnusableRow
from customers.imports.facts.storing import compare, store, take_back
from customers.imports.notation.reasons import Reason
from customers.imports.set_aside import PROBLEMS_SHOWN, BadRow, as_line, keep
from customers.imports.table import survey
from customers.models import EarlierRow, Upload, UploadCount

CHUNK = 1000


@dataclass
class FactsSoFar:
    """What has been read of one file: the same after reading on as after reading it again."""

    kind: Facts
    sheet: Sheet
    first_on: date | None = None
    last_on: date | None = None
    customers: set[int] = field(default_factory=set)
    _lines: dict[int, int] = field(default_factory=dict)

    def take(self, rows: Iterable[Cells]) -> tuple[list[Model], list[BadRow]]:
        """What these rows say, and those that say nothing that can be stored."""
        facts, bad = [], []
        for cells in rows:
            try:
                facts.append(self._fact(cells))
            except UnusableRow as unusable:
                bad.append(self._set_aside(cells, unusable))
        return facts, bad

    def summary(self) -> dict[str, int | date | None]:
        return {
            "customers": len(self.customers),
            "first_on": self.first_on,
            "last_on": self.last_on,
        }

    def _fact(self, cells: Cells) -> Model:
        cells.hold_to_header()
        fact = self.kind.read(cells)
        # By hash, so that a file of millions of rows is remembered in 100 bytes each.
        first = self._lines.setdefault(hash(self.kind.key_of(fact)), cells.number)
        if first != cells.number:
            raise UnusableRow(
                f"Line {first} of the file says the same one already.", reason=Reason.SAID_TWICE
            )
        if (customer := self.kind.customer_of(fact)) is not None:
            self.customers.add(hash(customer))
        if day := self.kind.day_of(fact):
            self.first_on = min(self.first_on or day, day)
            self.last_on = max(self.last_on or day, day)
        return fact

    def _set_aside(self, cells: Cells, why: UnusableRow) -> BadRow:
        kept = self.kind.keeps_bad_rows
        return BadRow(
            number=cells.number,
            column=self.sheet.mapping.get(why.fact, ""),
            value=cells.value(why.fact) if kept else "",
            reason=why.reason,
            sentence=str(why)[:300],
            bought_on=None,
            raw=as_line(cells.cells) if kept else "",
        )


def load_facts(upload: Upload, watch: Callable[[Upload], None]) -> None:
    """The dry run or the import of this upload. Raises UnreadableFile, WorkMoved."""
    kind_of = KINDS[upload.holds]
    sheet = Sheet(survey(upload), upload.mapping(), kind_of.columns)
    upload.begin(sheet.table.row_count)
    so_far = FactsSoFar(kind_of(upload), sheet)
    (_check if upload.doing == Upload.Doing.CHECK else _import)(upload, so_far, watch)


def undo_facts(upload: Upload) -> None:
    """Take back what this upload said, and nothing that another said after it.

    A row that it brought goes; one that it changed says what it said before. Where a later file
    has changed it since, that stands, and goes back past this upload when it is undone itself.
    """
    kind = KINDS[upload.holds](upload)
    standing = kind.model._default_manager.filter(upload=upload)
    upload.begin(upload.steps_done + standing.count())
    while rows := list(standing.order_by("pk")[:CHUNK]):
        with transaction.atomic():
            upload.advance(len(rows))
            kind.hold()
            restored = take_back(kind, rows, upload.holds)
            gone = len(rows) - len(restored)
            outcomes = {UploadCount.PUT_BACK: len(restored), UploadCount.REMOVED: gone}
            UploadCount.objects.add(upload, +Counter(outcomes))
            kind.note_change([*rows, *restored])
        upload.let_others_write()
    with transaction.atomic():
        EarlierRow.objects.filter(upload=upload).delete()
        upload.finish()


def _check(upload: Upload, so_far: FactsSoFar, watch: Callable[[Upload], None]) -> None:
    """Count what an import would do. It stores no facts, so it begins anew each time."""
    upload.start_over()
    strangers: set[str] = set()
    room = PROBLEMS_SHOWN
    for rows in _chunks(so_far.sheet.rows()):
        facts, bad = so_far.take(rows)
        strangers |= so_far.kind.settle(facts)
        compared = compare(so_far.kind, facts)
        with transaction.atomic():
            upload.advance(len(rows))
            UploadCount.objects.add(upload, compared.outcomes() + _reasons(bad))
            keep(upload, bad[:room])
        room -= len(bad[:room])
        watch(upload)
        upload.let_others_write()
    upload.finish(**so_far.summary(), new_customers=len(strangers))


def _import(upload: Upload, so_far: FactsSoFar, watch: Callable[[Upload], None]) -> None:
    if not upload.steps_done:
        upload.start_over()
    rows_left = so_far.sheet.rows()
    for rows in _chunks(islice(rows_left, upload.steps_done)):
        so_far.take(rows)
        upload.advance(0)
    for rows in _chunks(rows_left):
        facts, bad = so_far.take(rows)
        with transaction.atomic():
            upload.advance(len(rows))
            so_far.kind.hold()
            upload.count_new_customers(so_far.kind.make_customers(facts))
            compared = store(so_far.kind, facts, upload)
            UploadCount.objects.add(upload, compared.outcomes() + _reasons(bad))
            keep(upload, bad)
            if moved := compared.moved():
                so_far.kind.note_change(moved)
        watch(upload)
        upload.let_others_write()
    upload.finish(**so_far.summary())


def _chunks(rows: Iterable[Cells]) -> Iterator[list[Cells]]:
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _reasons(bad: Iterable[BadRow]) -> Counter[str]:
    return Counter(row.reason.value for row in bad)
