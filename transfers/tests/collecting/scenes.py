"""What tests of money that comes in share: a customer with a phone, deposits in one line, callbacks as they come."""

import json
from decimal import Decimal
from typing import Any

from accounts import checking, instructions
from accounts.models import Account, BranchCustomer, Instruction
from transfers.collecting import working
from transfers.collecting.preparing import Wish, prepare_deposit
from transfers.models import Deposit, Incoming
from transfers.tests.support import as_actor, owner_of
from wekeza_portal import clock
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.models import RailCallback

D = Decimal
State, InState = Deposit.State, Incoming.State
PHONE, OTHER_PHONE = "254722000111", "254711222333"
RECEIPT = "SKQ1AB2CD3"
NOSTRO, SUSPENSE = "nostro.mpesa", "suspense.mpesa"


def prepare(account: Account, amount: str = "1500", msisdn: str = PHONE) -> Instruction:
    customer = owner_of(account)
    return prepare_deposit(customer, Wish(account.account_number, msisdn, D(amount)), actor=as_actor(customer))


def ask(account: Account, amount: str = "1500", msisdn: str = PHONE) -> Deposit:
    """A confirmed deposit that no worker has touched yet."""
    instruction = prepare(account, amount, msisdn)
    confirm(instruction)
    return Deposit.objects.get(pk=instruction.pk)


def confirm(instruction: Instruction, *, with_code: bool = True) -> None:
    customer = BranchCustomer.objects.get(user_id=instruction.customer_id)
    if with_code:
        instructions.approve(customer=customer, instruction_id=instruction.id)
    instructions.confirm(customer=customer, instruction_id=instruction.id, actor=as_actor(customer))


def prompted(account: Account, amount: str = "1500", checkout: str = "ws_CO_1") -> Deposit:
    """A deposit whose prompt M-Pesa has sent to the phone."""
    deposit = ask(account, amount)
    now = clock.now()
    Deposit.objects.filter(pk=deposit.pk).update(
        state=State.PROMPTED, sent_at=now, checkout=checkout, due_at=now + working.ASK_AGAIN[0]
    )
    deposit.refresh_from_db()
    return deposit


def stk(
    checkout: str = "ws_CO_1", code: Any = 0, amount: Any = 1500, receipt: str = RECEIPT, phone: Any = int(PHONE)
) -> dict[str, Any]:
    """The result of a prompt as Safaricom sends it; metadata only where it was paid."""
    callback: dict[str, Any] = {"CheckoutRequestID": checkout, "ResultCode": code, "ResultDesc": "Said"}
    if str(code) == "0":
        items = {"Amount": amount, "MpesaReceiptNumber": receipt, "PhoneNumber": phone}
        listed = [{"Name": name, "Value": value} for name, value in items.items() if value is not None]
        callback["CallbackMetadata"] = {"Item": [{"Name": "Balance"}, *listed]}
    return {"Body": {"stkCallback": callback}}


def c2b(typed: str, amount: str = "500.00", receipt: str = RECEIPT, **changes: Any) -> dict[str, Any]:
    """A payment to the paybill as Safaricom reports it."""
    return {
        "TransactionType": "Pay Bill", "TransID": receipt, "TransTime": "20261125093000", "TransAmount": amount,
        "BusinessShortCode": "522522", "BillRefNumber": typed, "InvoiceNumber": "", "OrgAccountBalance": "1.00",
        "ThirdPartyTransID": "", "MSISDN": "2547 ***** 126", "FirstName": "PETER", "MiddleName": "",
        "LastName": "KAMAU", **changes,
    }  # fmt: skip


def tell(name: str, message: dict[str, Any]) -> RailCallback:
    """A callback as it comes, worked through by the worker."""
    row = callbacks.store(name, json.dumps(message).encode(), {}, "127.0.0.1")
    callbacks.work_through()
    row.refresh_from_db()
    return row


def tell_stk(**words: Any) -> RailCallback:
    return tell("mpesa.stk", stk(**words))


def tell_c2b(typed: str, **words: Any) -> RailCallback:
    return tell("mpesa.confirmation", c2b(typed, **words))


def now_is(deposit: Deposit, state: str) -> Deposit:
    deposit.refresh_from_db()
    assert deposit.state == state
    return deposit


def assert_books_tie() -> None:
    assert list(checking.differences()) == []
