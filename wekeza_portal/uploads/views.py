"""A customer gets back what they handed in."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from wekeza_portal.uploads import answers, services


@require_safe
def download(request: Any, upload_id: uuid.UUID) -> HttpResponse:
    """The customer's own paper, to be saved."""
    return answers.attachment(services.get(request.customer.user_id, upload_id))
