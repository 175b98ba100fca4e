"""Adding a passkey."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.identity.actors import actor_from
from accounts.identity.factors import acts, passkeys
from accounts.identity.factors.errors import TookTooLong
from accounts.identity.forms import NewPasskeyForm
from accounts.requests import CustomerRequest
from wekeza_portal.errors import PortalError


@require_http_methods(["GET", "HEAD", "POST"])
def passkey_new(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Name a new passkey and let the browser make it. What a browser gave that is no passkey means starting again."""
    acts.done(request.customer, instruction_id, acts.ADD_PASSKEY)
    challenge = passkeys.beginning(request.user, instruction_id)
    if challenge is None:
        messages.info(request, str(TookTooLong.message))
        return redirect("security_settings")
    form = NewPasskeyForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "options": passkeys.options_of_new(challenge)}
        return render(request, "identity/passkey_new.html", context)
    given = form.cleaned_data
    try:
        row = passkeys.add(request.user, instruction_id, given["code"], given["name"], actor_from(request))
    except PortalError as error:
        messages.error(request, str(error))
        return redirect("security_settings")
    messages.success(
        request, _("The passkey %(name)s is added. You can have us ask for it first.") % {"name": row.name}
    )
    return redirect("security_settings")
