"""Asking another customer for money: stored alike for every number, told to whom it concerns, paid once."""

import contextlib
import re
import threading
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import instructions
from accounts.models import Account, BranchCustomer, Instruction, User
from tests.factories import AccountFactory, BusinessFactory, CustomerFactory, LimitFactory, UserFactory
from tests.support import sign_in
from tests.together import at_once
from transfers import exports
from transfers.asking import answers, asks, selectors, taking
from transfers.asking.delivering import deliver
from transfers.asking.taking import RequestOver
from transfers.models import BlockedAsker, MoneyRequest
from transfers.tests.support import an_account, as_actor, balance, owner_of
from wekeza_portal import clock, ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.money import InvalidAmount
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)

State = MoneyRequest.State
NOBODY = "ACC9999999"


@pytest.fixture
def asker() -> Account:
    account = an_account("Wanjiku Mwangi")
    UserFactory(customer=owner_of(account))
    return account


@pytest.fixture
def payer() -> Account:
    account = an_account("Emmanuel Odenyire", "30000.00")
    UserFactory(customer=owner_of(account))
    return account


def browser(account: Account) -> Client:
    client = Client()
    sign_in(client, User.objects.get(customer=account.customer))
    return client


def ask(asker: Account, payer: str, amount: str = "500.00", note: str = "Lunch") -> MoneyRequest:
    customer = owner_of(asker)
    return asks.ask(
        customer, to_account=asker.account_number, payer=payer, amount=Decimal(amount), note=note,
        actor=as_actor(customer),
    )  # fmt: skip


def asked(asker: Account, payer: Account, **values: str) -> MoneyRequest:
    """A request that reached its payer."""
    request = ask(asker, payer.account_number, **values)
    deliver()
    request.refresh_from_db()
    return request


def draft(payer: Account, request: MoneyRequest) -> Instruction:
    customer = owner_of(payer)
    return answers.prepare(customer, request, from_number=payer.account_number, actor=as_actor(customer))


def confirm(payer: Account, instruction: Instruction) -> None:
    customer = owner_of(payer)
    instructions.approve(customer=customer, instruction_id=instruction.id)
    instructions.confirm(customer=customer, instruction_id=instruction.id, actor=as_actor(customer))


def form(asker: Account, **typed: str) -> dict[str, str]:
    return {"payer": NOBODY, "amount": "500", "note": "Lunch", "to_account": asker.account_number, **typed}


def plain(text: str) -> str:
    """A page without what differs from one request to another."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}", "ID", text)
    return re.sub(r'value="[A-Za-z0-9]{64}"|data-used="\d+">\d+ KB|ACC\d+', "X", text)


# --- Nobody learns who banks here ---------------------------------------------------------------------------------


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


# --- Telling ------------------------------------------------------------------------------------------------------


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


# --- What may be asked --------------------------------------------------------------------------------------------


def test_one_number_is_asked_once_at_a_time_in_either_case_of_letters(asker: Account) -> None:
    ask(asker, NOBODY)
    for number in (NOBODY, NOBODY.lower()):
        with pytest.raises(asks.AskedAlready):
            ask(asker, number)
    assert MoneyRequest.objects.count() == 1


@pytest.mark.mariadb
def test_two_tabs_store_one_request(asker: Account) -> None:
    done = at_once([lambda: ask(asker, NOBODY)] * 3)
    assert MoneyRequest.objects.count() == 1
    assert sum(isinstance(each, asks.AskedAlready) for each in done) == 2


def test_the_eleventh_of_a_day_is_refused_and_the_page_says_so(asker: Account) -> None:
    for number in range(10):
        ask(asker, f"ACC888000{number}")
    with pytest.raises(ratelimit.TooMany):
        ask(asker, "ACC8880010")
    assert browser(asker).post("/move/requests/ask/", form(asker)).status_code == 429
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        ask(asker, "ACC8880011")


def test_taking_back_and_asking_again_does_not_become_a_nuisance(asker: Account) -> None:
    for _number in range(3):
        asks.take_back(owner_of(asker), ask(asker, NOBODY).id, as_actor(owner_of(asker)))
    with pytest.raises(ratelimit.TooMany):
        ask(asker, NOBODY)


def test_it_runs_out_after_fourteen_days_and_can_then_be_asked_again(asker: Account, payer: Account) -> None:
    request = asked(asker, payer)
    with time_machine.travel(clock.now() + timedelta(days=14, minutes=1)):
        assert not answers.is_open(request)
        assert str(selectors.asked_by(owner_of(asker))[0].state) == "Ran out"
        with pytest.raises(RequestOver):
            draft(payer, request)
        assert ask(asker, payer.account_number).state == State.OPEN


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "1e9", "1000000000", "٥٠٠", "500000.01", "=1+1", "9" * 10_000])
def test_it_refuses_odd_amounts_beside_the_field_and_keeps_what_was_typed(asker: Account, amount: str) -> None:
    response = browser(asker).post("/move/requests/ask/", form(asker, amount=amount))
    assert response.status_code == 200
    assert not MoneyRequest.objects.exists()
    assert 'id="id_amount"' in response.content.decode()
    assert NOBODY in response.content.decode()


def test_the_most_of_one_request_is_a_dated_row(asker: Account) -> None:
    LimitFactory(code="PER_REQUEST", value=Decimal("1000.00"), effective_from=clock.today())
    response = browser(asker).post("/move/requests/ask/", form(asker, amount="1000.01"))
    assert "up to KES 1,000.00 at once" in response.content.decode()
    assert not MoneyRequest.objects.exists()
    assert browser(asker).post("/move/requests/ask/", form(asker, amount="1000")).status_code == 303


@pytest.mark.parametrize(
    "typed",
    [
        {"payer": ""}, {"payer": "'; DROP TABLE x"}, {"payer": "A" * 10_000}, {"payer": "<script>"},
        {"note": "x" * 101}, {"note": "a\u202eb"}, {"to_account": ""}, {"to_account": NOBODY}, {"known": NOBODY},
    ],
)  # fmt: skip
def test_it_refuses_what_it_cannot_use(asker: Account, typed: dict[str, str]) -> None:
    response = browser(asker).post("/move/requests/ask/", form(asker, **typed))
    assert response.status_code == 200
    assert not MoneyRequest.objects.exists()


def test_money_comes_only_to_an_account_of_ones_own(asker: Account, payer: Account) -> None:
    customer, actor = owner_of(asker), as_actor(owner_of(asker))
    with pytest.raises(asks.NotYourAccount):
        asks.ask(customer, to_account=payer.account_number, payer=NOBODY, amount=Decimal("5.00"), note="", actor=actor)
    with pytest.raises(asks.AskingYourself):
        ask(asker, asker.account_number.lower())


# --- Answering ----------------------------------------------------------------------------------------------------


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


# --- The picture --------------------------------------------------------------------------------------------------


def shown(client: Client, **asked: str) -> Any:
    return client.get("/move/be-paid/", asked)


def test_the_picture_leads_to_the_form_and_fills_it_in_alone(asker: Account, payer: Account, settings: Any) -> None:
    settings.PUBLIC_URL = "https://bank.example"
    text = shown(browser(asker), account=asker.account_number, amount="1,250").content.decode()
    address = f"https://bank.example/move/wekeza/?to={asker.account_number}&amp;amount=1250.00"
    assert address in text
    assert "<svg" in text
    assert "style=" not in text
    filled = browser(payer).get(f"/move/wekeza/?to={asker.account_number}&amount=1250.00").content.decode()
    assert f'value="{asker.account_number}"' in filled
    assert 'value="1250.00"' in filled
    assert not Instruction.objects.exists()


def test_a_strange_host_is_not_in_the_picture(asker: Account, settings: Any) -> None:
    settings.PUBLIC_URL = "https://bank.example"
    settings.ALLOWED_HOSTS = ["*"]
    text = browser(asker).get("/move/be-paid/", headers={"host": "evil.example"}).content.decode()
    assert "evil.example" not in text


@pytest.mark.parametrize("amount", ["0", "NaN", "1e9", "٥", "<script>", "-1", "9" * 400])
def test_no_picture_for_an_odd_amount(asker: Account, amount: str) -> None:
    response = shown(browser(asker), account=asker.account_number, amount=amount)
    assert response.status_code == 200
    assert "qr-big" not in response.content.decode()


def test_no_picture_of_somebody_elses_account(asker: Account, payer: Account) -> None:
    theirs = shown(browser(asker), account=payer.account_number).content.decode()
    nobodys = shown(browser(asker), account=NOBODY).content.decode()
    assert "qr-big" not in theirs
    assert plain(theirs) == plain(nobodys)


@pytest.mark.parametrize("amount", ["<script>", "1" * 5000, "=1", "\x00"])
def test_an_odd_amount_in_the_address_is_only_text_in_a_box(payer: Account, amount: str) -> None:
    response = browser(payer).get("/move/wekeza/", {"to": "ACC1", "amount": amount})
    assert response.status_code == 200
    assert "<script>" not in re.sub(r"<script[^>]+src[^>]+>", "", response.content.decode())


def test_somebody_without_an_account_is_told_so() -> None:
    customer: BranchCustomer = CustomerFactory()
    client = Client()
    sign_in(client, UserFactory(customer=customer))
    for address in ("/move/be-paid/", "/move/requests/ask/", "/move/requests/"):
        assert client.get(address).status_code == 200
    with pytest.raises(InvalidAmount):
        ask(an_account("Some Body"), NOBODY, amount="0.00")
