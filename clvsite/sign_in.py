"""Sign-in by allauth: nobody signs up by themselves; the system administrator invites."""

from collections.abc import Callable

from allauth.account import auth_backends as backend
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

from clvsite.sample import is_of_sample
from customers.models import User


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "That e-mail and password do not match.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, then sign in again.",
        "enter_current_password": "That is not your current password.",
        "incorrect_password": "That is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url(settings.LOGIN_REDIRECT_URL)


class AuthenticationBackend(backend.AuthenticationBackend):
    """Lets nobody into a production site with the sample's known password."""

    def user_can_authenticate(self, user: User) -> bool:
        is_shut_out = settings.IS_PRODUCTION and is_of_sample(user)
        return not is_shut_out and super().user_can_authenticate(user)


class ExpiredPartMiddleware:
    """Where a part of a page asks after its session ended, the whole page goes to sign-in.

    Without this the sign-in page would be swapped into the place of the part. What was to be sent
    by POST comes back to the first page, since its own address has nothing to show.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        sign_in = resolve_url(settings.LOGIN_URL)
        if not response.headers.get("Location", "").startswith(sign_in):
            return response
        if not request.htmx and request.method in {"GET", "HEAD"}:
            return response
        if not request.htmx:
            return redirect_to_login(resolve_url(settings.LOGIN_REDIRECT_URL), sign_in)
        back = request.htmx.current_url_abs_path or resolve_url(settings.LOGIN_REDIRECT_URL)
        return HttpResponseClientRedirect(redirect_to_login(back, sign_in).url)
