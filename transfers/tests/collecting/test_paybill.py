"""Payments to the paybill: on the account that was typed, once; what is nobody's waits in suspense; validation."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, AccountTransaction, Posting
from tests.factories import AccountFactory, BusinessFactory
from transfers.models import Incoming
from transfers.tests.collecting.scenes import (
    NOSTRO,
    RECEIPT,
    SUSPENSE,
    D,
    InState,
    ask,
    assert_books_tie,
    c2b,
    prompted,
    tell_c2b,
    tell_stk,
)
from transfers.tests.scripted import internal
from transfers.tests.support import balance
from wekeza_portal import clock
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.rails import callbacks, paybill
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.staff.models import PortalSwitch

pytestmark = pytest.mark.django_db


def switch_off(code: str = "MOBILE_MONEY") -> None:
    PortalSwitch.objects.create(code=code, is_on=False, notice_en="Off.", since=clock.today(), changed_at=clock.now())


def test_a_known_account_is_credited_and_told(account: Account) -> None:
    row = tell_c2b(account.account_number, amount="500.00")
    assert row.state == RailCallback.State.DONE
    assert (balance(account), internal()) == (D("2500.00"), {NOSTRO: D("-500.00")})
    found = Incoming.objects.get()
    assert (found.state, found.payer, found.receipt) == (InState.CREDITED, "PETER KAMAU", RECEIPT)
    written = AccountTransaction.objects.get(txn_type="MOBILE_MONEY_IN")
    assert written.description == f"M-Pesa deposit from PETER KAMAU {RECEIPT} - Online"
    cause = f"money-received:{found.pk}"
    assert (OutboxMessage.objects.filter(cause=cause).count(), InboxItem.objects.filter(cause=cause).count()) == (1, 1)
    assert_books_tie()


@pytest.mark.parametrize("spell", [str.lower, lambda text: f" {text[:3]} {text[3:]} ", str.upper])
def test_the_account_may_be_typed_with_blanks_and_in_small_letters(
    account: Account, spell: Callable[[str], str]
) -> None:
    tell_c2b(spell(account.account_number))
    assert balance(account) == D("2500.00")


def test_twenty_confirmations_in_other_bytes_credit_once(account: Account) -> None:
    for number in range(20):
        tell_c2b(account.account_number, OrgAccountBalance=f"{number}.00")
    assert (RailCallback.objects.count(), Incoming.objects.count(), Posting.objects.count()) == (20, 1, 1)
    assert balance(account) == D("2500.00")
    assert OutboxMessage.objects.count() == 1
    assert_books_tie()


@pytest.mark.parametrize("typed", ["", "NOBODY", "ACC9999999", "0722000111", "'; DROP TABLE accounts; --", "😀" * 9])
def test_an_unknown_account_goes_to_suspense(account: Account, typed: str) -> None:
    assert tell_c2b(typed).state == RailCallback.State.DONE
    row = Incoming.objects.get()
    assert (row.state, row.why, row.customer_id) == (InState.SUSPENSE, "unknown", None)
    assert (balance(account), internal()) == (D("2000.00"), {NOSTRO: D(-500), SUSPENSE: D(500)})
    assert OutboxMessage.objects.count() == 0
    assert_books_tie()


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_an_account_that_can_not_receive_sends_it_to_suspense(account: Account, status: str) -> None:
    Account.objects.filter(pk=account.pk).update(status=status)
    tell_c2b(account.account_number)
    assert (Incoming.objects.get().why, balance(account)) == ("closed", D("2000.00"))
    assert_books_tie()


def test_a_companys_account_is_not_credited_here(account: Account) -> None:
    company = AccountFactory(customer=None, business=BusinessFactory(), balance=D("7.00"))
    tell_c2b(company.account_number)
    assert (Incoming.objects.get().why, balance(company)) == ("unknown", D("7.00"))


def test_money_for_another_paybill_is_kept_and_books_nothing(account: Account) -> None:
    row = tell_c2b(account.account_number, BusinessShortCode="111111")
    assert (row.state, Posting.objects.count()) == (RailCallback.State.IGNORED, 0)


@pytest.mark.parametrize("amount", ["abc", "", "-5.00", "0", "1e9999", None])
def test_an_amount_that_is_none_books_nothing(account: Account, amount: Any) -> None:
    row = tell_c2b(account.account_number, amount=amount)
    assert (row.state, Posting.objects.count()) == (RailCallback.State.FAILED, 0)


def test_money_that_came_while_switched_off_is_credited_all_the_same(account: Account) -> None:
    """Safaricom has it for us already: keeping it from the customer would be theft."""
    switch_off()
    tell_c2b(account.account_number)
    assert balance(account) == D("2500.00")


ORDERS = list(itertools.permutations(["stk", "paybill", "other"]))


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_a_prompt_its_paybill_report_and_another_payment_are_two_pieces_of_money(
    account: Account, order: tuple[str, ...]
) -> None:
    deposit = prompted(account)
    said: dict[str, Callable[[], Any]] = {
        "stk": lambda: tell_stk(),
        "paybill": lambda: tell_c2b(deposit.reference.replace("-", ""), amount="1500.00"),
        "other": lambda: tell_c2b(account.account_number, receipt="SOTHER0001"),
    }
    for word in order * 2:
        said[word]()
    assert (balance(account), Incoming.objects.count()) == (D("4000.00"), 2)
    assert internal() == {NOSTRO: D("-2000.00")}
    assert_books_tie()


# --- Validation ---------------------------------------------------------------------------------------------------


def asked(typed: str, **changes: Any) -> dict[str, Any]:
    """What M-Pesa is answered before it takes the money."""
    path = callbacks.path_for("mpesa.validation")
    answer = Client().post(path, json.dumps(c2b(typed, **changes)), content_type="application/json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


ACCEPTED, UNKNOWN = {"ResultCode": "0", "ResultDesc": "Accepted"}, {"ResultCode": "C2B00012", "ResultDesc": "Rejected"}


def test_before_it_is_paid_a_known_account_is_accepted_and_nothing_booked(account: Account) -> None:
    assert asked(account.account_number) == ACCEPTED
    callbacks.work_through()
    assert (Posting.objects.count(), RailCallback.objects.get().state) == (0, RailCallback.State.DONE)


def test_what_could_not_be_credited_is_rejected_beforehand(account: Account) -> None:
    assert asked("NOBODY") == UNKNOWN
    assert asked(account.account_number, BusinessShortCode="111111")["ResultCode"] == "C2B00015"
    Account.objects.filter(pk=account.pk).update(status="DISABLED")
    assert asked(account.account_number) == UNKNOWN
    assert asked(account.account_number, amount="abc")["ResultCode"] == "C2B00016"


def test_a_deposits_own_reference_is_accepted_while_it_is_open(account: Account) -> None:
    deposit = ask(account)
    reference = deposit.reference.replace("-", "")
    assert asked(reference, amount="1500.00") == ACCEPTED
    assert asked(reference, amount="1.00") == UNKNOWN


def test_switched_off_nothing_is_accepted(account: Account) -> None:
    switch_off("MPESA")
    assert asked(account.account_number)["ResultCode"] == "C2B00016"


def test_a_confirmation_is_answered_as_safaricom_wants(account: Account) -> None:
    body = json.dumps(c2b("NOBODY"))
    answer = Client().post(callbacks.path_for("mpesa.confirmation"), body, content_type="application/json")
    assert answer.json() == {"ResultCode": 0, "ResultDesc": "Success"}


# --- The number ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short_code", "confirmed", "shown"), [("400222", "400222", "400222"), ("400222", "", ""), ("400222", "522522", "")]
)
def test_the_paybill_is_told_only_where_the_bank_has_confirmed_that_very_number(
    settings: Any, browser: Client, short_code: str, confirmed: str, shown: str
) -> None:
    settings.MPESA_SHORTCODE, settings.MPESA_PAYBILL_CONFIRMED = short_code, confirmed
    assert paybill.number() == shown
    page = browser.get("/save/").content.decode()
    assert ("Paybill 400222" in page) == bool(shown)
    assert "522522" not in page
