"""Changing one's second factors as acts: each is confirmed with a factor there is already, once, within five minutes.

What has to be shown afterwards (a key to be scanned, codes to be printed) is shown on the act's own page, for ten
minutes.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import instructions
from accounts.identity import sessions
from accounts.identity.factors import app, passkeys
from accounts.models import BranchCustomer, Instruction, User
from wekeza_portal.actors import Actor
from wekeza_portal.money import ZERO
from wekeza_portal.registry import InstructionKind, instruction_kinds
from wekeza_portal.staff import switches

Payload = dict[str, Any]
ADD_APP, REMOVE_APP = "FACTOR_APP_ADD", "FACTOR_APP_REMOVE"
MAKE_CODES = "FACTOR_BACKUP_CODES"
ADD_PASSKEY, REMOVE_PASSKEY = "FACTOR_PASSKEY_ADD", "FACTOR_PASSKEY_REMOVE"


def prepare(user: User, customer: BranchCustomer, kind: str, passkey: uuid.UUID | None = None) -> Instruction:
    """What the customer asked to change, to be confirmed on the step-up page. Changes nothing.

    `passkey` names the one to be removed. Raises SwitchedOff or whatever the change would be refused with later.
    """
    payload: Payload = {}
    if kind == REMOVE_PASSKEY:
        row = passkeys.mine(user, str(passkey))
        payload = {"passkey": str(row.public_id), "name": row.name}
    KINDS[kind].refuse(user)
    return instructions.draft(
        customer=customer, kind=kind, payload=payload, amount=ZERO, fee=ZERO, fee_row_id=None, payee_key=""
    )


def done(customer: BranchCustomer, instruction_id: uuid.UUID, kind: str) -> Instruction:
    """The customer's own act of this kind, confirmed and done; Http404 for every other."""
    act = instructions.get_act(customer, instruction_id)
    if act.kind != kind or act.state != Instruction.State.DONE:
        raise Http404
    return act


def just_done(customer: BranchCustomer, named: str) -> str:
    """What the act with this id did, in the active language; "" for what is none of the customer's or not done."""
    try:
        act = instructions.get_act(customer, uuid.UUID(named))
    except (ValueError, Http404):
        return ""
    return KINDS[act.kind].describe(act.payload) if act.kind in KINDS and act.state == Instruction.State.DONE else ""


def _after(instruction: Instruction) -> str:
    return f"{reverse('security_settings')}?done={instruction.id}"


@dataclass(frozen=True, slots=True)
class FactorAct:
    """One kind of change. `refuse` raises what it would be refused with, before a code is asked for and again after."""

    refuse: Callable[[User], None]
    execute: Callable[[User, Instruction, Actor], Any]
    describe: Callable[[Payload], str]
    afterwards: Callable[[Instruction], str] = _after

    def kind(self) -> InstructionKind:
        """As instructions know it."""

        def execute(instruction: Instruction, actor: Actor) -> None:
            user = User.objects.select_related("customer").get(customer_id=instruction.customer_id)
            self.refuse(user)
            self.execute(user, instruction, actor)

        return InstructionKind(
            execute=execute,
            describe=lambda instruction: self.describe(instruction.payload),
            review_url=lambda _instruction: reverse("security_settings"),
            receipt_url=self.afterwards,
            is_act=True,
            afterwards=lambda request, _instruction: sessions.rotate(request, request.signed_in_session),
        )


def _refuse_app(user: User) -> None:
    switches.require_on(switches.TOTP_CODES)
    app.refuse_a_second(user)


def _refuse_codes(_user: User) -> None:
    switches.require_on(switches.BACKUP_CODES)


def _refuse_passkey(user: User) -> None:
    switches.require_on(switches.PASSKEYS)
    passkeys.refuse_too_many(user)


def _never(_user: User) -> None:
    """Taking away is never refused beforehand."""


def _nothing_yet(_user: User, _instruction: Instruction, _actor: Actor) -> None:
    """The change is made on the act's own page, which this opens."""


def _page_of(name: str) -> Callable[[Instruction], str]:
    return lambda instruction: reverse(name, args=[instruction.id])


KINDS: dict[str, FactorAct] = {
    ADD_APP: FactorAct(
        _refuse_app,
        lambda user, instruction, _actor: app.begin(user, instruction.id),
        lambda _payload: _("add an authenticator app"),
        _page_of("factor_app"),
    ),
    REMOVE_APP: FactorAct(
        app.refuse_without,
        lambda user, _instruction, actor: app.remove(user, actor),
        lambda _payload: _("remove your authenticator app"),
    ),
    MAKE_CODES: FactorAct(
        _refuse_codes, _nothing_yet, lambda _payload: _("make ten new backup codes"), _page_of("backup_codes")
    ),
    ADD_PASSKEY: FactorAct(
        _refuse_passkey,
        lambda user, instruction, _actor: passkeys.begin(user, instruction.id),
        lambda _payload: _("add a passkey"),
        _page_of("passkey_new"),
    ),
    REMOVE_PASSKEY: FactorAct(
        _never,
        lambda user, instruction, actor: passkeys.remove(user, instruction.payload["passkey"], actor),
        lambda payload: _("remove the passkey %(name)s") % payload,
    ),
}


def register() -> None:
    """Once, when the apps are ready."""
    for name, act in KINDS.items():
        instruction_kinds.register(name, act.kind())
