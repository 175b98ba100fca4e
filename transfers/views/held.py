"""A payment that is held back: taking it back, or sending it after all."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import wording
from accounts.identity.actors import actor_from
from accounts.requests import CustomerRequest
from transfers.outside import held
from transfers.views.shared import DRAFTS, see_other
from wekeza_portal import ratelimit
from wekeza_portal.errors import PortalError


@require_POST
def payment_take_back(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Amount and fee come back at once: the receipt then says so."""
    try:
        held.take_back(request.customer, instruction_id, actor_from(request))
    except PortalError as refusal:
        messages.error(request, wording.refusal_for(request.user, refusal))
    return see_other("payment_receipt", instruction_id)


@require_POST
def payment_send_held(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """A code first; the right one hands it to the worker."""
    ratelimit.consume(DRAFTS, str(request.customer.user_id))
    try:
        draft = held.prepare_sending(request.customer, instruction_id)
    except PortalError as refusal:
        messages.error(request, wording.refusal_for(request.user, refusal))
        return see_other("payment_receipt", instruction_id)
    return HttpResponseRedirect(f"{reverse('step_up')}?for={draft.id}", status=303)
