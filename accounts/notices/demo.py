"""What demo customers chose: emmanuel hears of larger sums alone, and of low balances; nuria wants to sleep."""

from datetime import time
from decimal import Decimal

from accounts.identity.links import fingerprint
from accounts.models import BranchCustomer, MessageChoice, MessageHabits
from accounts.notices import rules
from accounts.notices.rules import Choice
from wekeza_portal.branch.demobank.bank import DemoBank
from wekeza_portal.notifications.events import Event

EMMANUEL = {
    Event.MONEY_IN: Choice(sms=True, email=True, at_least=Decimal("1000.00")),
    Event.MONEY_OUT: Choice(sms=True, email=False, at_least=Decimal("200.00")),
}


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    _choose(bank, "emmanuel", EMMANUEL, low_balance=Decimal("5000.00"))
    _choose(bank, "nuria", {}, quiet_from=time(22, 0), quiet_to=time(6, 0))


def _choose(bank: DemoBank, key: str, choices: dict[Event, Choice], **habits: object) -> None:
    customer = BranchCustomer.objects.get(pk=bank.customers[key].user_id)
    row = MessageHabits.objects.create(
        customer=customer, fingerprint=fingerprint(customer), changed_at=bank.now, **habits
    )
    MessageChoice.objects.bulk_create(
        MessageChoice(habits=row, event=event, sms=choice.sms, email=choice.email, at_least=choice.at_least)
        for event, choice in {**rules.defaults(has_phone=True).choices, **choices}.items()
    )
