"""The door for a web server: `gunicorn clvsite.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clvsite.settings")

application = get_wsgi_application()
