"""Staff pages about money: where it went, and the proof of each day."""

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import trail
from accounts.proofs import making, papers, reading, signing
from accounts.proofs.forms import DayOfProofForm, ExplanationForm, SignatureForm, TrailForm
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import kept, roles
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view

SEE_MONEY = "accounts.view_posting"
SEE_PROOFS = "accounts.view_proofsheet"
SIGN_PROOFS = "accounts.sign_proofsheet"


@require_safe
def where_it_went(request: HttpRequest) -> HttpResponse:
    """One movement of money and all that is known about it; or the movements of an account or phone, to choose from."""
    form = TrailForm(request.GET if "q" in request.GET else None)
    context: dict[str, Any] = {"form": form, "may_see_trail": request.user.has_perm("audit.view_auditevent")}
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data["q"]
        story = trail.follow(typed)
        found = trail.movements(typed, before=_row_id(request.GET.get("before", ""))) if story is None else None
        shown = story or found
        for customer_id in sorted(shown.customer_ids() if shown else ()):
            record_view(request, customer_id, f"money-trail:{typed}")
        context |= {"typed": typed, "story": story, "found": found}
    return portal_admin.page(request, "staff/where_it_went.html", _("Where did this shilling go?"), **context)


def _row_id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def link_to(what: str | uuid.UUID) -> str:
    """A link to the story of a reference or an instruction, for tables of the staff's."""
    address = f"{reverse('admin:where_it_went')}?{urlencode({'q': str(what)})}"
    return format_html('<a href="{}">{}</a>', address, _("Where did it go?"))


@require_safe
def all_proofs(request: HttpRequest) -> HttpResponse:
    """Every proof sheet, newest day first, and the form to make one."""
    before = request.GET.get("before", "")
    page = reading.page(before=_day(before) if before else None)
    context = {"page": page, "form": DayOfProofForm(), "may_sign": request.user.has_perm(SIGN_PROOFS)}
    return portal_admin.page(request, "staff/proofs.html", _("Proof sheets"), **context)


@require_POST
def make_proof(request: HttpRequest) -> HttpResponse:
    """Make the sheet of one past day; the same sheet again if there is one."""
    form = DayOfProofForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Enter a day that is over."))
        return redirect("admin:proofs")
    try:
        who = request.user.get_username()
        sheet = making.make_proof(form.cleaned_data["day"], made_by=who, actor=actor_from(request))
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:proofs")
    return redirect("admin:proof", sheet.day.isoformat())


@require_safe
def proof(request: HttpRequest, day: str) -> HttpResponse:
    """One day's sheet, with what this person may do about it."""
    sheet = reading.get(_day(day))
    context = {**reading.shown(sheet), "explanation_form": ExplanationForm(), "signature_form": SignatureForm()}
    context["may_sign"] = request.user.has_perm(SIGN_PROOFS)
    context["has_signed"] = any(mark.signed_by == request.user.pk for mark in context["signatures"])
    return portal_admin.page(request, "staff/proof.html", _("Proof sheet"), **context)


@require_POST
def explain(request: HttpRequest, day: str, number: int) -> HttpResponse:
    """Write down why one difference is there."""
    form = ExplanationForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    return _answer(request, day, lambda sheet, who: signing.explain(sheet, number, text, user=request.user, actor=who))


@require_POST
def sign(request: HttpRequest, day: str) -> HttpResponse:
    """Put this person's name under the sheet."""
    form = SignatureForm(request.POST)
    remark = form.cleaned_data["remark"] if form.is_valid() else ""
    return _answer(request, day, lambda sheet, who: signing.sign(sheet, remark, user=request.user, actor=who))


def _answer(request: HttpRequest, day: str, act: Any) -> HttpResponse:
    try:
        act(reading.get(_day(day)), actor_from(request))
    except PortalError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Written down, for good."))
    return redirect("admin:proof", day)


@require_safe
def proof_paper(request: HttpRequest, day: str) -> HttpResponse:
    """The sheet as a paper to print and file."""
    sheet = reading.get(_day(day))
    content = papers.render(sheet, language=get_language() or "en")
    name = f"proof-{sheet.day.isoformat()}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def ledger_lines() -> list[tuple[Any, Any, bool]]:
    """What `checkledger` found when it last ran, and which proofs wait for a signature."""
    row = kept.latest(kept.LEDGER)
    lines: list[tuple[Any, Any, bool]] = []
    if row is None:
        lines.append((_("Ledger"), _("checkledger has not run yet"), True))
    else:
        values = {"count": row.faults, "postings": row.reached, "at": reading.moment(row.ran_at), "first": row.words}
        words = ngettext(
            "%(postings)s posting checked at %(at)s, no differences",
            "%(postings)s postings checked at %(at)s, no differences",
            row.reached,
        )
        if row.faults:
            words = ngettext(
                "%(count)s difference at %(at)s. The first: %(first)s",
                "%(count)s differences at %(at)s. The first: %(first)s",
                row.faults,
            )
        lines.append((_("Ledger"), words % values, row.faults > 0))
    waiting = reading.unsigned()
    link = format_html('<a class="staff__target" href="{}">{}</a>', reverse("admin:proofs"), waiting)
    lines.append((_("Proof sheets not signed twice"), link, waiting > 0))
    return lines


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    add = portal_admin.add_board
    add("where_it_went", "where/", where_it_went, gettext_lazy("Where did this shilling go?"), SEE_MONEY)
    add("proofs", "proofs/", all_proofs, gettext_lazy("Proof sheets"), SEE_PROOFS)
    add("proof_make", "proofs/new/", make_proof, gettext_lazy("Make"), SIGN_PROOFS, is_linked=False)
    add("proof", "proofs/<str:day>/", proof, gettext_lazy("Proof sheet"), SEE_PROOFS)
    add("proof_explain", "proofs/<str:day>/explain/<int:number>/", explain, gettext_lazy("Explain"), SIGN_PROOFS)
    add("proof_sign", "proofs/<str:day>/sign/", sign, gettext_lazy("Sign"), SIGN_PROOFS)
    add("proof_paper", "proofs/<str:day>/paper.pdf", proof_paper, gettext_lazy("Proof sheet"), SEE_PROOFS)
    portal_admin.add_panel(5, gettext_lazy("Ledger"), SEE_PROOFS, ledger_lines)
    for role in (roles.AUDIT, roles.OPERATIONS):
        roles.grant(role, SEE_PROOFS, SIGN_PROOFS)
    roles.grant(roles.RISK, SEE_PROOFS)
