"""The draft: begun from what is published, changed, proposed, taken back, withdrawn.

Call within changing_map(): the open edition is one for everybody.
"""

from datetime import date, datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from customers.models import Company, User
from metrics.metric_map.audit import tell
from metrics.metric_map.document import MapDocument, read_document, stored_document, written
from metrics.metric_map.documents.rules import refusals
from metrics.models import MapEdition

State = MapEdition.State
DAYS_TO_SIGN = 14


class NotNow(ValueError):
    """The edition is not in a state for that; carries the sentence for the person."""


def draft_for(by: User) -> MapEdition:
    """The open draft, begun now from the published map where there is none. Raises NotNow."""
    edition = MapEdition.objects.open()
    if edition is None:
        edition = _new(written(stored_document()), by)
        tell("Began a draft of the map", by)
    if edition.state != State.DRAFT:
        raise NotNow(f"{edition} is proposed. Take it back to change it.")
    return edition


def document_of(edition: MapEdition) -> MapDocument:
    return read_document(edition.document)


def change_draft(edition: MapEdition, document: MapDocument, by: User, told: str) -> None:
    """Put this document into the draft; told: what was done, for the audit. Raises NotNow."""
    if edition.state != State.DRAFT:
        raise NotNow(f"{edition} is {edition.get_state_display().lower()}: it cannot be changed.")
    edition.document = written(document)
    edition.changed_at = timezone.now()
    edition.save(update_fields=["document", "changed_at"])
    tell(f"{told}, in the draft", by)


def propose(
    edition: MapEdition,
    by: User,
    reason: str,
    sign_until: date | None = None,
    publish_at: datetime | None = None,
) -> None:
    """Ask all whom the draft concerns for their signature. Raises NotNow, also for broken rules."""
    if edition.state != State.DRAFT:
        raise NotNow(f"{edition} is no draft any more.")
    document = document_of(edition)
    if document == stored_document():
        raise NotNow("The draft changes nothing yet.")
    if broken := refusals(document):
        raise NotNow(" ".join(one.sentence for one in broken))
    edition.state = State.PROPOSED
    edition.reason = reason
    edition.proposed_by = by
    edition.proposed_at = timezone.now()
    edition.signers_told_at = None
    edition.sign_until = sign_until or Company.objects.today() + timedelta(DAYS_TO_SIGN)
    edition.publish_at = publish_at
    edition.confirmed_by = None
    edition.save()
    tell(f"Proposed {edition}: {reason}", by)


def take_back(edition: MapEdition, by: User) -> None:
    """Make a proposed edition a draft again; signatures stay with what was signed."""
    if edition.state != State.PROPOSED:
        raise NotNow(f"{edition} is not proposed.")
    edition.state = State.DRAFT
    edition.confirmed_by = None
    edition.save(update_fields=["state", "confirmed_by"])
    tell(f"Took {edition} back into the draft", by)


def withdraw(edition: MapEdition, by: User) -> None:
    """Give the open edition up; the published map stays as it is."""
    if edition.state not in {State.DRAFT, State.PROPOSED}:
        raise NotNow(f"{edition} is over.")
    edition.state = State.WITHDRAWN
    edition.save(update_fields=["state"])
    tell(f"Withdrew {edition}", by)


def roll_back_to(earlier: MapEdition, by: User) -> MapEdition:
    """Propose an earlier edition's map again. Raises NotNow while another edition is open."""
    if MapEdition.objects.open():
        raise NotNow("Another edition is open: publish or withdraw it first.")
    if earlier.state != State.PUBLISHED:
        raise NotNow(f"{earlier} was never published.")
    edition = _new(earlier.document, by)
    propose(edition, by, f"Back to {str(earlier).lower()}")
    return edition


def _new(document: str, by: User | None) -> MapEdition:
    last = MapEdition.objects.aggregate(last=Max("number", default=0))["last"]
    return MapEdition.objects.create(number=last + 1, document=document, begun_by=by)
