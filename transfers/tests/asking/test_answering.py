"""A request is paid once, by its payer, or refused."""

import contextlib
import re
import threading
import uuid
from decimal import Decimal

import pytest

from accounts import instructions
from accounts.models import Account, Instruction
from tests.factories import AccountFactory, UserFactory
from tests.together import at_once
from transfers.asking import answers, asks, selectors, taking
from transfers.asking.taking import RequestOver
from transfers.models import BlockedAsker, MoneyRequest
from transfers.tests.asking.scenes import State, asked, browser, draft
from transfers.tests.support import an_account, as_actor, balance, owner_of
from wekeza_portal import clock
from wekeza_portal.errors import PortalError

pytestmark = pytest.mark.django_db(transaction=True)


def confirm(payer: Account, instruction: Instruction) -> None:
    customer = owner_of(payer)
    instructions.approve(customer=customer, instruction_id=instruction.id)
    instructions.confirm(customer=customer, instruction_id=instruction.id, actor=as_actor(customer))


def test_paying_leads_to_the_ordinary_review_with_a_code_and_ends_the_request(asker: Account, payer: Account) -> None:
    request = asked(asker, payer)
    client = browser(payer)
    response = client.post(f"/move/requests/{request.id}/", {"from_account": payer.account_number})
    assert response.status_code == 303
    assert balance(payer) == Decimal("30000.00"), "nothing moved yet"
    review = client.get(response["Location"]).content.decode()
    assert "KES 500.00" in review
    assert "WANJIKU M." in review
    instruction = Instruction.objects.get()
    confirmed = client.post(f"/move/payments/{instruction.id}/confirm/")
    assert "/step-up/" in confirmed["Location"], "a new payee"
    confirm(payer, instruction)
    request.refresh_from_db()
    assert (request.state, request.instruction_id) == (State.PAID, instruction.id)
    assert balance(asker) == Decimal("10500.00")
    assert str(selectors.asked_by(owner_of(asker))[0].state) == "Paid"


def test_two_drafts_of_one_request_pay_once(asker: Account, payer: Account) -> None:
    request = asked(asker, payer)
    first, second = draft(payer, request), draft(payer, request)
    confirm(payer, first)
    with pytest.raises(RequestOver):
        confirm(payer, second)
    confirm(payer, first)
    assert balance(payer) == Decimal("29500.00")
    assert balance(asker) == Decimal("10500.00")


@pytest.mark.mariadb
def test_parallel_confirms_of_two_drafts_pay_once(asker: Account, payer: Account) -> None:
    request = asked(asker, payer)
    drafts = [draft(payer, request) for _number in range(4)]
    at_once([lambda one=one: confirm(payer, one) for one in drafts])
    assert balance(payer) == Decimal("29500.00")
    assert balance(asker) == Decimal("10500.00")


