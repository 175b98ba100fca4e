"""How lifting a stop presents itself as an instruction: registered in apps.py."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.freezing.lifting import execute
from accounts.models import Instruction
from wekeza_portal.registry import InstructionKind


def _describe(instruction: Instruction) -> str:
    return _("let payments leave your accounts again")


def _page(instruction: Instruction) -> str:
    return reverse("stop_everything")


def lift_kind() -> InstructionKind:
    return InstructionKind(execute=execute, describe=_describe, review_url=_page, receipt_url=_page, is_act=True)
