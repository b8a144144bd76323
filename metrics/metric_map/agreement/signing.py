"""Signatures, counter-proposals, and the publication that they lead to.

Call within changing_map(): nobody changes the document while somebody signs it.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from customers.models import Company, User
from customers.policy import roles_of
from metrics.metric_map.agreement.drafting import NotNow, document_of
from metrics.metric_map.agreement.parties import Needed, signatures_to_publish
from metrics.metric_map.audit import tell, tell_signed
from metrics.metric_map.changing.applying import apply
from metrics.metric_map.document import (
    MapDocument,
    UnusableDocument,
    differences,
    read_metric,
    stored_document,
    written,
    written_metric,
)
from metrics.metric_map.documents.rules import refusals
from metrics.models import CounterProposal, MapEdition, Signature
from metrics.policy import MAP_PUBLISHERS

State = MapEdition.State
Answer = CounterProposal.State


def needed_for(edition: MapEdition) -> list[Needed]:
    """Every signature that this edition needs, given or missing: for what it changes."""
    return signatures_to_publish(
        stored_document(), document_of(edition), is_overdue=is_overdue(edition)
    )


def is_overdue(edition: MapEdition) -> bool:
    """Whether its signatures were to be there by now; the executives may give them then."""
    until = edition.sign_until
    return edition.state == State.PROPOSED and until is not None and until < Company.objects.today()


def sign(
    edition: MapEdition,
    needed: Needed,
    by: User,
    said: str = "",
    deliver_on: date | None = None,
) -> Signature:
    """Sign one definition for one party. Raises NotNow where this person cannot, or not now.

    An executive may sign what is overdue in the place of others, and says why.
    """
    if edition.state != State.PROPOSED:
        raise NotNow(f"{edition} is not proposed: there is nothing to sign.")
    is_own = by in needed.people
    if not is_own and by not in needed.instead:
        raise NotNow("Somebody else has to sign that.")
    if needed.signature:
        raise NotNow("That is signed already.")
    if not is_own and not said.strip():
        raise NotNow("Say why you sign in the place of others.")
    if needed.lapsed:
        Signature.objects.filter(pk=needed.lapsed.pk).update(lapsed_at=timezone.now())
    signature = Signature.objects.create(
        key=needed.key,
        fingerprint=needed.fingerprint,
        party=needed.party,
        department=needed.department,
        person=by,
        said=said,
        deliver_on=deliver_on,
    )
    how = "as" if is_own else "in the place of the"
    tell_signed(f"Signed {needed.name} {how} {needed.role_within}", by)
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
    if edition.state != State.PROPOSED or proposal.state != Answer.OPEN:
        raise NotNow("That has been answered already.")
    if is_taken:
        document = document_of(edition)
        if proposal.key not in document.metrics:
            raise NotNow("That metric has left the edition meanwhile.")
        document = document.with_metric(read_metric(proposal.document))
        if broken := refusals(document):
            raise NotNow(" ".join(one.sentence for one in broken))
        edition.document = written(document)
        edition.changed_at = timezone.now()
        edition.confirmed_by = None
        edition.save(update_fields=["document", "changed_at", "confirmed_by"])
    elif not said.strip():
        raise NotNow("Say why it is declined.")
    proposal.state = Answer.TAKEN if is_taken else Answer.DECLINED
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
        at = timezone.localtime(edition.publish_at)
        tell(f"Confirmed {edition} for {at:%d %b %Y %H:%M}", by)
    else:
        _put_in_force(edition, by)


def publish_due() -> MapEdition | None:
    """Put the confirmed edition in force whose time has come; None where there is none.

    A confirmation counts while who gave it could give it still, as a signature does.
    """
    edition = MapEdition.objects.open()
    if edition is None or edition.confirmed_by is None or edition.publish_at is None:
        return None
    if edition.state != State.PROPOSED or edition.publish_at > timezone.now():
        return None
    if not _still_publishes(edition.confirmed_by):
        edition.confirmed_by = None
        edition.save(update_fields=["confirmed_by"])
        tell(f"{edition} has to be confirmed anew: who did it no longer publishes", None)
        return None
    try:
        with transaction.atomic():
            _hold_to_signatures(edition)
            _put_in_force(edition, edition.confirmed_by)
    except NotNow:
        return None
    return edition


def _still_publishes(user: User) -> bool:
    return user.is_active and bool(roles_of(user) & MAP_PUBLISHERS)


def _hold_to_signatures(edition: MapEdition) -> None:
    missing = [one for one in needed_for(edition) if one.signature is None]
    if missing:
        first = missing[0]
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise NotNow(f"{first.name} still needs: {first.role_within}{others}.")
    document = document_of(edition)
    for one in edition.counter_proposals.filter(state=Answer.OPEN).select_related("by"):
        if one.key in document.metrics:
            name = document.metrics[one.key].name
            raise NotNow(f"{one.by.name} would have {name} otherwise: that waits for an answer.")
    if broken := refusals(document):
        raise NotNow(" ".join(one.sentence for one in broken))


def _put_in_force(edition: MapEdition, by: User) -> None:
    document = document_of(edition)
    changes = differences(stored_document(), document)
    try:
        apply(document, by)
    except UnusableDocument as unusable:
        raise NotNow(str(unusable)) from unusable
    edition.state = State.PUBLISHED
    edition.published_at = timezone.now()
    edition.save(update_fields=["state", "published_at"])
    tell(f"Published {edition}: {len(changes)} changes. {edition.reason}", by)
