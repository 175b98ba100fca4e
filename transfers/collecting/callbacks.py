"""What M-Pesa reports of money that came in: prompts answered, payments to the paybill, and money given back.

A prompt's result names M-Pesa's own id of it; a payment to the paybill names what the payer typed. Where the answer to
a prompt was lost, its id with it, the phone and the amount of the result have to say whose it is.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.ledger import money_operation
from accounts.models import Account
from transfers.collecting import crediting, returning, working
from transfers.collecting.crediting import Word
from transfers.collecting.preparing import OFF_CODES
from transfers.models import Deposit, Incoming
from transfers.selectors import find_account
from wekeza_portal import clock
from wekeza_portal.rails import mpesa_messages
from wekeza_portal.rails.base import Report, Status
from wekeza_portal.rails.mpesa_messages import Paid
from wekeza_portal.rails.reading import read
from wekeza_portal.registry import CallbackHandler, CallbackIgnored, callback_handlers
from wekeza_portal.staff import switches

State = Deposit.State
LOST_FOR = timedelta(hours=1)
"""For how long a prompt whose answer was lost may still be reported."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a prompt; `phone` is who paid, "" where nobody did."""

    report: Report
    phone: str


def register() -> None:
    """Once, when the apps are ready."""
    for name, parse, handle, answer in (
        ("mpesa.stk", _read_prompt, note_prompt, None),
        ("mpesa.confirmation", _read_paid, note_paid, lambda body: {"ResultCode": 0, "ResultDesc": "Success"}),
        ("mpesa.validation", _read_paid, note_validation, validate),
        ("mpesa.reversal", _read_reversal, note_reversal, None),
    ):
        rest = {} if answer is None else {"answer": answer}
        callback_handlers.register(name, CallbackHandler(parse, handle, operation=money_operation, **rest))


def _read_prompt(body: bytes, headers: Mapping[str, str]) -> Answered:
    message = read(body)
    report = mpesa_messages.prompt_result(message)
    metadata = message["Body"]["stkCallback"].get("CallbackMetadata") or {}
    return Answered(report, str(mpesa_messages.pairs(metadata.get("Item"), "Name").get("PhoneNumber") or ""))


def _read_paid(body: bytes, headers: Mapping[str, str]) -> Paid:
    return mpesa_messages.paid_in(read(body))


def _read_reversal(body: bytes, headers: Mapping[str, str]) -> Report:
    return mpesa_messages.reversal_result(read(body))


def note_prompt(said: Answered) -> str:
    """Note the result of a prompt; a remark for staff. Raises CallbackIgnored for what is not ours."""
    with _once():
        outcome = said.report.outcome
        deposit = _prompted(said)
        if deposit is not None:
            working.note(deposit, outcome, asked=False)
            return f"{outcome.status.value} {deposit.reference}"
        if outcome.status is not Status.PAID:
            raise CallbackIgnored("no prompt of ours by this id", look_again=True)
        if not outcome.receipt or outcome.amount is None:
            raise CallbackIgnored("paid at no prompt of ours, without receipt or amount", look_again=True)
        if (known := crediting.known(outcome.receipt)) is not None:
            return f"known {known.reference}"
        word = Word(Incoming.Way.PROMPT, outcome.amount, outcome.receipt, phone=said.phone[:64])
        return f"in suspense {crediting.take_in(word, crediting.Target(why='prompt')).reference}"


def _prompted(said: Answered) -> Deposit | None:
    """The deposit of this prompt, locked: by M-Pesa's id, or else the only one whose id was lost and that fits."""
    rows = Deposit.objects.select_for_update()
    found = rows.filter(checkout=said.report.outcome.rail_ids["checkout"]).first()
    amount = said.report.outcome.amount
    if found is not None or said.report.outcome.status is not Status.PAID or amount is None:
        return found
    lost = rows.filter(
        checkout__isnull=True,
        msisdn=said.phone,
        amount=amount,
        sent_at__gt=clock.now() - LOST_FOR,
        incoming__isnull=True,
    )
    fitting = list(lost[:2])
    if any(row.state == State.SENDING for row in fitting):
        raise CallbackIgnored("its prompt is being sent at this moment", look_again=True)
    if len(fitting) != 1:
        return None
    fitting[0].checkout = said.report.outcome.rail_ids["checkout"]
    fitting[0].save(update_fields=["checkout"])
    return fitting[0]


def note_paid(paid: Paid) -> str:
    """Note money that was paid to the paybill: onto the account that was typed, for the deposit whose reference it is,
    or into suspense. Raises CallbackIgnored for another paybill."""
    if paid.short_code != settings.MPESA_SHORTCODE:
        raise CallbackIgnored(f"paid to {paid.short_code}, which is not our paybill")
    with _once():
        word = Word(
            Incoming.Way.PAYBILL, paid.amount, paid.receipt, paid.payer, paid.masked_phone, paid.account, paid.at
        )
        deposit = _deposit_of(paid.account, lock=True)
        if deposit is not None:
            return crediting.for_deposit(deposit, word)
        same = crediting.known(paid.receipt)
        if same is not None:
            return f"known {same.reference}"
        row = crediting.take_in(word, crediting.target_at(_account_of(paid.account)))
        return f"{row.state} {row.reference}"


def _deposit_of(typed: str, *, lock: bool = False) -> Deposit | None:
    """The deposit whose reference a phone shows as its account: 12 characters, with dashes or without."""
    text = typed.replace("-", "")
    if len(text) != 12:
        return None
    rows = Deposit.objects.select_for_update() if lock else Deposit.objects.all()
    return rows.filter(reference=f"{text[:4]}-{text[4:8]}-{text[8:]}").first()


def _account_of(typed: str) -> Account | None:
    account = find_account(typed) if typed else None
    return account if account is not None and account.business_id is None else None


def note_validation(paid: Paid) -> str:
    """Asked before it is paid: answered at once, and nothing is booked."""
    return f"asked about {paid.account}"


def validate(body: bytes) -> dict[str, Any]:
    """Whether M-Pesa may take this money for us; what can't be read is not ours to take."""
    try:
        paid = mpesa_messages.paid_in(read(body))
    except (ValueError, LookupError, TypeError, AttributeError):
        return _rejected("C2B00016")
    if paid.short_code != settings.MPESA_SHORTCODE:
        return _rejected("C2B00015")
    if switches.off_rows(OFF_CODES):
        return _rejected("C2B00016")
    deposit = _deposit_of(paid.account)
    if deposit is not None:
        fits = deposit.is_open and paid.amount == deposit.amount
        return {"ResultCode": "0", "ResultDesc": "Accepted"} if fits else _rejected("C2B00012")
    account = _account_of(paid.account)
    is_open = account is not None and account.status == Account.Status.ACTIVE and account.customer_id is not None
    return {"ResultCode": "0", "ResultDesc": "Accepted"} if is_open else _rejected("C2B00012")


def _rejected(code: str) -> dict[str, Any]:
    return {"ResultCode": code, "ResultDesc": "Rejected"}


def note_reversal(report: Report) -> str:
    """Note what became of money that M-Pesa was asked to give back. Raises CallbackIgnored for what is not ours."""
    row = Incoming.objects.filter(pk=report.order_id).first() if isinstance(report.order_id, UUID) else None
    if row is None:
        raise CallbackIgnored("no money of ours by this id", look_again=True)
    returning.note(row, report.outcome)
    return f"{report.outcome.status.value} {row.reference}"


@contextmanager
def _once() -> Iterator[None]:
    """Two callbacks about one piece of money at the same moment: the second is looked at again, a moment later."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise CallbackIgnored("is being noted at this moment", look_again=True) from error
