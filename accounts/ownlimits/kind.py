"""How raising one's own limits presents itself as an instruction: registered in apps.py."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Instruction
from accounts.ownlimits import changing
from accounts.ownlimits.telling import figures_in_words
from wekeza_portal.registry import InstructionKind


def _describe(instruction: Instruction) -> str:
    figures = changing.figures_of(instruction.payload["to"])
    return _("raise your limits: %(limits)s") % {"limits": figures_in_words(figures)}


def _review_url(instruction: Instruction) -> str:
    return reverse("own_limits_review", args=[instruction.id])


def _done_url(instruction: Instruction) -> str:
    return reverse("own_limits")


def raise_kind() -> InstructionKind:
    return InstructionKind(
        execute=changing.execute,
        describe=_describe,
        review_url=_review_url,
        receipt_url=_done_url,
        stops_with_a_freeze=True,
        opens=True,
        is_act=True,
    )
