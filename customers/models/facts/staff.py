"""What is known of the people who serve customers, in groups that hide each of them."""

from django.db import models
from django.db.models import F, Q

from customers.models.team import Department
from customers.models.upload import Upload

SMALLEST_STAFF_GROUP = 8


class StaffMonth(models.Model):
    """One group of a department in one month. No fact here is about one person."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="staff_months")
    group = models.CharField(max_length=40, help_text="A site or a team: Store North.")
    month = models.DateField(help_text="Its first day.")
    headcount = models.PositiveIntegerField(help_text="Mean over the month.")
    trained = models.PositiveIntegerField(
        null=True, help_text="How many are certified on the tools in use."
    )
    leavers = models.PositiveIntegerField(null=True)
    engagement = models.FloatField(
        null=True, help_text="Mean of the agreed attitude items, from 0 to 100."
    )
    answers = models.PositiveIntegerField(null=True, help_text="How many answered them.")
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="staff_months")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["department", "group", "month"], name="staff_month_once_a_group"
            ),
            models.CheckConstraint(condition=~Q(group=""), name="staff_month_names_a_group"),
            models.CheckConstraint(
                condition=Q(month__day=1), name="staff_month_is_told_by_its_first_day"
            ),
            models.CheckConstraint(
                condition=Q(headcount__gte=SMALLEST_STAFF_GROUP),
                name="staff_group_is_of_eight_or_more",
            ),
            models.CheckConstraint(
                condition=Q(trained=None) | Q(trained__lte=F("headcount")),
                name="staff_trained_are_of_the_group",
            ),
            models.CheckConstraint(
                condition=Q(engagement=None)
                | Q(engagement__gte=0, engagement__lte=100, answers__gte=SMALLEST_STAFF_GROUP),
                name="staff_engagement_is_of_eight_answers_or_more",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}, {self.month:%b %Y} (staff month {self.pk})"
