"""The pages of cards as a person goes through them, and as somebody who means harm does."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.cards import working
from accounts.cards.tests.scenes import a_card, ask, balance, born, question
from accounts.models import Card, CardSight, Instruction, OneTimeCode, Posting, User
from tests.factories import AccountFactory, BranchFactory, CardUseFactory, PortalSwitchFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock, crypto
from wekeza_portal.models import RateCounter
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.rails import cards as processor
from wekeza_portal.rails.cards import Said
from wekeza_portal.rails.simulator.server import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def browser(card: Card) -> Client:
    client = Client()
    sign_in(client, User.objects.get(customer_id=card.customer_id))
    return client


def code_for(address: str, client: Client) -> str:
    """Open the step-up page; the code that was sent for it."""
    client.get(address)
    code = OneTimeCode.objects.get(used_at=None)
    found = re.search(r"\b(\d{6})\b", crypto.decrypt(OutboxMessage.objects.get(cause=f"code:{code.pk}").body))
    assert found is not None
    return found[1]


def step_up(client: Client, answer: Any) -> Any:
    """Give the right code on the page an answer leads to; where that leads."""
    assert answer.status_code == 303
    assert answer["Location"].startswith("/step-up/"), answer["Location"]
    return client.post(answer["Location"], {"code": code_for(answer["Location"], client)})


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_list_shows_every_card_and_nobody_elses() -> None:
    mine, theirs = a_card(), a_card()
    page = text(browser(mine).get("/settings/cards/"))
    assert mine.last_four in page
    assert f"•••• {theirs.last_four}" not in page
    assert "Active" in page


def test_a_card_is_frozen_by_one_press_and_unfrozen_by_a_code() -> None:
    card = a_card()
    client = browser(card)
    assert client.post(f"/settings/cards/{card.pk}/freeze/").status_code == 303
    assert ask(question(card)).json()["code"] == "62"
    answer = step_up(client, client.post(f"/settings/cards/{card.pk}/unfreeze/"))
    assert answer["Location"] == f"/settings/cards/{card.pk}/"
    assert ask(question(card)).json()["code"] == "00"


def test_a_double_click_on_unfreeze_asks_for_one_code_and_does_it_once() -> None:
    card = a_card(frozen_at=clock.now())
    client = browser(card)
    first = client.post(f"/settings/cards/{card.pk}/unfreeze/")
    step_up(client, first)
    again = client.get(first["Location"])
    assert again["Location"] == f"/settings/cards/{card.pk}/"
    assert client.post(f"/settings/cards/{card.pk}/unfreeze/")["Location"] == f"/settings/cards/{card.pk}/"


def test_less_is_saved_at_once_and_more_is_reviewed_and_waits() -> None:
    card = a_card()
    client = browser(card)
    page = f"/settings/cards/{card.pk}/controls/"
    less = {"atm_daily": "2,000", "contactless": "on"}
    assert client.post(page, less)["Location"] == f"/settings/cards/{card.pk}/"
    row = Card.objects.get(pk=card.pk)
    assert (row.atm_daily, row.online, row.contactless) == (D("2000.00"), False, True)
    more = client.post(page, {**less, "abroad": "on"})
    review = client.get(more["Location"])
    assert "24 hours after the code" in text(review)
    confirm = client.post(more["Location"] + "confirm/")
    assert step_up(client, confirm)["Location"] == f"/settings/cards/{card.pk}/"
    shown = text(client.get(f"/settings/cards/{card.pk}/"))
    assert "Payments outside Kenya: On from" in shown
    assert not Card.objects.get(pk=card.pk).abroad


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter an amount"),
        ("-1", "Enter an amount"),
        ("NaN", "Enter an amount"),
        ("1e9", "Enter an amount"),
        ("٥٠٠", "Enter an amount"),
        ("50000.01", "The most a day"),
        ("9" * 10_000, "larger than any account"),
        ("<script>alert(1)</script>", "Enter an amount"),
        ("=HYPERLINK(1)", "Enter an amount"),
        ("\U0001f600", "Enter an amount"),
    ],
)
def test_cash_a_day_that_is_no_amount_changes_nothing_and_says_why(typed: str, words: str) -> None:
    card = a_card()
    answer = browser(card).post(f"/settings/cards/{card.pk}/controls/", {"atm_daily": typed})
    assert answer.status_code == 200
    assert words in text(answer)
    assert "<script>alert" not in answer.content.decode()
    row = Card.objects.get(pk=card.pk)
    assert (row.atm_daily, row.online) == (D("50000.00"), True)


def test_no_cash_at_all_is_an_answer() -> None:
    card = a_card()
    browser(card).post(f"/settings/cards/{card.pk}/controls/", {"atm_daily": "0", "online": "on", "contactless": "on"})
    assert ask(question(card, "1.00", channel="ATM")).json()["code"] == "61"


def test_a_virtual_card_is_asked_about_no_cash() -> None:
    card = a_card(kind="VIRTUAL")
    client = browser(card)
    page = f"/settings/cards/{card.pk}/controls/"
    assert "Cash a day" not in text(client.get(page))
    assert client.post(page, {"contactless": "on"}).status_code == 303
    row = Card.objects.get(pk=card.pk)
    assert (row.online, row.atm_daily) == (False, D("50000.00"))


def test_a_lost_card_is_blocked_at_once_and_replaced_for_the_fee() -> None:
    card = a_card("5000.00")
    client, branch = browser(card), BranchFactory()
    page = f"/settings/cards/{card.pk}/lost/"
    assert "Choose what happened" in text(client.post(page, {}))
    client.post(page, {"loss": "STOLEN"})
    assert ask(question(card)).json()["code"] == "43"
    row = Card.objects.get(pk=card.pk)
    assert row.lost_reference in text(client.get(f"/settings/cards/{card.pk}/"))
    replace = f"/settings/cards/{card.pk}/replace/"
    assert "KES 500.00" in text(client.get(replace))
    draft = client.post(replace, {"account": card.account_number, "branch": branch.branch_code})
    review = text(client.get(draft["Location"]))
    for words in ("KES 500.00", "KES 83.33 excise duty", "KES 4,500.00", branch.branch_name):
        assert words in review
    paid = [client.post(draft["Location"] + "confirm/")["Location"] for _ in range(2)]
    assert paid == [paid[0]] * 2
    assert balance(card) == D("4500.00")
    assert "Your card is ordered" in text(client.get(paid[0]))
    assert client.get(paid[0] + "receipt.pdf").content.startswith(b"%PDF")
    assert client.get(draft["Location"])["Location"] == paid[0]
    assert client.get(replace)["Location"] == f"/settings/cards/{card.pk}/"


def test_a_cancelled_replacement_is_never_paid() -> None:
    card = a_card("5000.00", state="LOST", loss="LOST")
    client, branch = browser(card), BranchFactory()
    typed = {"account": card.account_number, "branch": branch.branch_code}
    draft = client.post(f"/settings/cards/{card.pk}/replace/", typed)["Location"]
    client.post(draft + "cancel/")
    assert "Nothing was done" in text(client.post(draft + "confirm/"))
    assert balance(card) == D("5000.00")


def test_a_replacement_without_the_money_says_so_and_orders_nothing() -> None:
    card = a_card("100.00", state="LOST", loss="LOST")
    client, branch = browser(card), BranchFactory()
    typed = {"account": card.account_number, "branch": branch.branch_code}
    draft = client.post(f"/settings/cards/{card.pk}/replace/", typed)["Location"]
    assert "You can send up to KES 100.00" in text(client.post(draft + "confirm/"))
    assert Card.objects.count() == 1


def test_nobody_pays_from_an_account_that_is_not_theirs() -> None:
    card, theirs = a_card("5000.00", state="LOST", loss="LOST"), a_card("5000.00")
    typed = {"account": theirs.account_number, "branch": BranchFactory().branch_code}
    assert browser(card).post(f"/settings/cards/{card.pk}/replace/", typed).status_code == 404
    assert Instruction.objects.count() == 0


def test_a_virtual_card_is_asked_for_made_and_looked_at_once(railsim: Simulator) -> None:
    user = UserFactory()
    born(user.customer)
    account = AccountFactory(customer=user.customer, balance=D("5000.00"))
    client = Client()
    sign_in(client, user)
    draft = client.post("/settings/cards/new/", {"kind": "VIRTUAL", "account": account.account_number, "branch": ""})
    done = step_up(client, client.post(draft["Location"] + "confirm/"))
    assert "Ordered" in text(client.get(done["Location"]))
    working.work()
    card = Card.objects.get()
    assert card.last_four in text(client.get(done["Location"]))
    RateCounter.objects.all().delete()
    look = step_up(client, client.post(f"/settings/cards/{card.pk}/show/"))
    page = client.post(look["Location"])
    assert f'href="{railsim.url}/cards/looks/' in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "looked at already" in text(client.get(look["Location"]))
    assert "looked at already" in text(client.post(look["Location"]))
    assert Posting.objects.count() == 0


def test_an_address_that_is_not_the_processors_is_never_shown(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CARDS_PAGES = "https://cards.example/looks"
    for url in ("https://evil.example/looks/1", "javascript:alert(1)", "https://cards.example/looks.evil/1"):
        with pytest.raises(ValueError, match="somebody else"):
            processor._address({"url": url})
    assert processor._address({"url": "https://cards.example/looks/1"})
    card = a_card()
    sight = CardSight.objects.create(id=card.pk, card=card, what="PIN", expires_at=clock.now().replace(year=2099))
    monkeypatch.setattr(processor, "_ask", lambda *asked: Said(reason="unreadable answer"))
    assert "does not answer" in text(browser(card).post(f"/settings/cards/looks/{sight.pk}/"))


def test_a_card_number_is_never_kept_as_a_token() -> None:
    for token in ("9000111122223333", "card_9000111122223333", "9000-1111-2222-3333"):
        with pytest.raises(ValueError, match="no card"):
            processor._made({"token": token, "last_four": "3333", "expires_on": "2030-01-31"})
    with pytest.raises(ValueError, match="no card"):
        processor._made({"token": "card_abcdefgh", "last_four": "11112222", "expires_on": "2030-01-31"})


def test_while_cards_are_off_nothing_can_be_asked_for_and_freezing_goes_on() -> None:
    card = a_card()
    PortalSwitchFactory(code="CARDS", is_on=False, notice_en="Cards rest today.", notice_sw="Kadi zinapumzika leo.")
    client = browser(card)
    for path in ("/settings/cards/", "/settings/cards/new/", f"/settings/cards/{card.pk}/"):
        assert "Cards rest today." in text(client.get(path)), path
    before = Instruction.objects.count()
    client.post("/settings/cards/new/", {"kind": "VIRTUAL", "account": card.account_number})
    client.post(f"/settings/cards/{card.pk}/show/")
    assert Instruction.objects.count() == before
    client.post(f"/settings/cards/{card.pk}/freeze/")
    assert ask(question(card)).json()["code"] == "62"


def test_uses_are_shown_newest_first_with_why_they_were_refused_page_by_page() -> None:
    card = a_card()
    for n in range(30):
        CardUseFactory(card=card, merchant=f"SHOP {n:02d}")
    client = browser(card)
    first = client.get(f"/settings/cards/{card.pk}/uses/")
    assert "SHOP 29" in text(first)
    assert "There was not enough money on the account." in text(first)
    assert "SHOP 04" not in text(first)
    older = re.search(r"\?before=[0-9a-f-]{36}", first.content.decode())
    assert older is not None
    assert "SHOP 04" in text(client.get(f"/settings/cards/{card.pk}/uses/{older[0]}"))
    for odd in ("?before=x", f"?before={a_card().pk}"):
        assert client.get(f"/settings/cards/{card.pk}/uses/{odd}").status_code == 200


def test_hidden_amounts_stay_hidden_beside_uses() -> None:
    card = a_card()
    CardUseFactory(card=card, amount=D("777.77"))
    User.objects.filter(customer_id=card.customer_id).update(hide_amounts=True)
    assert "777.77" not in browser(card).get(f"/settings/cards/{card.pk}/").content.decode()


def test_the_pages_of_payments_lead_to_a_cards_own_and_break_on_none() -> None:
    card = a_card("5000.00", state="LOST", loss="LOST")
    client, branch = browser(card), BranchFactory()
    typed = {"account": card.account_number, "branch": branch.branch_code}
    draft = client.post(f"/settings/cards/{card.pk}/replace/", typed)["Location"]
    number = draft.rstrip("/").rpartition("/")[2]
    assert client.get(f"/move/payments/{number}/review/")["Location"] == draft
    client.post(draft + "confirm/")
    assert client.get(f"/move/payments/{number}/")["Location"] == f"/settings/cards/receipts/{number}/"
    for page in ("receipt.pdf", "note.pdf", "state/"):
        assert client.get(f"/move/payments/{number}/{page}").status_code == 404, page
    second = a_card()
    ask(question(second))
    use = Instruction.objects.get(kind="CARD_USE")
    assert browser(second).get(f"/move/payments/{use.id}/").status_code == 404


def test_too_many_drafts_are_refused_with_429() -> None:
    card = a_card()
    client = browser(card)
    answers = [
        client.post(f"/settings/cards/{card.pk}/controls/", {"atm_daily": "50000", "online": "on", "contactless": "on"})
        for _ in range(61)
    ]
    assert answers[-1].status_code == 429
