"""What the demo customers have paid out of the bank: through the services, ending as payments end."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from accounts.models import Account, Instruction
from tests.factories import AccountFactory, CustomerFactory, UserFactory
from transfers import demo_payments
from transfers.models import Payment
from transfers.outside import working
from transfers.tests.outside import FakeRail
from wekeza_portal import clock
from wekeza_portal.branch.demobank.bank import DemoAccount, DemoBank, DemoCustomer
from wekeza_portal.branch.demobank.cast import CAST

pytestmark = pytest.mark.django_db


def demo_customer(key: str) -> tuple[DemoCustomer, Account]:
    account = AccountFactory(customer=CustomerFactory(full_name=f"{key.title()} Demo"), balance=Decimal("80000.00"))
    assert account.customer is not None
    UserFactory(customer=account.customer)
    held = (DemoAccount(account.account_id, account.account_number),)
    return DemoCustomer(CAST[0], account.customer.user_id, held), account


def test_each_of_the_two_owns_what_arrived_one_that_came_back_and_one_on_its_way(
    fakes: dict[str, FakeRail], django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    (emmanuel, his), (nuria, hers) = demo_customer("emmanuel"), demo_customer("nuria")
    bank = DemoBank(now=clock.now(), customers={"emmanuel": emmanuel, "nuria": nuria})
    with django_capture_on_commit_callbacks(execute=True):
        demo_payments.seed(bank)
    for who, account, gone in ((emmanuel, his, "8793.00"), (nuria, hers, "5428.00")):
        rows = Payment.objects.filter(customer_id=who.user_id)
        assert sorted(rows.values_list("state", flat=True)) == ["RECEIVED", "RETURNED", "SETTLED", "SETTLED"]
        assert rows.exclude(state="RECEIVED").filter(sent_at=None).count() == 0
        account.refresh_from_db()
        assert account.balance == Decimal("80000.00") - Decimal(gone), "what came back is back"
    assert Instruction.objects.filter(state="DRAFT").count() == 0


def test_where_the_worker_was_quicker_its_word_stands(
    fakes: dict[str, FakeRail], monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:  # fmt: skip
    tell = demo_payments._tell
    monkeypatch.setattr(demo_payments, "_tell", lambda payment, outcome: (working.work(), tell(payment, outcome)))
    emmanuel, nuria = demo_customer("emmanuel")[0], demo_customer("nuria")[0]
    with django_capture_on_commit_callbacks(execute=True):
        demo_payments.seed(DemoBank(now=clock.now(), customers={"emmanuel": emmanuel, "nuria": nuria}))
    assert Payment.objects.filter(state="RETURNED").count() == 0, "the fakes say that everything arrived"
