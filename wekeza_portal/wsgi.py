"""The WSGI application, served by gunicorn. Importing it raises ImproperlyConfigured where serving would be unsafe."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")

application = get_wsgi_application()

from wekeza_portal.checks import refuse_unsafe_start  # noqa: E402 - needs the apps that the line above loads

refuse_unsafe_start()
