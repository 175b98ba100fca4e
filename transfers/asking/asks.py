"""The asker's side. Nothing here reads whose the payer's number is."""

import uuid
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.models import BranchCustomer, Limit
from accounts.selectors import accounts_of
from transfers import phones
from transfers.errors import NoteTooLong, TransferRefused
from transfers.models import MoneyRequest
from wekeza_portal import clock, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.forms import NOTE_LENGTH
from wekeza_portal.money import AmountTooSmall, exact, format_kes
from wekeza_portal.ratelimit import Policy
from wekeza_portal.staff import switches

State = MoneyRequest.State

OPEN_FOR = timedelta(days=14)
A_DAY = Policy("money-requests", 10, timedelta(days=1))
SAME_NUMBER = Policy("money-requests-one", 3, OPEN_FOR)
"""How often one number may be asked: taking back and asking again must not become a nuisance."""


class NotYourAccount(TransferRefused):
    code = "not_your_account"
    field = "to_account"
    message = _("Choose one of your own accounts for the money to come to.")


class AskingYourself(TransferRefused):
    code = "asking_yourself"
    field = "payer"
    message = _("This is your own account. Enter the number of the person you are asking.")


class NotByPhone(TransferRefused):
    """A phone number reaches nobody here, whoever's it is: so it is refused by how it is written alone."""

    code = "not_by_phone"
    field = "payer"
    message = _("That is a phone number, and nobody can be asked by it. Enter their Wekeza account number.")


class AskedAlready(TransferRefused):
    code = "asked_already"
    field = "payer"
    message = _("You have asked this number already and it is still open. Take that request back first to ask anew.")


class TooMuchAsked(TransferRefused):
    code = "too_much_asked"
    field = "amount"
    message = _("You can ask for up to %(most)s at once.")


def ask(
    customer: BranchCustomer, *, to_account: str, payer: str, amount: Decimal, note: str, actor: Actor
) -> MoneyRequest:
    """Store a request of `amount` KES to the account number `payer`, whoever's it is.

    Raises SwitchedOff, a TransferRefused that speaks of the asker's own side alone, or TooMany.
    """
    switches.require_on(switches.INTERNAL_TRANSFERS)
    _refuse_odd(customer, to_account, payer, amount, note)
    key = f"{customer.user_id}:{payer.upper()}"
    if _open_one(key) is not None:
        raise AskedAlready()
    ratelimit.consume(A_DAY, str(customer.user_id))
    ratelimit.consume(SAME_NUMBER, key)
    return _store(customer, key, to_account, payer.upper(), amount, note, actor)


def _refuse_odd(customer: BranchCustomer, to_account: str, payer: str, amount: Decimal, note: str) -> None:
    own = accounts_of(customer)
    if to_account not in {account.number for account in own if account.is_active}:
        raise NotYourAccount()
    if phones.is_one(payer):
        raise NotByPhone()
    if payer.upper() in {account.number.upper() for account in own}:
        raise AskingYourself()
    if exact(amount) <= 0:
        raise AmountTooSmall()
    most = limits.value(Limit.Code.PER_REQUEST, tier=customer.kyc_tier, on=clock.today())
    if amount > most:
        raise TooMuchAsked(most=format_kes(most))
    if len(note) > NOTE_LENGTH:
        raise NoteTooLong(limit=NOTE_LENGTH)


def _open_one(key: str) -> MoneyRequest | None:
    return MoneyRequest.objects.filter(open_key=key, expires_at__gt=clock.now()).first()


@transaction.atomic
def _store(
    customer: BranchCustomer, key: str, to_account: str, payer: str, amount: Decimal, note: str, actor: Actor
) -> MoneyRequest:
    BranchCustomer.objects.select_for_update().get(pk=customer.pk)  # two tabs wait for each other
    if _open_one(key) is not None:
        raise AskedAlready()
    MoneyRequest.objects.filter(open_key=key).update(open_key=None)  # it ran out
    now = clock.now()
    request = MoneyRequest(
        asker_id=customer.user_id, to_account=to_account, payer_number=payer, amount=exact(amount), note=note,
        open_key=key, created_at=now, expires_at=now + OPEN_FOR,
    )  # fmt: skip
    request.save(force_insert=True)
    record("money_request.asked", actor=actor, subject=f"money-request:{request.id}", data={"amount": str(amount)})
    return request


@transaction.atomic
def take_back(customer: BranchCustomer, request_id: uuid.UUID, actor: Actor) -> None:
    """The asker no longer wants it. Http404 for another's; nothing happens to one that is over."""
    own = MoneyRequest.objects.select_for_update().filter(asker_id=customer.user_id, id=request_id)
    request = own.first()
    if request is None:
        raise Http404
    if request.state in (State.OPEN, State.DECLINED):
        request.state, request.open_key, request.ended_at = State.CANCELLED, None, clock.now()
        request.save(update_fields=["state", "open_key", "ended_at"])
        record("money_request.taken_back", actor=actor, subject=f"money-request:{request.id}")
