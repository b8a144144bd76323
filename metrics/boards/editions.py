"""Editions as pages show them: what waits for a signature, and any earlier map drawn again."""

from dataclasses import dataclass

from customers.models import User
from metrics.metric_map.agreement.drafting import document_of
from metrics.metric_map.agreement.parties import Needed
from metrics.metric_map.agreement.signing import needed_for
from metrics.metric_map.document import (
    Difference,
    MapDocument,
    differences,
    graph_of,
    stored_document,
)
from metrics.metric_map.picture import Picture, picture_of
from metrics.models import MapEdition, Signature


@dataclass(frozen=True)
class ToSign:
    """One definition that this person has to sign, with what is different in it."""

    needed: Needed
    changes: list[Difference]


@dataclass(frozen=True)
class SigningBoard:
    edition: MapEdition | None
    mine: list[ToSign]
    others: list[Needed]
    done: list[Needed]


@dataclass(frozen=True)
class EditionBoard:
    edition: MapEdition
    picture: Picture
    changes: list[Difference]
    signatures: list[Signature]
    earlier: MapEdition | None
    later: MapEdition | None
    can_be_proposed_again: bool


def signing_board(edition: MapEdition | None, user: User) -> SigningBoard:
    """What the proposed edition asks of this person, of others, and what is signed."""
    if edition is None or edition.state != MapEdition.State.PROPOSED:
        return SigningBoard(edition, [], [], [])
    needed = needed_for(edition)
    changes = differences(stored_document(), document_of(edition))
    missing = [one for one in needed if one.signature is None]
    mine = [
        ToSign(one, [change for change in changes if change.key == one.key])
        for one in missing
        if user in one.people
    ]
    return SigningBoard(
        edition,
        mine,
        [one for one in missing if user not in one.people],
        [one for one in needed if one.signature],
    )


def edition_board(edition: MapEdition) -> EditionBoard:
    """This edition's map, drawn from its document, against the one before it."""
    document = document_of(edition)
    published = MapEdition.objects.published()
    earlier = published.filter(number__lt=edition.number).order_by("number").last()
    later = published.filter(number__gt=edition.number).order_by("number").first()
    before = document_of(earlier) if earlier else MapDocument()
    keys = [change.key for change in differences(before, document)]
    signatures = Signature.objects.filter(key__in=keys, signed_at__gte=edition.begun_at)
    if edition.published_at:
        signatures = signatures.filter(signed_at__lte=edition.published_at)
    return EditionBoard(
        edition,
        picture_of(graph_of(document), None, {}),
        differences(before, document) if earlier else [],
        list(signatures.select_related("person", "department").order_by("key", "signed_at")),
        earlier,
        later,
        edition.state == MapEdition.State.PUBLISHED and later is not None,
    )
