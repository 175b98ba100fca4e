"""Papers as PDF: a Django template, one style sheet, nothing fetched from anywhere."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from wekeza_portal import clock, dates

# WeasyPrint takes half a second to load and needs Pango: it is loaded with the first paper, so that the site starts at
# once, and starts even where Pango is missing.
if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

_STYLES = Path(__file__).with_name("paper.css")


def render(template: str, context: dict[str, Any], *, language: str) -> bytes:
    """Render `template` in `language` ("en" or "sw") as a tagged PDF (PDF/UA-1).

    What a customer typed may stand in the context: the fetcher knows data: addresses only, so no text can make the
    renderer read a file or call a host. Takes 0.1 to 0.3 s: never inside a transaction.
    """
    from weasyprint import CSS, HTML

    with translation.override(language), dates.as_written():
        html = render_to_string(template, {**_letterhead(language), **context})
    document = HTML(string=html, base_url=None, url_fetcher=_nothing_but_data())
    style = CSS(string=_paper_css(), url_fetcher=_nothing_but_data())
    return bytes(document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1"))


def _letterhead(language: str) -> dict[str, Any]:
    return {
        "language": language,
        "bank_name": settings.BANK_NAME,
        "portal_name": settings.PORTAL_NAME,
        "support_phone": settings.SUPPORT_PHONE,
        "support_email": settings.SUPPORT_EMAIL,
        "fraud_phone": settings.FRAUD_PHONE,
        "made_at": clock.now(),
    }


def _nothing_but_data() -> "URLFetcher":
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=["data"], allow_redirects=False)


@cache
def _paper_css() -> str:
    return _STYLES.read_text(encoding="utf-8")
