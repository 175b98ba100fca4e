"""How changing a contact presents itself as an instruction: registered in apps.py."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import ContactChange, Instruction
from accounts.profile import changing, telling
from wekeza_portal.registry import InstructionKind


def _describe(instruction: Instruction) -> str:
    detail = instruction.payload["about"]
    values = {"new": telling.hint(detail, instruction.payload["new"])}
    if detail == ContactChange.Detail.EMAIL:
        return _("change your e-mail address to %(new)s") % values
    return _("change your phone number to %(new)s") % values


def _review_url(instruction: Instruction) -> str:
    return reverse("contact_review", args=[instruction.id])


def _prove_url(instruction: Instruction) -> str:
    return reverse("contact_prove", args=[instruction.id])


CHANGE = InstructionKind(
    execute=changing.execute,
    describe=_describe,
    review_url=_review_url,
    receipt_url=_prove_url,
    stops_with_a_freeze=True,
    opens=True,
    is_act=True,
)
