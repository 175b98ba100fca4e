"""Demo data: Emmanuel and Nuria ask each other, and Emmanuel asks a number that is nobody's: it looks the same."""

from datetime import timedelta
from decimal import Decimal

from transfers.asking.asks import OPEN_FOR
from transfers.models import MoneyRequest
from wekeza_portal.branch.demobank.bank import DemoBank


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    _ask(bank, "nuria", "emmanuel", "1500.00", "My half of the cake for Mama's birthday")
    _ask(bank, "emmanuel", "nuria", "2300.00", "Matatu to Nakuru and lunch")
    _ask(bank, "emmanuel", None, "800.00", "Football tickets")


def _ask(bank: DemoBank, asker: str, payer: str | None, amount: str, note: str) -> None:
    who, whom = bank.customer(asker), bank.customer(payer) if payer else None
    at = bank.now - timedelta(days=1)
    number = whom.accounts[0].number if whom else "ACC9000001"
    MoneyRequest.objects.create(
        asker_id=who.user_id,
        to_account=who.accounts[0].number,
        payer_number=number,
        payer_id=whom.user_id if whom else None,
        amount=Decimal(amount),
        note=note,
        open_key=f"{who.user_id}:{number}",
        created_at=at,
        expires_at=at + OPEN_FOR,
        looked_at=at,
    )
