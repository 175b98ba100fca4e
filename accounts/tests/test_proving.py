"""Rows slipped in by SQL, however well they tie, and instructions rewritten afterwards: named, and shown to nobody."""

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts import trail
from accounts.checking import differences
from accounts.content import content_hash
from accounts.models import Account, AccountTransaction, Instruction, LimitUsage, Posting, PostingLeg
from tests.factories import AccountFactory
from tests.payments import pay
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.audit.sealing import seal_waiting
from wekeza_portal.audit.services import record
from wekeza_portal.audit.verifying import verify

pytestmark = pytest.mark.django_db

D = Decimal
FORGED = "F0RG-0000-0001"


@pytest.fixture
def sender() -> Account:
    return AccountFactory(balance=D("9000.00"))


@pytest.fixture
def paid(sender: Account) -> Posting:
    receipt = pay(sender, AccountFactory(balance=D("100.00")), D("500.00"), fee=D("30.00"))
    seal_waiting()
    return Posting.objects.get(reference=receipt.reference)


def copied(row: Any, **changes: Any) -> Any:
    """The row once more under another key, as an INSERT would make it."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields} | changes
    if "id" not in changes and row._meta.pk.attname in values:
        values.pop(row._meta.pk.attname)
    return type(row).objects.create(**values)


def forge(paid: Posting) -> Posting:
    """The same payment a second time, complete in every table that says something about money."""
    instruction = copied(Instruction.objects.get(id=paid.instruction_id), id=uuid.uuid4())
    posting = copied(paid, instruction_id=instruction.id, reference=FORGED)
    for leg in paid.legs.order_by("position"):
        row = after = None
        if leg.account_id is not None:
            account = Account.objects.get(pk=leg.account_id)
            after = (account.balance or D(0)) + leg.amount
            Account.objects.filter(pk=account.pk).update(balance=after)
            original = AccountTransaction.objects.get(pk=leg.transaction_id)
            row = copied(original, reference_code=f"{FORGED}-{leg.position}").transaction_id
        copied(leg, posting_id=posting.pk, balance_after=after, transaction_id=row)
    for usage in LimitUsage.objects.exclude(code="STEP_UP_ALLOWANCE"):
        LimitUsage.objects.filter(pk=usage.pk).update(used=usage.used + instruction.amount)
    return posting


def found() -> set[tuple[str, str]]:
    return {(difference.kind, difference.subject) for difference in differences()}


def test_what_the_ledger_wrote_carries_its_mark(paid: Posting) -> None:
    assert found() == set()
    event = AuditEvent.objects.get(subject=f"posting:{paid.reference}")
    assert event.data["content"] == paid.content_hash
    assert event.data["asked"] == content_hash(Instruction.objects.get(id=paid.instruction_id))


def test_a_complete_payment_made_by_sql_is_no_payment(paid: Posting) -> None:
    forge(paid)
    assert found() == {("no_event", FORGED)}
    story = trail.follow(FORGED)
    assert story is not None
    assert ["knows nothing of this posting" in fault for fault in story.faults] == [True]


def test_an_event_made_by_sql_does_not_help_even_when_it_was_sealed(paid: Posting) -> None:
    """The sealer numbers whatever lies in the table: the mark inside is what can't be made."""
    forged = forge(paid)
    real = AuditEvent.objects.get(subject=f"posting:{paid.reference}")
    data = {**real.data, "instruction": str(forged.instruction_id)}
    record(real.verb, actor=system("x"), customer_id=real.customer_id, subject=f"posting:{FORGED}", data=data)
    seal_waiting()
    assert verify().is_intact
    assert found() == {("not_ours", FORGED)}


def test_a_second_event_of_one_posting_is_named(paid: Posting) -> None:
    real = AuditEvent.objects.get(subject=f"posting:{paid.reference}")
    record(real.verb, actor=system("x"), customer_id=real.customer_id, subject=real.subject, data=real.data)
    assert found() == {("two_events", paid.reference)}


def to_another(paid: Posting) -> None:
    Instruction.objects.filter(id=paid.instruction_id).update(payload={"to_number": "ACC9999999"})


def with_its_hash(paid: Posting) -> None:
    to_another(paid)
    instruction = Instruction.objects.get(id=paid.instruction_id)
    Instruction.objects.filter(id=instruction.id).update(content_hash=content_hash(instruction))


def to_another_key(paid: Posting) -> None:
    Instruction.objects.filter(id=paid.instruction_id).update(payee_key="wekeza:ACC9999999:")


@pytest.mark.parametrize("spoil", [to_another, with_its_hash, to_another_key])
def test_an_instruction_rewritten_after_it_was_posted_is_named(paid: Posting, spoil: Callable[[Posting], None]) -> None:
    spoil(paid)
    assert found() == {("rewritten", paid.reference)}


@pytest.mark.parametrize("change", [{"content_hash": "0" * 64}, {"kind": "TRANSFER_OWN"}, {"reference": FORGED}])
def test_a_posting_changed_in_itself_is_named(paid: Posting, change: dict[str, str]) -> None:
    Posting.objects.filter(pk=paid.pk).update(**change)
    assert {kind for kind, _subject in found()} & {"not_ours", "no_event"}


def test_legs_and_rows_changed_together_are_named(paid: Posting) -> None:
    """Fee and income both lowered by a shilling, in the leg and in the branch's row alike."""
    fee = paid.legs.get(amount=D("-30.00"))
    PostingLeg.objects.filter(pk=fee.pk).update(amount=D("-29.00"))
    PostingLeg.objects.filter(posting=paid, internal_account="fees.income").update(amount=D("29.00"))
    AccountTransaction.objects.filter(pk=fee.transaction_id).update(amount=D("29.00"))
    assert ("legs_changed", paid.reference) in found()
