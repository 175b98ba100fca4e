"""The branch's ledger rows in the branch's words: txn_type, reference_code and description of each kind of movement.

As the branch software itself writes them. One row per leg, a fee as its own row, amounts always positive.
"""

from bisect import bisect_left
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import NamedTuple

from wekeza_portal.money import ZERO

BILL_FEE, BANK_FEE, CDSC_FEE = 50, 150, 100
_MOBILE_UP_TO = (100, 500, 1_500, 2_500, 3_500, 5_000, 7_500, 10_000, 15_000, 20_000, 35_000, 50_000, 150_000)
_MOBILE_FEES = (11, 22, 29, 44, 56, 75, 87, 115, 167, 185, 197, 278, 315)
SAVINGS_MINIMUM = 1_000


class Row(NamedTuple):
    """One row of `transactions` before it has an id. `account` is the demo bank's key of the account."""

    at: datetime
    account: str
    txn_type: str
    amount: Decimal
    reference: str
    description: str


def mobile_fee(amount: Decimal | int) -> int:
    """KES charged for sending `amount` KES (10 to 150,000) to a phone."""
    return _MOBILE_FEES[bisect_left(_MOBILE_UP_TO, amount)]


class Book:
    """Rows written in time order, with every account's balance beside them.

    A movement out is skipped (False) when it would leave less than the savings minimum, as a counter would refuse it.
    """

    def __init__(self, rng: Random, openings: dict[str, Decimal], numbers: dict[str, str]) -> None:
        self.rows: list[Row] = []
        self.balances = dict(openings)
        self.numbers = numbers
        self._rng = rng
        self._used: set[str] = set()

    def reference(self, prefix: str, suffix: str = "", digits: int = 8) -> str:
        while True:
            text = f"{prefix}{self._rng.getrandbits(4 * digits):0{digits}X}{suffix}"
            if text not in self._used:
                self._used.add(text)
                return text

    def covers(self, account: str, total: Decimal | int) -> bool:
        return self.balances[account] - total >= SAVINGS_MINIMUM

    def _credit(self, at: datetime, account: str, txn_type: str, amount: Decimal, reference: str, text: str) -> None:
        self.balances[account] += amount
        self.rows.append(Row(at, account, txn_type, amount, reference, text))

    def _debit(self, at: datetime, account: str, txn_type: str, amount: Decimal, reference: str, text: str) -> None:
        self.balances[account] -= amount
        self.rows.append(Row(at, account, txn_type, amount, reference, text))

    # --- Money in ---

    def initial_deposit(self, at: datetime, account: str, amount: int) -> None:
        reference = self.reference("INIT")
        self._credit(
            at, account, "INITIAL_DEPOSIT", Decimal(amount), reference, "Initial account opening deposit - Approved"
        )

    def deposit(self, at: datetime, account: str, amount: int) -> None:
        self._credit(at, account, "DEPOSIT", Decimal(amount), self.reference("DEP"), "Cash deposit - Approved")

    def paid_in(self, at: datetime, account: str, amount: int, text: str) -> None:
        """A deposit written by the branch's API: salaries and pensions of employers who bank elsewhere."""
        self._credit(at, account, "DEPOSIT", Decimal(amount), self.reference("BR-", digits=6), text)

    def cheque(self, at: datetime, account: str, amount: Decimal, number: str) -> None:
        text = f"Cheque deposit - {number} - Approved"
        self._credit(at, account, "CHEQUE_DEPOSIT", amount, self.reference("CHQ"), text)

    def agency_deposit(self, at: datetime, account: str, amount: int, agent: str) -> None:
        reference = self.reference(f"CI{at:%Y%m%d}")
        self._credit(at, account, "AGENCY_DEPOSIT", Decimal(amount), reference, f"Cash deposit via Agent {agent}")

    def loan(self, at: datetime, account: str, amount: Decimal, loan_id: str, product: str) -> None:
        """What the branch credits; its reference is a fresh LN number, not the loan's."""
        reference = self.reference(f"LN{at:%Y%m%d}", digits=6)
        self._credit(at, account, "LOAN_DISBURSEMENT", amount, reference, f"Loan disbursement - {product}")

    def old_word(self, at: datetime, account: str, txn_type: str, amount: int, text: str, *, out: bool) -> None:
        """A word of the branch's first version, or one nobody knows."""
        write = self._debit if out else self._credit
        write(at, account, txn_type, Decimal(amount), self.reference("V1-"), text)

    # --- Money out ---

    def withdrawal(self, at: datetime, account: str, amount: int) -> bool:
        if not self.covers(account, amount):
            return False
        self._debit(at, account, "WITHDRAWAL", Decimal(amount), self.reference("WDL"), "Cash withdrawal - Approved")
        return True

    def agency_withdrawal(self, at: datetime, account: str, amount: int, agent: str) -> bool:
        if not self.covers(account, amount):
            return False
        reference = self.reference(f"CO{at:%Y%m%d}")
        self._debit(at, account, "AGENCY_WITHDRAWAL", Decimal(amount), reference, f"Cash withdrawal via Agent {agent}")
        return True

    def mobile(self, at: datetime, account: str, amount: int, phone: str, name: str, reason: str) -> bool:
        fee = mobile_fee(amount)
        if not self.covers(account, amount + fee):
            return False
        reference = self.reference("MM")
        text = f"Mobile money to {phone} ({name}) - {reason} - Approved"
        self._debit(at, account, "MOBILE_MONEY_OUT", Decimal(amount), reference, text)
        self._debit(
            at, account, "MOBILE_MONEY_FEE", Decimal(fee), f"FEE_{reference}", f"{_provider(phone)} transfer fee"
        )
        return True

    def bill(self, at: datetime, account: str, amount: int, biller: str, biller_account: str) -> bool:
        if not self.covers(account, amount + BILL_FEE):
            return False
        text = f"Bill payment to {biller} - Account: {biller_account} - Approved"
        self._debit(at, account, "BILL_PAYMENT", Decimal(amount), self.reference("BILL"), text)
        self._debit(at, account, "BILL_PAYMENT_FEE", Decimal(BILL_FEE), self.reference("FEE"), "Bill payment fee")
        return True

    def cdsc(self, at: datetime, account: str, amount: int, cds: str, broker: str) -> bool:
        if not self.covers(account, amount + CDSC_FEE):
            return False
        text = f"CDSC transfer to {cds} via {broker} - Share purchase - Approved"
        self._debit(at, account, "CDSC_TRANSFER", Decimal(amount), self.reference("CDSC"), text)
        self._debit(at, account, "CDSC_TRANSFER_FEE", Decimal(CDSC_FEE), self.reference("FEE"), "CDSC transfer fee")
        return True

    def to_bank(
        self, at: datetime, account: str, amount: int, payee: str, note: str, *, unchecked: bool = False
    ) -> bool:
        """To another bank. `unchecked` is how the branch executes it: without looking at the balance."""
        if not unchecked and not self.covers(account, amount + BANK_FEE):
            return False
        reference = self.reference("TRF", "_OUT")
        self._debit(at, account, "TRANSFER_OUT", Decimal(amount), reference, f"Transfer to {payee} - {note} - Approved")
        self._debit(at, account, "TRANSFER_FEE", Decimal(BANK_FEE), f"FEE_{reference}", "Transfer fee")
        return True

    def to_wekeza(self, at: datetime, account: str, amount: Decimal | int, payee: str, note: str) -> bool:
        """Between two Wekeza accounts: two rows whose references know nothing of each other."""
        if amount <= ZERO or not self.covers(account, amount):
            return False
        mine, theirs = self.numbers[account], self.numbers[payee]
        out, into = f"Transfer to {theirs} - {note} - Approved", f"Transfer from {mine} - {note} - Approved"
        self._debit(at, account, "TRANSFER_OUT", Decimal(amount), self.reference("TRF", "_OUT"), out)
        self._credit(at, payee, "TRANSFER_IN", Decimal(amount), self.reference("TRF", "_IN"), into)
        return True

    def premium(self, at: datetime, account: str, amount: Decimal, policy: str, *, first: bool) -> None:
        words = "Insurance premium for policy" if first else "Premium payment for policy"
        reference = self.reference("INS" if first else "PRM")
        self._debit(at, account, "INSURANCE_PREMIUM", amount, reference, f"{words} {policy} - Approved")

    def repayment(self, at: datetime, account: str, amount: Decimal, loan_id: str) -> None:
        text = f"Loan repayment for Loan #{loan_id} - Approved"
        self._debit(at, account, "LOAN_REPAYMENT", amount, self.reference("LRP"), text)

    def fixed_deposit(self, at: datetime, account: str, amount: Decimal, fd_number: str) -> None:
        text = f"Fixed deposit creation - {fd_number} - Approved"
        self._debit(at, account, "FIXED_DEPOSIT", amount, self.reference("FD"), text)


def _provider(phone: str) -> str:
    local = phone.removeprefix("254")
    return "Airtel Money" if local.startswith(("73", "75", "78", "10")) else "M-Pesa"
