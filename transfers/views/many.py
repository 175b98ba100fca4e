"""Many payments from a file: upload, what is wrong, review, results."""

import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import instructions, wording
from accounts.identity.actors import actor_from
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of
from transfers.many import files, looking, reading, selectors, template
from transfers.many.forms import ManyForm
from transfers.models import Bank, Biller, PaymentFile
from transfers.payees import pausing
from transfers.views.shared import look_at_source, refuse, require_get_or_post, see_other
from wekeza_portal import ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import TooMany

State = PaymentFile.State
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_get_or_post
def move_many(request: CustomerRequest) -> HttpResponse:
    """Choose a file. Rows that are wrong are named beside their numbers, and nothing is kept."""
    if request.method == "POST":
        ratelimit.consume(reading.READS, str(request.customer.user_id))
    accounts = accounts_of(request.customer)
    options: dict[str, Any] = {"accounts": accounts, "hide_amounts": request.user.hide_amounts}
    form = ManyForm(request.POST, request.FILES, **options) if request.method == "POST" else ManyForm(**options)
    problems: dict[int, str] = {}
    if request.method == "POST":
        problems = _problems(request, form)
        file = _store(request, form) if form.is_valid() and not problems else None
        if file is not None:
            return see_other("payment_file", file.id)
        if problems or "file" in form.errors:
            look_at_source(request, form)
    context = {
        "form": form,
        "problems": [
            (number, typed, problems.get(number, ""))
            for number, typed in (form.cleaned_data["file"] if problems else [])
        ],
        "wrong": len(problems),
        "files": selectors.files_of(request.customer),
        "columns": reading.COLUMNS,
    }
    return render(request, "transfers/many/upload.html", context)


def _problems(request: CustomerRequest, form: ManyForm) -> dict[int, str]:
    """What is wrong with the rows, also where the paying account is wrong: nobody comes back twice."""
    form.is_valid()
    table, number = form.cleaned_data.get("file"), form.cleaned_data.get("from_account", "")
    if not table:
        return {}
    payers = dict(form.fields["from_account"].choices)  # type: ignore[attr-defined] # a choice field
    return looking.problems(table, request.customer, number if number in payers else "", actor_from(request))


def _store(request: CustomerRequest, form: ManyForm) -> PaymentFile | None:
    typed = form.cleaned_data
    try:
        return files.store(
            request.customer,
            from_number=typed["from_account"],
            name=form.file_name,
            rows=typed["file"],
            actor=actor_from(request),
        )
    except TooMany:
        raise
    except PortalError as refusal:
        refuse(request, form, refusal)
        return None


@require_safe
def many_codes(request: CustomerRequest) -> HttpResponse:
    """The codes of banks and billers that stand in a file."""
    context = {
        "banks": Bank.objects.filter(is_active=True).order_by("name"),
        "billers": [row for row in Biller.objects.order_by("name") if row.can_be_paid],
    }
    return render(request, "transfers/many/codes.html", context)


@require_safe
def many_template_csv(request: CustomerRequest) -> HttpResponse:
    """The file to begin with, as CSV."""
    return _download(template.as_csv().encode(), "text/csv; charset=utf-8", "csv")


@require_safe
def many_template_xlsx(request: CustomerRequest) -> HttpResponse:
    """The file to begin with, for Excel."""
    return _download(template.as_xlsx(), XLSX, "xlsx")


def _download(content: bytes, content_type: str, extension: str) -> HttpResponse:
    name = f'attachment; filename="wekeza-payments.{extension}"'
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": name})


@require_safe
def payment_file(request: CustomerRequest, file_id: uuid.UUID) -> HttpResponse:
    """One file, whatever its state: being checked, wrong, to be confirmed, being paid, done."""
    return _page(request, files.get(request.customer, file_id))


def _page(request: CustomerRequest, file: PaymentFile, refusal: str = "") -> HttpResponse:
    rows = selectors.rows_of(file)
    lines = selectors.lines_of(file, rows)
    account = next((each for each in accounts_of(request.customer) if each.number == file.from_number), None)
    context = {
        "file": file,
        "lines": lines,
        "progress": selectors.progress(rows),
        "renamed": sum(line.is_renamed for line in lines),
        "is_over": selectors.is_over(file),
        "sum": file.total + file.fees,
        "balance_after": account.booked - file.total - file.fees if account else None,
        "paid_before": selectors.paid_before(file) if file.state == State.READY else None,
        "refusal": refusal,
    }
    return render(request, "transfers/many/file.html", context)


@require_POST
def payment_file_confirm(request: CustomerRequest, file_id: uuid.UUID) -> HttpResponse:
    """Let all of it be paid: asks for the code, which is for these very rows. A second click changes nothing."""
    file = files.get(request.customer, file_id)
    if file.instruction_id is None or file.state in (State.CONFIRMED, State.DONE):
        return see_other("payment_file", file_id)
    if file.state != State.READY or selectors.is_over(file):
        return _page(request, file, refusal=str(files.FileOver()))
    actor = actor_from(request)
    try:
        instructions.confirm(customer=request.customer, instruction_id=file.instruction_id, actor=actor)
    except instructions.StepUpRequired:
        return HttpResponseRedirect(f"{reverse('step_up')}?for={file.instruction_id}", status=303)
    except instructions.Held as held:
        pausing.note_shown(instructions.get(request.customer, file.instruction_id))
        return HttpResponseRedirect(held.address, status=303)
    except PortalError as refusal:
        fresh = files.get(request.customer, file_id)
        return _page(request, fresh, refusal=wording.refusal_for(request.user, refusal))
    return see_other("payment_file", file_id)


@require_POST
def payment_file_cancel(request: CustomerRequest, file_id: uuid.UUID) -> HttpResponse:
    """Give it up before it is confirmed."""
    files.cancel(request.customer, file_id, actor_from(request))
    return see_other("payment_file", file_id)
