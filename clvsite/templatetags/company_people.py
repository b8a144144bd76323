"""Whom to ask: pages that cannot help name somebody who can."""

from django import template

from customers.models import Role, User

register = template.Library()


@register.simple_tag
def system_administrator() -> str:
    """The name of the longest-serving active system administrator; empty where there is none."""
    holders = User.objects.working().holding(Role.SYSTEM_ADMIN).order_by("joined_at", "pk")
    return holders.values_list("name", flat=True).first() or ""
