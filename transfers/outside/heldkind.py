"""How payments that are held back present themselves to the rest of the portal: registered in apps.py."""

from datetime import time
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Instruction
from transfers import receivers
from transfers.outside import held
from wekeza_portal.jobs.schedules import Daily
from wekeza_portal.money import format_kes
from wekeza_portal.registry import FreezeStop, InstructionKind, Job, freeze_stops, instruction_kinds, jobs


def register() -> None:
    """Once, when the apps are ready."""
    instruction_kinds.register(held.SEND, held_kind())
    freeze_stops.register("payments-out", FreezeStop(held.hold_back, "transfers/outside/held_list.html", held.shown))
    title = gettext_lazy("Give back what was held back too long")
    jobs.register("held-back", Job(title, Daily(time(6, 0)), held.return_old))


def held_kind() -> InstructionKind:
    """Sending a payment after all that was held back."""
    return InstructionKind(
        execute=held.send_after_all,
        describe=_describe_held,
        review_url=_held_url,
        receipt_url=_held_url,
        stops_with_a_freeze=True,
        opens=True,
        is_act=True,
    )


def _describe_held(instruction: Instruction) -> str:
    payload = instruction.payload
    words, amount = _("send %(amount)s to %(receiver)s after all"), format_kes(Decimal(payload["amount"]))
    room = receivers.SMS_ROOM - len(words % {"amount": amount, "receiver": ""})
    return words % {"amount": amount, "receiver": receivers.in_full_within(payload, room)}


def _held_url(instruction: Instruction) -> str:
    return reverse("payment_receipt", args=[instruction.payload["payment"]])
