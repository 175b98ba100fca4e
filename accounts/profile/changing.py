"""A new e-mail address or phone number, from the wish to the branch's row.

A code to a known address lets the wish pass, a code to the new one puts it in force: before that nothing of the bank's
goes there and nobody signs in with it. Then old and new are told, and the old one can take it back for 72 hours.
"""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext_lazy

from accounts import instructions
from accounts.approvals.details import same
from accounts.freezing.state import refuse_if_frozen
from accounts.identity import codes, knowncontacts
from accounts.identity.contacts import international
from accounts.ledger import money_operation
from accounts.models import BranchCustomer, ContactChange, Instruction, OneTimeCode, User
from accounts.profile import errors, telling
from wekeza_portal import clock, crypto, dates, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.branch.introspection import stamp_updated_at
from wekeza_portal.money import ZERO
from wekeza_portal.notifications.models import Channel
from wekeza_portal.ratelimit import Policy

KIND = "CONTACT_CHANGE"
CONTACT = OneTimeCode.Purpose.CONTACT
Detail = ContactChange.Detail
State = ContactChange.State

PROVE_WITHIN = timedelta(hours=1)
UNDO_WITHIN = timedelta(hours=72)
ASKING = Policy("contact-changes", 10, timedelta(days=1))
LABELS: dict[str, Any] = {Detail.EMAIL: gettext_lazy("E-mail"), Detail.PHONE: gettext_lazy("Phone")}


def channel_of(detail: str) -> Channel:
    return Channel.EMAIL if detail == Detail.EMAIL else Channel.SMS


def held(customer: BranchCustomer, detail: str) -> str:
    """What the branch has now, "" where it has nothing."""
    return getattr(customer, detail) or ""


def free_again(customer_id: int, detail: str) -> datetime | None:
    """When the customer may change it again here; None for now."""
    since = clock.now() - UNDO_WITHIN
    last = ContactChange.objects.filter(
        customer_id=customer_id, detail=detail, state=State.IN_FORCE, in_force_at__gt=since
    ).first()
    return last.undo_until if last is not None else None


def prepare(customer: BranchCustomer, detail: str, value: str) -> Instruction:
    """A draft of the change, to be reviewed and let pass with a code. Raises ChangedLately, TooMany."""
    _refuse_so_soon(customer.user_id, detail)
    ratelimit.consume(ASKING, str(customer.user_id))
    payload = {"about": detail, "old": held(customer, detail), "new": value}
    return instructions.draft(
        customer=customer, kind=KIND, payload=payload, amount=ZERO, fee=ZERO, fee_row_id=None, payee_key=""
    )


def execute(instruction: Instruction, actor: Actor) -> None:
    """The code was given: from now on the new address may prove itself, for an hour. Nothing is changed yet.

    Raises Frozen, ChangedLately, OtherMeanwhile.
    """
    payload, customer = instruction.payload, _locked(instruction.customer_id)
    refuse_if_frozen(customer.user_id)  # whoever stops everything takes the same lock
    detail = payload["about"]
    _refuse_so_soon(customer.user_id, detail)
    if held(customer, detail) != payload["old"]:
        raise errors.OtherMeanwhile()
    give_up_waiting(customer.user_id, detail)
    now = clock.now()
    change = ContactChange(
        id=instruction.id,
        customer_id=customer.user_id,
        detail=detail,
        old=payload["old"],
        new=payload["new"],
        created_at=now,
        prove_until=now + PROVE_WITHIN,
    )
    change.save(force_insert=True)
    _record("contact.asked", change, actor)


def get(customer: BranchCustomer, change_id: uuid.UUID) -> ContactChange:
    """The customer's own change; Http404 otherwise."""
    found = ContactChange.objects.filter(customer_id=customer.user_id, id=change_id).first()
    if found is None:
        raise Http404
    return found


def is_open(change: ContactChange) -> bool:
    """Whether the new address may still prove itself."""
    return change.state == State.WAITING and change.prove_until > clock.now()


def binding(change: ContactChange) -> str:
    return f"contact:{change.id}"


