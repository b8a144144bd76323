"""The customer: one real person or company, computed from source records."""

from django.db import models
from django.db.models import Q

from customers.models.team import Department


class Customer(models.Model):
    """What we know of one customer; each field is taken over from the source records."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        COMPANY = "company", "Company"
        UNKNOWN = "unknown", "Person or company"

    code = models.CharField(max_length=64)
    name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.UNKNOWN)
    country = models.CharField(max_length=60, blank=True)
    channel = models.CharField(
        max_length=40,
        blank=True,
        help_text="How we got them: the channel of their first purchase; blank where not known.",
    )
    department = models.ForeignKey(Department, models.PROTECT, related_name="customers")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["person", "company", "unknown"]),
                name="customer_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(code=""), name="customer_has_a_code"),
        ]
        indexes = [
            models.Index(fields=["code"]),
            models.Index(fields=["department", "code"]),
        ]

    def __str__(self) -> str:
        return f"{self.code} (customer {self.pk})"

    @property
    def title(self) -> str:
        """What to call this customer: the name, else the code."""
        return self.name or f"Customer {self.code}"
