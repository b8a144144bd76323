"""Projects as people write them down: to move what, since when, and where they went live."""

from collections.abc import Iterable

from django.db import transaction

from customers.models import User
from metrics.metric_map.audit import tell
from metrics.models import Project, ProjectSite

UNSEEN = {"effect": None, "effect_low": None, "effect_high": None}


def keep(project: Project, live_at: Iterable[str], by: User) -> None:
    """Store the project and where it went live; what was seen of it before is taken back."""
    with transaction.atomic():
        for name, value in (UNSEEN | {"judged_on": None, "sentence": ""}).items():
            setattr(project, name, value)
        project.save()
        project.sites.all().delete()
        ProjectSite.objects.bulk_create(ProjectSite(project=project, site=one) for one in live_at)
        tell(f"Wrote down the project {project.name}", by)
