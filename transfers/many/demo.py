"""Demo data: a file of Emmanuel's that has a wrong row, and one of Nuria's that she gave up."""

from datetime import timedelta

from accounts.identity.links import fingerprint
from accounts.models import BranchCustomer
from transfers.many.files import OPEN_FOR
from transfers.models import PaymentFile, PaymentFileRow
from wekeza_portal.branch.demobank.bank import DemoBank

RowState = PaymentFileRow.State
NOT_THEIRS = "We found no account that can be paid with this number and this name. Check both with the person."


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    nuria, emmanuel = bank.customer("nuria").accounts[0].number, bank.customer("emmanuel").accounts[0].number
    wrong = {"ACC9000001": NOT_THEIRS}
    _file(bank, "emmanuel", "wages-october.csv", PaymentFile.State.FAULTY, (nuria, "ACC9000001"), wrong)
    _file(bank, "nuria", "rent.csv", PaymentFile.State.CANCELLED, (emmanuel,), {})


def _file(
    bank: DemoBank, key: str, name: str, state: PaymentFile.State, numbers: tuple[str, ...], problems: dict[str, str]
) -> None:
    owner, at = bank.customer(key), bank.now - timedelta(days=3)
    whose = fingerprint(BranchCustomer.objects.get(pk=owner.user_id))
    file = PaymentFile.objects.create(
        customer_id=owner.user_id, fingerprint=whose, name=name, from_number=owner.accounts[0].number,
        sha256=f"demo {key}", state=state, created_at=at, expires_at=at + OPEN_FOR,
    )  # fmt: skip
    for number, account in enumerate(numbers, start=2):
        typed = {
            "kind": "wekeza",
            "number": account,
            "bank_or_biller": "",
            "name": "Juma Otieno",
            "amount": "1500",
            "note": "",
        }
        PaymentFileRow.objects.create(
            file=file, number=number, typed=typed, problem=problems.get(account, ""),
            state=RowState.FAULTY if account in problems else RowState.NEW,
        )  # fmt: skip
