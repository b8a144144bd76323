"""Facts of a chunk go into their table: new, changed, or here already; what changed is kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from django.core.serializers import deserialize, serialize
from django.db.models import Model

from customers.imports.facts.kind import Facts
from customers.models import EarlierRow, Upload, UploadCount
from customers.models.insertion import insert


@dataclass(frozen=True)
class Compared:
    """What storing these facts would do. changed: the stored row and what it is to say."""

    new: list[Model]
    changed: list[tuple[Model, Model]]
    here_already: int

    def outcomes(self) -> Counter[str]:
        """Rows by outcome, without those of 0."""
        return +Counter(
            {
                UploadCount.STORED: len(self.new),
                UploadCount.CHANGED: len(self.changed),
                UploadCount.HERE_ALREADY: self.here_already,
            }
        )

    def moved(self) -> list[Model]:
        """What is another after storing: facts that are new, and changed ones before and after."""
        return [*self.new, *(each for pair in self.changed for each in pair)]


def compare(kind: Facts, facts: Sequence[Model]) -> Compared:
    """How these facts, each settled and none twice, stand to what is stored."""
    known = {kind.key_of(row): row for row in kind.like(facts)} if facts else {}
    new, changed = [], []
    for fact in facts:
        row = known.get(kind.key_of(fact))
        if row is None:
            new.append(fact)
        elif kind.values_of(row) != kind.values_of(fact):
            changed.append((row, fact))
    return Compared(new, changed, len(facts) - len(new) - len(changed))


def store(kind: Facts, facts: Sequence[Model], upload: Upload) -> Compared:
    """Store these facts as this upload's. Belongs in a transaction that holds their source."""
    compared = compare(kind, facts)
    fields = [field.attname for field in kind.model._meta.concrete_fields if not field.primary_key]
    for fact in compared.new:
        fact.upload = upload
    insert(
        kind.model._default_manager.all(),
        [field.removesuffix("_id") for field in fields],
        map(attrgetter(*fields), compared.new),
    )
    if compared.changed:
        _keep_beside(upload.holds, [row for row, _ in compared.changed])
        for row, fact in compared.changed:
            fact.pk, fact.upload = row.pk, upload
        _say_anew([fact for _, fact in compared.changed], [*kind.values, "upload"])
    return compared


def take_back(kind: Facts, rows: Sequence[Model], holds: str) -> list[Model]:
    """Let these rows say what an earlier file had said, or remove them where none had.

    Answers those that say something earlier, as they are now.
    """
    keys = {row.pk for row in rows}
    earlier = EarlierRow.objects.filter(holds=holds, row__in=keys).order_by("pk")
    latest = {each.row: each for each in earlier}  # the last of a row wins
    said = f"[{','.join(each.said[1:-1] for each in latest.values())}]"
    restored = [back.object for back in deserialize("json", said, ignorenonexistent=True)]
    _say_anew(restored, [*kind.values, "upload"])
    EarlierRow.objects.filter(pk__in=[each.pk for each in latest.values()]).delete()
    gone = [row for row in rows if row.pk not in latest]
    kind.model._default_manager.filter(pk__in=[row.pk for row in gone]).delete()
    kind.forget(gone)
    return restored


def _keep_beside(holds: str, rows: Sequence[Model]) -> None:
    EarlierRow.objects.bulk_create(
        EarlierRow(holds=holds, row=row.pk, upload_id=row.upload_id, said=serialize("json", [row]))
        for row in rows
    )


def _say_anew(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Store these fields of rows that are there. bulk_update would write a CASE for each row."""
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )
