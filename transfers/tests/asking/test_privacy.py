"""Asking for money tells nobody who banks here, and only who can answer is told."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from tests.factories import AccountFactory, BusinessFactory, UserFactory
from tests.together import at_once
from transfers import exports
from transfers.asking import answers, asks
from transfers.asking.delivering import deliver
from transfers.models import BlockedAsker, MoneyRequest
from transfers.tests.asking.scenes import NOBODY, State, ask, asked, browser, form, plain
from transfers.tests.support import an_account, as_actor, owner_of
from wekeza_portal import clock
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)


def numbers_of_all_sorts(asker: Account) -> list[str]:
    """Nobody's, a customer's, a frozen one's, one's without a login, one's who blocked this asker."""
    accounts = [an_account("Some Body") for _number in range(4)]
    for account in accounts[:3]:
        UserFactory(customer=owner_of(account))
    Account.objects.filter(pk=accounts[1].pk).update(status="FROZEN")
    BlockedAsker.objects.create(
        customer_id=owner_of(accounts[2]).user_id, asker_id=owner_of(asker).user_id, created_at=clock.now()
    )
    return [NOBODY, *(account.account_number for account in accounts)]


def test_asking_any_number_looks_the_same_does_the_same_and_asks_the_same(asker: Account) -> None:
    client = browser(asker)
    client.post("/move/requests/ask/", form(asker, payer="ACC7777777"))  # the first of a day also begins its count
    asks.take_back(owner_of(asker), MoneyRequest.objects.get().id, as_actor(owner_of(asker)))
    seen = []
    for number in numbers_of_all_sorts(asker):
        with CaptureQueriesContext(connection) as queries:
            response = client.post("/move/requests/ask/", form(asker, payer=number))
        tables = [re.findall(r"(?:FROM|INTO|UPDATE)\s+[\"`](\w+)", query["sql"]) for query in queries]
        work = tuple(name for names in tables for name in names if "session" not in name)
        deliver()
        page = client.get("/move/requests/").content.decode()
        seen.append((response.status_code, response["Location"], work, page.count("Waiting"), page.count("until")))
        request = MoneyRequest.objects.get(state=State.OPEN)
        asks.take_back(owner_of(asker), request.id, as_actor(owner_of(asker)))
    assert len(set(seen)) == 1, seen


def test_asking_never_reads_whose_the_number_is(asker: Account, payer: Account) -> None:
    client = browser(asker)
    with CaptureQueriesContext(connection) as queries:
        client.post("/move/requests/ask/", form(asker, payer=payer.account_number))
    reads = [query["sql"] for query in queries if payer.account_number in query["sql"]]
    assert reads
    assert all("portal_money_request" in sql for sql in reads), reads


def test_the_asker_sees_a_refusal_and_a_block_like_a_number_of_nobody(asker: Account, payer: Account) -> None:
    client = browser(asker)
    request = asked(asker, payer)
    before = plain(client.get("/move/requests/").content.decode())
    answers.block(owner_of(payer), request.id, as_actor(owner_of(payer)))
    assert plain(client.get("/move/requests/").content.decode()) == before
    with pytest.raises(asks.AskedAlready):
        ask(asker, payer.account_number)
    MoneyRequest.objects.all().delete()
    ask(asker, NOBODY)
    deliver()
    assert plain(client.get("/move/requests/").content.decode()) == before


def test_the_askers_export_tells_nothing_more(asker: Account, payer: Account) -> None:
    request = asked(asker, payer)
    answers.decline(owner_of(payer), request.id, as_actor(owner_of(payer)))
    mine = exports._requests(owner_of(asker))["asked_by_you"]
    assert set(mine[0]) == {"to_account", "payer_number", "amount", "note", "created_at", "expires_at"}


@pytest.mark.parametrize("sort", ["frozen", "business", "no login", "blocked", "own"])
def test_only_people_who_can_answer_are_told(asker: Account, sort: str) -> None:
    account = an_account("Some Body")
    if sort != "no login":
        UserFactory(customer=owner_of(account))
    number = account.account_number
    if sort == "business":
        Account.objects.filter(pk=account.pk).update(business_id=BusinessFactory().pk)
    if sort == "blocked":
        BlockedAsker.objects.create(
            customer_id=owner_of(account).user_id, asker_id=owner_of(asker).user_id, created_at=clock.now()
        )
    if sort == "own":
        second = AccountFactory(customer=owner_of(asker))
        number = second.account_number
        MoneyRequest.objects.create(
            asker_id=owner_of(asker).user_id, to_account=asker.account_number, payer_number=number,
            amount=Decimal("5.00"), created_at=clock.now(), expires_at=clock.now() + asks.OPEN_FOR,
        )  # fmt: skip
        request = MoneyRequest.objects.get()
    else:
        request = ask(asker, number)
    deliver()
    request.refresh_from_db()
    assert request.looked_at is not None
    told = InboxItem.objects.filter(cause=f"money-request:{request.id}").count()
    assert told == (1 if sort == "frozen" else 0), "a frozen account's owner may pay from another"


def test_the_payer_is_told_once_without_links_and_without_the_askers_words(asker: Account, payer: Account) -> None:
    request = ask(asker, payer.account_number.lower(), note="Call 0700 000 000 http://evil.example")
    assert not InboxItem.objects.exists(), "the page that asks tells nobody"
    assert deliver() == 1
    assert deliver() == 0
    message = OutboxMessage.objects.get(cause=f"money-request:{request.id}")
    assert "WANJIKU M. asks you for KES 500.00" in message.body
    assert "http" not in message.body
    assert "0700 000 000" not in message.body
    item = InboxItem.objects.get(cause=f"money-request:{request.id}")
    assert "evil" not in item.text
    page = browser(payer).get("/move/requests/").content.decode()
    assert "WANJIKU M." in page
    assert "Mwangi" not in page


def test_what_was_taken_back_before_the_worker_came_is_told_to_nobody(asker: Account, payer: Account) -> None:
    request = ask(asker, payer.account_number)
    asks.take_back(owner_of(asker), request.id, as_actor(owner_of(asker)))
    deliver()
    assert not InboxItem.objects.exists()


@pytest.mark.mariadb
def test_two_workers_tell_once(asker: Account, payer: Account) -> None:
    ask(asker, payer.account_number)
    at_once([deliver, deliver, deliver])
    assert InboxItem.objects.count() == 1
