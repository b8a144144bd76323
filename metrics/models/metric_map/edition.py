"""Editions of the map: drafted, proposed, signed, published by a second person, kept for ever.

An edition is a whole map as one document, the same that `manage.py metric_map export` writes.
What is published is stored in rows as well; the document is how any past day's map is drawn again.
"""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from customers.models import Department, User


class MapEditionQuerySet(models.QuerySet):
    def open(self) -> "MapEdition | None":
        """The one that is being drafted or signed."""
        return self.filter(state__in=[MapEdition.State.DRAFT, MapEdition.State.PROPOSED]).first()

    def published(self) -> Self:
        return self.filter(state=MapEdition.State.PUBLISHED)

    def in_force(self, day: date | None = None) -> "MapEdition | None":
        """The edition that pages show, or showed at the end of a day."""
        published = self.published()
        if day is not None:
            published = published.filter(published_at__date__lte=day)
        return published.order_by("published_at", "pk").last()


class MapEdition(models.Model):
    """One edition. There is one draft at a time, and it ends published or withdrawn."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PROPOSED = "proposed", "Proposed: waiting for signatures"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    document = models.TextField(help_text="The whole map, as it is exported.")
    reason = models.CharField(max_length=200, blank=True, help_text="What changes, and why.")
    begun_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    signers_told_at = models.DateTimeField(null=True, help_text="When its signers were mailed.")
    sign_until = models.DateField(null=True, help_text="Then it goes to the executives.")
    publish_at = models.DateTimeField(null=True, help_text="Not before; empty: at once.")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    objects = MapEditionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(state__in=["draft", "proposed"]),
                name="one_map_edition_is_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed", "published", "withdrawn"]),
                name="map_edition_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="map_edition_published_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="map_edition_is_published_by_two",
                violation_error_message="Somebody else than who proposed it has to publish it.",
            ),
        ]

    def __str__(self) -> str:
        return f"Edition {self.number}"


class SignatureQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """Without those that were given anew by somebody else."""
        return self.filter(lapsed_at=None)


class Signature(models.Model):
    """One party's yes to a definition, told by the fingerprint of all that is material in it.

    A material change has another fingerprint, so signatures to the old one no longer count;
    a change of wording has not, so they do. It counts while who gave it could give it still; once
    somebody else has signed instead, it has lapsed.
    """

    class Party(models.TextChoices):
        OWNER = "owner", "Owner"
        CONSUMER = "consumer", "Department that steers by it"
        STEWARD = "steward", "Data steward: the data can be delivered"
        FINANCE = "finance", "Finance: the link to money"

    key = models.SlugField(max_length=40, help_text="The metric's key.")
    fingerprint = models.CharField(max_length=64)
    party = models.CharField(max_length=10, choices=Party.choices)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, related_name="+", help_text="For which one."
    )
    person = models.ForeignKey(User, models.PROTECT, related_name="signatures")
    said = models.CharField(max_length=200, blank=True)
    deliver_on = models.DateField(null=True, help_text="A steward's: the data come by this day.")
    signed_at = models.DateTimeField(default=timezone.now)
    lapsed_at = models.DateTimeField(null=True, help_text="When somebody else signed instead.")

    objects = SignatureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "fingerprint", "party", "department"],
                condition=Q(lapsed_at=None),
                name="signature_once_a_department",
            ),
            models.UniqueConstraint(
                fields=["key", "fingerprint", "party"],
                condition=Q(department=None, lapsed_at=None),
                name="signature_once_a_party",
            ),
            models.CheckConstraint(
                condition=Q(party__in=["owner", "consumer", "steward", "finance"]),
                name="signature_party_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(party="consumer") | Q(department__isnull=False),
                name="signature_of_a_consumer_names_the_department",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} of {self.key} (signature {self.pk})"


class CounterProposal(models.Model):
    """Another wording of one metric of a proposed edition, until somebody takes or declines it."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        TAKEN = "taken", "Taken into the draft"
        DECLINED = "declined", "Declined"

    edition = models.ForeignKey(MapEdition, models.CASCADE, related_name="counter_proposals")
    key = models.SlugField(max_length=40, help_text="The metric's key.")
    document = models.TextField(help_text="The metric as it should be, as it is exported.")
    said = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=200, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "taken", "declined"]),
                name="counter_proposal_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(answer=""),
                name="counter_proposal_declined_has_an_answer",
                violation_error_message="Say why it is declined.",
            ),
            models.CheckConstraint(condition=~Q(said=""), name="counter_proposal_says_why"),
        ]

    def __str__(self) -> str:
        return f"counter-proposal {self.pk}"
