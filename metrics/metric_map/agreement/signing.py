"""Signatures, counter-proposals, and the publication that they lead to.

Call within changing_map(): nobody changes the document while somebody signs it.
"""

from datetime import date

from django.utils import timezone

from customers.models import User
from metrics.metric_map.agreement.drafting import NotNow, document_of
from metrics.metric_map.agreement.parties import Needed, changed_keys, signatures_needed
from metrics.metric_map.audit import tell, tell_signed
from metrics.metric_map.document import (
    MapDocument,
    differences,
    fingerprint,
    read_metric,
    stored_document,
    written,
    written_metric,
)
from metrics.metric_map.documents.rules import refusals
from metrics.metric_map.publishing import apply
from metrics.models import CounterProposal, MapEdition, Signature

State = MapEdition.State


def needed_for(edition: MapEdition) -> list[Needed]:
    """Every signature that this edition needs, given or missing: for what it changes."""
    document = document_of(edition)
    return signatures_needed(document, changed_keys(stored_document(), document))


def sign(
    edition: MapEdition,
    needed: Needed,
    by: User,
    said: str = "",
    deliver_on: date | None = None,
) -> Signature:
    """Sign one definition for one party. Raises NotNow where this person cannot, or not now."""
    if edition.state != State.PROPOSED:
        raise NotNow(f"{edition} is not proposed: there is nothing to sign.")
    if by not in needed.people:
        raise NotNow("Somebody else has to sign that.")
    if needed.signature:
        raise NotNow("That is signed already.")
    signature = Signature.objects.create(
        key=needed.key,
        fingerprint=fingerprint(document_of(edition), needed.key),
        party=needed.party,
        department=needed.department,
        person=by,
        said=said,
        deliver_on=deliver_on,
    )
    tell_signed(f"Signed {needed.name} as {needed.role.lower()}", by)
    return signature


def counter(edition: MapEdition, proposed: MapDocument, key: str, said: str, by: User) -> None:
    """Propose one metric otherwise. proposed: the edition's document with that change."""
    if edition.state != State.PROPOSED:
        raise NotNow(f"{edition} is not proposed.")
    if not any(by in one.people for one in needed_for(edition) if one.key == key):
        raise NotNow("Only who signs a definition can propose another.")
    edition.counter_proposals.create(
        key=key, document=written_metric(proposed.metrics[key]), said=said, by=by
    )
    tell_signed(f"Proposed {proposed.metrics[key].name} otherwise: {said}", by)


def answer(proposal: CounterProposal, by: User, *, is_taken: bool, said: str = "") -> None:
    """Take a counter-proposal into the edition, or decline it. Raises NotNow.

    What is taken changes the definition, so that signatures to the old one no longer count.
    """
    edition = proposal.edition
    if edition.state != State.PROPOSED or proposal.state != CounterProposal.State.OPEN:
        raise NotNow("That has been answered already.")
    if is_taken:
        document = document_of(edition).with_metric(read_metric(proposal.document))
        if broken := refusals(document):
            raise NotNow(" ".join(one.sentence for one in broken))
        edition.document = written(document)
        edition.changed_at = timezone.now()
        edition.confirmed_by = None
        edition.save(update_fields=["document", "changed_at", "confirmed_by"])
    elif not said.strip():
        raise NotNow("Say why it is declined.")
    proposal.state = CounterProposal.State.TAKEN if is_taken else CounterProposal.State.DECLINED
    proposal.answer, proposal.answered_by = said, by
    proposal.save(update_fields=["state", "answer", "answered_by"])
    tell(f"{'Took' if is_taken else 'Declined'} another {proposal.key}", by)


def publish(edition: MapEdition, by: User) -> None:
    """Confirm a proposed edition; it is in force now, or at the time for which it was proposed.

    Raises NotNow while a signature is missing, and for the person who proposed it.
    """
    if edition.state != State.PROPOSED:
        raise NotNow(f"{edition} is not proposed.")
    if by == edition.proposed_by:
        raise NotNow("Somebody else than who proposed it has to publish it.")
    _hold_to_signatures(edition)
    edition.confirmed_by = by
    edition.save(update_fields=["confirmed_by"])
    if edition.publish_at and edition.publish_at > timezone.now():
        tell(f"Confirmed {edition} for {edition.publish_at:%d %b %Y %H:%M}", by)
    else:
        _put_in_force(edition, by)


def publish_due() -> MapEdition | None:
    """Put the confirmed edition in force whose time has come; None where there is none."""
    edition = MapEdition.objects.open()
    if edition is None or edition.confirmed_by is None or edition.publish_at is None:
        return None
    if edition.state != State.PROPOSED or edition.publish_at > timezone.now():
        return None
    try:
        _hold_to_signatures(edition)
    except NotNow:
        return None
    _put_in_force(edition, edition.confirmed_by)
    return edition


def _hold_to_signatures(edition: MapEdition) -> None:
    missing = [one for one in needed_for(edition) if one.signature is None]
    if missing:
        first = missing[0]
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise NotNow(f"{first.name} still needs: {first.role.lower()}{others}.")
    if broken := refusals(document_of(edition)):
        raise NotNow(" ".join(one.sentence for one in broken))


def _put_in_force(edition: MapEdition, by: User) -> None:
    document = document_of(edition)
    changes = differences(stored_document(), document)
    apply(document, by)
    edition.state = State.PUBLISHED
    edition.published_at = timezone.now()
    edition.save(update_fields=["state", "published_at"])
    tell(f"Published {edition}: {len(changes)} changes. {edition.reason}", by)
