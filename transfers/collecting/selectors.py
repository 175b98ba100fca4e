"""What the pages of deposits show. Every query is scoped to the signed-in customer."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.http import Http404

from accounts import instructions
from accounts.books.proving import refuse_unless_as_posted
from accounts.ledger import receipt_of
from accounts.models import BranchCustomer, Instruction, Posting
from transfers.collecting.crediting import sender_of
from transfers.collecting.kinds import ASK
from transfers.collecting.reasons import reason
from transfers.models import Deposit, Incoming
from transfers.outside.reasons import Reason
from wekeza_portal import clock

PROMPT_LIVES = timedelta(seconds=90)
"""After that no phone shows the prompt any more (source: Safaricom, about a minute)."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a deposit stands for its customer: `name` is asked, prompted, unknown, staff, refused or received."""

    name: str
    deposit: Deposit
    why: Reason | None = None
    received: Incoming | None = None

    @property
    def is_open(self) -> bool:
        return self.name in ("asked", "prompted", "unknown", "staff")


@dataclass(frozen=True, slots=True)
class ReceivedPaper:
    """What the receipt of money that came in says. Amounts in KES; `amount` is what M-Pesa paid, fee included."""

    reference: str
    posted_at: datetime
    account_number: str
    sender: str
    receipt: str
    amount: Decimal
    fee: Decimal
    excise: Decimal
    credited: Decimal
    balance_after: Decimal | None


def draft_of(customer: BranchCustomer, instruction_id: uuid.UUID) -> Instruction:
    """The customer's own deposit as it was asked for; Http404 otherwise."""
    instruction = instructions.get(customer, instruction_id)
    if instruction.kind != ASK:
        raise Http404
    return instruction


def deposit_of(customer: BranchCustomer, deposit_id: uuid.UUID) -> Deposit:
    """The customer's own confirmed deposit; Http404 otherwise."""
    found = Deposit.objects.filter(pk=deposit_id, customer_id=customer.user_id).first()
    if found is None:
        raise Http404
    return found


def stage_of(deposit: Deposit) -> Stage:
    """Where it stands now."""
    State = Deposit.State
    if deposit.state == State.RECEIVED:
        states = (Incoming.State.CREDITED, Incoming.State.MATCHED)
        received = deposit.incoming.filter(customer_id=deposit.customer_id, state__in=states).first()
        return Stage("received", deposit, received=received)
    if deposit.state == State.REFUSED:
        return Stage("refused", deposit, why=reason(deposit.reason))
    if deposit.with_staff_since is not None:
        return Stage("staff", deposit)
    if deposit.state == State.ASKED:
        return Stage("asked", deposit)
    since = deposit.sent_at or deposit.asked_at
    is_fresh = clock.now() < since + PROMPT_LIVES
    return Stage("prompted" if is_fresh and deposit.state != State.UNKNOWN else "unknown", deposit)


def received_of(customer: BranchCustomer, incoming_id: uuid.UUID) -> Incoming:
    """Money that came onto the customer's own account; Http404 otherwise, while it is nobody's too."""
    found = Incoming.objects.filter(pk=incoming_id, customer_id=customer.user_id, instruction_id__isnull=False).first()
    if found is None:
        raise Http404
    return found


def paper_of(row: Incoming) -> ReceivedPaper:
    """The receipt, from what was posted. Raises NotAsPosted where the tables no longer say that."""
    posting = Posting.objects.filter(instruction_id=row.instruction_id).first() if row.instruction_id else None
    if posting is None:
        raise Http404
    refuse_unless_as_posted(posting)
    receipt = receipt_of(posting)
    leg = next(leg for leg in receipt.legs if leg.account_id is not None)
    return ReceivedPaper(
        reference=receipt.reference,
        posted_at=receipt.posted_at,
        account_number=row.account_number,
        sender=sender_of(row),
        receipt=row.receipt or "",
        amount=row.amount,
        fee=row.fee,
        excise=row.excise,
        credited=leg.amount,
        balance_after=leg.balance_after,
    )
