"""Files of payments for the pages that show them: one that can be confirmed, one that is asked about first."""

from datetime import timedelta
from decimal import Decimal

from accounts.identity.links import fingerprint
from accounts.models import Account, BranchCustomer
from transfers import services
from transfers.many import files
from transfers.models import PaymentFile, PaymentFileRow
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.money import ZERO


def file_to_confirm(customer: BranchCustomer, account: Account) -> PaymentFile:
    """A file that waits to be confirmed, with a row that can be paid and one that was refused."""
    file = _file(customer, account, "wages.csv", Decimal("900.00"))
    typed = {"kind": "wekeza", "number": "ACC1000015", "amount": "900", "note": "Wages"}
    for number, state in ((2, "CHECKED"), (3, "REFUSED")):
        PaymentFileRow.objects.create(
            file=file, number=number, typed=typed, state=state, payee="WANJIKU M., ACC1000015",
            amount=Decimal("450.00"), problem="There is not enough money." if state == "REFUSED" else "",
        )  # fmt: skip
    return file


def file_in_question(
    customer: BranchCustomer, account: Account, receiver: Account, amount: Decimal, actor: Actor
) -> PaymentFile:
    """A file of one payment to somebody new that, being above the usual, leads to the question who asked for it."""
    file = _file(customer, account, "suppliers.xlsx", amount)
    draft = services.prepare_transfer(
        customer,
        from_number=account.account_number,
        to_number=receiver.account_number,
        amount=amount,
        note="Timber",
        actor=actor,
    )
    PaymentFileRow.objects.create(
        file=file, number=2, typed={}, state="CHECKED", payee=f"{draft.payload['to_name']}, {receiver.account_number}",
        amount=amount, instruction_id=draft.id, content_hash=draft.content_hash, payee_key=draft.payee_key,
    )  # fmt: skip
    file.instruction_id = files.prepare_confirmation(file, customer, 1).id
    file.save(update_fields=["instruction_id"])
    return file


def _file(customer: BranchCustomer, account: Account, name: str, total: Decimal) -> PaymentFile:
    return PaymentFile.objects.create(
        customer_id=customer.user_id, fingerprint=fingerprint(customer), name=name,
        from_number=account.account_number, sha256="0" * 64,
        state="READY", total=total, fees=ZERO, created_at=clock.now(), expires_at=clock.now() + timedelta(hours=12),
    )  # fmt: skip
