"""How a deposit presents itself to the rest of the portal: registered in apps.py."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Instruction
from transfers.collecting.preparing import execute
from wekeza_portal.money import format_kes
from wekeza_portal.registry import InstructionKind


def deposit_kind() -> InstructionKind:
    """A wish that a phone be asked for money. Confirmed like a payment; it moves nothing itself."""
    return InstructionKind(execute=execute, describe=_describe, review_url=_review_url, receipt_url=_page_url)


def _describe(instruction: Instruction) -> str:
    values = {"amount": format_kes(instruction.amount), "number": instruction.payload["to_number"]}
    return _("%(amount)s from M-Pesa %(number)s onto your account") % values


def _review_url(instruction: Instruction) -> str:
    return reverse("deposit_review", args=[instruction.id])


def _page_url(instruction: Instruction) -> str:
    return reverse("deposit_page", args=[instruction.id])
