"""How the instruction that sets an order up presents itself: to the step-up page, to the trail."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Instruction
from transfers.models import ScamPause
from transfers.payees import pausing
from transfers.standing import setting
from wekeza_portal.money import format_kes
from wekeza_portal.registry import InstructionKind


def describe(instruction: Instruction) -> str:
    """The order in one phrase that fits an SMS: "KES 500.00 to WANJIKU M., every month"."""
    order = setting.drafted(instruction)
    values = {
        "amount": format_kes(order.amount),
        "name": order.receiver,
        "when": order.get_rhythm_display().lower(),
    }
    return _("%(amount)s to %(name)s, %(when)s") % values


def review_url(instruction: Instruction) -> str:
    return reverse("standing_review", args=[instruction.id])


def standing_kind() -> InstructionKind:
    """The review page leads on to the order once it is done.

    The question about a large payment to somebody new is asked here: when the order pays, nobody is there to answer.
    """
    return InstructionKind(
        execute=setting.execute,
        describe=describe,
        review_url=review_url,
        receipt_url=review_url,
        hold=pausing.refuse_while_held,
        cancelled=_cancelled,
        stops_with_a_freeze=True,
        opens=True,
    )


def _cancelled(instruction: Instruction) -> None:
    pausing.close(instruction, ScamPause.Outcome.CANCELLED)
