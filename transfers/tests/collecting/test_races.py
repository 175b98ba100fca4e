"""Callbacks about one piece of money, twenty at once on a real MariaDB: it is credited once."""

import json
import threading
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Posting
from tests.factories import AccountFactory, CustomerFactory
from tests.together import at_once
from transfers.collecting import preparing, working
from transfers.models import Deposit, Incoming
from transfers.tests.collecting.scenes import (
    NOSTRO,
    D,
    InState,
    State,
    ask,
    assert_books_tie,
    c2b,
    confirm,
    prepare,
    prompted,
    stk,
)
from transfers.tests.scripted import ScriptedRail, internal
from transfers.tests.support import balance
from wekeza_portal import identifiers, ratelimit
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.models import RailCallback

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def account() -> Account:
    customer = CustomerFactory(full_name="Emmanuel Odenyire", phone_number="0722000111")
    found: Account = AccountFactory(customer=customer, balance=D("2000.00"))
    return found


def told(name: str, message: dict[str, Any]) -> int:
    path, body = callbacks.path_for(name), json.dumps(message)
    status = Client().post(path, body, content_type="application/json").status_code
    callbacks.work_through()
    return int(status)


def look_again_at_all() -> None:
    """What was being noted by another worker is due a little later."""
    RailCallback.objects.filter(state=RailCallback.State.NEW).update(due_at=RailCallback.objects.first().received_at)  # type: ignore[union-attr]
    while callbacks.work_through():
        pass


def test_twenty_confirmations_at_once_credit_once(account: Account) -> None:
    messages = [c2b(account.account_number, OrgAccountBalance=f"{number}.00") for number in range(20)]
    answers = at_once([lambda message=message: told("mpesa.confirmation", message) for message in messages])
    look_again_at_all()
    assert (answers, {row.state for row in RailCallback.objects.all()}) == ([200] * 20, {RailCallback.State.DONE})
    assert (Incoming.objects.count(), Posting.objects.count(), balance(account)) == (1, 1, D("2500.00"))
    assert_books_tie()


def test_two_accounts_deposits_at_once_ring_one_phone_once(account: Account) -> None:
    assert rung_by_two_at_once(account) == 1


def test_without_the_lock_it_would_ring_twice(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "hold", lambda policy, key: None)
    assert rung_by_two_at_once(account, monkeypatch) == 2


def rung_by_two_at_once(account: Account, monkeypatch: pytest.MonkeyPatch | None = None) -> int:
    """Two drafts for one phone onto two accounts, confirmed at once; `monkeypatch`: both look before either asks."""
    other = AccountFactory(customer=account.customer, balance=D("10.00"))
    drafts = [prepare(account), prepare(other, "700")]
    if monkeypatch is not None:
        together, reference = threading.Barrier(2), identifiers.new_reference

        def wait_first() -> str:
            together.wait(timeout=30)
            return reference()

        monkeypatch.setattr(preparing.identifiers, "new_reference", wait_first)
    at_once([lambda draft=draft: confirm(draft) for draft in drafts])
    return Deposit.objects.count()


def test_a_prompts_result_its_paybill_report_and_questions_at_once_credit_once(account: Account) -> None:
    deposit = prompted(account)
    reference = deposit.reference.replace("-", "")
    calls: list[Any] = []
    for number in range(7):
        said = stk()
        said["Body"]["stkCallback"]["ResultDesc"] = f"Said {number}"
        calls.append(lambda said=said: told("mpesa.stk", said))
        paid = c2b(reference, amount="1500.00", OrgAccountBalance=f"{number}.00")
        calls.append(lambda paid=paid: told("mpesa.confirmation", paid))
        calls.append(lambda: working.take_note(deposit, Outcome(Status.PAID, "0"), asked=True))
    at_once(calls)
    look_again_at_all()
    assert {row.state for row in RailCallback.objects.all()} == {RailCallback.State.DONE}
    assert Deposit.objects.get().state == State.RECEIVED
    assert (Incoming.objects.get().state, Posting.objects.count()) == (InState.CREDITED, 1)
    assert (balance(account), internal()) == (D("3500.00"), {NOSTRO: D(-1500)})
    assert_books_tie()


def test_six_workers_at_once_ask_a_phone_once(account: Account, phone: ScriptedRail) -> None:
    ask(account)
    phone.to_send = [Outcome(Status.ACCEPTED, "0", rail_ids={"checkout": "ws_CO_1"})]
    at_once([working.work] * 6)
    assert len(phone.sent) == 1
