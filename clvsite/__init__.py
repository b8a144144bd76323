"""How the site starts: settings, addresses, workers, sign-in and the look."""

from clvsite.celery import app as celery_app

__all__ = ["celery_app"]
