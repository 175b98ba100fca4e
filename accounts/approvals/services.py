"""Draft, send, give up, withdraw: the customer's side of a request to the branch."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts.approvals import messages, papers, queue
from accounts.ledger import money_operation
from accounts.models import ApprovalRequest, AuthorizationItem, BranchCustomer
from wekeza_portal import clock, ratelimit
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO
from wekeza_portal.ratelimit import Policy
from wekeza_portal.registry import approval_executors, request_pages

State = ApprovalRequest.State

DRAFT_LIFE = timedelta(hours=24)
SENDING = Policy("approval-send", 10, timedelta(days=1))
OPEN_STATES = (State.SENT, State.APPROVED)
LISTED = 50
MOST_TYPED = 120
MOST_DRAFTS = 5
QUOTES = str.maketrans(dict.fromkeys('"“”„‟«»＂″', "'"))


class DraftIsGone(PortalError):
    """The reviewed request can't be sent any more."""

    code = "request_gone"
    message = _("This request was given up or has run out. Please fill it in again.")


class AlreadyAsked(PortalError):
    """The same thing waits at the branch already."""

    code = "already_asked"
    message = _("You have asked for this already. Please wait for the branch to decide.")


class DecidedAlready(PortalError):
    """Too late to take it back."""

    code = "decided_already"
    message = _("This can't be withdrawn any more: the branch has decided. Nothing was changed by you.")


def draft(
    *,
    customer: BranchCustomer,
    kind: str,
    transaction_type: str,
    payload: dict[str, Any],
    amount: Decimal = ZERO,
    reference_id: str = "",
    instruction_id: uuid.UUID | None = None,
) -> ApprovalRequest:
    """Store what the review page shows. Nothing has reached the branch yet. LookupError for an unknown kind.

    What a draft says never changes, so that whatever was reviewed is what is sent; see `replace`.
    At most five drafts are open at a time: a further one takes the place of the oldest.
    """
    approval_executors.get(kind)
    if transaction_type not in queue.TYPES:
        raise ValueError(f"the portal does not queue {transaction_type}")
    now = clock.now()
    with transaction.atomic():
        BranchCustomer.objects.select_for_update().get(pk=customer.pk)  # two tabs count each other's
        _give_up_the_oldest(customer)
        return ApprovalRequest.objects.create(
            customer=customer,
            kind=kind,
            transaction_type=transaction_type,
            payload=payload,
            amount=amount,
            reference_id=reference_id,
            instruction_id=instruction_id,
            created_at=now,
            expires_at=now + DRAFT_LIFE,
        )


def _give_up_the_oldest(customer: BranchCustomer) -> None:
    """Nobody fills in more than a few things at once: of those not sent, the latest are kept, with the one to come."""
    open_ones = ApprovalRequest.objects.filter(customer=customer, state=State.DRAFT).order_by("-created_at", "-id")
    for old in open_ones[MOST_DRAFTS - 1 :]:
        cancel(customer=customer, request_id=old.id, actor=system("approvals"))


def replace(
    *, customer: BranchCustomer, request_id: uuid.UUID, payload: dict[str, Any], actor: Actor
) -> ApprovalRequest:
    """A new draft in place of one that was not sent yet: its papers go along, the old one is given up.

    Http404 for another's, DraftIsGone for one that was sent, given up or has run out.
    """
    with transaction.atomic():
        BranchCustomer.objects.select_for_update().get(pk=customer.pk)  # in the order in which sending locks
        old = ApprovalRequest.objects.select_for_update().filter(customer=customer, id=request_id).first()
        if old is None:
            raise Http404
        if not is_open_draft(old):
            raise DraftIsGone()
        old.state = State.CANCELLED
        old.save(update_fields=["state"])
        new = draft(
            customer=customer,
            kind=old.kind,
            transaction_type=old.transaction_type,
            payload=payload,
            amount=old.amount,
            reference_id=old.reference_id,
            instruction_id=old.instruction_id,
        )
        papers.move(old, new, actor)
    return new


def is_open_draft(request: ApprovalRequest) -> bool:
    """Whether it can still be sent."""
    return request.state == State.DRAFT and request.expires_at > clock.now()


def get(customer: BranchCustomer, request_id: uuid.UUID) -> ApprovalRequest:
    """The customer's own request; Http404 otherwise."""
    found = ApprovalRequest.objects.filter(customer=customer, id=request_id).first()
    if found is None:
        raise Http404
    found.customer = customer
    return found


def sent_by(customer: BranchCustomer) -> list[ApprovalRequest]:
    """The customer's requests that reached the branch, newest first."""
    own = ApprovalRequest.objects.filter(customer=customer, sent_at__isnull=False)
    return list(own.order_by("-sent_at", "-created_at")[:LISTED])


def drafts_of(customer: BranchCustomer) -> list[ApprovalRequest]:
    """What was filled in, not sent and can still be sent, newest first."""
    own = ApprovalRequest.objects.filter(customer=customer, state=State.DRAFT, expires_at__gt=clock.now())
    return list(own.order_by("-created_at")[:LISTED])


