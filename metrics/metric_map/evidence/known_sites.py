"""The sites that a company's facts name: light enough for a form."""

from customers.models import Interaction, StaffMonth


def known_sites() -> list[str]:
    """Groups of staff, and the sites that interactions name."""
    groups = set(StaffMonth.objects.values_list("group", flat=True).distinct())
    named = Interaction.objects.exclude(site="").values_list("site", flat=True).distinct()
    return sorted(groups.union(named.order_by("site")))
