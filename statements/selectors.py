"""What the pages of View show beyond the rows themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from accounts.models import BranchCustomer, Posting, PostingLeg
from accounts.movements import Movement
from statements.tracing import Behind, traces_of
from transfers.rules import masked_name


@dataclass(frozen=True, slots=True)
class Counterparty:
    """The other side of a payment the portal made, as a stranger may see it."""

    name: str
    account_number: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a movement comes from when the portal made it. `receipt_id` only for the one who paid."""

    reference: str
    receipt_id: UUID | None
    again_url: str
    """Where the same payment is filled in again; "" where there is none."""
    receipt_url: str
    """The receipt of money that came in; "" for everything else."""
    state: Any
    counterparties: list[Counterparty]


def by_day(movements: Sequence[Movement]) -> list[tuple[date | None, list[Movement]]]:
    """Movements in their order, under the Nairobi day they were written; None for rows without a date."""
    return [(day, list(rows)) for day, rows in groupby(movements, key=_day_of)]


def _day_of(movement: Movement) -> date | None:
    return movement.at.date() if movement.at else None


def origin_of(customer: BranchCustomer, movement: Movement) -> Origin | None:
    """What our journal knows of one of the customer's own movements; None when the branch wrote it."""
    together = PostingLeg.objects.filter(posting__legs__transaction_id=movement.row_id).order_by("position")
    postings = ("posting__reverses", "posting__reversed_by", "account__customer")
    legs = list(together.select_related(*postings))
    own = next((leg for leg in legs if leg.transaction_id == movement.row_id), None)
    if own is None:
        return None
    trace = traces_of(customer, [_behind(movement, own.posting)])[movement.row_id]
    return Origin(
        reference=own.posting.reference,
        receipt_id=trace.payment_id,
        again_url=trace.again_url,
        receipt_url=trace.receipt_url,
        state=trace.state,
        counterparties=_counterparties(customer, legs, own.account_id),
    )


def _behind(movement: Movement, posting: Posting) -> Behind:
    gave_back = posting.reverses.instruction_id if posting.reverses else None
    reversed_by = getattr(posting, "reversed_by", None)
    return Behind(movement.row_id, posting.instruction_id, gave_back, reversed_by.pk if reversed_by else None)


def _counterparties(customer: BranchCustomer, legs: Sequence[PostingLeg], account_id: int | None) -> list[Counterparty]:
    others: dict[str, Counterparty] = {}
    for leg in legs:
        account = leg.account
        if account is None or account.account_id == account_id:
            continue
        is_own = account.customer_id == customer.user_id
        name = masked_name(account.customer.full_name) if account.customer else ""
        others[account.account_number] = Counterparty(name, account.account_number, is_own)
    return list(others.values())
