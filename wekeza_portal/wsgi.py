"""The WSGI application, served by gunicorn. Importing it raises ImproperlyConfigured where serving would be unsafe."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")

application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402 - needs the apps that the line above loads

from wekeza_portal.checks import refuse_unsafe_start  # noqa: E402 - once the apps are loaded

refuse_unsafe_start()
# Every view is loaded before the server forks: memory is shared, and no customer's first page waits for it.
assert get_resolver().url_patterns
