"""What every kind of facts answers for itself on its way from a file to its table."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from django.db.models import Model, QuerySet

from customers.imports.columns import Columns
from customers.imports.facts.sheet import Cells
from customers.models import Source, Upload


class Facts(ABC):
    """The facts of one file: rows of one table, each known by its key.

    values: the fields of a row that a later file may say otherwise.
    """

    columns: ClassVar[Columns]
    model: ClassVar[type[Model]]
    values: ClassVar[Sequence[str]]
    keeps_bad_rows: ClassVar[bool] = True

    def __init__(self, upload: Upload) -> None:
        self.source = upload.source
        self.department = upload.department

    @abstractmethod
    def read(self, cells: Cells) -> Model:
        """What one row says, not stored yet. Raises UnusableRow."""

    @abstractmethod
    def key_of(self, fact: Model) -> tuple[Hashable, ...]:
        """What tells this fact from the others of its file and of its table.

        Of a stored row and of one that was read it is the same.
        """

    @abstractmethod
    def like(self, facts: Sequence[Model]) -> QuerySet:
        """The stored rows among which these facts are, if they are there at all."""

    def day_of(self, fact: Model) -> date | None:
        """The day by which the file's reach is told."""
        return None

    def customer_of(self, fact: Model) -> Hashable | None:
        return None

    def settle(self, facts: Iterable[Model]) -> set[str]:
        """Join facts to what is stored already; the keys of customers who are not."""
        return set()

    def make_customers(self, facts: Sequence[Model]) -> int:
        """Join facts to their customers, made where there were none; how many were."""
        return 0

    def hold(self) -> None:
        """Keep other workers from writing facts of this source, to the end of the transaction."""
        if self.source:
            Source.objects.hold(self.source.pk)

    def note_change(self, facts: Iterable[Model]) -> None:
        """Let what is counted from these facts become due."""
        Source.objects.count_change(self.source.pk)

    def forget(self, facts: Sequence[Model]) -> None:  # noqa: B027 - of most, nothing else goes
        """Remove what stood on these facts alone, which are gone."""

    def values_of(self, fact: Model) -> tuple[Any, ...]:
        return tuple(getattr(fact, name) for name in self.values)
