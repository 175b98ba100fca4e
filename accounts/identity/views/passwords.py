"""Changing one's password."""

import uuid

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import instructions
from accounts.identity import passwordchange
from accounts.identity.forms import ChangePasswordForm
from accounts.identity.views.refusals import refuse
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from wekeza_portal.errors import PortalError


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("current", "password", "password_again")
def password(request: CustomerRequest) -> HttpResponse:
    """The password of now and the new one; then on to the code."""
    form = ChangePasswordForm(request.POST or None, customer=request.customer)
    if request.method != "POST" or not form.is_valid():
        return render(request, "identity/password.html", {"form": form})
    typed = form.cleaned_data
    try:
        act = passwordchange.prepare(request, request.user, typed["current"], typed["password"])
    except PortalError as error:
        return refuse(request, "identity/password.html", form, error)
    return HttpResponseRedirect(f"{reverse('step_up')}?for={act.id}", status=303)


@require_safe
def password_changed(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """When the password was changed and what came with it."""
    act = instructions.get_act(request.customer, instruction_id)
    if act.kind != passwordchange.KIND:
        raise Http404
    if act.state != Instruction.State.DONE:
        return redirect("password")
    return render(request, "identity/password_changed.html", {"act": act})
