"""What deposits are called in the books, and the accounts through which they come."""

from accounts import ledger
from accounts.ledger import Kind

ASK = "DEPOSIT_REQUEST"
"""The customer's instruction: ask a phone for money. It moves none itself."""
CREDIT, UNCLAIMED = "MOBILE_DEPOSIT", "MONEY_UNCLAIMED"
MATCHED, GIVEN_BACK = "MONEY_MATCHED", "MONEY_GIVEN_BACK"
CREDITS = (CREDIT, MATCHED)
"""Postings that end on a customer's account."""

RAIL = "MPESA"
NOSTRO = "nostro.mpesa"
"""The bank's own money at M-Pesa, as payments out of the bank have it."""
SUSPENSE = "suspense.mpesa"
"""Money that came in and is nobody's yet."""
FEE_INCOME, EXCISE = "fees.income", "tax.excise"
TXN_TYPE = "MOBILE_MONEY_IN"


def register() -> None:
    """Once, when the app is ready."""
    ledger.register_kind(CREDIT, Kind(arrives=True, verb="money.received"))
    ledger.register_kind(UNCLAIMED, Kind(arrives=True, verb="money.unclaimed"))
    ledger.register_kind(MATCHED, Kind(arrives=True, verb="money.matched"))
    ledger.register_kind(GIVEN_BACK, Kind(arrives=True, verb="money.given_back"))
