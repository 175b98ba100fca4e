"""A file whose owner may not come in any more, or is somebody else now, is not paid any further."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.identity.links import fingerprint
from accounts.models import Account, BranchCustomer, Instruction, User
from tests.support import sign_in
from transfers.many import files, paying
from transfers.models import PaymentFile, PaymentFileRow
from transfers.tests.support import balance
from transfers.tests.test_many import (
    START,
    RowState,
    State,
    _no_rails,
    client,
    confirm,
    friends,
    line,
    payer,
    problems,
    ready,
    states,
    upload,
    work,
)
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem

__all__ = ["_no_rails", "client", "friends", "payer"]
pytestmark = pytest.mark.django_db(transaction=True)


def close_access(payer: Account) -> None:
    BranchCustomer.objects.filter(pk=payer.customer_id).update(is_active=False)


def disable_login(payer: Account) -> None:
    User.objects.filter(customer_id=payer.customer_id).update(is_active=False)


def reset_by_the_branch(payer: Account) -> None:
    BranchCustomer.objects.filter(pk=payer.customer_id).update(password_hash="$2b$12$another")


def become_somebody_else(payer: Account) -> None:
    """The branch gave the id to another person, who has come in since."""
    BranchCustomer.objects.filter(pk=payer.customer_id).update(national_id="99999999")
    fresh = BranchCustomer.objects.get(pk=payer.customer_id)
    User.objects.filter(customer_id=payer.customer_id).update(fingerprint=fingerprint(fresh))


GONE = [close_access, disable_login, reset_by_the_branch, become_somebody_else]


def stop_after_the_first_row(monkeypatch: pytest.MonkeyPatch, payer: Account, gone: Callable[[Account], None]) -> None:
    """The owner is locked out while the worker is between the first and the second row."""
    handle = paying.handle_row

    def one_row(file: PaymentFile, row: PaymentFileRow, customer: BranchCustomer) -> None:
        handle(file, row, customer)
        if file.state == State.CONFIRMED:
            gone(payer)

    monkeypatch.setattr(paying, "handle_row", one_row)


@pytest.mark.parametrize("gone", GONE)
def test_a_confirmed_file_pays_no_row_after_its_owner_may_not_come_in(
    client: Client, payer: Account, friends: list[Account], monkeypatch: pytest.MonkeyPatch, gone: Any
) -> None:
    file = ready(client, payer, friends)
    confirm(payer, file)
    stop_after_the_first_row(monkeypatch, payer, gone)
    work()
    file.refresh_from_db()
    assert (file.state, states(file)) == (State.DONE, [RowState.SENT, RowState.REFUSED, RowState.REFUSED])
    assert balance(payer) == START - Decimal("100.00")
    assert problems(file) == ["", *["Your online access was closed before it was sent."] * 2]
    left = Instruction.objects.filter(id__in=file.rows.filter(state="REFUSED").values("instruction_id"))
    assert {draft.state for draft in left} == {Instruction.State.CANCELLED}, "and no slower worker pays them later"
    told = InboxItem.objects.filter(cause=f"payment-file:{file.id}").count()
    assert told == (0 if gone is become_somebody_else else 1)
    assert AuditEvent.objects.get(verb="payment_file.given_up").data == {"sent": 1, "refused": 2}


def test_whoever_comes_in_again_reads_on_the_files_page_what_became_of_it(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    file = ready(client, payer, friends)
    confirm(payer, file)
    close_access(payer)
    work()
    assert balance(payer) == START
    BranchCustomer.objects.filter(pk=payer.customer_id).update(is_active=True)
    work()
    assert balance(payer) == START, "it does not go on by itself"
    browser = Client()
    sign_in(browser, User.objects.get(customer=payer.customer))
    text = browser.get(f"/move/many/{file.id}/").content.decode()
    assert "Your online access was closed, so we stopped here." in text
    assert "0 of 3 payments were sent" in text


def test_a_file_that_is_still_checked_is_given_up_too(client: Client, payer: Account, friends: list[Account]) -> None:
    upload(client, payer, *(line(friend.account_number) for friend in friends))
    close_access(payer)
    work()
    file = PaymentFile.objects.get()
    assert (file.state, file.instruction_id) == (State.CANCELLED, None)
    assert not Instruction.objects.exists()


def test_a_row_that_was_paid_before_its_worker_died_is_called_sent_not_refused(
    client: Client, payer: Account, friends: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ready(client, payer, friends)
    confirm(payer, file)
    with monkeypatch.context() as dying:
        dying.setattr(paying, "_note", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            paying.work()
    close_access(payer)
    PaymentFile.objects.update(claimed_until=None)
    work()
    assert states(file) == [RowState.SENT, RowState.REFUSED, RowState.REFUSED]
    assert balance(payer) == START - Decimal("100.00")


def test_the_person_who_has_the_id_now_neither_sees_nor_confirms_the_file(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    file = ready(client, payer, friends)
    become_somebody_else(payer)
    browser = Client()
    sign_in(browser, User.objects.get(customer=payer.customer))
    assert file.name not in browser.get("/move/many/").content.decode()
    for address in ("", "confirm/", "cancel/"):
        method = browser.post if address else browser.get
        assert method(f"/move/many/{file.id}/{address}").status_code == 404
    with pytest.raises(files.FileOver):
        confirm(payer, file)
    file.refresh_from_db()
    assert file.state == State.READY
