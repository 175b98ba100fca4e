"""How paying for a letter presents itself as an instruction."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Instruction
from accounts.servicing import letters
from accounts.servicing.words import LETTERS
from wekeza_portal.money import format_kes
from wekeza_portal.registry import InstructionKind


def describe(instruction: Instruction) -> str:
    values = {"amount": format_kes(instruction.amount), "account": instruction.payload["about_number"]}
    return _("%(amount)s for a letter about %(account)s") % values


def facts_of(instruction: Instruction) -> list[tuple[Any, Any]]:
    """What the review says of the letter, in the active language."""
    payload = instruction.payload
    return [
        (_("Letter"), LETTERS[payload["letter"]]),
        (_("About the account"), payload["about_number"]),
        (_("Addressed to"), payload["addressee"] or _("To whom it may concern")),
        (_("Pay from"), payload["from_number"]),
    ]


PAYMENT = InstructionKind(
    letters.execute,
    describe,
    lambda instruction: reverse("letter_review", args=[instruction.id]),
    lambda instruction: reverse("letter", args=[instruction.id]),
    stops_with_a_freeze=True,
)
