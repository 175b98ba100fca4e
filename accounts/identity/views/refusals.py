"""How a refused form is shown: the same page, the sentence at its field or on top, 429 where the limiter said no."""

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import TooMany


def refuse(request: HttpRequest, template: str, form: Form, error: PortalError, **context: Any) -> HttpResponse:
    """The page again with the refusal on it."""
    form.add_error(error.field if error.field in form.fields else None, str(error))
    response = render(request, template, {"form": form, "refused_with": error.code, **context})
    if isinstance(error, TooMany):
        response.status_code = 429
        response["Retry-After"] = str(error.retry_after)
    return response
