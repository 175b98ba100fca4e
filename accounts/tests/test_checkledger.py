"""The second opinion: silent when everything ties, exact when something does not."""

from collections.abc import Callable
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.checking import differences
from accounts.models import Account, AccountTransaction, Instruction, LimitUsage, Posting, PostingLeg
from tests.factories import AccountFactory, TransactionFactory
from tests.payments import pay

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def paid() -> Account:
    """An account that paid twice, with a branch deposit in between that it knows how to explain."""
    sender, receiver = AccountFactory(balance=D("9000.00")), AccountFactory(balance=D("100.00"))
    pay(sender, receiver, D("100.00"), fee=D("30.00"))
    TransactionFactory(account=sender, txn_type="DEPOSIT", amount=D("55.00"))
    Account.objects.filter(pk=sender.pk).update(balance=D("8925.00"))
    pay(sender, receiver, D("200.00"))
    return sender


def kinds() -> set[str]:
    return {difference.kind for difference in differences()}


def test_it_is_silent_when_everything_ties(paid: Account) -> None:
    assert list(differences()) == []
    out = StringIO()
    call_command("checkledger", stdout=out)
    assert "2 postings checked, 0 differences" in out.getvalue()


def spoil_balance(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(balance=D("8725.01"))


def spoil_row(account: Account) -> None:
    AccountTransaction.objects.filter(account=account, txn_type="TRANSFER_OUT").update(amount=D("1.00"))


def drop_row(account: Account) -> None:
    AccountTransaction.objects.filter(account=account, txn_type="TRANSFER_FEE").delete()


def spoil_leg(account: Account) -> None:
    PostingLeg.objects.filter(internal_account="fees.income").update(amount=D("29.99"))


def drop_instruction(account: Account) -> None:
    Instruction.objects.filter(posted_at__isnull=False).update(state="DRAFT")


def invent_posted(account: Account) -> None:
    posting = Posting.objects.first()
    assert posting is not None
    Instruction.objects.filter(id=posting.instruction_id).update(amount=D("77.00"))


def spoil_counter(account: Account) -> None:
    LimitUsage.objects.filter(code="DAILY_OUT").update(used=D("299.99"))


def drop_counter(account: Account) -> None:
    LimitUsage.objects.filter(code="MONTHLY_OUT").delete()


def drop_account(account: Account) -> None:
    with connection.constraint_checks_disabled():  # as the branch's maintenance scripts do
        Account.objects.filter(pk=account.pk)._raw_delete("default")


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (spoil_balance, "unexplained_balance"),
        (spoil_row, "row_changed"),
        (drop_row, "row_missing"),
        (spoil_leg, "unbalanced"),
        (drop_instruction, "no_instruction"),
        (invent_posted, "wrong_amount"),
        (spoil_counter, "counter"),
        (drop_counter, "counter"),
        (drop_account, "account_gone"),
    ],
)
def test_it_names_what_does_not_tie(paid: Account, spoil: Callable[[Account], None], kind: str) -> None:
    spoil(paid)
    assert kind in kinds()


def test_it_says_where_a_shilling_moved_without_a_row(paid: Account) -> None:
    Account.objects.filter(pk=paid.pk).update(balance=D("8700.00"))
    (difference,) = differences()
    assert difference.subject == paid.account_number
    assert "-KES 25.00 moved without a row" in difference.words


def test_the_command_fails_when_something_does_not_tie(paid: Account) -> None:
    spoil_balance(paid)
    with pytest.raises(SystemExit) as stopped:
        call_command("checkledger", stdout=StringIO())
    assert stopped.value.code == 1


def test_it_repairs_nothing(paid: Account) -> None:
    spoil_balance(paid)
    list(differences())
    assert Account.objects.get(pk=paid.pk).balance == D("8725.01")
