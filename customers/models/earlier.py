"""What rows said before a later file changed them, so that the later file can be undone."""

from django.db import models

from customers.models.upload import Upload


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
