"""The profile, and a new e-mail address or phone number."""

import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import instructions, wording
from accounts.approvals.details import masked
from accounts.identity import codes
from accounts.identity.actors import actor_from
from accounts.identity.forms import CodeForm
from accounts.identity.keptforms import restored
from accounts.identity.views.refusals import refuse
from accounts.models import BranchCustomer, ContactChange, Instruction
from accounts.profile import changing, details, rights, undoing
from accounts.profile.changing import LABELS
from accounts.profile.forms import ContactForm, HomeForm, KinForm, WorkForm
from accounts.requests import CustomerRequest, OpenRequest
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import TooMany

SEE_OTHER = 303
PARTS: dict[str, Any] = {
    details.HOME: (HomeForm, gettext_lazy("Where you live")),
    details.KIN: (KinForm, gettext_lazy("Next of kin")),
    details.WORK: (WorkForm, gettext_lazy("Work and income")),
}


@require_safe
def profile(request: CustomerRequest) -> HttpResponse:
    """What the bank knows of the customer, and where each part of it is changed."""
    customer = request.customer
    contacts = [
        {"detail": str(detail), "label": label, "value": _shown(customer, detail)} for detail, label in LABELS.items()
    ]
    context = {
        "name": customer.full_name,
        "national_id": wording.masked_end(customer.national_id) if customer.national_id else "",
        "contacts": contacts,
        **_said(customer),
        **_rights(customer),
    }
    return render(request, "profile/profile.html", context)


def _said(customer: BranchCustomer) -> dict[str, Any]:
    said, file = details.of(customer), details.branch_file(customer)
    kin_phone = wording.masked_end(said.kin_phone) if said is not None and said.kin_phone else ""
    return {"said": said, "file": file, "kin_phone": kin_phone}


