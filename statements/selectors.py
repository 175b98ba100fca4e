"""What the pages of View show beyond the rows themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from accounts.models import BranchCustomer, Instruction, Posting, PostingLeg
from accounts.movements import Movement
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
    counterparties: list[Counterparty]


def by_day(movements: Sequence[Movement]) -> list[tuple[date | None, list[Movement]]]:
    """Movements in their order, under the Nairobi day they were written; None for rows without a date."""
    return [(day, list(rows)) for day, rows in groupby(movements, key=_day_of)]


def _day_of(movement: Movement) -> date | None:
    return movement.at.date() if movement.at else None


def origin_of(customer: BranchCustomer, movement: Movement) -> Origin | None:
    """What our journal knows of one of the customer's own movements; None when the branch wrote it."""
    leg = PostingLeg.objects.select_related("posting").filter(transaction_id=movement.row_id).first()
    if leg is None:
        return None
    instruction = Instruction.objects.filter(pk=leg.posting.instruction_id, customer_id=customer.user_id)
    is_ours = instruction.exists()
    return Origin(
        reference=leg.posting.reference,
        receipt_id=leg.posting.instruction_id if is_ours else None,
        counterparties=_counterparties(customer, leg.posting, leg.account_id),
    )


def _counterparties(customer: BranchCustomer, posting: Posting, account_id: int | None) -> list[Counterparty]:
    legs = posting.legs.filter(account__isnull=False).select_related("account__customer").order_by("position")
    others: dict[str, Counterparty] = {}
    for leg in legs:
        account = leg.account
        if account is None or account.account_id == account_id:
            continue
        is_own = account.customer_id == customer.user_id
        name = masked_name(account.customer.full_name) if account.customer else ""
        others[account.account_number] = Counterparty(name, account.account_number, is_own)
    return list(others.values())
