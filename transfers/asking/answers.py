"""The payer's side: pay, decline, hear no more from somebody."""

import uuid

from django.db import transaction
from django.http import Http404

from accounts.models import BranchCustomer, Instruction
from transfers.asking.taking import RequestOver
from transfers.models import BlockedAsker, MoneyRequest
from transfers.services import prepare_transfer
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record

State = MoneyRequest.State


def get(customer: BranchCustomer, request_id: uuid.UUID) -> MoneyRequest:
    """A request this customer was asked; Http404 otherwise."""
    found = MoneyRequest.objects.filter(payer_id=customer.user_id, id=request_id).first()
    if found is None:
        raise Http404
    return found


def is_open(request: MoneyRequest) -> bool:
    """Whether it can still be answered."""
    return request.state == State.OPEN and request.expires_at > clock.now()


def prepare(customer: BranchCustomer, request: MoneyRequest, *, from_number: str, actor: Actor) -> Instruction:
    """The ordinary draft of a transfer with what was asked for; paying it ends the request, once.

    Raises RequestOver, or whatever `prepare_transfer` refuses with.
    """
    if not is_open(request):
        raise RequestOver()
    return prepare_transfer(
        customer,
        from_number=from_number,
        to_number=request.to_account,
        amount=request.amount,
        note=request.note,
        actor=actor,
        request_id=request.id,
    )


@transaction.atomic
def decline(customer: BranchCustomer, request_id: uuid.UUID, actor: Actor) -> None:
    """Say no. To the asker it goes on looking open until it runs out. Nothing happens to one that is over."""
    request = _locked(customer, request_id)
    if request.state == State.OPEN:
        _end(request)
        record("money_request.declined", actor=actor, subject=f"money-request:{request.id}")


@transaction.atomic
def block(customer: BranchCustomer, request_id: uuid.UUID, actor: Actor) -> None:
    """Decline all that is open from this asker, and be told of no more."""
    request = _locked(customer, request_id)
    blocked = BlockedAsker(customer_id=customer.user_id, asker_id=request.asker_id, created_at=clock.now())
    BlockedAsker.objects.bulk_create([blocked], ignore_conflicts=True)
    theirs = MoneyRequest.objects.select_for_update().filter(payer_id=customer.user_id, asker_id=request.asker_id)
    for one in theirs.filter(state=State.OPEN).order_by("id"):
        _end(one)
    record("money_request.blocked", actor=actor, subject=f"money-request:{request.id}")


@transaction.atomic
def unblock(customer: BranchCustomer, blocked_id: uuid.UUID, actor: Actor) -> None:
    """Let somebody ask again. Http404 for what is not the customer's own."""
    deleted, _by_table = BlockedAsker.objects.filter(customer_id=customer.user_id, id=blocked_id).delete()
    if not deleted:
        raise Http404
    record("money_request.unblocked", actor=actor, subject=f"blocked-asker:{blocked_id}")


def _locked(customer: BranchCustomer, request_id: uuid.UUID) -> MoneyRequest:
    own = MoneyRequest.objects.select_for_update().filter(payer_id=customer.user_id, id=request_id)
    request = own.first()
    if request is None:
        raise Http404
    return request


def _end(request: MoneyRequest) -> None:
    request.state, request.ended_at = State.DECLINED, clock.now()
    request.save(update_fields=["state", "ended_at"])
