"""Transfers between Wekeza accounts: preparing one for review, and doing it once it is confirmed."""

import uuid
from decimal import Decimal

from accounts import instructions, limits
from accounts.freezing.state import refuse_if_frozen
from accounts.ledger import Leg, PostingKind, Receipt, Side, is_same_account, lock_accounts, post
from accounts.limits import Room
from accounts.models import Account, BranchCustomer, Fee, Instruction
from accounts.selectors import AccountSummary
from accounts.telling import Reader, readers
from transfers import checks, errors
from transfers.asking import taking
from transfers.lookups import count_lookup
from transfers.messages import notify_both
from transfers.payees import guarding, kept, newness
from transfers.pricing import internal_fee
from transfers.rules import description
from transfers.selectors import Counter, Payee, find_account, look_up_payee, payee_key, refuse_unless_payable
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.forms import NOTE_LENGTH
from wekeza_portal.money import ZERO, AmountTooSmall, exact, format_kes
from wekeza_portal.staff import switches

FEE_INCOME = "fees.income"


def prepare_transfer(
    customer: BranchCustomer,
    *,
    from_number: str,
    to_number: str,
    amount: Decimal,
    note: str,
    actor: Actor,
    payee: Payee | None = None,
    request_id: uuid.UUID | None = None,
    count: Counter = count_lookup,
) -> Instruction:
    """Check everything a person could get wrong and store a draft to be reviewed. Moves nothing.

    `amount` in KES; `request_id` names the request for money that it answers. The receiver is looked up last: what is
    wrong on the customer's own side costs no look-up; and not at all where `payee` says already who it is. Raises a
    `transfers.errors.TransferRefused`, a `wekeza_portal.money.InvalidAmount` or a
    `wekeza_portal.staff.switches.SwitchedOff` with words for the customer.
    """
    source = possible_source(customer, from_number, to_number, amount=amount, note=note, actor=actor)
    fee_row, room = _terms(customer, to_number)
    fee = fee_row.amount if fee_row else ZERO
    checks.refuse_unless_affordable(source, amount=amount, fee=fee, room=room)
    if payee is None:
        payee = look_up_payee(customer, to_number, count)
    if payee.account_id == source.account_id:
        raise errors.SameAccount()
    if not payee.is_own:
        refuse_if_frozen(customer.user_id)
    kept.refuse_unless_the_same(customer, payee.account_number, payee.key, payee.masked_name)
    kept.refuse_above_own_limit(customer.user_id, payee.key, amount)
    newness.refuse_above_cap(customer, payee.key, amount)
    return _draft(customer, source, payee, amount, note, fee_row, request_id)


def possible_source(
    customer: BranchCustomer, from_number: str, to_number: str, *, amount: Decimal, note: str, actor: Actor
) -> AccountSummary:
    """The paying account of a transfer that some day can be made: all that does not hang on what is there today.

    Raises what `prepare_transfer` raises for the switch, the account, the amount and the note.
    """
    switches.require_on(switches.INTERNAL_TRANSFERS)
    source = checks.own_source(customer, from_number, actor)
    if exact(amount) <= 0:
        raise AmountTooSmall()
    if len(note) > NOTE_LENGTH:
        raise errors.NoteTooLong(limit=NOTE_LENGTH)
    if to_number.upper() == source.number.upper():
        raise errors.SameAccount()
    return source


def _terms(customer: BranchCustomer, to_number: str) -> tuple[Fee | None, Room | None]:
    """The fee row and the limits that apply; neither between a customer's own accounts."""
    target = find_account(to_number)
    if target is not None and target.customer_id == customer.user_id:
        return None, None
    return internal_fee(clock.today()), limits.room(customer)


def _draft(
    customer: BranchCustomer,
    source: AccountSummary,
    payee: Payee,
    amount: Decimal,
    note: str,
    fee_row: Fee | None,
    request_id: uuid.UUID | None,
) -> Instruction:
    return instructions.draft(
        customer=customer,
        kind=kind_of_transfer(payee),
        payload={**payload_of(source, payee, note), **({"request": str(request_id)} if request_id else {})},
        amount=amount,
        fee=fee_row.amount if fee_row else ZERO,
        fee_row_id=fee_row.pk if fee_row else None,
        payee_key=payee.key,
    )


