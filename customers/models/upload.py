"""A file of purchases on its way in: checked, imported, and undone again if need be."""

from django.db import models
from django.db.models import Q

from customers.models.record import Source
from customers.models.team import Department, User
from customers.models.work import Work


class Upload(Work):
    """One file. Status says how far the present step is: the dry run, the import, or the undo."""

    class Doing(models.TextChoices):
        CHECK = "check", "Dry run"
        IMPORT = "import", "Import"
        UNDO = "undo", "Undo"

    source = models.ForeignKey(Source, models.PROTECT, related_name="uploads")
    department = models.ForeignKey(
        Department,
        models.PROTECT,
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
        ]

    def __str__(self) -> str:
        return f"{self.file_name} (upload {self.pk})"


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


class UploadCount(models.Model):
    """How many rows had one outcome: stored, here already, or set aside for a reason."""

    STORED = "stored"
    HERE_ALREADY = "here already"

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="counts")
    doing = models.CharField(max_length=10, choices=Upload.Doing.choices)
    outcome = models.CharField(max_length=40)
    rows = models.PositiveIntegerField(default=0)

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
