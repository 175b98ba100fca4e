"""The staff's pages of the directory and the tariff: as they stand, and what somebody proposes to change."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from transfers import pricing
from transfers.staff import directory, tariffs
from transfers.staff.boards import propose
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.staff.site import portal_admin


@require_safe
def whole_directory(request: HttpRequest) -> HttpResponse:
    """Billers, brokers and banks, with those that can't be paid yet marked."""
    tables = [
        {"name": name, "title": table.title, "rows": list(table.model._default_manager.order_by("name"))}
        for name, table in directory.TABLES.items()
    ]
    may_propose = request.user.has_perm(directory.PROPOSE)
    return portal_admin.page(
        request, "staff/directory.html", _("Whom customers can pay"), tables=tables, may_propose=may_propose
    )


@require_http_methods(["GET", "HEAD", "POST"])
def propose_entry(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Propose to add one (key "new") or to change one."""
    table, row = _entry(name, key)
    form = directory.form_class(table)(request.POST or None, instance=row)
    if row is not None:
        form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        row = _entry(name, key)[1]  # binding the form has put what was typed into the other object
        payload = directory.payload_of(name, row, form.cleaned_data)
        done = propose(request, directory.KIND, payload, form, reason=form.cleaned_data["reason"])
        if done is not None:
            return done
    about = f"{table.title}: {row.name if row is not None else _('a new one')}"
    return portal_admin.page(request, "staff/propose.html", _("Propose a change"), form=form, about=about)


def _entry(name: str, key: str) -> tuple[directory.Table, Any]:
    if name not in directory.TABLES:
        raise Http404
    table = directory.TABLES[name]
    if key == "new":
        return table, None
    is_number = key.isascii() and key.isdigit() and len(key) < 10
    row = table.model._default_manager.filter(pk=int(key)).first() if is_number else None
    if row is None:
        raise Http404
    return table, row


@require_http_methods(["GET", "HEAD", "POST"])
def propose_tariff(request: HttpRequest) -> HttpResponse:
    """Propose a whole tariff of mobile money from a day on."""
    form = tariffs.TariffForm(request.POST or None, initial={"bands": tariffs.as_lines(clock.today())})
    if request.method == "POST" and form.is_valid():
        try:
            payload = tariffs.payload_of(form.cleaned_data)
        except PortalError as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            done = propose(request, tariffs.KIND, payload, form, reason=form.cleaned_data["reason"])
            if done is not None:
                return done
    about = _("Mobile money: a tariff replaces the whole of the one before from 00:00 of its day.")
    return portal_admin.page(request, "staff/propose.html", _("Propose a change"), form=form, about=about)


@require_safe
def compare_fees(request: HttpRequest) -> HttpResponse:
    """Where the teller's tariff differs from ours."""
    rows = tariffs.beside_the_tellers(clock.today())
    context = {
        "rows": rows,
        "differing": sum(row.differs for row in rows),
        "since": pricing.tariff(clock.today())[0].effective_from,
        "may_propose": request.user.has_perm(tariffs.PROPOSE),
    }
    return portal_admin.page(request, "staff/fees_beside.html", _("Our fees beside the teller's"), **context)
