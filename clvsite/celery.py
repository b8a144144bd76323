"""The Celery application: its settings are Django's, those that begin with CELERY_."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

TRANSPORT_ALIASES["folder"] = "clvsite.folder_broker:Transport"

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clvsite.settings")
# Workers share the cores: threads of one small product of matrices would wait for each other,
# and made an evidence run five times as long. Has to stand before the first import of numpy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = Celery("clvsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
