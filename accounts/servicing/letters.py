"""Letters that the portal makes at once out of its own data: what an account is, and what is booked on it.

A letter that costs something goes the way of every payment: draft, review, confirm, receipt. The fee is taken and the
letter written in one transaction, so there is never one without the other. A free one is written when it is asked for;
the same facts for the same reader on the same day are the same letter.
"""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import Http404

from accounts import instructions
from accounts.freezing.state import refuse_if_frozen
from accounts.identity.links import fingerprint
from accounts.ledger import Leg, Receipt, Side, lock_accounts, post
from accounts.models import Account, AccountTerms, BankLetter, BranchCustomer, Fee, Instruction
from accounts.selectors import account_for, kind_of
from accounts.servicing import errors, telling
from accounts.servicing.pricing import Price, price_of
from wekeza_portal import clock, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.money import ZERO, format_kes
from wekeza_portal.staff import switches

KIND = "BANK_LETTER"
WORD = "LETTER_FEE_OUT"
FEE_INCOME, EXCISE = "fees.income", "tax.excise"
FEES = {BankLetter.Kind.ACCOUNT: Fee.Code.ACCOUNT_LETTER, BankLetter.Kind.BALANCE: Fee.Code.BALANCE_LETTER}
FREE_LETTERS = ratelimit.Policy("free-letters", 20, timedelta(days=1))
PAID_LETTERS = ratelimit.Policy("paid-letters", 5, timedelta(days=1))
"""Drafts of one customer's: no code is asked for a fee, so nobody runs them up."""
LISTED = 20


def price(kind: str) -> Price:
    """KES for a letter of this kind, by the figures of today. Raises NoPrice."""
    return price_of(FEES[BankLetter.Kind(kind)], clock.today())


def prepare(customer: BranchCustomer, kind: str, *, account: str, addressee: str, pay_from: str) -> Instruction:
    """A draft of paying for a letter. Raises SwitchedOff, Frozen, NoPrice, BalanceUnknown, TooMany, MayOnlyLook,
    Http404 for accounts that are not the customer's. ValueError where it is free: then there is nothing to pay."""
    switches.require_on(switches.SERVICES)
    cost = price(kind)
    if cost.is_free:
        raise ValueError("a free letter is written, not paid for")
    refuse_if_frozen(customer.user_id)
    told, payer = account_for(customer, account), account_for(customer, pay_from)
    if kind == BankLetter.Kind.BALANCE and not told.has_balance:
        raise errors.BalanceUnknown()
    ratelimit.consume(PAID_LETTERS, str(customer.user_id))
    payload = {
        "letter": kind,
        "about_account_id": str(told.account_id),
        "about_number": told.number,
        "addressee": addressee,
        "from_account_id": str(payer.account_id),
        "from_number": payer.number,
        "excise": str(cost.excise),
    }
    return instructions.draft(
        customer=customer,
        kind=KIND,
        payload=payload,
        amount=cost.amount,
        fee=ZERO,
        fee_row_id=cost.row_id,
        payee_key="",
    )


def execute(instruction: Instruction, actor: Actor) -> Receipt:
    """Take the fee and write the letter, in one transaction. Raises SwitchedOff, Frozen, NoPrice, PriceChanged,
    AccountGone, BalanceUnknown, or what the ledger refuses with."""
    switches.require_on(switches.SERVICES)
    payload, cost = instruction.payload, price(instruction.payload["letter"])
    if (cost.amount, str(cost.excise)) != (instruction.amount, payload["excise"]):
        raise errors.PriceChanged(fee=format_kes(cost.amount))
    _lock(instruction)
    refuse_if_frozen(instruction.customer_id)  # after the lock, which a stop takes too
    receipt = post(instruction_id=instruction.id, kind=KIND, legs=_legs(instruction), actor=actor)
    about = Account.objects.select_related("terms").get(pk=int(payload["about_account_id"]))
    letter = _letter(instruction.customer, about, payload["letter"], payload["addressee"])
    letter.id, letter.reference, letter.made_at = instruction.id, receipt.reference, receipt.posted_at
    letter.fee, letter.excise = instruction.amount, Decimal(payload["excise"])
    _write(letter, instruction.customer, actor)
    return receipt


