"""Every change of the map and every word in its agreement, with who said it and when."""

from customers.models import AuditEvent, User

LONGEST = AuditEvent._meta.get_field("about").max_length


def tell(about: str, by: User | None) -> None:
    """Somebody changed the map; by: None for the command line."""
    _tell(AuditEvent.Verb.CHANGED_MAP, about, by)


def tell_signed(about: str, by: User) -> None:
    _tell(AuditEvent.Verb.SIGNED, about, by)


def _tell(verb: str, about: str, by: User | None) -> None:
    AuditEvent.objects.create(actor=by, verb=verb, about=about[:LONGEST])
