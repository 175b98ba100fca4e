"""Money that comes in from outside through the ledger: once, onto accounts that can receive, out of nobody's."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts import checking, ledger
from accounts.books.kinds import kinds
from accounts.books.receiving import NOBODY, Arrival
from accounts.ledger import Kind, Leg, Side, money_operation, register_kind
from accounts.models import Account, AccountTransaction, Instruction, LimitUsage, Posting
from tests.factories import AccountFactory, BusinessFactory
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
D = Decimal
KIND = "MOBILE_DEPOSIT"
RAIL = system("rails")


@pytest.fixture
def account() -> Account:
    found: Account = AccountFactory(balance=D("50.00"))
    return found


def legs(account: Account | None, amount: str = "500.00") -> list[Leg]:
    into = (
        Leg(Side.CREDIT, D(amount), account.account_id, txn_type="MOBILE_MONEY_IN", description="M-Pesa - Online")
        if account
        else Leg(Side.CREDIT, D(amount), internal="suspense.mpesa")
    )
    return [Leg(Side.DEBIT, D(amount), internal="nostro.mpesa"), into]


def receive(account: Account | None, key: str = "mpesa:S1", amount: str = "500.00", **changes: Any) -> ledger.Receipt:
    arrival = Arrival(key, D(amount), account.customer_id or NOBODY if account else NOBODY)
    wanted: dict[str, Any] = {"arrival": arrival, "kind": KIND, "legs": legs(account, amount), "actor": RAIL, **changes}
    return money_operation(ledger.receive)(**wanted)


def balance(account: Account) -> Decimal:
    return Account.objects.get(pk=account.pk).balance or D(0)


def test_it_is_posted_once_for_its_key(account: Account) -> None:
    first = receive(account)
    for _again in range(20):
        assert receive(account) == first
    assert (balance(account), Posting.objects.count(), AccountTransaction.objects.count()) == (D("550.00"), 1, 1)
    other = receive(account, key="mpesa:S2")
    assert (other.reference != first.reference, balance(account)) == (True, D("1050.00"))


def test_the_same_key_onto_another_account_is_refused(account: Account) -> None:
    receive(account)
    stranger = AccountFactory(balance=D("7.00"))
    with pytest.raises(ledger.ContentChanged):
        receive(stranger)
    with pytest.raises(ledger.ContentChanged):
        receive(account, amount="500.01")
    assert (balance(account), balance(stranger)) == (D("550.00"), D("7.00"))


def test_it_takes_nothing_from_limits_and_is_in_the_trail(account: Account) -> None:
    receive(account)
    assert not LimitUsage.objects.exists()
    event = AuditEvent.objects.get(verb="money.received")
    assert (event.customer_id, event.data["amount"]) == (account.customer_id, "500.00")
    assert Instruction.objects.get().state == "POSTED"


def test_nobodys_money_is_booked_under_nobody(account: Account) -> None:
    receive(None, kind="MONEY_UNCLAIMED")
    assert Instruction.objects.get().customer_id == NOBODY
    assert AuditEvent.objects.get(verb="money.unclaimed").customer_id is None
    assert balance(account) == D("50.00")
    kinds_of_differences = {difference.kind for difference in checking.differences()}
    assert kinds_of_differences == {"money_in", "suspense_account"}  # the rail's own check misses the row behind it


@pytest.mark.parametrize(
    "changes",
    [{"status": "FROZEN"}, {"status": "DORMANT"}, {"status": "DISABLED"}, {"currency": "USD"}, {"balance": None}],
)
def test_an_account_that_can_not_receive_refuses(account: Account, changes: dict[str, Any]) -> None:
    Account.objects.filter(pk=account.pk).update(**changes)
    with pytest.raises(ledger.AccountCannotReceive):
        receive(account)
    assert (Posting.objects.count(), Instruction.objects.count()) == (0, 0)


def test_a_companys_account_and_one_that_is_gone_refuse(account: Account) -> None:
    company = AccountFactory(customer=None, business=BusinessFactory(), balance=D("7.00"))
    with pytest.raises(ledger.AccountCannotReceive):
        receive(company)
    Account.objects.filter(pk=account.pk).delete()
    with pytest.raises(ledger.AccountCannotReceive):
        receive(account)


def test_it_takes_nothing_from_a_customer(account: Account) -> None:
    taking = [
        Leg(Side.DEBIT, D("10.00"), account.account_id, txn_type="MOBILE_MONEY_IN", description="x"),
        Leg(Side.CREDIT, D("10.00"), internal="nostro.mpesa"),
    ]
    with pytest.raises(ValueError, match="takes nothing"):
        receive(account, legs=taking)


@pytest.mark.parametrize("kind", ["TRANSFER_INTERNAL", "SETTLEMENT", "MOBILE_MONEY"])
def test_what_somebody_confirms_does_not_come_in_so(account: Account, kind: str) -> None:
    with pytest.raises(ValueError, match="does not come in"):
        receive(account, kind=kind)


def test_what_comes_in_is_confirmed_and_followed_by_nobody(account: Account) -> None:
    receive(account)
    instruction = Instruction.objects.get()
    with pytest.raises(ValueError, match="posted by the bank itself"):
        money_operation(ledger.post)(instruction_id=instruction.id, kind=KIND, legs=legs(account), actor=RAIL)
    with pytest.raises(ValueError, match="no follow-up"):
        money_operation(ledger.reverse)(posting=Posting.objects.get(), reason="no", actor=RAIL)


def test_it_is_refused_outside_of_a_money_operation(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "connection", SimpleNamespace(in_atomic_block=False))
    with pytest.raises(RuntimeError):
        ledger.receive(arrival=Arrival("k", D(1)), kind=KIND, legs=legs(account), actor=RAIL)


def test_rules_that_contradict_each_other_are_refused() -> None:
    for rules in (Kind(arrives=True, counts=True), Kind(arrives=True, follows=True)):
        with pytest.raises(ValueError, match="what comes in"):
            register_kind("ODD", rules)
    assert "ODD" not in kinds