def write_free(customer: BranchCustomer, kind: str, *, account: str, addressee: str, actor: Actor) -> BankLetter:
    """Write a letter that costs nothing. Raises SwitchedOff, NoPrice, PriceChanged where it costs something by now,
    BalanceUnknown, TooMany, Http404 for an account that is not the customer's."""
    switches.require_on(switches.SERVICES)
    cost = price(kind)
    if not cost.is_free:
        raise errors.PriceChanged(fee=format_kes(cost.amount))
    told = account_for(customer, account)
    ratelimit.consume(FREE_LETTERS, str(customer.user_id))
    with transaction.atomic():
        BranchCustomer.objects.select_for_update().get(pk=customer.pk)  # two presses at once write one letter
        row = Account.objects.select_related("terms").get(pk=told.account_id)
        letter = _letter(customer, row, kind, addressee)
        same = _same(letter)
        if same is not None:
            return same
        _write(letter, customer, actor)
    return letter


def letters_of(customer: BranchCustomer) -> list[BankLetter]:
    """The customer's letters, newest first."""
    own = BankLetter.objects.filter(customer_id=customer.user_id, fingerprint=fingerprint(customer))
    return list(own.order_by("-made_at", "id")[:LISTED])


def letter_for(customer: BranchCustomer, letter_id: uuid.UUID) -> BankLetter:
    """One of them; Http404 for anybody else's and none."""
    own = BankLetter.objects.filter(customer_id=customer.user_id, fingerprint=fingerprint(customer))
    found = own.filter(pk=letter_id).first()
    if found is None:
        raise Http404
    return found


def _lock(instruction: Instruction) -> None:
    """Both accounts as reviewed, locked in the ledger's order: scripts drop and reuse ids. Raises AccountGone."""
    payload = instruction.payload
    wanted = {
        int(payload["about_account_id"]): payload["about_number"],
        int(payload["from_account_id"]): payload["from_number"],
    }
    rows = lock_accounts(sorted(wanted))
    for account_id, number in wanted.items():
        row = rows.get(account_id)
        if row is None or row.account_number != number or row.customer_id != instruction.customer_id or row.business_id:
            raise errors.AccountGone()


def _legs(instruction: Instruction) -> list[Leg]:
    payload, excise = instruction.payload, Decimal(instruction.payload["excise"])
    paying = int(payload["from_account_id"])
    legs = [
        Leg(Side.DEBIT, instruction.amount, paying, txn_type=WORD, description="Letter from the bank - Online"),
    ]
    if instruction.amount > excise:
        legs.append(Leg(Side.CREDIT, instruction.amount - excise, internal=FEE_INCOME))
    if excise > 0:
        legs.append(Leg(Side.CREDIT, excise, internal=EXCISE))
    return legs


def _letter(customer: BranchCustomer, row: Account, kind: str, addressee: str) -> BankLetter:
    """All that it says, as the tables stand now. Raises BalanceUnknown."""
    if kind == BankLetter.Kind.BALANCE and (row.balance is None or (row.currency or "KES") != "KES"):
        raise errors.BalanceUnknown()
    return BankLetter(
        customer_id=customer.user_id,
        fingerprint=fingerprint(customer),
        kind=kind,
        account_number=row.account_number,
        account_kind=kind_of(row) or AccountTerms.Kind.SAVINGS,
        account_status=row.status,
        opened_on=row.created_at.astimezone(clock.NAIROBI).date() if row.created_at else None,
        holder=customer.full_name,
        national_id=customer.national_id or "",
        addressee=addressee,
        balance=row.balance if kind == BankLetter.Kind.BALANCE else None,
        fee=ZERO,
        excise=ZERO,
        made_at=clock.now(),
    )


_SAID = (
    "customer_id", "fingerprint", "kind", "account_number", "account_kind", "account_status", "opened_on", "holder",
    "national_id", "addressee", "balance",
)  # fmt: skip


def _same(letter: BankLetter) -> BankLetter | None:
    """The letter of today that says the very same."""
    said: dict[str, Any] = {name: getattr(letter, name) for name in _SAID}
    today = letter.made_at.astimezone(clock.NAIROBI).replace(hour=0, minute=0, second=0, microsecond=0)
    return BankLetter.objects.filter(**said, reference="", made_at__gte=today).first()


def _write(letter: BankLetter, customer: BranchCustomer, actor: Actor) -> None:
    letter.save(force_insert=True)
    facts = {"kind": letter.kind, "account": letter.account_number, "reference": letter.reference}
    telling.made(letter, customer)
    record("letter.made", actor=actor, customer_id=letter.customer_id, subject=f"letter:{letter.pk}", data=facts)
