"""How the instruction that sets an order up presents itself: to the step-up page, to the trail."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Instruction
from transfers.models import ScamPause
from transfers.payees import pausing
from transfers.receivers import LEAST_OF_A_COMPANY, SMS_ROOM
from transfers.standing import setting
from transfers.standing.wording import with_count
from wekeza_portal.money import format_kes
from wekeza_portal.registry import InstructionKind


def describe(instruction: Instruction) -> str:
    """The order in one phrase that fits an SMS: "set up KES 500.00 to WANJIKU M., every month, 3 times"."""
    order = setting.drafted(instruction)
    words = _("set up %(amount)s to %(name)s, %(when)s")
    if instruction.payload["order"]:
        words = _("change an order to %(amount)s to %(name)s, %(when)s")
    rhythm = with_count(order.get_rhythm_display().lower(), order.times)
    values = {"amount": format_kes(order.amount), "when": rhythm, "name": ""}
    room = max(SMS_ROOM - len(words % values), LEAST_OF_A_COMPANY)
    return words % {**values, "name": order.receiver[:room].strip()}


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
        pays_later=True,
    )


def _cancelled(instruction: Instruction) -> None:
    pausing.close(instruction, ScamPause.Outcome.CANCELLED)
