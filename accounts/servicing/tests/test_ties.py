"""What stands against closing an account is said, and what is in the way stops it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuthorizationItem, BranchCustomer
from accounts.servicing import asking, catalogue, errors
from accounts.servicing.tests.scenes import a_customer, accounts, wish
from accounts.servicing.ties import in_the_way, ties_of
from accounts.tests.approvals import ANYONE, State
from tests.factories import (
    AccountFactory,
    CardFactory,
    CustomerFactory,
    FixedDepositFactory,
    InstructionFactory,
    InsurancePolicyFactory,
    LoanAccountFactory,
    PaymentFactory,
    StandingOrderFactory,
)
from wekeza_portal import clock

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def customer() -> BranchCustomer:
    return a_customer()


def words(customer: BranchCustomer) -> list[str]:
    return [str(tie.what) for tie in ties_of(customer, accounts(customer)[0].account_number)]


def empty_it(customer: BranchCustomer, balance: str | None = "0.00") -> None:
    account = accounts(customer)[0]
    account.balance = D(balance) if balance is not None else None
    account.save(update_fields=["balance"])


def payment(customer: BranchCustomer, number: str, state: str) -> Any:
    instruction = InstructionFactory(customer=customer, payload={"from_number": number}, state="POSTED")
    return PaymentFactory(id=instruction.id, customer_id=customer.user_id, state=state, amount=D("750.00"))


def test_an_empty_account_with_nothing_on_it_has_nothing_against_it(customer: BranchCustomer) -> None:
    empty_it(customer)
    assert words(customer) == []


@pytest.mark.parametrize(
    ("balance", "said", "stops"),
    [("0.01", "What is on it", False), ("-0.01", "It is overdrawn", True), (None, "not recorded", False)],
)
def test_the_balance(customer: BranchCustomer, balance: str | None, said: str, stops: bool) -> None:
    empty_it(customer, balance)
    [tie] = ties_of(customer, accounts(customer)[0].account_number)
    assert said in tie.what
    assert tie.is_in_the_way is stops


def test_everything_that_hangs_on_it_is_said_what_is_in_the_way_first(customer: BranchCustomer) -> None:
    account = accounts(customer)[0]
    number = account.account_number
    CardFactory(customer=customer, account=account, account_number=number, last_four="4321")
    LoanAccountFactory(account_number=number, loan_type="Personal Loan", outstanding_balance=D("40000.00"))
    FixedDepositFactory(account=account, maturity_date=date(2027, 3, 31), principal_amount=D("60000.00"))
    InsurancePolicyFactory(account_number=number, policy_type="Credit Life", status="ACTIVE")
    StandingOrderFactory(customer_id=customer.user_id, from_number=number, receiver="GRACE A.")
    payment(customer, number, "SENT")
    found = ties_of(customer, number)
    said = " | ".join(tie.what for tie in found)
    for part in ("4321", "Personal Loan", "31 March 2027", "Credit Life", "GRACE A.", "on its way", "What is on it"):
        assert part in said
    assert len(in_the_way(found)) == 3
    assert [tie.is_in_the_way for tie in found] == [True] * 3 + [False] * 4
    assert D("40000.00") in {tie.amount for tie in found}


def test_what_has_ended_hangs_no_longer(customer: BranchCustomer) -> None:
    empty_it(customer)
    account = accounts(customer)[0]
    number, yesterday = account.account_number, clock.today() - timedelta(days=1)
    common = {"customer": customer, "account": account, "account_number": number}
    CardFactory(**common, state="LOST")
    CardFactory(**common, state="REFUSED")
    CardFactory(**common, expires_on=yesterday)
    LoanAccountFactory(account_number=number, status="CLOSED")
    FixedDepositFactory(account=account, status="CLOSED")
    InsurancePolicyFactory(account_number=number, status="LAPSED")
    InsurancePolicyFactory(account_number=number, status="ACTIVE", maturity_date=yesterday)
    StandingOrderFactory(customer_id=customer.user_id, from_number=number, state="ENDED")
    for state in ("SETTLED", "RETURNED"):
        payment(customer, number, state)
    assert words(customer) == []


def test_a_paused_order_and_a_frozen_card_still_hang(customer: BranchCustomer) -> None:
    empty_it(customer)
    account = accounts(customer)[0]
    number = account.account_number
    CardFactory(customer=customer, account=account, account_number=number, frozen_at=clock.now())
    StandingOrderFactory(customer_id=customer.user_id, from_number=number, state="PAUSED")
    assert len(words(customer)) == 2


def test_what_hangs_on_another_account_or_on_somebody_else_is_not_said(customer: BranchCustomer) -> None:
    empty_it(customer)
    other, stranger = accounts(customer)[1], CustomerFactory()
    theirs = AccountFactory(customer=stranger)
    for account, owner in ((other, customer), (theirs, stranger)):
        CardFactory(customer=owner, account=account, account_number=account.account_number)
        LoanAccountFactory(account_number=account.account_number)
        FixedDepositFactory(account=account)
        StandingOrderFactory(customer_id=owner.user_id, from_number=account.account_number)
        payment(owner, account.account_number, "SENT")
    assert words(customer) == []
    assert ties_of(customer, theirs.account_number) == []


def test_an_order_of_a_former_owner_is_not_said(customer: BranchCustomer) -> None:
    empty_it(customer)
    StandingOrderFactory(customer_id=987_654, from_number=accounts(customer)[0].account_number)
    assert words(customer) == []


def test_all_of_it_takes_few_questions(customer: BranchCustomer) -> None:
    number = accounts(customer)[0].account_number
    ties_of(customer, number)
    with CaptureQueriesContext(connection) as asked:
        ties_of(customer, number)
    assert len(asked) <= 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_is_in_the_way_stops_the_sending_whenever_it_came(customer: BranchCustomer, when: str) -> None:
    account = accounts(customer)[0]
    draft = asking.draft(customer, catalogue.CLOSE_ACCOUNT, wish(catalogue.CLOSE_ACCOUNT, account))
    loan = LoanAccountFactory(account_number=account.account_number, loan_type="Salary Advance")
    with pytest.raises(errors.StillInTheWay, match="Salary Advance"):
        asking.send(customer, draft, ANYONE)
    assert AuthorizationItem.objects.count() == 0
    type(loan).objects.filter(pk=loan.pk).update(status="CLOSED")
    if when == "after":
        assert asking.send(customer, draft, ANYONE).state == State.SENT


def test_what_only_hangs_does_not_stop_it(customer: BranchCustomer) -> None:
    account = accounts(customer)[0]
    CardFactory(customer=customer, account=account, account_number=account.account_number)
    draft = asking.draft(customer, catalogue.CLOSE_ACCOUNT, wish(catalogue.CLOSE_ACCOUNT, account))
    assert asking.send(customer, draft, ANYONE).state == State.SENT
