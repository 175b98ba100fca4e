"""How keeping a payee, raising its limit and removing it with its limit present themselves: registered in apps.py."""

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Instruction
from transfers.payees.keeping import execute_keep, execute_limit, execute_remove
from wekeza_portal.money import format_kes
from wekeza_portal.registry import InstructionKind


def _describe_keep(instruction: Instruction) -> str:
    payload = instruction.payload
    values = {"name": payload["to_name"] or payload["to_at"], "number": payload["to_number"]}
    return _("keep %(name)s, %(number)s as a payee") % values


def _describe_limit(instruction: Instruction) -> str:
    payload = instruction.payload
    values = {"name": payload["to_name"], "number": payload["to_number"]}
    if not payload["own_limit"]:
        return _("take away your limit for %(name)s, %(number)s") % values
    values["limit"] = format_kes(Decimal(payload["own_limit"]))
    return _("raise your limit to %(limit)s for %(name)s, %(number)s") % values


def _describe_remove(instruction: Instruction) -> str:
    payload = instruction.payload
    values = {"name": payload["to_name"], "number": payload["to_number"]}
    return _("remove %(name)s, %(number)s from your payees, with your limit") % values


def _review_url(instruction: Instruction) -> str:
    return reverse("payee_review", args=[instruction.id])


def _kept_url(instruction: Instruction) -> str:
    return reverse("payee", args=[instruction.id])


def _raised_url(instruction: Instruction) -> str:
    return reverse("payee", args=[instruction.payload["payee_id"]])


def _list_url(instruction: Instruction) -> str:
    return reverse("payees")


def keep_kind() -> InstructionKind:
    return InstructionKind(
        execute=execute_keep,
        describe=_describe_keep,
        review_url=_review_url,
        receipt_url=_kept_url,
        stops_with_a_freeze=True,
        opens=True,
        is_act=True,
    )


def limit_kind() -> InstructionKind:
    return InstructionKind(
        execute=execute_limit,
        describe=_describe_limit,
        review_url=_review_url,
        receipt_url=_raised_url,
        stops_with_a_freeze=True,
        opens=True,
        is_act=True,
    )


def remove_kind() -> InstructionKind:
    return InstructionKind(
        execute=execute_remove, describe=_describe_remove, review_url=_review_url, receipt_url=_list_url, is_act=True
    )
