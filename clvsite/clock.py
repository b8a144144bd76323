"""Moments are shown by the company's clock, wherever the server stands."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from customers.models import Company


class CompanyClockMiddleware:
    """Sets the company's time zone for everybody who has signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        request.company = Company.objects.current()
        with timezone.override(request.company.clock):
            return self.get_response(request)
