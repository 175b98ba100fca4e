"""Changing one's password while signed in: the present one, the new one, then a code. An act like any other.

The new password waits as a hash beside its draft and is in force once the code was given. Then every session of the
customer is over; the browser that gave the code gets a fresh one.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import instructions
from accounts.identity import alerts, sessions
from accounts.identity.actors import actor_from
from accounts.models import BranchCustomer, Instruction, PendingPassword, User
from wekeza_portal import clock, crypto, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO
from wekeza_portal.ratelimit import Policy
from wekeza_portal.registry import InstructionKind, instruction_kinds

KIND = "PASSWORD_CHANGE"
LIFE = timedelta(minutes=15)
"""How long the new password waits for its code."""
TRIES = Policy("password-change", 10, timedelta(minutes=30))


class WrongPresentPassword(PortalError):
    code = "wrong_present_password"
    field = "current"
    message = gettext_lazy("That is not the password you have now.")


def prepare(request: HttpRequest, user: User, present: str, new: str) -> Instruction:
    """A draft of putting `new` (checked already) in the place of `present`; a code does it. Changes nothing yet.

    Counted before the password is looked at: a session left open must not be a place to guess it.
    Raises TooMany or WrongPresentPassword.
    """
    ratelimit.consume(TRIES, str(user.pk))
    if not user.check_password(present):
        record("password.refused", actor=actor_from(request), data={"reason": "wrong_password"})
        raise WrongPresentPassword()
    ratelimit.reset(TRIES, str(user.pk))
    assert user.customer is not None
    return _draft(user, user.customer, make_password(new))


@transaction.atomic
def _draft(user: User, customer: BranchCustomer, encoded: str) -> Instruction:
    act = instructions.draft(
        customer=customer, kind=KIND, payload={}, amount=ZERO, fee=ZERO, fee_row_id=None, payee_key=""
    )
    void(user)
    PendingPassword.objects.create(
        instruction_id=act.id, user=user, replaces=mark(user), encoded=encoded, created_at=clock.now()
    )
    return act


def execute(instruction: Instruction, actor: Actor) -> None:
    """The code was given: the new password is in force. Raises ActIsOver for one that waited too long or was outrun."""
    user = User.objects.select_for_update().select_related("customer").get(customer_id=instruction.customer_id)
    pending = PendingPassword.objects.select_for_update().filter(pk=instruction.id, user=user).first()
    if pending is None or clock.now() - pending.created_at > LIFE or pending.replaces != mark(user):
        raise instructions.ActIsOver()
    put(user, pending.encoded)
    record("password.changed", actor=actor, customer_id=user.customer_id, subject=f"user:{user.pk}")
    alerts.password_changed(user, clock.now(), f"password-changed:{instruction.id}")


def put(user: User, encoded: str) -> None:
    """Set the password by its hash, in the caller's transaction: every session and every other change is over."""
    user.password = encoded
    user.save(update_fields=["password"])
    sessions.end_all(user)
    void(user)


def void(user: User) -> None:
    """No new password waits for a code any more."""
    PendingPassword.objects.filter(user=user).delete()


def afterwards(request: Any, instruction: Instruction) -> None:
    """The browser that gave the code stays signed in, in a session that nobody knew before."""
    user = User.objects.select_related("customer").get(customer_id=instruction.customer_id)
    request.signed_in_session = sessions.start(request, user)


def cancelled(instruction: Instruction) -> None:
    PendingPassword.objects.filter(pk=instruction.id).delete()


def forget_old(before: datetime) -> int:
    """Delete new passwords that never got their code; how many."""
    return PendingPassword.objects.filter(created_at__lt=before).delete()[0]


def mark(user: User) -> str:
    """Which password a change is meant to replace."""
    return crypto.keyed_digest("password", user.password)


def _describe(instruction: Instruction) -> str:
    return _("change your password")


def register() -> None:
    """Once, when the apps are ready."""
    kind = InstructionKind(
        execute=execute,
        describe=_describe,
        review_url=lambda instruction: reverse("password"),
        receipt_url=lambda instruction: reverse("password_changed", args=[instruction.id]),
        is_act=True,
        cancelled=cancelled,
        afterwards=afterwards,
    )
    instruction_kinds.register(KIND, kind)
