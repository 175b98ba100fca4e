"""Payments out of the bank in tests: rails that answer what the test says, and the ways to fill in, confirm and end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Account, Instruction
from transfers.models import Bank, Biller, Broker, Payment
from transfers.outside import working
from transfers.tests.support import confirm
from wekeza_portal.rails.base import Limits, Order, Outcome, Receiver, Report, Status, rails

ARRIVED = Outcome(Status.PAID, receipt="SKQ4XYZ123")
REFUSED = Outcome(Status.REFUSED, code="2040", customer="not_registered")
TAKEN = Outcome(Status.ACCEPTED)
SILENT = Outcome(Status.UNKNOWN, code="ReadTimeout", customer="later")

FORMS: dict[str, dict[str, str]] = {
    "move_mobile": {"phone": "0722 123 456", "network": "", "name": "Jane Wambui", "amount": "5000"},
    "move_airtime": {"phone": "0733 123 456", "network": "", "amount": "100"},
    "move_bank": {"bank": "01", "account": "1102345678", "name": "Jane Wambui", "amount": "5000"},
    "move_bill": {"account": "14123456789", "amount": "1500"},
    "move_cdsc": {"broker": "FAKE_BROKER", "cds_number": "123456", "client_type": "LI", "amount": "5000"},
}
"""What is typed on each page to pay somebody."""
RAIL = {"move_mobile": "MPESA", "move_airtime": "BILLS", "move_bank": "PESALINK", "move_bill": "BILLS",
        "move_cdsc": "CDSC"}  # fmt: skip
"""Which rail carries it."""


@dataclass
class FakeRail:
    """Answers what it is told to and remembers what it was asked."""

    name: str
    answer: Outcome = ARRIVED
    receiver: Receiver | None = None
    limits: Limits = field(default_factory=lambda: Limits(Decimal("1.00"), Decimal("999999.00")))
    sent: list[Order] = field(default_factory=list)

    def send(self, order: Order) -> Outcome:
        self.sent.append(order)
        return self.answer

    def enquire(self, order: Order, rail_ids: Mapping[str, str]) -> Outcome:
        return self.answer

    def parse(self, kind: str, message: Mapping[str, Any]) -> Report:
        raise ValueError("a fake rail calls nobody back")

    def look_up(self, destination: Mapping[str, str]) -> Receiver | None:
        return self.receiver


@contextmanager
def standing_in() -> Iterator[dict[str, FakeRail]]:
    """A fake in the place of every rail, by its name in capitals; the real ones come back after."""
    names = ("MPESA", "AIRTEL_MONEY", "TKASH", "PESALINK", "BILLS", "CDSC")
    fakes = {name: FakeRail(name) for name in names}
    before = dict(rails._entries)
    rails._entries.clear()
    for name, fake in fakes.items():
        rails.register(name.lower(), fake)
    try:
        yield fakes
    finally:
        rails._entries.clear()
        rails._entries.update(before)


def open_directory() -> None:
    """A broker and airtime: without a contract none can be paid."""
    Broker.objects.create(code="FAKE_BROKER", name="Acacia Brokers", bank_code="01", bank_account="9900000001")
    Bank.objects.filter(code="01").update(is_active=True)
    Biller.objects.filter(category=Biller.Category.AIRTIME).update(bank_code="01", bank_account="9900000002")


def page_of(name: str, **query: str) -> str:
    """The address of a form; a bill's with its biller."""
    query = {"biller": "KPLC_PREPAID", **query} if name == "move_bill" else query
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return f"{reverse(name)}?{asked}" if asked else reverse(name)


def fill(client: Client, form: str, sender: Account, **changes: str) -> tuple[int, str, str]:
    """Send this form; the status, where it leads, and the page."""
    typed = {"from_account": sender.account_number, "note": "Thanks", **FORMS[form], **changes}
    response = client.post(page_of(form), typed)
    return response.status_code, response.headers.get("Location", ""), response.content.decode()


def drafted(client: Client, form: str, sender: Account, **changes: str) -> Instruction:
    """The draft that a form makes."""
    status, location, html = fill(client, form, sender, **changes)
    assert status == 303, html[html.find('role="alert"') :][:600]
    return Instruction.objects.get(id=location.split("/")[3])


def posted(client: Client, form: str, sender: Account, **changes: str) -> Instruction:
    """A payment whose money has left the account; nothing was sent yet."""
    instruction = drafted(client, form, sender, **changes)
    confirm(instruction)
    instruction.refresh_from_db()
    return instruction


def ended(client: Client, form: str, sender: Account, fake: FakeRail, outcome: Outcome, **changes: str) -> Instruction:
    """A payment that the worker has handed to its rail, which answered `outcome`."""
    fake.answer = outcome
    instruction = posted(client, form, sender, **changes)
    assert working.work() >= 1
    return instruction


def state_of(instruction: Instruction) -> str:
    return Payment.objects.get(pk=instruction.id).state
