"""A valuation that many workers make together: shards of customers, and rounds of questions.

Every question of the plan is a row a round and shard; the answers are sums, or rows of a sample,
as bare numbers. Whoever stores the last answer of a round goes on with the plan.
"""

from django.db import models
from django.db.models import Q

from customers.models import Work
from metrics.models.valuation import Valuation


class ShardTask(Work):
    """What one shard has to answer in one round. A lost message or worker costs this round only."""

    class Kind(models.TextChoices):
        READ = "read", "Read purchases"
        ANSWER = "answer", "Answer questions"
        SCORE = "score", "Value customers"

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="shard_tasks")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    round = models.PositiveSmallIntegerField()
    shard = models.PositiveSmallIntegerField()
    questions = models.JSONField(default=list, help_text="Names and arguments, as the plan asked.")
    answer = models.BinaryField(null=True, help_text="Arrays of float64, one a question.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["valuation", "round", "shard"], name="shard_task_once_a_round"
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(answer__isnull=False),
                name="shard_task_done_has_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Work.Status.values), name="shard_task_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Round {self.round}, shard {self.shard} (task {self.pk})"


class Shard(models.Model):
    """The purchase days of one shard's customers, kept from reading to the valuation's end."""

    valuation = models.ForeignKey(Valuation, models.CASCADE, related_name="shard_histories")
    shard = models.PositiveSmallIntegerField()
    histories = models.BinaryField(help_text="Compressed arrays.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["valuation", "shard"], name="shard_once_a_valuation"),
        ]

    def __str__(self) -> str:
        return f"Shard {self.shard} (shard {self.pk})"
