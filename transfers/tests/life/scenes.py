"""What tests of the life of a payment out of the bank share: how it must have ended, to the cent."""

import json
from datetime import datetime
from decimal import Decimal

from accounts import checking
from accounts.models import Account, Instruction, LimitUsage
from transfers.models import KnownPayee, Payment
from transfers.tests.scripted import (
    internal,
)
from transfers.tests.support import balance, owner_of
from wekeza_portal import clock
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.models import RailCallback

D = Decimal
State = Payment.State
NOON = datetime(2026, 11, 25, 9, tzinfo=clock.NAIROBI)


def now_is(payment: Payment, state: str) -> Payment:
    payment.refresh_from_db()
    assert payment.state == state
    return payment


def tell(payment: Payment, status: str, **words: str) -> RailCallback:
    """A callback as it comes, worked through by the worker."""
    name = "mpesa.status" if status in ("NOT_FOUND",) else "mpesa.result"
    body = json.dumps({"order": str(payment.pk), "status": status, **words}).encode()
    row = callbacks.store(name, body, {}, "127.0.0.1")
    callbacks.work_through()
    row.refresh_from_db()
    return row


def used(sender: Account) -> Decimal:
    row = LimitUsage.objects.filter(customer=owner_of(sender), code="DAILY_OUT").first()
    return row.used if row else D(0)


def assert_settled(sender: Account, payment: Payment, opening: Decimal) -> None:
    """Gone from the customer with its fee, in the nostro, the fee earned but for the taxman's part."""
    now_is(payment, State.SETTLED)
    rail, excise = payment.rail.lower(), _excise(payment)
    assert balance(sender) == opening - payment.amount - payment.fee
    wanted = {f"nostro.{rail}": payment.amount, "fees.income": payment.fee - excise, "tax.excise": excise}
    assert internal() == {name: amount for name, amount in wanted.items() if amount}
    assert used(sender) == payment.amount
    assert list(checking.differences()) == []


def assert_returned(sender: Account, payment: Payment, opening: Decimal) -> None:
    """Amount and fee are back, nothing stands in any account of ours, and the limits are as before."""
    now_is(payment, State.RETURNED)
    assert (balance(sender), internal(), used(sender)) == (opening, {}, D(0))
    assert KnownPayee.objects.get(customer_id=payment.customer_id).first_day_sum == 0
    assert list(checking.differences()) == []


def _excise(payment: Payment) -> Decimal:
    return D(Instruction.objects.get(pk=payment.pk).payload["excise"])
