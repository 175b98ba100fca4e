"""What the demo customers have paid out of the bank: through the services, ending as payments end."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.models import Account, Instruction
from tests.factories import AccountFactory, CustomerFactory, UserFactory
from transfers import demo_payments
from transfers.models import Payment
from transfers.outside import working
from transfers.tests.outside import FakeRail
from wekeza_portal import clock
from wekeza_portal.branch.demobank.bank import DemoAccount, DemoBank, DemoCustomer
from wekeza_portal.branch.demobank.cast import CAST
from wekeza_portal.rails.base import Outcome, Status

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
        assert sorted(rows.values_list("state", flat=True)) == ["RETURNED", "SENT", "SETTLED", "SETTLED"]
        assert rows.filter(sent_at=None).count() == 0
        account.refresh_from_db()
        assert account.balance == Decimal("80000.00") - Decimal(gone), "what came back is back"
    assert Instruction.objects.filter(state="DRAFT").count() == 0


def test_what_is_on_its_way_stays_so_until_staff_look_at_it(
    fakes: dict[str, FakeRail], django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    (emmanuel, his), (nuria, _hers) = demo_customer("emmanuel"), demo_customer("nuria")
    fakes["MPESA"].answer = Outcome(Status.NOT_FOUND, code="2032")  # what the simulator says of what it was never given
    with django_capture_on_commit_callbacks(execute=True):
        demo_payments.seed(DemoBank(now=clock.now(), customers={"emmanuel": emmanuel, "nuria": nuria}))
    asked = 0
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for wait in working.ASK_AGAIN:
            traveller.shift(wait + timedelta(seconds=1))
            asked += working.work()
    assert asked == 2 * len(working.ASK_AGAIN)
    assert fakes["MPESA"].sent == []
    theirs = Payment.objects.filter(rail="MPESA")
    assert set(theirs.values_list("state", flat=True)) == {"SENT"}
    assert theirs.filter(with_staff_since=None).count() == 0
    his.refresh_from_db()
    assert his.balance == Decimal("80000.00") - Decimal("8793.00")


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