def _rights(customer: BranchCustomer) -> dict[str, Any]:
    """What is open and what is not; the first thing that is missing in words."""
    standing = rights.standing_of(customer)
    refusals = [(words, standing.refusal(right)) for right, words in rights.RIGHTS.items()]
    tier, meaning = wording.TIERS.get(customer.kyc_tier, (customer.kyc_tier, ""))
    missing = next((str(refusal) for _words, refusal in refusals if refusal is not None), "")
    return {
        "standing": standing, "rights": refusals, "missing": missing, "tier": tier, "tier_meaning": meaning,
        "born_on": standing.born_on,
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def profile_part(request: CustomerRequest, part: str) -> HttpResponse:
    """One part of what the customer says about themselves, kept at once."""
    form_class, heading = PARTS[part]
    if request.method == "POST":
        form = form_class(request.POST)
        if form.is_valid():
            details.keep(request.customer, part, form.cleaned_data, actor_from(request))
            messages.success(request, _("Saved."))
            return _see_other("profile")
    else:
        kept = restored(request)
        fields = form_class.base_fields
        form = form_class(
            initial=_as_typed(details.initial(request.customer, part))
            if kept is None
            else {name: kept.get(name, "") for name in fields}
        )
    return render(request, "profile/part.html", {"form": form, "part": part, "heading": heading})


def _as_typed(initial: dict[str, Any]) -> dict[str, Any]:
    return {name: f"{value:,}" if isinstance(value, Decimal) else value for name, value in initial.items()}


@require_http_methods(["GET", "HEAD", "POST"])
def contact_change(request: CustomerRequest) -> HttpResponse:
    """Type the new e-mail address or phone number: ?what= says which."""
    detail = request.GET.get("what", "")
    if detail not in LABELS:
        raise Http404
    if request.method == "POST":
        form = ContactForm(request.POST, customer=request.customer, detail=detail)
        draft = _prepared(request, form, detail)
        if draft is not None:
            return _see_other("contact_review", draft.id)
    else:
        form = ContactForm(initial=_typed_before(request), customer=request.customer, detail=detail)
    context = {"form": form, "detail": detail, "held": _shown(request.customer, detail)}
    context |= {"label": LABELS[ContactChange.Detail(detail)], "action": request.get_full_path()}
    return render(request, "profile/contact.html", context)


def _typed_before(request: CustomerRequest) -> dict[str, str]:
    kept = restored(request)
    return {} if kept is None else {"value": kept.get("value", "")}


def _prepared(request: CustomerRequest, form: ContactForm, detail: str) -> Instruction | None:
    """The draft, or None with the refusal on the form."""
    if not form.is_valid():
        return None
    try:
        return changing.prepare(request.customer, detail, form.cleaned_data["value"])
    except TooMany:
        raise
    except PortalError as refusal:
        form.add_error(None, str(refusal))
        return None


@require_safe
def contact_review(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """What will change, once more before a code is sent."""
    act = _act(request, instruction_id)
    if act.state == Instruction.State.DONE:
        return redirect("contact_prove", act.id)
    payload = act.payload
    context = {
        "act": act,
        "label": LABELS[ContactChange.Detail(payload["about"])],
        "old": masked(payload["about"], payload["old"]),
        "new": payload["new"],
        "is_over": act.state == Instruction.State.CANCELLED or act.expires_at <= clock.now(),
    }
    return render(request, "profile/contact_review.html", context)


@require_POST
def contact_confirm(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """On to the code, or on to the proof where the code was given a moment ago."""
    act = _act(request, instruction_id)
    try:
        instructions.carry_out(customer=request.customer, instruction_id=act.id, actor=actor_from(request))
    except instructions.StepUpRequired:
        return HttpResponseRedirect(f"{reverse('step_up')}?for={act.id}", status=SEE_OTHER)
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return _see_other("contact_review", act.id)
    return _see_other("contact_prove", act.id)


@require_POST
def contact_cancel(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Give the change up; back to the profile."""
    act = _act(request, instruction_id)
    instructions.cancel(customer=request.customer, instruction_id=act.id, actor=actor_from(request))
    messages.success(request, _("Nothing was changed."))
    return _see_other("profile")


@require_http_methods(["GET", "HEAD", "POST"])
def contact_prove(request: CustomerRequest, change_id: uuid.UUID) -> HttpResponse:
    """Ask for the code that went to the new address; the right one puts it in force."""
    change = changing.get(request.customer, change_id)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changing.prove(change, form.cleaned_data["code"], actor_from(request))
        except PortalError as error:
            change = changing.get(request.customer, change_id)
            return refuse(request, "profile/contact_prove.html", form, error, **_proof(change))
        return _see_other("contact_prove", change.id)
    return render(request, "profile/contact_prove.html", {"form": form, **_proof(change)})


@require_POST
def contact_send(request: CustomerRequest, change_id: uuid.UUID) -> HttpResponse:
    """Send a code to the new address."""
    change = changing.get(request.customer, change_id)
    try:
        changing.send_code(request.customer, change, request.user.language)
    except PortalError as refusal:
        messages.error(request, str(refusal))
    return _see_other("contact_prove", change.id)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact_undo(request: OpenRequest, token: str) -> HttpResponse:
    """The link sent to the old address: says what it does, and does it on POST."""
    context: dict[str, Any] = {"here": request.path}
    try:
        if request.method == "POST":
            change = undoing.undo(token, actor_from(request))
            context["is_done"] = True
        else:
            change = undoing.find(token)
    except PortalError as refusal:
        return render(request, "profile/undo.html", {"refusal": str(refusal)}, status=404)
    context |= {"is_email": change.detail == ContactChange.Detail.EMAIL, "old": masked(change.detail, change.old)}
    context |= {"new": masked(change.detail, change.new), "until": change.undo_until}
    return render(request, "profile/undo.html", context)


def _act(request: CustomerRequest, instruction_id: uuid.UUID) -> Instruction:
    act = instructions.get_act(request.customer, instruction_id)
    if act.kind != changing.KIND:
        raise Http404
    return act


def _proof(change: ContactChange) -> dict[str, Any]:
    sent = codes.latest(changing.CONTACT, changing.binding(change))
    return {
        "change": change,
        "label": LABELS[ContactChange.Detail(change.detail)],
        "is_open": changing.is_open(change),
        "is_email": change.detail == ContactChange.Detail.EMAIL,
        "here": reverse("contact_prove", args=[change.id]),
        "resend": reverse("contact_send", args=[change.id]),
        **codes.standing(sent),
    }


def _shown(customer: BranchCustomer, detail: str) -> str:
    return masked(detail, changing.held(customer, detail))


def _see_other(name: str, *args: uuid.UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=args), status=SEE_OTHER)
