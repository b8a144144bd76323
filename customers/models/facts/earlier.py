"""What rows said before a later file changed them, so that the later file can be undone."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from customers.models.upload import Upload

EARLIER_KEPT = timedelta(days=90)
OF_PERSONS = (Upload.Holds.INTERACTIONS, Upload.Holds.CONTRACTS)


class EarlierRowQuerySet(models.QuerySet):
    def forget_old(self) -> None:
        """Remove what was said of persons and has been kept for its time.

        Nobody would look for it here, so it may not stay for ever. Where a file that changed
        such a row is undone later, the row goes instead of saying again what it said.
        """
        old = timezone.now() - EARLIER_KEPT
        self.filter(holds__in=OF_PERSONS, kept_at__lt=old).delete()


def kept_until(upload: Upload) -> datetime | None:
    """To when the undo of this import can put back what it changed; None: for as long as it is."""
    return upload.asked_at + EARLIER_KEPT if upload.holds in OF_PERSONS else None


class EarlierRow(models.Model):
    """One row as an earlier file had it; the latest of a row is what it goes back to.

    It is never asked for by what it says, only put back whole, so it is kept as text.
    """

    holds = models.CharField(max_length=12, choices=Upload.Holds.choices)
    row = models.PositiveBigIntegerField(help_text="The key of the row that says something else.")
    upload = models.ForeignKey(
        Upload,
        models.CASCADE,
        null=True,
        related_name="earlier_rows",
        help_text="The file that said it so; none where no file did.",
    )
    said = models.TextField(help_text="The row as Django's own JSON writes it.")
    kept_at = models.DateTimeField(default=timezone.now)

    objects = EarlierRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(holds__in=["interactions", "contracts", "staff", "margins"]),
                name="earlier_row_is_of_a_known_kind",
            ),
        ]
        indexes = [models.Index(fields=["holds", "row"], name="earlier_row_by_row")]

    def __str__(self) -> str:
        return f"{self.holds} {self.row} as it was (earlier row {self.pk})"