def send(
    *,
    customer: BranchCustomer,
    request_id: uuid.UUID,
    data: Mapping[str, Any],
    description: str,
    actor: Actor,
    typed: str = "",
) -> ApprovalRequest:
    """Put the reviewed draft into the branch's queue, once: sending it again returns the same request.

    `data` and `description` are what staff see; where papers go with it they also say how many. What the customer
    wrote goes into `typed` alone: it is shown last and in quotes, so that it can't pass for words of the portal's.
    Raises DraftIsGone, AlreadyAsked, TooMany.
    """
    request = get(customer, request_id)
    if request.state == State.DRAFT:
        ratelimit.consume(SENDING, str(customer.user_id))
    return _send(customer, request_id, data, description, typed, actor)


@money_operation
def _send(
    customer: BranchCustomer, request_id: uuid.UUID, data: Mapping[str, Any], description: str, typed: str, actor: Actor
) -> ApprovalRequest:
    # The customer's row is locked so that two drafts of the same thing can't both pass the question below.
    BranchCustomer.objects.select_for_update().get(pk=customer.pk)
    request = ApprovalRequest.objects.select_for_update().get(customer=customer, id=request_id)
    request.customer = customer
    if request.sent_at is not None:
        return request
    if not is_open_draft(request):
        raise DraftIsGone()
    if waits_already(customer, request.kind, request.payload.get("about")):
        raise AlreadyAsked()
    if count := papers.hand_in(request):
        data = {**data, "reference": str(request.id), "papers": count}
        description = f"{description} Papers in the portal: {count}."
    if typed:
        description = f"{description} The customer wrote: {quoted(typed)}"
    item = queue.Item(request.transaction_type, data, description, request.amount, request.reference_id)
    row = queue.write(customer, item)
    request.queue_id, request.reference_id = row.queue_id, row.reference_id
    request.state, request.decision, request.sent_at = State.SENT, row.status, clock.now()
    request.save(update_fields=["queue_id", "reference_id", "state", "decision", "sent_at"])
    facts = {"kind": request.kind, "queue": row.queue_id, "type": row.transaction_type, "amount": str(row.amount)}
    record("approval.sent", actor=actor, customer_id=customer.user_id, subject=f"request:{request.id}", data=facts)
    messages.tell_sent(request)
    return request


def quoted(typed: str) -> str:
    """A customer's words among the portal's: one line, printable, of bearable length, ending where the quotes end."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in typed).split())
    plain = line.translate(QUOTES)
    return f'"{plain[:MOST_TYPED]}{"…" if len(plain) > MOST_TYPED else ""}"'


def waits_already(customer: BranchCustomer, kind: str, about: Any) -> bool:
    """Whether the same kind about the same thing (`about` in the payload) was sent and is not done or refused yet."""
    others = ApprovalRequest.objects.filter(customer=customer, kind=kind, state__in=OPEN_STATES)
    return any(other.payload.get("about") == about for other in others)


def cancel(*, customer: BranchCustomer, request_id: uuid.UUID, actor: Actor) -> None:
    """Give up a draft and its papers. What has been sent is withdrawn instead."""
    with transaction.atomic():
        own = ApprovalRequest.objects.select_for_update().filter(customer=customer, id=request_id, state=State.DRAFT)
        request = own.first()
        if request is None:
            return
        request.state = State.CANCELLED
        request.save(update_fields=["state"])
        papers.give_up(request, actor)


@money_operation
def withdraw(*, customer: BranchCustomer, request_id: uuid.UUID, actor: Actor) -> None:
    """Take back what was sent and not decided, once. The branch's row stays as it is: only the branch writes there.

    What the branch decides afterwards is noted and never applied. Raises DecidedAlready, also for kinds that can't be
    withdrawn.
    """
    request = ApprovalRequest.objects.select_for_update().filter(customer=customer, id=request_id).first()
    if request is None:
        raise Http404
    if request.state == State.CANCELLED:
        return
    if not can_be_withdrawn(request):
        raise DecidedAlready()
    item = AuthorizationItem.objects.select_for_update().filter(queue_id=request.queue_id).first()
    if item is not None and item.status != AuthorizationItem.Status.PENDING:
        raise DecidedAlready()
    request.state = State.CANCELLED
    request.save(update_fields=["state"])
    facts = {"kind": request.kind, "queue": request.queue_id}
    record("approval.withdrawn", actor=actor, customer_id=customer.user_id, subject=f"request:{request.id}", data=facts)
    request.customer = customer
    messages.tell_withdrawn(request)


def take_back_guarded(customer_id: int, actor: Actor) -> int:
    """Take back what a customer asked for that lets others at their money and is not decided, in the caller's
    transaction, as somebody may have asked who is to be kept out; how many."""
    rows = ApprovalRequest.objects.select_for_update().filter(customer_id=customer_id, state=State.SENT)
    ours = [row for row in rows if row.kind in request_pages]
    guarded = [row for row in ours if request_pages.get(row.kind).is_guarded and can_be_withdrawn(row)]
    for request in guarded:
        request.state = State.CANCELLED
        request.save(update_fields=["state"])
        facts = {"kind": request.kind, "queue": request.queue_id}
        record("approval.withdrawn", actor=actor, customer_id=customer_id, subject=f"request:{request.id}", data=facts)
    return len(guarded)


def can_be_withdrawn(request: ApprovalRequest) -> bool:
    """Whether a page may offer it; the branch may still be faster."""
    return request.state == State.SENT and request_pages.get(request.kind).can_be_withdrawn
