"""How agreeing to a look presents itself as an instruction: registered in accounts.registered."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Instruction
from accounts.supporting import services
from wekeza_portal.registry import InstructionKind


def _describe(instruction: Instruction) -> str:
    values = {"helper": instruction.payload["helper"], "reference": instruction.payload["reference"]}
    return _("let %(helper)s of the bank (reference %(reference)s) look at your pages") % values


def _page(instruction: Instruction) -> str:
    return reverse("support_view", args=[instruction.payload["view"]])


AGREE = InstructionKind(execute=services.execute, describe=_describe, review_url=_page, receipt_url=_page, is_act=True)
