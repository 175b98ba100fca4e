"""What a customer may do: everything, unless two people found the ID was never seen; children owe nothing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts import instructions
from accounts.identity import links
from accounts.ledger_errors import MayOnlyLook
from accounts.models import BranchCustomer, CustomerIdentity, Limit, User
from accounts.profile import rights
from accounts.profile.rights import RIGHTS, AgeUnknown, NotAtThisTier, TooYoung, age_on
from tests.factories import AccountFactory, CifFactory, CustomerFactory
from tests.payments import instruct, pay
from tests.support import all_the_money
from wekeza_portal import clock

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
Code = Limit.Code
LOAN = Code.MAY_BORROW


def unseen(customer: BranchCustomer, **values: Any) -> CustomerIdentity:
    return CustomerIdentity.objects.create(
        customer_id=customer.user_id, standing="NONE", fingerprint=links.fingerprint(customer),
        decided_by="A, B", decided_at=clock.now(), **values,
    )  # fmt: skip


def born(customer: BranchCustomer, day: date) -> None:
    CifFactory(national_id=customer.national_id, date_of_birth=day)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2008, 11, 25), date(2026, 11, 24), 17),
        (date(2008, 11, 25), date(2026, 11, 25), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 11, 25), date(2026, 11, 25), 0),
    ],
)
def test_age_is_counted_in_whole_years(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


@pytest.mark.parametrize("tier", [*BranchCustomer.Tier.values])
def test_whoever_the_branch_knows_may_do_everything(tier: str) -> None:
    customer = CustomerFactory(kyc_tier=tier)
    born(customer, date(1990, 3, 14))
    for right in RIGHTS:
        rights.require(customer, right)


def test_whose_id_was_not_seen_may_do_nothing_but_look() -> None:
    customer = CustomerFactory()
    born(customer, date(1990, 3, 14))
    unseen(customer)
    with pytest.raises(MayOnlyLook):
        rights.require(customer, Code.MAY_PAY)
    for right in rights.FOR_ADULTS:
        with pytest.raises(NotAtThisTier):
            rights.require(customer, right)


@pytest.mark.parametrize("right", sorted(rights.FOR_ADULTS))
def test_nobody_under_18_owes_or_signs_anything_but_pays(right: str) -> None:
    customer = CustomerFactory()
    born(customer, date(2010, 1, 1))
    day = date(2027, 12, 31)
    rights.require(customer, Code.MAY_PAY, day)
    with pytest.raises(TooYoung):
        rights.require(customer, right, day)
    rights.require(customer, right, day + timedelta(days=1))


@pytest.mark.parametrize("right", sorted(rights.FOR_ADULTS))
def test_an_unknown_age_is_asked_for_at_that_step_and_locks_nobody_out(right: str) -> None:
    customer = CustomerFactory()
    rights.require(customer, Code.MAY_PAY)
    with pytest.raises(AgeUnknown):
        rights.require(customer, right)


def test_what_staff_read_on_the_id_goes_before_the_branchs_file() -> None:
    customer = CustomerFactory()
    born(customer, date(2012, 1, 1))
    row = unseen(customer, born_on=date(1990, 3, 14))
    row.standing = ""
    row.save(update_fields=["standing"])
    assert rights.standing_of(customer).born_on == date(1990, 3, 14)


def test_a_birth_date_of_a_former_holder_of_the_id_is_nobodys() -> None:
    customer = CustomerFactory()
    row = unseen(customer, born_on=date(1990, 3, 14))
    row.standing, row.fingerprint = "", "another"
    row.save(update_fields=["standing", "fingerprint"])
    assert rights.standing_of(customer).born_on is None


def test_the_bank_tightens_a_tier_by_a_dated_row() -> None:
    customer = CustomerFactory(kyc_tier="TIER_1")
    born(customer, date(1990, 3, 14))
    tomorrow = clock.today() + timedelta(days=1)
    Limit.objects.create(code=LOAN, kyc_tier="TIER_1", value=D("0.00"), effective_from=tomorrow, created_by="A, B")
    rights.require(customer, LOAN)
    with pytest.raises(NotAtThisTier):
        rights.require(customer, LOAN, tomorrow)
    other = CustomerFactory(kyc_tier="TIER_2")
    born(other, date(1990, 3, 14))
    rights.require(other, LOAN, tomorrow)


def test_a_missing_figure_stops_money_instead_of_letting_it_through() -> None:
    account, other = AccountFactory(balance=D("9000.00")), AccountFactory()
    Limit.objects.filter(code=Code.MAY_PAY).delete()
    with pytest.raises(LookupError, match="MAY_PAY"):
        pay(account, other, D("100.00"))


# --- The ledger ---------------------------------------------------------------------------------------------------


def test_the_ledger_moves_nothing_of_whom_the_bank_has_not_identified() -> None:
    account, other = AccountFactory(balance=D("9000.00")), AccountFactory()
    instruction = instruct(account, D("100.00"))
    before = all_the_money()
    assert account.customer is not None
    unseen(account.customer)
    with pytest.raises(MayOnlyLook):
        pay(account, other, D("100.00"), instruction=instruction)
    assert all_the_money() == before
    instruction.refresh_from_db()
    assert instruction.state == "DRAFT"
    CustomerIdentity.objects.update(standing="")
    pay(account, other, D("100.00"), instruction=instruction)
    assert all_the_money() != before


def test_nothing_is_drafted_either() -> None:
    customer = CustomerFactory()
    unseen(customer)
    with pytest.raises(MayOnlyLook):
        instructions.draft(
            customer=customer, kind="TRANSFER_INTERNAL", payload={}, amount=D("1.00"), fee=D("0.00"),
            fee_row_id=None, payee_key="",
        )  # fmt: skip


def test_money_still_reaches_whom_the_bank_has_not_identified() -> None:
    account, other = AccountFactory(balance=D("9000.00")), AccountFactory(balance=D("0.00"))
    assert other.customer is not None
    unseen(other.customer)
    pay(account, other, D("100.00"))
    other.refresh_from_db()
    assert other.balance == D("100.00")


def test_a_payment_asks_nothing_more_than_before() -> None:
    """The tier is read in the statement that reads the limits."""
    account, other = AccountFactory(balance=D("9000.00")), AccountFactory()
    seen: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    instruction = instruct(account, D("100.00"))
    with connection.execute_wrapper(watch):
        pay(account, other, D("100.00"), instruction=instruction)
    asking = [sql for sql in seen if "portal_customer_identity" in sql]
    assert len(asking) == 1
    assert "portal_limit" in asking[0]
    assert sum("portal_limit" in sql and "usage" not in sql for sql in seen) == 1


# --- The profile --------------------------------------------------------------------------------------------------


def test_the_profile_says_what_is_open_and_what_is_missing(browser: Client, customer: BranchCustomer) -> None:
    page = browser.get("/settings/profile/").content.decode()
    assert "Move money" in page
    assert "We need your date of birth for this" in page
    born(customer, date(1990, 3, 14))
    page = browser.get("/settings/profile/").content.decode()
    assert "14/03/1990" in page
    assert "We need your date of birth" not in page
    unseen(customer)
    page = browser.get("/settings/profile/").content.decode()
    assert "We have not seen your national ID." in page


def test_the_form_of_a_payment_says_why_it_cannot_be(browser: Client, user: User, customer: BranchCustomer) -> None:
    account, other = AccountFactory(customer=customer, balance=D("9000.00")), AccountFactory()
    unseen(customer)
    typed = {"from_account": account.account_number, "to_account": other.account_number, "amount": "100", "note": ""}
    answer = browser.post("/move/wekeza/", typed)
    assert answer.status_code == 200
    assert "You can look at your money, but not move it yet" in answer.content.decode()
