"""The staff's page of dates of birth from a file: what is wrong with which row, and the form to propose all of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.profile import births, identifying
from wekeza_portal import spreadsheets
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view


class FileForm(forms.Form):
    """The file, read once and kept nowhere."""

    file = forms.FileField(
        label=gettext_lazy("File with the dates of birth"),
        help_text=gettext_lazy("CSV or XLSX with the columns national_id, birth_date, document. Up to 200 rows."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class ProposeForm(forms.Form):
    """What was checked, and who saw the papers."""

    rows = forms.CharField(widget=forms.HiddenInput, max_length=200_000)
    reason = forms.CharField(
        label=gettext_lazy("Who saw which paper, when and where"),
        min_length=10,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def birth_dates(request: HttpRequest) -> HttpResponse:
    """Send the file: every row with what is wrong with it. Nothing changes."""
    form = FileForm(request.POST or None, request.FILES or None)
    rows: list[births.Row] = []
    if request.method == "POST" and form.is_valid():
        upload: UploadedFile[Any] = form.cleaned_data["file"]
        try:
            rows = births.check(upload.read(spreadsheets.LARGEST + 1))
        except PortalError as refusal:
            form.add_error("file", str(refusal))
    for row in rows:
        record_view(request, row.customer.user_id if row.customer else None, "birth-dates")
    carried = births.carried(rows, request.user.pk or 0) if rows else ""
    return _page(request, form, rows, ProposeForm(initial={"rows": carried}) if carried else None)


@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """The first of two people, for all rows at once."""
    form = ProposeForm(request.POST)
    if not form.is_valid():
        return _page(request, FileForm(), [], form if "rows" not in form.errors else None)
    try:
        payload = births.payload_of(form.cleaned_data["rows"], request.user.pk or 0)
        reason = form.cleaned_data["reason"]
        made = proposals.propose(births.KIND, payload, reason=reason, user=request.user, actor=actor_from(request))
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:birth_dates")
    messages.success(request, _("Proposed. Another person has to approve it."))
    return redirect("admin:proposal", made.pk)


def _page(request: HttpRequest, form: FileForm, rows: list[births.Row], proposing: ProposeForm | None) -> HttpResponse:
    wrong = sum(bool(row.problem) for row in rows)
    context = {"form": form, "rows": rows, "wrong": wrong, "proposing": proposing, "documents": births.DOCUMENTS}
    return portal_admin.page(request, "staff/birth_dates.html", _("Dates of birth from a file"), **context)


def register() -> None:
    """Put the pages into the staff's index."""
    births.register()
    add, title = portal_admin.add_board, gettext_lazy("Dates of birth from a file")
    add("birth_dates", "birth-dates/", birth_dates, title, identifying.PROPOSE)
    add("birth_dates_propose", "birth-dates/propose/", propose, title, identifying.PROPOSE, is_linked=False)