def send_code(customer: BranchCustomer, change: ContactChange, language: str) -> OneTimeCode:
    """Send a code to the new address. Raises ChangeIsOver, TooSoon, TooMany, SwitchedOff."""
    if not is_open(change):
        raise errors.ChangeIsOver()
    codes.refuse_if_too_soon(CONTACT, binding(change))
    return codes.issue(
        purpose=CONTACT,
        customer=customer,
        binding=binding(change),
        language=language,
        wanted=channel_of(change.detail),
        to=change.new,
    )


def prove(change: ContactChange, code: str, actor: Actor) -> ContactChange:
    """The code from the new address puts the change in force, once.

    Raises WrongCode, CodeUsedUp, TooMany, ChangeIsOver, Frozen, OtherMeanwhile or NotForYou; then nothing was changed.
    """
    if not is_open(change):
        raise errors.ChangeIsOver()
    codes.verify(purpose=CONTACT, customer_id=change.customer_id, binding=binding(change), code=code)
    return _put_in_force(change.id, actor)


@money_operation
def _put_in_force(change_id: uuid.UUID, actor: Actor) -> ContactChange:
    change = ContactChange.objects.get(pk=change_id)
    customer = _locked(change.customer_id)
    change = ContactChange.objects.select_for_update().get(pk=change_id)
    if not is_open(change):
        raise errors.ChangeIsOver()
    refuse_if_frozen(customer.user_id)
    if held(customer, change.detail) != change.old:
        raise errors.OtherMeanwhile()
    write(customer, change.detail, change.new)
    now, token = clock.now(), secrets.token_hex(16)  # 32 characters that logs leave out
    change.state, change.in_force_at = State.IN_FORCE, now
    change.undo_until = now + UNDO_WITHIN
    change.undo_digest = digest(token) if change.old else ""
    change.save(update_fields=["state", "in_force_at", "undo_until", "undo_digest"])
    _record("contact.changed", change, actor)
    telling.changed(customer, change, token)
    return change


def write(customer: BranchCustomer, detail: str, value: str) -> None:
    """Into the branch's row, whose lock is held. Raises NotForYou where another customer has it."""
    if _others_have(customer, detail, value):
        raise errors.NotForYou()
    setattr(customer, detail, value)
    try:
        with transaction.atomic():
            customer.save(update_fields=[detail])
    except IntegrityError:
        raise errors.NotForYou() from None
    stamp_updated_at("users", "user_id", customer.user_id, clock.now())
    for user in User.objects.filter(customer_id=customer.user_id):
        user.customer = customer
        knowncontacts.note_told(user)


def _others_have(customer: BranchCustomer, detail: str, value: str) -> bool:
    """Compared here too: the branch writes one number in many ways, and its collations tell fewer letters apart."""
    others = BranchCustomer.objects.exclude(pk=customer.pk)
    if detail == Detail.EMAIL:
        return others.filter(email__iexact=value).exists()
    bare = (international(value) or value).removeprefix("+254")
    spellings = Q(phone_number__in=[value, f"+254{bare}", f"254{bare}", f"0{bare}"])
    return any(same(detail, row.phone_number or "", value) for row in others.filter(spellings))


def give_up_waiting(customer_id: int, detail: str = "") -> int:
    """Close what waits for its proof, of one detail or of both; how many."""
    waiting = ContactChange.objects.filter(customer_id=customer_id, state=State.WAITING)
    return (waiting.filter(detail=detail) if detail else waiting).update(state=State.GIVEN_UP)


def digest(token: str) -> str:
    return crypto.keyed_digest("contact-undo", token)


def _locked(customer_id: int) -> BranchCustomer:
    """The branch's row: one change of a customer's at a time."""
    return BranchCustomer.objects.select_for_update().get(pk=customer_id)


def _refuse_so_soon(customer_id: int, detail: str) -> None:
    until = free_again(customer_id, detail)
    if until is not None:
        raise errors.ChangedLately(until=dates.shown(until.astimezone(clock.NAIROBI), "SHORT_DATETIME_FORMAT"))


def _record(verb: str, change: ContactChange, actor: Actor) -> None:
    data = {"detail": change.detail}
    record(verb, actor=actor, customer_id=change.customer_id, subject=f"contact:{change.id}", data=data)
