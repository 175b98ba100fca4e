"""A copy of everything: opened with a code for a quarter of an hour, as data and as a paper, never sent anywhere."""

import json
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import instructions
from accounts.export import export_of
from accounts.models import BranchCustomer, Instruction
from accounts.telling import language_of, tell
from wekeza_portal import clock, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.money import ZERO
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Category, Link
from wekeza_portal.registry import InstructionKind

KIND = "DATA_COPY"
OPEN_FOR = timedelta(minutes=15)
ASKING = ratelimit.Policy("data-copies", 10, timedelta(days=1))


def prepare(customer: BranchCustomer) -> Instruction:
    """The wish, to be confirmed with a code. Raises TooMany."""
    ratelimit.consume(ASKING, str(customer.user_id))
    return instructions.draft(
        customer=customer, kind=KIND, payload={}, amount=ZERO, fee=ZERO, fee_row_id=None, payee_key=""
    )


def execute(instruction: Instruction, actor: Actor) -> None:
    """The code was given: the copy can be saved for a while, and its owner is told."""
    customer = instruction.customer
    record("data.opened", actor=actor, customer_id=customer.user_id, subject=f"instruction:{instruction.id}")
    with translation.override(language_of(customer)):
        values = {
            "bank": settings.BANK_NAME,
            "time": date_format(clock.now(), "j M H:i"),
            "phone": settings.FRAUD_PHONE,
        }
        subject = _("A copy of your data can be saved")
        body = _("%(bank)s: at %(time)s a copy of all your data was opened. Not you? Call %(phone)s now.") % values
    cause = f"data-copy:{instruction.id}"
    tell(
        customer,
        cause=cause,
        subject=subject,
        body=body,
        event=Event.SECURITY,
        category=Category.SECURITY,
        link=Link("sign_in_history"),
    )


def get(customer: BranchCustomer, instruction_id: uuid.UUID) -> Instruction:
    """The customer's own wish for a copy; Http404 otherwise."""
    act = instructions.get_act(customer, instruction_id)
    if act.kind != KIND:
        raise Http404
    return act


def is_open(act: Instruction) -> bool:
    """Whether it was confirmed less than a quarter of an hour ago."""
    done = act.state == Instruction.State.DONE and act.posted_at is not None
    return bool(done and clock.now() - act.posted_at < OPEN_FOR)  # type: ignore[operator] # asked in the line above


def is_to_be_confirmed(act: Instruction) -> bool:
    """Whether a code would still open it."""
    return act.state == Instruction.State.DRAFT and act.expires_at > clock.now()


def as_json(customer: BranchCustomer, act: Instruction, actor: Actor) -> str:
    """Everything as data; that it was taken stands in the trail."""
    data = export_of(customer)
    note_taken(customer, act, actor, "json")
    return json.dumps(data, ensure_ascii=False, indent=2)


def note_taken(customer: BranchCustomer, act: Instruction, actor: Actor, form: str) -> None:
    """Write down that a copy left, in which form."""
    subject = f"instruction:{act.id}"
    record("data.taken", actor=actor, customer_id=customer.user_id, subject=subject, data={"form": form})


def _page(instruction: Instruction) -> str:
    return reverse("data_copy", args=[instruction.id])


def _describe(_instruction: Any) -> str:
    return _("open a copy of all your data")


def kind() -> InstructionKind:
    return InstructionKind(execute=execute, describe=_describe, review_url=_page, receipt_url=_page, is_act=True)
