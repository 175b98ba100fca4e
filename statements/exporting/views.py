"""The history as CSV and XLSX."""

from datetime import timedelta

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.identity.actors import actor_from
from accounts.movements import Wanted
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of
from statements.exporting import csvfile, xlsxfile
from statements.exporting.lines import file_name
from statements.forms import HistoryForm
from wekeza_portal import clock, ratelimit
from wekeza_portal.audit.services import record

FILES = ratelimit.Policy("history-files", 30, timedelta(hours=1))
"""Each reads up to a hundred thousand rows."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def history_csv(request: CustomerRequest) -> HttpResponseBase:
    """What the filter shows, as CSV; back to the page where the filter is wrong."""
    form = _form(request)
    if not form.is_valid():
        return _back(request)
    wanted, language = _begin(request, form, "csv")
    pieces = csvfile.stream(request.customer, wanted, language)
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_name(form, wanted, "csv")}"'
    return response


@require_safe
def history_xlsx(request: CustomerRequest) -> HttpResponseBase:
    """What the filter shows, as an Excel file; back to the page where the filter is wrong."""
    form = _form(request)
    if not form.is_valid():
        return _back(request)
    wanted, language = _begin(request, form, "xlsx")
    file = xlsxfile.written(request.customer, wanted, language)
    return FileResponse(file, as_attachment=True, filename=_name(form, wanted, "xlsx"), content_type=XLSX)


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
