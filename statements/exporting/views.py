"""The history as CSV and XLSX."""

from collections.abc import Callable
from datetime import timedelta
from typing import IO

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.identity.actors import actor_from
from accounts.models import BranchCustomer
from accounts.movements import Wanted
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of
from statements.exporting import csvfile, xlsxfile
from statements.exporting.lines import file_name
from statements.forms import HistoryForm
from wekeza_portal import clock, ratelimit
from wekeza_portal.audit.services import record
from wekeza_portal.places import AllTaken, Places

FILES = ratelimit.Policy("history-files", 30, timedelta(hours=1))
"""Each reads up to a hundred thousand rows."""
WRITTEN = Places(1)
"""Files written at once, in this process of the web server: a long history takes many seconds."""
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def history_csv(request: CustomerRequest) -> HttpResponseBase:
    """What the filter shows, as CSV; back to the page where the filter is wrong."""
    form = _form(request)
    if not form.is_valid():
        return _back(request)
    return _file(request, form, csvfile.written, "csv", CSV)


@require_safe
def history_xlsx(request: CustomerRequest) -> HttpResponseBase:
    """What the filter shows, as an Excel file; back to the page where the filter is wrong."""
    form = _form(request)
    if not form.is_valid():
        return _back(request)
    return _file(request, form, xlsxfile.written, "xlsx", XLSX)


Writer = Callable[[BranchCustomer, Wanted, str], IO[bytes]]


def _file(
    request: CustomerRequest, form: HistoryForm, write: Writer, extension: str, content_type: str
) -> HttpResponseBase:
    """Written whole before it is sent: a slow reader keeps nobody else from theirs."""
    try:
        with WRITTEN.one_for(str(request.customer.user_id)):
            wanted, language = _begin(request, form, extension)
            file = write(request.customer, wanted, language)
    except AllTaken as refusal:
        messages.error(request, str(refusal))
        return _back(request)
    return FileResponse(file, as_attachment=True, filename=_name(form, wanted, extension), content_type=content_type)


def _form(request: CustomerRequest) -> HistoryForm:
    return HistoryForm(request.GET, accounts=accounts_of(request.customer), customer=request.customer)


def _back(request: CustomerRequest) -> HttpResponse:
    return redirect(f"{reverse('view')}?{request.GET.urlencode()}")


def _begin(request: CustomerRequest, form: HistoryForm, kind: str) -> tuple[Wanted, str]:
    ratelimit.consume(FILES, str(request.customer.user_id))
    record("history.exported", actor=actor_from(request), subject=kind, data={"account": form.cleaned_data["account"]})
    return form.wanted(), get_language() or "en"


def _name(form: HistoryForm, wanted: Wanted, extension: str) -> str:
    return file_name(form.cleaned_data["account"], wanted.period, clock.today(), extension)
