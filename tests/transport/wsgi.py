"""The portal's WSGI application with one page more, which crashes: what production then shows is looked at, too."""

import os

from django.http import HttpRequest, HttpResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from wekeza_portal.wsgi import application

# isort: split
from tests.transport import CRASH
from wekeza_portal import urls


@login_not_required
def crash(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("the secret of the trace")


urls.urlpatterns.append(path(CRASH, crash, name="crash"))

__all__ = ["application"]
