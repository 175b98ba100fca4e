"""View, a year: the page, the paper and the file."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.identity.actors import actor_from
from accounts.preferences.chosen import shown_since
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of
from statements.exporting.views import FILES
from statements.year import csvfile, summary
from statements.year.paper import year_pdf
from statements.year.words import GROUP_WORDS
from wekeza_portal import ratelimit
from wekeza_portal.audit.services import record


@require_safe
def year_summary(request: CustomerRequest, year: int) -> HttpResponse:
    """What came in and went out, by account and month."""
    found = summary.of(accounts_of(request.customer), year, shown_since(request.customer))
    words = [GROUP_WORDS[group] for group in found.groups]
    return render(request, "statements/year.html", {"year": found, "words": words})


@require_safe
def year_pdf_file(request: CustomerRequest, year: int) -> HttpResponse:
    """The whole year as a paper, in the language of the page: a record, whatever lists leave out."""
    found = _for_a_file(request, year, None)
    language, actor = get_language() or "en", actor_from(request)
    content = year_pdf(found, customer=request.customer, language=language, actor=actor)
    return _as_file(content, "application/pdf", f"wekeza-{found.year}.pdf")


@require_safe
def year_csv_file(request: CustomerRequest, year: int) -> HttpResponse:
    """The same for other programs."""
    found = _for_a_file(request, year, shown_since(request.customer))
    record("year.exported", actor=actor_from(request), subject="csv", data={"year": found.year})
    return _as_file(csvfile.written(found).encode(), "text/csv; charset=utf-8", f"wekeza-{found.year}.csv")


def _for_a_file(request: CustomerRequest, year: int, since: datetime | None) -> summary.Year:
    ratelimit.consume(FILES, str(request.customer.user_id))
    return summary.of(accounts_of(request.customer), year, since)


def _as_file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
