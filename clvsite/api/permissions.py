"""The door of the API: it holds for a session and for a token alike."""

from django.http import Http404
from django.views import View
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from clvsite.doors import OPEN_TO_ALL, may_open


class DoorPermission(BasePermission):
    """401 for nobody, 404 for every address that no role of this person opens."""

    def has_permission(self, request: Request, view: View) -> bool:
        page = request.resolver_match.view_name
        if page in OPEN_TO_ALL:
            return True
        if not request.user.is_authenticated:
            return False
        if not may_open(request.user, page):
            raise Http404
        return True
