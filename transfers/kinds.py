"""How transfers present themselves to the rest of the portal: registered in apps.py."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.ledger import Receipt
from accounts.models import Instruction
from transfers import receivers
from transfers.many import files
from transfers.models import ScamPause
from transfers.outside.executing import execute_payment
from transfers.payees import guarding, pausing
from transfers.services import execute_transfer
from wekeza_portal.actors import Actor
from wekeza_portal.money import format_kes
from wekeza_portal.registry import InstructionKind


def describe(instruction: Instruction) -> str:
    """The payment in one phrase that fits an SMS: "KES 500.00 to WANJIKU M., ACC1000015"."""
    words, amount = _("%(amount)s to %(receiver)s"), format_kes(instruction.amount)
    room = receivers.SMS_ROOM - len(words % {"amount": amount, "receiver": ""})
    return words % {"amount": amount, "receiver": receivers.in_full_within(instruction.payload, room)}


def review_url(instruction: Instruction) -> str:
    return reverse("payment_review", args=[instruction.id])


def receipt_url(instruction: Instruction) -> str:
    return reverse("payment_receipt", args=[instruction.id])


def cancelled(instruction: Instruction) -> None:
    pausing.close(instruction, ScamPause.Outcome.CANCELLED)


def transfer_kind() -> InstructionKind:
    return _kind(execute_transfer)


def own_kind() -> InstructionKind:
    """Between the customer's own accounts: the same, and it goes on when everything that leaves them is stopped."""
    return _kind(execute_transfer, stops=False)


def outside_kind() -> InstructionKind:
    """Payments out of the bank: the same pages, another way of doing them."""
    return _kind(execute_payment)


def _kind(execute: Callable[[Instruction, Actor], Receipt], *, stops: bool = True) -> InstructionKind:
    return InstructionKind(
        execute=execute,
        stops_with_a_freeze=stops,
        describe=describe,
        review_url=review_url,
        receipt_url=receipt_url,
        hold=pausing.refuse_while_held,
        cancelled=cancelled,
        given_back=guarding.given_back,
    )


def file_kind() -> InstructionKind:
    """A file of payments: confirmed once for all its rows, which the worker then pays each by its own instruction."""
    return InstructionKind(
        execute=files.execute,
        stops_with_a_freeze=True,
        describe=_describe_file,
        review_url=_file_url,
        receipt_url=_file_url,
        hold=pausing.refuse_while_held,
        cancelled=files.cancelled,
    )


def _describe_file(instruction: Instruction) -> str:
    amount, name = format_kes(instruction.amount), instruction.payload["to_name"]
    return _("%(amount)s in %(name)s") % {"amount": amount, "name": name}


def _file_url(instruction: Instruction) -> str:
    return reverse("payment_file", args=[instruction.payload["file"]])
