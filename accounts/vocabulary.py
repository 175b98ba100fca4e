"""Every word `transactions.txn_type` is known to hold: its direction and a customer's sentence.

Sources: the branch's own vocabulary, what its scripts and agents write, words of its first version that may sit in
old rows, and ours. Rules for new words: credits end in _IN, debits in _OUT, and no debit contains "IN", so that the
branch's summaries (LIKE '%IN%', LIKE '%OUT%') come out right. A word that is not here is shown as it is, unsigned.
"""

from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.translation import gettext_lazy as _


class Direction(Enum):
    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


class Word(NamedTuple):
    direction: Direction
    sentence: Any


IN, OUT = Direction.IN, Direction.OUT

VOCABULARY: dict[str, Word] = {
    "DEPOSIT": Word(IN, _("Deposit at a branch")),
    "CHEQUE_DEPOSIT": Word(IN, _("Cheque paid in")),
    "TRANSFER_IN": Word(IN, _("Money received")),
    "LOAN_DISBURSEMENT": Word(IN, _("Loan paid out")),
    "INITIAL_DEPOSIT": Word(IN, _("First deposit")),
    "LOAN_OVERPAYMENT_CREDIT": Word(IN, _("Loan overpayment returned")),
    "ADMIN_CREDIT": Word(IN, _("Correction by the bank")),
    "ADMIN_BUSINESS_CREDIT": Word(IN, _("Correction by the bank")),
    "INSURANCE_CLAIM": Word(IN, _("Insurance claim paid")),
    "AGENCY_DEPOSIT": Word(IN, _("Deposit at an agent")),
    "DISBURSEMENT": Word(IN, _("Loan paid out")),
    "MOBILE_MONEY_IN": Word(IN, _("Paid in by M-Pesa")),
    "REVERSAL_IN": Word(IN, _("Payment returned")),
    "WITHDRAWAL": Word(OUT, _("Cash withdrawal")),
    "CASH_WITHDRAWAL": Word(OUT, _("Cash withdrawal")),
    "TRANSFER_OUT": Word(OUT, _("Money sent")),
    "TRANSFER_FEE": Word(OUT, _("Transfer fee")),
    "MOBILE_MONEY_OUT": Word(OUT, _("Sent to a phone")),
    "MOBILE_MONEY_FEE": Word(OUT, _("Mobile money fee")),
    "BILL_PAYMENT": Word(OUT, _("Bill paid")),
    "BILL_PAYMENT_FEE": Word(OUT, _("Bill payment fee")),
    "CDSC_TRANSFER": Word(OUT, _("Sent to a stockbroker")),
    "CDSC_TRANSFER_FEE": Word(OUT, _("Stockbroker transfer fee")),
    "AIRTIME_OUT": Word(OUT, _("Airtime")),
    "AIRTIME_FEE": Word(OUT, _("Airtime fee")),
    "CARD_ATM_OUT": Word(OUT, _("Cash from a machine, by card")),
    "CARD_SHOP_OUT": Word(OUT, _("Paid by card")),
    "CARD_WEB_OUT": Word(OUT, _("Paid by card, over the web")),
    "CARD_FEE_OUT": Word(OUT, _("Fee for a card")),
    "LETTER_FEE_OUT": Word(OUT, _("Fee for a letter")),
    "INSURANCE_PREMIUM": Word(OUT, _("Insurance premium")),
    "LOAN_REPAYMENT": Word(OUT, _("Loan repayment")),
    "REPAYMENT": Word(OUT, _("Loan repayment")),
    "FIXED_DEPOSIT": Word(OUT, _("Put into a fixed deposit")),
    "ADMIN_DEBIT": Word(OUT, _("Correction by the bank")),
    "ADMIN_BUSINESS_DEBIT": Word(OUT, _("Correction by the bank")),
    "AGENCY_WITHDRAWAL": Word(OUT, _("Withdrawal at an agent")),
    "FEE": Word(OUT, _("Bank fee")),
    "REVERSAL_OUT": Word(OUT, _("Payment taken back")),
}


FEES, INTEREST, TAX = "FEES", "INTEREST", "TAX"
GROUPS: dict[str, tuple[Direction, str]] = {FEES: (OUT, "FEE"), INTEREST: (IN, "INTEREST"), TAX: (OUT, "TAX")}
"""Kinds of movements that belong together, by their direction and what is part of their words."""


def words_in(group: str) -> list[str]:
    """The words of one of GROUPS; none where the vocabulary has no such word (yet)."""
    direction, part = GROUPS[group]
    return [name for name, word in VOCABULARY.items() if word.direction is direction and part in name.split("_")]


@lru_cache(maxsize=256)
def group_of(txn_type: str) -> str:
    """The group that a word belongs to, "" for most."""
    return next((group for group in GROUPS if txn_type in words_in(group)), "")


def direction_of(txn_type: str) -> Direction:
    """Which way this word moves money on the account; UNKNOWN for a word that is not in the vocabulary."""
    word = VOCABULARY.get(txn_type)
    return word.direction if word else Direction.UNKNOWN


def words_for(txn_type: str) -> Any:
    """The customer's words for it (lazily translated); the branch's own word made readable if it is unknown."""
    word = VOCABULARY.get(txn_type)
    return word.sentence if word else txn_type.replace("_", " ").capitalize()


def note_of(description: str) -> str:
    """The description without the marks of the books: the branch's supervisor approved it, we wrote it online."""
    return description.removesuffix(" - Approved").removesuffix(" - Online")


def remark_of(txn_type: str, description: str) -> str:
    """The note where it says more than the words for its type do: many fees are described by their own name."""
    note = note_of(description)
    return "" if note.casefold() == _in_english(txn_type) else note


@lru_cache(maxsize=256)
def _in_english(txn_type: str) -> str:
    """The words for it in the language of the books, without regard to case."""
    with translation.override("en"):
        return str(words_for(txn_type)).casefold()


def signed(txn_type: str, amount: Decimal) -> Decimal | None:
    """The amount in KES as it changed the balance: positive in, negative out, None when nobody can know."""
    direction = direction_of(txn_type)
    if direction is Direction.UNKNOWN:
        return None
    return amount if direction is Direction.IN else -amount
