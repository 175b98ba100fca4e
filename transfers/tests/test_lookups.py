"""Whose account is it: enough to recognise a friend, too little to collect names."""

import threading
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from accounts.models import Account, BranchCustomer
from tests.factories import AccountFactory, LimitFactory
from tests.together import at_once
from transfers import errors, lookups
from transfers.models import PayeeLookup
from transfers.recent import recent_payees
from transfers.selectors import Payee, look_up_payee
from transfers.tests.support import an_account, owner_of, pay, prepare
from wekeza_portal import clock


@pytest.fixture
def sender(db: None) -> Account:
    return an_account("Emmanuel Odenyire", "400000.00")


@pytest.fixture
def customer(sender: Account) -> BranchCustomer:
    return owner_of(sender)


def ask(customer: BranchCustomer, times: int) -> list[Account]:
    """Look up that many different strangers."""
    accounts = [an_account("Some Body") for _ in range(times)]
    for account in accounts:
        look_up_payee(customer, account.account_number)
    return accounts


def test_it_gives_the_masked_name_and_never_more(customer: BranchCustomer) -> None:
    account = an_account("Wanjiku Mwangi")
    payee = look_up_payee(customer, account.account_number)
    assert (payee.account_number, payee.masked_name, payee.is_own) == (account.account_number, "WANJIKU M.", False)


def test_the_sixth_stranger_of_a_day_is_not_shown(customer: BranchCustomer) -> None:
    ask(customer, 5)
    with pytest.raises(errors.PayeeLookupLimit) as caught:
        look_up_payee(customer, an_account("Wanjiku Mwangi").account_number)
    assert "5 new account numbers" in str(caught.value)


def test_unknown_numbers_count_and_the_refusal_is_the_same_for_them(customer: BranchCustomer) -> None:
    for number in range(5):
        with pytest.raises(errors.UnknownPayee):
            look_up_payee(customer, f"ACC99999{number}")
    told = []
    for number in ("ACC999990", an_account("Wanjiku Mwangi").account_number, "ACC777777"):
        try:
            look_up_payee(customer, number)
        except errors.TransferRefused as refusal:
            told.append(type(refusal))
    assert told == [errors.UnknownPayee, errors.PayeeLookupLimit, errors.PayeeLookupLimit]


def test_the_same_account_counts_once_in_any_case_of_letters(customer: BranchCustomer) -> None:
    account = an_account("Wanjiku Mwangi")
    for number in (account.account_number, account.account_number.lower(), account.account_number):
        assert look_up_payee(customer, number).account_number == account.account_number
    assert PayeeLookup.objects.count() == 1


def test_people_paid_before_and_own_accounts_never_count(sender: Account, customer: BranchCustomer) -> None:
    friend = an_account("Wanjiku Mwangi")
    pay(sender, friend)
    PayeeLookup.objects.all().delete()
    own = AccountFactory(customer=customer)
    look_up_payee(customer, friend.account_number)
    assert look_up_payee(customer, own.account_number).is_own
    assert not PayeeLookup.objects.exists()
    ask(customer, 5)
    assert look_up_payee(customer, friend.account_number).masked_name == "WANJIKU M."


def test_a_draft_never_confirmed_makes_nobody_known(sender: Account, customer: BranchCustomer) -> None:
    accounts = [an_account("Some Body") for _ in range(5)]
    for account in accounts:
        prepare(sender, account)
    with pytest.raises(errors.PayeeLookupLimit):
        prepare(sender, an_account("Wanjiku Mwangi"))


def test_refused_accounts_count_too(customer: BranchCustomer) -> None:
    frozen = an_account("Wanjiku Mwangi", status="FROZEN")
    with pytest.raises(errors.PayeeUnavailable):
        look_up_payee(customer, frozen.account_number)
    assert PayeeLookup.objects.count() == 1


def test_one_customers_questions_do_not_count_for_another(customer: BranchCustomer) -> None:
    ask(customer, 5)
    stranger = owner_of(an_account("Third Person"))
    assert look_up_payee(stranger, an_account("Wanjiku Mwangi").account_number)


def test_a_new_day_in_nairobi_opens_it_again(customer: BranchCustomer) -> None:
    with time_machine.travel("2026-12-31T20:59:59Z", tick=False):
        ask(customer, 5)
        with pytest.raises(errors.PayeeLookupLimit):
            ask(customer, 1)
    with time_machine.travel("2026-12-31T21:00:00Z", tick=False):
        assert len(ask(customer, 5)) == 5


def test_the_bank_sets_how_many(customer: BranchCustomer) -> None:
    LimitFactory(code="PAYEE_LOOKUPS", value=Decimal("1.00"), effective_from=clock.today())
    ask(customer, 1)
    with pytest.raises(errors.PayeeLookupLimit):
        ask(customer, 1)


def test_no_account_number_is_kept(customer: BranchCustomer) -> None:
    account = ask(customer, 1)[0]
    assert account.account_number not in PayeeLookup.objects.get().account_number_digest


def test_recent_payees_are_those_who_were_paid_latest_first(sender: Account, customer: BranchCustomer) -> None:
    first, second, third = (an_account(name) for name in ("Wanjiku Mwangi", "Brian Otieno", "Achieng Odhiambo"))
    with time_machine.travel("2026-10-01T09:00:00Z", tick=False):
        pay(sender, first)
    with time_machine.travel("2026-10-02T09:00:00Z", tick=False):
        pay(sender, second)
    with time_machine.travel("2026-10-12T09:00:00Z", tick=False):
        pay(sender, first)
        prepare(sender, third)
    found = [(payee.name, payee.times, payee.last_at.day) for payee in recent_payees(customer)]
    assert found == [("WANJIKU M.", 2, 12), ("BRIAN O.", 1, 2)]
    assert recent_payees(owner_of(first)) == []


def test_money_between_own_accounts_makes_no_payee(sender: Account, customer: BranchCustomer) -> None:
    pay(sender, AccountFactory(customer=customer))
    assert recent_payees(customer) == []


def ask_at_once(customer: BranchCustomer, times: int) -> list[Payee | Exception]:
    strangers = [an_account("Some Body") for _ in range(times)]
    return at_once([lambda a=account: look_up_payee(customer, a.account_number) for account in strangers])


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_parallel_questions_show_every_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race the lock is there for: everybody has counted before anybody writes."""
    counted = threading.Barrier(10)
    count = lookups._asked_about

    def count_and_wait(customer: BranchCustomer, today: date) -> int:
        found = count(customer, today)
        counted.wait(timeout=30)
        return found

    monkeypatch.setattr(lookups, "_wait_for_ones_turn", lambda customer: None)
    monkeypatch.setattr(lookups, "_asked_about", count_and_wait)
    outcomes = ask_at_once(owner_of(an_account("Emmanuel Odenyire")), 10)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_parallel_questions_never_show_more_than_the_limit() -> None:
    customer = owner_of(an_account("Emmanuel Odenyire"))
    outcomes = ask_at_once(customer, 20)
    refused = [outcome for outcome in outcomes if isinstance(outcome, errors.PayeeLookupLimit)]
    assert len(refused) == 15
    assert PayeeLookup.objects.filter(customer_id=customer.user_id).count() == 5
