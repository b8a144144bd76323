"""One door for all addresses: a page opens for the roles that a policy names, or it is 404."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from customers import policy as customers_policy
from customers.models import Company, Role, User
from metrics import policy as metrics_policy

OWN_PAGES: dict[str, frozenset[Role]] = {
    "parts": customers_policy.EVERYONE,
    "sample-clear": frozenset({Role.SYSTEM_ADMIN}),
    "api-schema": customers_policy.EVERYONE,
}
PAGES = OWN_PAGES | customers_policy.PAGES | metrics_policy.PAGES

# Sign-in, health and a person's own password are open to whoever gets that far. The rest of
# allauth's addresses stays shut: an e-mail is changed by the system administrator.
OPEN_TO_ALL = frozenset(
    {
        "home",
        "healthz",
        "api-token",
        "account_login",
        "account_logout",
        "account_signup",
        "account_inactive",
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
    }
)


@dataclass(frozen=True)
class Place:
    """One word of the navigation."""

    name: str
    page: str
    covers: frozenset[str]


PLACES = (
    Place("My metrics", "board", frozenset({"metric-page", "metric-report"})),
    Place("Metrics", "metric-list", frozenset({"metric-page"})),
    Place(
        "Map",
        "map-page",
        frozenset(
            {
                *("map-edit", "metric-new", "metric-edit", "metric-remove"),
                *("link-new", "link-edit", "link-remove", "map-counter"),
                *("agreement-list", "edition-list", "edition-page", "hole-list", "evidence-list"),
                *("request-list", "request-new", "dispute-list", "cascade"),
                *("project-new", "project-edit"),
            }
        ),
    ),
    Place(
        "Value",
        "valuation-current",
        frozenset(
            {"valuation-list", "valuation-page", "segment-list", "model-ruling", "movement-page"}
        ),
    ),
    Place("Story", "story", frozenset()),
    Place(
        "Scenarios",
        "scenario-list",
        frozenset({"scenario-page", "scenario-new", "scenario-edit", "scenario-remove"}),
    ),
    Place("Customers", "customer-list", frozenset({"customer-card"})),
    Place("Data", "upload-list", frozenset({"upload-new", "upload-page"})),
    Place("Reads", "reading-list", frozenset()),
    Place("People", "person-list", frozenset({"person-new", "person-page"})),
    Place("Company", "company-page", frozenset({"margin-list", "acquisition-list"})),
)

FIRST_PAGES = {
    Role.MANAGER: "board",
    Role.TEAM_LEAD: "customer-list",
    Role.FRONT_LINE: "customer-list",
    Role.EXECUTIVE: "story",
    Role.MAP_ADMIN: "map-page",
    Role.DATA_STEWARD: "upload-list",
    Role.PRIVACY_OFFICER: "reading-list",
    Role.ANALYST: "valuation-current",
    Role.SYSTEM_ADMIN: "person-list",
}


def may_open(user: User, page: str) -> bool:
    """Whether one of this person's roles opens the page of that name."""
    return bool(PAGES.get(page, frozenset()) & customers_policy.roles_of(user))


def first_page(user: User) -> str | None:
    """The page that this person lands on; None for somebody without a role."""
    held = customers_policy.roles_of(user)
    return next((page for role, page in FIRST_PAGES.items() if role in held), None)


def asks_permission_itself(view: Callable) -> bool:
    """Whether it is a view of the API."""
    return hasattr(getattr(view, "cls", None), "permission_classes")


class DoorMiddleware:
    """Answers 404 for every address that no role of this person opens.

    The API asks the same of its own accord, once it knows who a token stands for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable, args: Iterable, kwargs: dict[str, Any]
    ) -> None:
        page = request.resolver_match.view_name
        if page in OPEN_TO_ALL or asks_permission_itself(view):
            return
        if request.user.is_authenticated and not may_open(request.user, page):
            raise Http404


def frame(request: HttpRequest) -> dict[str, Any]:
    """What every page shows around its content: the company, and where this person may go.

    `may.upload_new` is true where this person may open the page upload-new.
    """
    user = getattr(request, "user", None)
    match = request.resolver_match
    here = match.view_name if match else ""
    places = [
        {
            "name": place.name,
            "address": reverse(place.page),
            "is_here": here == place.page or here in place.covers,
        }
        for place in PLACES
        if user and user.is_authenticated and may_open(user, place.page)
    ]
    may = {page.replace("-", "_"): may_open(user, page) for page in PAGES} if places else {}
    company = getattr(request, "company", None) or Company.objects.current()
    return {"company": company, "places": places, "may": may}
