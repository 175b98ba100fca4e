"""Inside the payer's transfer: a request is paid once, by its own payer, while it is open."""

import uuid

from django.utils.translation import gettext_lazy as _

from accounts.models import Instruction
from transfers.errors import TransferRefused
from transfers.models import MoneyRequest
from wekeza_portal import clock


class RequestOver(TransferRefused):
    code = "money_request_over"
    message = _("This request is not open any more: it was paid, taken back or has run out. Nothing was sent.")


def take(instruction: Instruction) -> None:
    """Mark the request of this transfer as paid, under its lock, in the transaction that moves the money.

    Nothing for a transfer that answers none. Raises RequestOver.
    """
    asked = instruction.payload.get("request")
    if asked is None:
        return
    request = _locked(uuid.UUID(asked), instruction.customer_id)
    now = clock.now()
    if request is None or request.state != MoneyRequest.State.OPEN or request.expires_at <= now:
        raise RequestOver()
    request.state, request.instruction_id = MoneyRequest.State.PAID, instruction.id
    request.open_key, request.ended_at = None, now
    request.save(update_fields=["state", "instruction_id", "open_key", "ended_at"])


def _locked(request_id: uuid.UUID, payer_id: int) -> MoneyRequest | None:
    return MoneyRequest.objects.select_for_update().filter(id=request_id, payer_id=payer_id).first()
