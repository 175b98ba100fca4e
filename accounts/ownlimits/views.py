"""Settings, Limits: what counts, what is left, and the customer's own figures."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import instructions, limits, wording
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.models import Instruction
from accounts.ownlimits import changing
from accounts.ownlimits.forms import FIELDS, KeepForm, OwnLimitsForm, typed
from accounts.ownlimits.showing import HEADINGS, Shown, shown
from accounts.requests import CustomerRequest
from wekeza_portal import clock, ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.money import format_kes

SEE_OTHER = 303
CHANGES = ratelimit.Policy("own-limits", 30, timedelta(hours=1))
"""Far more changes than anybody needs, far fewer than would fill a disk."""


@require_http_methods(["GET", "HEAD", "POST"])
def own_limits(request: CustomerRequest) -> HttpResponse:
    """The limits; a POST lowers at once and leads to the review of what is raised."""
    if request.method == "POST":
        form = OwnLimitsForm(request.POST)
        done = _change(request, form) if form.is_valid() else None
        if done is not None:
            return done
        found = shown(request.customer)
    else:
        found = shown(request.customer)
        form = OwnLimitsForm(initial=_typed_before(request, found))
    return render(request, "ownlimits/limits.html", {"form": form, "limits": found})


def _typed_before(request: CustomerRequest, limits: Shown) -> dict[str, Any]:
    kept = restored(request)
    if kept is not None:
        return {name: kept.get(name, "") for name in FIELDS}
    return typed({period.code: period.own for period in limits.periods})


def _change(request: CustomerRequest, form: OwnLimitsForm) -> HttpResponse | None:
    """Where it leads, or None with the refusal at its field."""
    ratelimit.consume(CHANGES, str(request.customer.user_id))
    try:
        act = changing.change(customer=request.customer, wanted=form.wanted, actor=actor_from(request))
    except changing.AboveTheBanks as refusal:
        form.add_error(form.name_of(refusal.limit_code), str(refusal))
        return None
    except PortalError as refusal:
        form.add_error(None, wording.refusal_for(request.user, refusal))
        return None
    if act is not None:
        return HttpResponseRedirect(reverse("own_limits_review", args=[act.id]), status=SEE_OTHER)
    room = limits.room(request.customer)
    left = {"today": format_kes(room.daily_left), "month": format_kes(room.monthly_left)}
    said = _("Saved: it counts from now on. You can still send %(today)s today and %(month)s this month.")
    messages.success(request, said % left)
    return HttpResponseRedirect(reverse("own_limits"), status=SEE_OTHER)


@require_POST
def own_limits_keep(request: CustomerRequest) -> HttpResponse:
    """Give up a raise that waits."""
    form = KeepForm(request.POST)
    if form.is_valid() and changing.keep(
        customer=request.customer, code=form.cleaned_data["limit"], actor=actor_from(request)
    ):
        messages.success(request, _("Your limit stays as it is."))
    else:
        messages.error(request, _("There is no higher limit that waits. Nothing was changed."))
    return HttpResponseRedirect(reverse("own_limits"), status=SEE_OTHER)


@require_safe
def own_limits_review(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """What will be raised, once more before a code is sent."""
    act = _act(request, instruction_id)
    if act.state == Instruction.State.DONE:
        return redirect("own_limits")
    before, to = (changing.figures_of(act.payload[name]) for name in ("before", "to"))
    context = {
        "act": act,
        "changes": [(HEADINGS[code][0], before[code], figure) for code, figure in to.items()],
        "is_over": act.state == Instruction.State.CANCELLED or act.expires_at <= clock.now(),
        "hours": int(changing.waiting_time(request.customer).total_seconds() // 3600),
    }
    return render(request, "ownlimits/review.html", context)


@require_POST
def own_limits_confirm(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """On to the code, or do it where the code was given a moment ago."""
    act = _act(request, instruction_id)
    try:
        instructions.carry_out(customer=request.customer, instruction_id=act.id, actor=actor_from(request))
    except instructions.StepUpRequired:
        return HttpResponseRedirect(f"{reverse('step_up')}?for={act.id}", status=SEE_OTHER)
    except PortalError as refusal:
        messages.error(request, wording.refusal_for(request.user, refusal))
        return HttpResponseRedirect(reverse("own_limits_review", args=[act.id]), status=SEE_OTHER)
    return HttpResponseRedirect(reverse("own_limits"), status=SEE_OTHER)


@require_POST
def own_limits_cancel(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Give up raising before the code."""
    act = _act(request, instruction_id)
    instructions.cancel(customer=request.customer, instruction_id=act.id, actor=actor_from(request))
    messages.success(request, _("Nothing was raised."))
    return HttpResponseRedirect(reverse("own_limits"), status=SEE_OTHER)


def _act(request: CustomerRequest, instruction_id: uuid.UUID) -> Instruction:
    act = instructions.get_act(request.customer, instruction_id)
    if act.kind != changing.RAISE:
        raise Http404
    return act
