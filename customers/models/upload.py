"""A file of facts on its way in: checked, imported, and undone again if need be."""

from collections.abc import Mapping

from django.db import models, transaction
from django.db.models import F, Q

from customers.models.record import Source
from customers.models.team import Department, User
from customers.models.work import Work


class Upload(Work):
    """One file. Status says how far the present step is: the dry run, the import, or the undo."""

    class Doing(models.TextChoices):
        CHECK = "check", "Dry run"
        IMPORT = "import", "Import"
        UNDO = "undo", "Undo"

    class Holds(models.TextChoices):
        PURCHASES = "purchases", "Purchases"
        INTERACTIONS = "interactions", "Interactions"
        CONTRACTS = "contracts", "Contracts"
        STAFF = "staff", "Staff by group and month"
        MARGINS = "margins", "Margins of products"

    OF_NO_SOURCE = (Holds.STAFF, Holds.MARGINS)
    OF_KNOWN_CUSTOMERS = (Holds.INTERACTIONS, *OF_NO_SOURCE)

    holds = models.CharField(max_length=12, choices=Holds.choices, default=Holds.PURCHASES)
    source = models.ForeignKey(Source, models.PROTECT, null=True, related_name="uploads")
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        related_name="uploads",
        help_text="Looks after the customers of this file, unless a column says who does.",
    )
    file = models.FileField(upload_to="purchases/%Y/%m/")
    file_name = models.CharField(max_length=200)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="uploads")
    doing = models.CharField(max_length=10, choices=Doing.choices, default=Doing.CHECK)
    complete_until = models.DateField(
        null=True,
        blank=True,
        help_text="Last day of which the file has all purchases; empty: the last day in it.",
    )
    first_on = models.DateField(null=True, help_text="First day that a row of the file names.")
    last_on = models.DateField(null=True, help_text="Last day that a row of the file names.")
    customers = models.PositiveIntegerField(
        null=True, help_text="Customers in the file, known after its first whole reading."
    )
    new_customers = models.PositiveIntegerField(
        default=0, help_text="How many of them were not here before."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=Work.Status.values), name="upload_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(doing__in=["check", "import", "undo"]), name="upload_step_is_known"
            ),
            models.CheckConstraint(
                condition=Q(steps_total=0) | Q(steps_done__lte=models.F("steps_total")),
                name="upload_does_no_more_than_all",
            ),
            models.CheckConstraint(
                condition=Q(
                    holds__in=["purchases", "interactions", "contracts", "staff", "margins"]
                ),
                name="upload_holds_known_facts",
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=False) | Q(holds__in=["staff", "margins"]),
                name="upload_of_customers_names_its_source",
            ),
            models.CheckConstraint(
                condition=Q(department__isnull=False)
                | Q(holds__in=["interactions", "staff", "margins"]),
                name="upload_says_who_looks_after_new_customers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} (upload {self.pk})"

    @property
    def can_be_discarded(self) -> bool:
        """Nothing of it has been stored, so that it may go without a trace."""
        return self.doing == self.Doing.CHECK

    @property
    def can_be_checked(self) -> bool:
        return self.doing == self.Doing.CHECK and not self.is_going_on

    @property
    def can_be_imported(self) -> bool:
        return self.doing == self.Doing.CHECK and self.status == self.Status.DONE

    @property
    def can_be_undone(self) -> bool:
        """Rows of it are, or may be, among what is stored."""
        return self.doing == self.Doing.IMPORT and self.is_over

    @property
    def step(self) -> int:
        """Where it stands in the wizard: 2 columns, 3 dry run, 4 import, 5 result."""
        if self.doing == self.Doing.CHECK:
            return 2 if self.status == self.Status.DRAFT else 3
        is_imported = self.doing == self.Doing.UNDO or self.status == self.Status.DONE
        return 5 if is_imported else 4

    @property
    def stage(self) -> str:
        """How far it has come, in words."""
        return STAGES[self.doing, self.status]

    def mapping(self) -> dict[str, str]:
        """Which column holds which fact: field -> header."""
        return dict(self.columns.order_by("pk").values_list("field", "header"))

    @transaction.atomic
    def map_columns(self, mapping: Mapping[str, str]) -> None:
        """Say which column holds which fact, in place of what was said before."""
        self.columns.all().delete()
        UploadColumn.objects.bulk_create(
            UploadColumn(upload=self, field=field, header=header)
            for field, header in mapping.items()
        )

    @transaction.atomic
    def start_over(self) -> None:
        """Forget what this step has found so far: it has stored nothing."""
        self._move(steps_done=0, new_customers=0)
        self.counts.filter(doing=self.doing).delete()
        self.set_aside.filter(doing=self.doing).delete()

    def count_new_customers(self, number: int) -> None:
        """Belongs in the transaction that makes them."""
        self.new_customers += number
        self.save(update_fields=["new_customers"])

    def outcomes(self) -> dict[str, int]:
        """What the present step came to so far: outcome -> rows."""
        return dict(self.counts.filter(doing=self.doing).values_list("outcome", "rows"))

    @transaction.atomic
    def discard(self) -> None:
        """Remove the file and all notes of it, and its source if nothing else came from there."""
        stored, source = self.file, self.source
        self.delete()
        if source and not (source.uploads.exists() or source.records.exists()):
            source.delete()
        transaction.on_commit(lambda: stored.storage.delete(stored.name))


STAGES = {
    (doing, status): words
    for doing, stages in {
        Upload.Doing.CHECK: (
            "Columns to be checked",
            "Waits for its dry run",
            "Dry run going on",
            "Ready to import",
            "Cannot be read",
        ),
        Upload.Doing.IMPORT: (
            "To be imported",
            "Waits to be imported",
            "Being imported",
            "Imported",
            "Import stopped",
        ),
        Upload.Doing.UNDO: (
            "To be undone",
            "Waits to be undone",
            "Being undone",
            "Undone",
            "Undoing stopped",
        ),
    }.items()
    for status, words in zip(Work.Status, stages, strict=True)
}


class UploadColumn(models.Model):
    """Which column of the file holds which fact."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="columns")
    field = models.CharField(max_length=20)
    header = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "field"], name="upload_column_once"),
        ]

    def __str__(self) -> str:
        return f"{self.field} from {self.header} (column {self.pk})"


class UploadCountManager(models.Manager["UploadCount"]):
    def add(self, upload: Upload, outcomes: Mapping[str, int]) -> None:
        """Add to the rows of each outcome of the present step; belongs in its transaction."""
        for outcome, rows in outcomes.items():
            counted = self.filter(upload=upload, doing=upload.doing, outcome=outcome)
            if not counted.update(rows=F("rows") + rows):
                self.create(upload=upload, doing=upload.doing, outcome=outcome, rows=rows)


class UploadCount(models.Model):
    """How many rows had one outcome: stored, changed, removed, or a reason to set aside."""

    STORED = "stored"
    CHANGED = "changed"
    HERE_ALREADY = "here already"
    REMOVED = "removed"
    PUT_BACK = "put back"

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="counts")
    doing = models.CharField(max_length=10, choices=Upload.Doing.choices)
    outcome = models.CharField(max_length=40)
    rows = models.PositiveIntegerField(default=0)

    objects = UploadCountManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "doing", "outcome"], name="upload_count_once_per_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rows} {self.outcome} (count {self.pk})"


class SetAsideRow(models.Model):
    """A row that could not be used, with the sentence that says why. The rest went in."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="set_aside")
    doing = models.CharField(max_length=10, choices=Upload.Doing.choices)
    number = models.PositiveIntegerField(help_text="Line of the file; the header is line 1.")
    column = models.CharField(max_length=120, blank=True)
    value = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=40)
    sentence = models.CharField(max_length=300)
    bought_on = models.DateField(null=True, help_text="The row's day, where that can be read.")
    raw = models.TextField(help_text="The row as it came.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "doing", "number"], name="set_aside_row_once"
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.number}: {self.reason} (set aside {self.pk})"
