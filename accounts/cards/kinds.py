"""How what is asked of cards presents itself as instructions: words, pages, what is done."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.cards import opening, ordering, showing, wording
from accounts.cards.rules import ATM_DAILY
from accounts.cards.selectors import branch_name
from accounts.models import Card, CardSight, Instruction
from wekeza_portal.money import format_kes
from wekeza_portal.registry import InstructionKind

Facts = list[tuple[Any, Any]]


def _four(instruction: Instruction) -> dict[str, str]:
    return {"four": instruction.payload["last_four"]}


def _describe_unfreeze(instruction: Instruction) -> str:
    return _("unfreeze your card ...%(four)s") % _four(instruction)


def _describe_activate(instruction: Instruction) -> str:
    return _("activate your card ...%(four)s") % _four(instruction)


def _describe_loosen(instruction: Instruction) -> str:
    return _("allow more with your card ...%(four)s") % _four(instruction)


def _describe_show(instruction: Instruction) -> str:
    if instruction.payload["what"] == CardSight.What.NUMBER:
        return _("show the number of your virtual card ...%(four)s") % _four(instruction)
    return _("show the PIN of your card ...%(four)s") % _four(instruction)


def _describe_order(instruction: Instruction) -> str:
    values = {"number": instruction.payload["from_number"]}
    if instruction.payload["card_kind"] == Card.Kind.VIRTUAL:
        return _("order a virtual card on %(number)s") % values
    return _("order a card on %(number)s") % values


def _describe_delivery(instruction: Instruction) -> str:
    values = {"amount": format_kes(instruction.amount), "number": instruction.payload["from_number"]}
    return _("%(amount)s for a card on %(number)s, brought home by courier") % values


def _describe_replacement(instruction: Instruction) -> str:
    values = {"amount": format_kes(instruction.amount), **_four(instruction)}
    return _("%(amount)s for a card in the place of ...%(four)s") % values


def facts_of(instruction: Instruction) -> Facts:
    """What a review says besides the description: (words, value) in the active language."""
    payload = instruction.payload
    rows: Facts = []
    if payload.get("last_four"):
        rows.append((_("Card"), f"•••• {payload['last_four']}"))
    if "card_kind" in payload:
        rows.append((_("Kind of card"), wording.KINDS[payload["card_kind"]]))
    if "from_number" in payload:
        rows.append((_("Account"), payload["from_number"]))
    if payload.get("branch"):
        rows.append((_("To be collected at"), branch_name(payload["branch"])))
    if payload.get("delivered_to"):
        rows.append((_("By courier to"), payload["delivered_to"]))
        rows.append((_("For the courier"), format_kes(Decimal(payload["courier_fee"]))))
    for name, text in payload.get("after", {}).items():
        rows.append((wording.CONTROLS[name], f"{said(name, payload['before'][name])} → {said(name, text)}"))
    return rows


def said(name: str, text: str) -> str:
    """A control's stored value in words."""
    return format_kes(Decimal(text)) if name == ATM_DAILY else _("On") if text == "1" else _("Off")


def _review_url(instruction: Instruction) -> str:
    return reverse("card_review", args=[instruction.id])


def _receipt_url(instruction: Instruction) -> str:
    return reverse("card_receipt", args=[instruction.id])


def _card_url(instruction: Instruction) -> str:
    """The page of the card it is about: an order's card has the order's id."""
    return reverse("card", args=[instruction.payload.get("card", instruction.id)])


def _sight_url(instruction: Instruction) -> str:
    return reverse("card_sight", args=[instruction.id])


def _act(
    execute: Callable[[Any, Any], None], describe: Callable[[Any], str], after: Callable[[Any], str] = _card_url
) -> InstructionKind:
    return InstructionKind(execute, describe, _review_url, after, is_act=True)


ACTS = {
    opening.UNFREEZE: _act(opening.unfreeze, _describe_unfreeze),
    opening.ACTIVATE: _act(opening.activate, _describe_activate),
    opening.LOOSEN: _act(opening.loosen, _describe_loosen),
    showing.SHOW: _act(showing.allow, _describe_show, _sight_url),
    ordering.ORDER: _act(ordering.execute_order, _describe_order),
}
PAYMENTS = {
    ordering.DELIVERY: InstructionKind(ordering.execute_delivery, _describe_delivery, _review_url, _receipt_url),
    ordering.REPLACEMENT: InstructionKind(
        ordering.execute_replacement, _describe_replacement, _review_url, _receipt_url
    ),
}
OURS = frozenset({*ACTS, *PAYMENTS})
