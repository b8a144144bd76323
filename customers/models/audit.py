"""Who did and who read what. Rows are added, never changed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from customers.models.customer import Customer
from customers.models.team import User


class AuditEvent(models.Model):
    """One act of one person."""

    class Verb(models.TextChoices):
        READ_CARD = "read card", "Opened a customer's card"
        LOOKED_UP = "looked up", "Looked up a customer by code"
        EXPORTED = "exported", "Downloaded rows"
        CHANGED_PEOPLE = "changed people", "Changed people or roles"
        CHANGED_COMPANY = "changed company", "Changed the company's settings"
        CHANGED_MAP = "changed map", "Changed a metric or link"
        SENT_FILE = "sent file", "Sent, imported or undid a file"
        ASKED_VALUATION = "asked valuation", "Asked for a valuation"
        RULED_MODEL = "ruled model", "Ruled which model values customers"
        CHANGED_SCENARIO = "changed scenario", "Changed a scenario"
        SIGNED = "signed", "Signed or answered a definition"
        HANDLED_ALERT = "handled alert", "Acknowledged or snoozed an alert"
        REPORTED_FIGURE = "reported figure", "Reported a figure"
        DISPUTED = "disputed", "Raised or answered a dispute"
        ASKED_DATA = "asked data", "Asked for data, promised or delivered them"

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="acts")
    verb = models.CharField(max_length=20, choices=Verb.choices)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="readings")
    about = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    verb__in=[
                        "read card",
                        "looked up",
                        "exported",
                        "changed people",
                        "changed company",
                        "changed map",
                        "sent file",
                        "asked valuation",
                        "ruled model",
                        "changed scenario",
                        "signed",
                        "handled alert",
                        "reported figure",
                        "disputed",
                        "asked data",
                    ]
                ),
                name="audit_verb_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} at {self.at:%Y-%m-%d %H:%M} (event {self.pk})"
