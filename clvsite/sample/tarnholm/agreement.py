"""How Tarnholm Supply agreed on its map: edition 1 signed by everybody, edition 2 on its way."""

from dataclasses import replace
from datetime import UTC, datetime

from clvsite.sample.tarnholm.own_map import email, own_map
from customers.models import User
from metrics.metric_map.agreement.drafting import change_draft, draft_for, propose
from metrics.metric_map.agreement.parties import signatures_needed
from metrics.metric_map.agreement.signing import needed_for, publish, sign
from metrics.metric_map.document import MapDocument, fingerprint
from metrics.metric_map.graph import changing_map
from metrics.models import MapEdition, MetricVersion, Signature

AGREED_AT = datetime(2025, 2, 3, 9, 30, tzinfo=UTC)
PROPOSED, PUBLISHED = "jonas.map", "lena.map"
SHORTER_PROMISE = "save_contact_rate"


def agree() -> None:
    """Publish the map as the agreement page would: proposed, signed by all, confirmed."""
    with changing_map():
        jonas, lena = person(PROPOSED), person(PUBLISHED)
        document = own_map()
        edition = draft_for(jonas)
        change_draft(edition, document, jonas, "Brought forty metrics")
        propose(edition, jonas, "The first map of the whole company")
        _sign_all(document)
        publish(edition, lena)
        MapEdition.objects.filter(pk=edition.pk).update(
            begun_at=AGREED_AT, proposed_at=AGREED_AT, published_at=AGREED_AT
        )
        MetricVersion.objects.update(made_on=AGREED_AT.date())


def propose_a_change() -> None:
    """Ask for a higher target; Sales has signed, others have not yet."""
    with changing_map():
        jonas = person(PROPOSED)
        edition = draft_for(jonas)
        document = own_map()
        entry = document.metrics[SHORTER_PROMISE]
        higher = document.with_metric(replace(entry, target=80.0))
        change_draft(edition, higher, jonas, f"Changed {entry.name}")
        propose(edition, jonas, "Almost half of the flagged accounts are called too late")
        for needed in needed_for(edition):
            if needed.party == Signature.Party.OWNER:
                sign(edition, needed, needed.people[0], "We have the hours for it.")


def person(local_part: str) -> User:
    return User.objects.get(email=email(local_part))


def _sign_all(document: MapDocument) -> None:
    """One parse of the document for all signatures: `sign` would take one for each."""
    prints = {key: fingerprint(document, key) for key in document.metrics}
    Signature.objects.bulk_create(
        Signature(
            key=needed.key,
            fingerprint=prints[needed.key],
            party=needed.party,
            department=needed.department,
            person=needed.people[0],
            signed_at=AGREED_AT,
        )
        for needed in signatures_needed(document, document.metrics)
    )