@pytest.mark.mariadb
def test_without_the_lock_two_drafts_would_pay_twice(
    asker: Account, payer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the lock is there for: both look before either has written."""
    request = asked(asker, payer)
    drafts = [draft(payer, request) for _number in range(2)]
    both_looked = threading.Barrier(2)

    def unlocked(request_id: uuid.UUID, payer_id: int) -> MoneyRequest | None:
        found = MoneyRequest.objects.filter(id=request_id, payer_id=payer_id).first()
        with contextlib.suppress(threading.BrokenBarrierError):
            both_looked.wait(timeout=20)
        return found

    monkeypatch.setattr(taking, "_locked", unlocked)
    at_once([lambda one=one: confirm(payer, one) for one in drafts])
    assert balance(payer) == Decimal("29000.00")


@pytest.mark.parametrize("end", ["taken back", "declined", "blocked", "run out"])
def test_what_ended_between_review_and_confirm_is_not_paid(asker: Account, payer: Account, end: str) -> None:
    request = asked(asker, payer)
    instruction = draft(payer, request)
    if end == "taken back":
        asks.take_back(owner_of(asker), request.id, as_actor(owner_of(asker)))
    elif end == "declined":
        answers.decline(owner_of(payer), request.id, as_actor(owner_of(payer)))
    elif end == "blocked":
        answers.block(owner_of(payer), request.id, as_actor(owner_of(payer)))
    else:
        MoneyRequest.objects.update(expires_at=clock.now())
    with pytest.raises(RequestOver):
        confirm(payer, instruction)
    assert balance(payer) == Decimal("30000.00")
    assert Instruction.objects.get().state == "DRAFT"


def test_a_payment_that_fails_leaves_the_request_open(asker: Account, payer: Account) -> None:
    request = asked(asker, payer)
    instruction = draft(payer, request)
    Account.objects.filter(pk=payer.pk).update(balance=Decimal("1200.00"))
    with pytest.raises(PortalError):
        confirm(payer, instruction)
    request.refresh_from_db()
    assert (request.state, request.instruction_id) == (State.OPEN, None)


def test_a_request_named_in_a_strangers_payment_is_not_taken(asker: Account, payer: Account) -> None:
    """The id of somebody else's request in one's own draft pays nothing and ends nothing."""
    request = asked(asker, payer)
    thief = an_account("Stranger", "30000.00")
    instruction = draft_for(thief, request)
    with pytest.raises(RequestOver):
        confirm(thief, instruction)
    request.refresh_from_db()
    assert request.state == State.OPEN


def draft_for(account: Account, request: MoneyRequest) -> Instruction:
    from transfers.services import prepare_transfer

    return prepare_transfer(
        owner_of(account), from_number=account.account_number, to_number=request.to_account, amount=request.amount,
        note="", actor=as_actor(owner_of(account)), request_id=request.id,
    )  # fmt: skip


def test_saying_no_ends_it_and_blocking_ends_all_of_theirs(asker: Account, payer: Account) -> None:
    client = browser(payer)
    second = AccountFactory(customer=owner_of(payer))
    one, two = asked(asker, payer), asked(asker, second)
    client.post(f"/move/requests/{one.id}/decline/")
    client.post(f"/move/requests/{one.id}/decline/")
    assert MoneyRequest.objects.get(pk=one.pk).state == State.DECLINED
    assert MoneyRequest.objects.get(pk=two.pk).state == State.OPEN
    client.post(f"/move/requests/{two.id}/block/")
    client.post(f"/move/requests/{two.id}/block/")
    assert MoneyRequest.objects.get(pk=two.pk).state == State.DECLINED
    assert BlockedAsker.objects.count() == 1
    blocked = BlockedAsker.objects.get()
    client.post(f"/move/requests/blocked/{blocked.id}/unblock/")
    assert not BlockedAsker.objects.exists()


def test_others_can_neither_see_nor_answer_nor_take_back(asker: Account, payer: Account) -> None:
    request = asked(asker, payer)
    stranger = an_account("Stranger")
    UserFactory(customer=owner_of(stranger))
    client = browser(stranger)
    nobodys = uuid.uuid4()
    for request_id in (request.id, nobodys):
        assert client.get(f"/move/requests/{request_id}/").status_code == 404
        for act in ("decline", "block", "take-back"):
            assert client.post(f"/move/requests/{request_id}/{act}/").status_code == 404
    for act in ("decline", "block"):
        assert browser(asker).post(f"/move/requests/{request.id}/{act}/").status_code == 404
    assert browser(payer).post(f"/move/requests/{request.id}/take-back/").status_code == 404
    request.refresh_from_db()
    assert request.state == State.OPEN


@pytest.mark.parametrize("note", ["<script>alert(1)</script>", "=HYPERLINK(1)", "🎉", "' OR 1=1", "{{ 7*7 }}"])
def test_the_askers_words_are_only_words(asker: Account, payer: Account, note: str) -> None:
    request = asked(asker, payer, note=note)
    client = browser(payer)
    for address in ("/move/requests/", f"/move/requests/{request.id}/"):
        text = client.get(address).content.decode()
        assert "<script>alert" not in text
        assert "49" not in re.findall(r"<bdi>([^<]*)</bdi>", text)
