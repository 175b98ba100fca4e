"""Payments out of the bank in a line: a rail that says what the test tells it to, and payments on their way."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from accounts.models import Account, Instruction, PostingLeg
from transfers import destinations
from transfers.destinations import Destination
from transfers.models import Broker, Payment
from transfers.outside.preparing import Wish, prepare_payment
from transfers.tests.support import as_actor, confirm, owner_of
from wekeza_portal.money import ZERO
from wekeza_portal.rails.base import Limits, Order, Outcome, Report, Status, rails, too_late

NAMES = ("airtel_money", "bills", "cdsc", "mpesa", "pesalink")
PAID = Outcome(Status.PAID, "0", receipt="SRCPT00001")
ACCEPTED = Outcome(Status.ACCEPTED, "0", rail_ids={"conversation": "AG_1"})
REFUSED = Outcome(Status.REFUSED, "2040", "not registered", "not_registered")
UNKNOWN = Outcome(Status.UNKNOWN, "503", "HTTP 503", "later")
NOT_SENT = Outcome(Status.NOT_SENT, "circuit", "has not answered of late", "later")
NOT_FOUND = Outcome(Status.NOT_FOUND, "2032", "never had it", "later")


class ScriptedRail:
    """Says to each call what stands next in its script, the last line for ever; an exception in it is raised.

    Keeps what it was told, and fails the test that calls it inside a transaction.
    """

    limits = Limits(Decimal(10), Decimal(250_000))

    def __init__(self, name: str) -> None:
        self.name = name
        self.to_send: list[Any] = [ACCEPTED]
        self.to_ask: list[Any] = [UNKNOWN]
        self.sent: list[Order] = []
        self.asked: list[Order] = []

    def send(self, order: Order) -> Outcome:
        if order.may_leave is not None and not order.may_leave():
            return too_late()
        return self._say(self.sent, order, self.to_send)

    def enquire(self, order: Order, rail_ids: Mapping[str, str]) -> Outcome:
        return self._say(self.asked, order, self.to_ask)

    def parse(self, kind: str, message: Mapping[str, Any]) -> Report:
        """Callbacks of tests: {"order", "status", "amount", "code", "receipt", "token"}."""
        amount = Decimal(message["amount"]) if message.get("amount") else None
        words = {name: message[name] for name in ("code", "receipt", "token", "customer") if name in message}
        return Report(Outcome(Status[message["status"]], amount=amount, **words), uuid.UUID(message["order"]))

    @staticmethod
    def _say(told: list[Order], order: Order, script: list[Any]) -> Outcome:
        assert_free()
        told.append(order)
        line = script.pop(0) if len(script) > 1 else script[0]
        line = line(order) if callable(line) else line
        if isinstance(line, BaseException):
            raise line
        assert isinstance(line, Outcome)
        return line


def assert_free() -> None:
    """No transaction but the one that pytest-django puts around a test, which holds no lock of the code's own."""
    blocks = [block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)]
    assert not blocks, "a rail is called inside a transaction: its locks would be held for as long as it takes"


@contextmanager
def scripted() -> Iterator[dict[str, ScriptedRail]]:
    """All rails by name, each played by a script."""
    before = dict(rails._entries)
    played = {name: ScriptedRail(name) for name in NAMES}
    rails._entries.update(played)
    try:
        yield played
    finally:
        rails._entries.clear()
        rails._entries.update(before)


def destination(rail: str, number: int = 0) -> Destination:
    """Somebody to be paid over this rail."""
    if rail in ("mpesa", "airtel_money"):
        return destinations.to_phone(f"07{22 if rail == 'mpesa' else 33}{100000 + number}", rail.upper())
    if rail == "pesalink":
        return destinations.to_bank("01", f"11{number:08d}")
    if rail == "cdsc":
        broker = Broker.objects.order_by("code").first()
        assert broker is not None
        Broker.objects.filter(pk=broker.pk).update(paybill="123456")
        return destinations.to_broker(broker.code, f"{1000000 + number}", "LI")
    return destinations.to_biller("KPLC_PREPAID", f"{14000000000 + number}")


def prepare_out(sender: Account, rail: str = "mpesa", amount: str = "1200.00", number: int = 0) -> Instruction:
    customer = owner_of(sender)
    wish = Wish(sender.account_number, destination(rail, number), Decimal(amount), typed_name="Jane Wambui")
    return prepare_payment(customer, wish, actor=as_actor(customer))


def pay_out(sender: Account, rail: str = "mpesa", amount: str = "1200.00", number: int = 0) -> Payment:
    """A payment that has left the customer and waits for the worker."""
    instruction = prepare_out(sender, rail, amount, number)
    confirm(instruction)
    return Payment.objects.get(pk=instruction.pk)


def internal() -> dict[str, Decimal]:
    """The balance of every internal account that has one."""
    sums: dict[str, Decimal] = {}
    for leg in PostingLeg.objects.exclude(internal_account=""):
        sums[leg.internal_account] = sums.get(leg.internal_account, ZERO) + leg.amount
    return {name: amount for name, amount in sums.items() if amount}


def be_due(payment: Payment) -> None:
    """As if its time had come."""
    with transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(due_at=payment.received_at)