def kind_of_transfer(payee: Payee) -> PostingKind:
    """Between the customer's own accounts, or to somebody else."""
    return PostingKind.TRANSFER_OWN if payee.is_own else PostingKind.TRANSFER_INTERNAL


def payload_of(source: AccountSummary, payee: Payee, note: str) -> dict[str, str]:
    """What an instruction says of the transfer."""
    return {
        "from_account_id": str(source.account_id),
        "from_number": source.number,
        "to_account_id": str(payee.account_id),
        "to_number": payee.account_number,
        "to_name": payee.masked_name,
        "note": note,
    }


def execute_transfer(instruction: Instruction, actor: Actor) -> Receipt:
    """Move the money and write both customers their message, inside the confirming money operation.

    What the review showed is asked again first: the fee, the two accounts, whether the receiver can receive.
    Raises SwitchedOff, FeeChanged, RequestOver, AccountsChanged, BusinessPayee, PayeeUnavailable, AboveOwnLimit, Held,
    NewPayeeCap, or what the ledger refuses with.
    """
    switches.require_on(switches.INTERNAL_TRANSFERS)
    _refuse_if_fee_changed(instruction)
    taking.take(instruction)
    source, target = _the_two_accounts(instruction)
    sender, receiver = _owners_of(source, target)
    _refuse_if_changed(instruction, source, target)
    refuse_unless_payable(target)
    if sender is not None:
        instruction.customer = sender.customer  # the same person, asked for a moment ago
    guarding.take(instruction)
    kind = PostingKind(instruction.kind)
    receipt = post(instruction_id=instruction.id, kind=kind, legs=_legs(instruction), actor=actor)
    notify_both(instruction, receipt, sender=sender, receiver=receiver)
    return receipt


def _refuse_if_fee_changed(instruction: Instruction) -> None:
    if instruction.kind == PostingKind.TRANSFER_OWN:
        return
    now = internal_fee(clock.today())
    if now.amount != instruction.fee:
        raise errors.FeeChanged(fee=format_kes(now.amount))


def _the_two_accounts(instruction: Instruction) -> tuple[Account, Account]:
    """Payer and payee, locked from here on, so that the ledger finds them as they were looked at."""
    ids = [int(instruction.payload[name]) for name in ("from_account_id", "to_account_id")]
    found = lock_accounts(ids)
    if len(found) < len(set(ids)):
        raise errors.AccountsChanged()
    return found[ids[0]], found[ids[1]]


def _owners_of(*accounts: Account) -> list[Reader | None]:
    """Whose they are, each with their language; None where the branch has no such person any more."""
    people = readers({account.customer_id for account in accounts if account.customer_id is not None})
    owners = [people.get(account.customer_id or 0) for account in accounts]
    for account, owner in zip(accounts, owners, strict=True):
        account.customer = owner.customer if owner else None
    return owners


def _refuse_if_changed(instruction: Instruction, source: Account, target: Account) -> None:
    """Both accounts as reviewed. Raises AccountsChanged."""
    payload = instruction.payload
    is_own = target.customer_id == instruction.customer_id
    if (
        not is_same_account(source, payload["from_number"], instruction.customer_id)
        or target.account_number != payload["to_number"]
        or is_own != (instruction.kind == PostingKind.TRANSFER_OWN)
        or (not is_own and payee_key(target) != instruction.payee_key)
    ):
        raise errors.AccountsChanged()


def _legs(instruction: Instruction) -> list[Leg]:
    payload = instruction.payload
    source, target = int(payload["from_account_id"]), int(payload["to_account_id"])
    out = description("Transfer to", payload["to_number"], payload["note"])
    into = description("Transfer from", payload["from_number"], payload["note"])
    legs = [
        Leg(Side.DEBIT, instruction.amount, account_id=source, txn_type="TRANSFER_OUT", description=out),
        Leg(Side.CREDIT, instruction.amount, account_id=target, txn_type="TRANSFER_IN", description=into),
    ]
    if instruction.fee > 0:
        says = "Transfer fee - Online"
        legs += [
            Leg(Side.DEBIT, instruction.fee, account_id=source, txn_type="TRANSFER_FEE", description=says),
            Leg(Side.CREDIT, instruction.fee, internal=FEE_INCOME),
        ]
    return legs
