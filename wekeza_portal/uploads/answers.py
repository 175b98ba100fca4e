"""A stored file as an answer: saved to disk by the browser, never opened within our pages."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from wekeza_portal.uploads import services
from wekeza_portal.uploads.models import Upload

CONTENT_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "PDF": "application/pdf"}


def attachment(upload: Upload) -> HttpResponse:
    """The file under its cleaned name. A browser that shows it all the same gives it no origin and no script."""
    response = HttpResponse(services.read(upload), content_type=CONTENT_TYPES[upload.kind])
    response["Content-Disposition"] = content_disposition_header(True, upload.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    response._csp_update = {"sandbox": [True]}  # type: ignore[attr-defined] # read by csp.middleware
    return response
