"""The link by which somebody sets a password: made, and sent by mail where mail goes out."""

from dataclasses import dataclass
from smtplib import SMTPException

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.http import HttpRequest

from customers.models import User


@dataclass(frozen=True)
class Invitation:
    """A link that works once, for three days, and whether the mail with it went out."""

    link: str
    is_sent: bool


def send_invitation(request: HttpRequest, person: User) -> Invitation:
    """Make a link for this person and mail it. Any earlier unused link goes on working."""
    adapter = get_adapter(request)
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    link = adapter.get_reset_password_from_key_url(key)
    try:
        adapter.send_password_reset_mail(
            person, person.email, {"user": person, "password_reset_url": link}
        )
    except (OSError, SMTPException):
        return Invitation(link, is_sent=False)
    return Invitation(link, is_sent=True)
