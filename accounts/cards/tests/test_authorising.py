"""Each use of a card: refused with its code, or posted once."""

import json
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts import checking, ledger
from accounts.cards import acts, authorising, reports, stops
from accounts.cards.authorising import OWED
from accounts.cards.tests.scenes import a_card, actor_of, ask, balance, owner, question, report, use
from accounts.models import Account, AccountTerms, AccountTransaction, Card, CardUse, Instruction, Posting, PostingLeg
from tests.factories import AccountFactory, CustomerFactory, LimitFactory
from tests.support import all_the_money
from wekeza_portal import clock
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.rails import callbacks
from wekeza_portal.rails import cards as processor
from wekeza_portal.rails.models import RailCallback

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def refused_with(content: dict[str, Any]) -> tuple[str, str]:
    """(code, why) of a refusal, which moved nothing."""
    before = all_the_money()
    said = ask(content).json()
    assert (said["decision"], said["reference"]) == ("REFUSED", "")
    assert all_the_money() == before
    assert Posting.objects.count() == 0
    return said["code"], CardUse.objects.get(processor_id=content["id"]).why


def test_a_good_use_is_posted_once_and_told_to_its_owner() -> None:
    card = a_card("1000.00")
    answer = ask(question(card, "350.50"))
    said = answer.json()
    assert (answer.status_code, said["decision"], said["code"]) == (200, "APPROVED", "00")
    assert balance(card) == D("649.50")
    row = AccountTransaction.objects.get(account_id=card.account_id)
    assert (row.txn_type, row.amount, row.reference_code) == ("CARD_SHOP_OUT", D("350.50"), f"{said['reference']}-1")
    assert row.description == f"Card ...{card.last_four} NAIVAS NAIROBI - Online"
    assert PostingLeg.objects.get(internal_account=OWED).amount == D("350.50")
    told = InboxItem.objects.get(customer_id=card.customer_id)
    assert said["reference"] in told.text
    assert "350.50" in told.title
    assert list(checking.differences()) == []


def test_the_same_question_again_gets_the_same_answer_and_moves_nothing_more() -> None:
    card = a_card("1000.00")
    content = question(card, "400.00")
    answers = [ask(content).json() for _ in range(3)]
    assert answers == [answers[0]] * 3
    assert balance(card) == D("600.00")
    assert Posting.objects.count() == 1
    assert OutboxMessage.objects.filter(customer_id=card.customer_id).count() == 1


def test_a_refused_question_again_gets_the_same_answer_though_the_card_works_by_now() -> None:
    card = a_card("1000.00", frozen_at=clock.now())
    content = question(card)
    first = ask(content).json()
    Card.objects.filter(pk=card.pk).update(frozen_at=None)
    assert ask(content).json() == first
    assert balance(card) == D("1000.00")


@pytest.mark.parametrize("change", [{"amount": "400.01"}, {"merchant": "OTHER"}, {"channel": "ONLINE"}])
def test_the_same_id_for_anything_else_is_refused_as_a_conflict(change: dict[str, Any]) -> None:
    card = a_card("1000.00")
    content = question(card, "400.00")
    ask(content)
    assert ask({**content, **change}).status_code == 409
    assert balance(card) == D("600.00")


def test_the_same_id_for_another_card_is_a_conflict_too() -> None:
    mine, theirs = a_card("1000.00"), a_card("1000.00")
    content = question(mine, "400.00")
    ask(content)
    assert ask({**content, "card": theirs.token}).status_code == 409
    assert balance(theirs) == D("1000.00")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"frozen_at": clock.now()}, ("62", "frozen")),
        ({"blocked_at": clock.now()}, ("62", "blocked")),
        ({"state": "LOST", "loss": "LOST"}, ("41", "lost")),
        ({"state": "LOST", "loss": "STOLEN"}, ("43", "stolen")),
        ({"expires_on": clock.today() - timedelta(days=1)}, ("54", "expired")),
        ({"state": "ARRIVED"}, ("78", "not_active")),
        ({"state": "MAKING"}, ("78", "not_active")),
    ],
)
def test_a_card_that_may_not_pay_is_refused_with_its_code(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refused_with(question(a_card(**changes))) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"channel": "ONLINE"}, ("57", "online")),
        ({"channel": "CONTACTLESS"}, ("57", "contactless")),
        ({"country": "UG"}, ("57", "abroad")),
        ({"category": "7995"}, ("57", "gambling")),
    ],
)
def test_what_its_owner_switched_off_is_refused(asked: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refused_with(question(a_card(online=False, contactless=False), **asked)) == expected


def test_more_than_there_is_is_refused() -> None:
    assert refused_with(question(a_card("999.99"), "1000.00")) == ("51", "no_funds")


def test_the_minimum_of_a_savings_account_stays_on_it() -> None:
    card = a_card("1500.00")
    AccountTerms.objects.filter(account_id=card.account_id).update(kind=AccountTerms.Kind.SAVINGS)
    assert refused_with(question(card, "500.01")) == ("51", "no_funds")
    assert ask(question(card, "500.00")).json()["code"] == "00"


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_an_account_that_may_not_pay_refuses_its_card(status: str) -> None:
    card = a_card()
    Account.objects.filter(pk=card.account_id).update(status=status)
    assert refused_with(question(card)) == ("62", "account")


def test_an_account_that_is_somebody_elses_by_now_pays_nothing() -> None:
    card = a_card()
    Account.objects.filter(pk=card.account_id).update(customer=CustomerFactory())
    assert refused_with(question(card)) == ("62", "account")


def test_a_card_of_a_former_customer_with_the_same_id_pays_nothing() -> None:
    card = a_card()
    Card.objects.filter(pk=card.pk).update(ordered_at=owner(card).created_at - timedelta(days=1))
    assert refused_with(question(card)) == ("62", "account")


def test_a_customer_whom_the_branch_has_closed_pays_nothing() -> None:
    card = a_card()
    customer = owner(card)
    customer.is_active = False
    customer.save(update_fields=["is_active"])
    assert refused_with(question(card)) == ("62", "account")


def test_a_stop_of_all_cards_refuses_and_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    card, stranger = a_card(), a_card()
    monkeypatch.setitem(stops.stops._entries, "test", lambda customer_id: customer_id == card.customer_id)
    assert refused_with(question(card)) == ("62", "stopped")
    assert ask(question(stranger)).json()["code"] == "00"


def test_an_unknown_card_is_refused_and_nothing_is_kept() -> None:
    said = ask(question(Card(token="card_nobodys"))).json()
    assert (said["decision"], said["code"]) == ("REFUSED", "14")
    assert CardUse.objects.count() == 0


def test_a_refusal_by_the_ledger_leaves_no_instruction_behind() -> None:
    refused_with(question(a_card("1.00")))
    assert Instruction.objects.count() == 0


def test_a_use_counts_not_against_the_limits_of_move_and_needs_no_draft() -> None:
    card = a_card("900000.00")
    assert ask(question(card, "600000.00")).json()["code"] == "00"
    assert list(checking.differences()) == []


# --- Cash ---


def cash(card: Card, amount: str) -> str:
    return str(ask(question(card, amount, channel="ATM", category="6011")).json()["code"])


def test_fifty_thousand_a_day_passes_and_a_cent_more_does_not() -> None:
    card = a_card("200000.00")
    assert [cash(card, "30000.00"), cash(card, "20000.01"), cash(card, "20000.00"), cash(card, "0.01")] == [
        "00", "61", "00", "61",
    ]  # fmt: skip
    assert balance(card) == D("150000.00")


def test_the_own_limit_below_it_holds_and_other_uses_do_not_count() -> None:
    card = a_card(atm_daily=D("2000.00"))
    ask(question(card, "10000.00"))
    assert [cash(card, "2000.01"), cash(card, "2000.00")] == ["61", "00"]
    assert CardUse.objects.filter(why="own_atm_limit").count() == 1


def test_two_cards_of_one_owner_share_the_banks_limit_and_a_strangers_does_not_count() -> None:
    first = a_card("200000.00")
    second = a_card(customer=owner(first), account=Account.objects.get(pk=first.account_id))
    stranger = a_card("200000.00")
    uses = ((first, "40000.00"), (second, "10000.01"), (second, "10000.00"), (stranger, "50000.00"))
    assert [cash(card, amount) for card, amount in uses] == ["00", "61", "00", "00"]


def test_a_new_day_begins_anew() -> None:
    card = a_card("200000.00")
    assert cash(card, "50000.00") == "00"
    CardUse.objects.update(business_date=clock.today() - timedelta(days=1))
    assert cash(card, "50000.00") == "00"


def test_a_tighter_figure_of_the_banks_holds_though_the_cards_own_is_higher() -> None:
    card = a_card("200000.00")
    LimitFactory(code="CARD_ATM_DAY", value=D("10000.00"), effective_from=clock.today())
    assert [cash(card, "10000.01"), cash(card, "10000.00")] == ["61", "00"]


def test_cash_that_was_taken_back_gives_its_room_back() -> None:
    card = a_card("200000.00")
    content = question(card, "50000.00", channel="ATM", category="6011")
    ask(content)
    report({**content, "type": "REVERSAL"})
    assert cash(card, "50000.00") == "00"


# --- Reversals ---


def test_a_reversal_gives_everything_back_once_however_often_it_is_reported() -> None:
    card = a_card("1000.00")
    content = question(card, "400.00")
    ask(content)
    for n in range(3):
        report({**content, "type": "REVERSAL", "n": n})
    assert balance(card) == D("1000.00")
    assert CardUse.objects.get().reversed_at is not None
    assert Posting.objects.count() == 2
    rows = AccountTransaction.objects.filter(account_id=card.account_id).order_by("transaction_id")
    assert [row.txn_type for row in rows] == ["CARD_SHOP_OUT", "REVERSAL_IN"]
    assert list(checking.differences()) == []


def test_a_reversal_before_its_question_makes_that_question_a_no() -> None:
    card = a_card("1000.00")
    content = question(card, "400.00")
    report({**content, "type": "REVERSAL"})
    said = ask(content).json()
    assert (said["decision"], said["code"]) == ("REFUSED", "12")
    assert balance(card) == D("1000.00")


def test_a_reversal_of_a_refused_use_gives_nothing() -> None:
    card = a_card("1000.00", frozen_at=clock.now())
    content = question(card, "400.00")
    ask(content)
    report({**content, "type": "REVERSAL"})
    assert balance(card) == D("1000.00")
    assert RailCallback.objects.get().state == "DONE"


@pytest.mark.parametrize("change", [{"amount": "40.00"}, {"amount": "4000.00"}, {"merchant": "OTHER"}])
def test_a_reversal_that_does_not_fit_its_use_is_left_to_staff(change: dict[str, str]) -> None:
    card = a_card("1000.00")
    content = question(card, "400.00")
    ask(content)
    report({**content, "type": "REVERSAL", **change})
    assert balance(card) == D("600.00")
    assert RailCallback.objects.get().state == "IGNORED"


def test_a_reversal_reaches_an_account_that_may_not_pay_any_more() -> None:
    card = a_card("1000.00")
    content = question(card, "400.00")
    ask(content)
    Account.objects.filter(pk=card.account_id).update(status="FROZEN")
    acts.report_lost(owner(card), card.pk, "LOST", actor_of(card))
    report({**content, "type": "REVERSAL"})
    assert balance(card) == D("1000.00")


# --- What is not the processor's, or no question ---


def test_nothing_that_is_not_signed_by_the_processor_moves_money(settings: Any) -> None:
    card = a_card("1000.00")
    content = question(card)
    body = uuid.uuid4().hex.encode()
    good = processor.signed("POST", processor.AUTHORISE, body)
    stale = {"X-Timestamp": "1000000000", "X-Nonce": "n"}
    for headers in ({}, good, stale, {**good, "X-Signature": ""}, {**good, "X-Signature": "\u00e9"}):
        assert ask(content, headers=headers).status_code == 403, headers
    settings.CARDS_KEY = ""
    assert ask(content).status_code == 403
    assert balance(card) == D("1000.00")
    assert CardUse.objects.count() == 0


def test_an_old_question_is_not_believed_though_its_signature_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    card = a_card("1000.00")
    real = processor.time.time
    monkeypatch.setattr(processor.time, "time", lambda: real() - 301)
    body = json.dumps(question(card)).encode()
    headers = processor.signed("POST", processor.AUTHORISE, body)
    monkeypatch.setattr(processor.time, "time", real)
    assert ask(body, headers=headers).status_code == 403


def test_a_signature_for_one_address_is_worth_nothing_at_the_other() -> None:
    card = a_card("1000.00")
    content = question(card, "400.00")
    ask(content)
    body = json.dumps({**content, "type": "REVERSAL"}).encode()
    ask(body, name=processor.REPORT, headers=processor.signed("POST", processor.AUTHORISE, body))
    callbacks.work_through()
    assert RailCallback.objects.get().state == "FAILED"
    assert balance(card) == D("600.00")


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "0.00"},
        {"amount": "-5.00"},
        {"amount": "NaN"},
        {"amount": "1e9"},
        {"amount": "1.005"},
        {"amount": "٥٠٠"},
        {"amount": True},
        {"amount": None},
        {"amount": "99999999999999.00"},
        {"currency": "USD"},
        {"channel": "POST"},
        {"country": "Kenya"},
        {"category": "54110"},
        {"id": "x"},
        {"id": "x" * 41},
        {"id": ["use-12345678"]},
        {"card": ""},
        {"card": "'; DROP TABLE portal_card; --"},
        {"card": {"$ne": ""}},
        {"original_amount": "5.00", "original_currency": "dollars"},
    ],
)
def test_a_question_that_is_none_is_refused_whole(change: dict[str, Any]) -> None:
    card = a_card("1000.00")
    assert ask({**question(card), **change}).status_code == 400
    assert CardUse.objects.count() == 0
    assert balance(card) == D("1000.00")


@pytest.mark.parametrize("body", [b"[]", b"{", b"null", b"\xff\xfe", b'{"amount": Infinity}', b"{}"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    assert ask(body).status_code == 400


def test_a_merchants_name_can_do_no_harm_where_it_goes() -> None:
    card = a_card("1000.00")
    name = "<script>alert(1)</script> \u202egnp.exe \U0001f600 =HYPERLINK(1)\n\x00" + "x" * 10_000
    assert ask(question(card, merchant=name)).json()["code"] == "00"
    row = CardUse.objects.get()
    assert row.merchant.isascii()
    assert row.merchant.isprintable()
    assert len(row.merchant) <= 40
    assert AccountTransaction.objects.get().description.endswith(" - Online")


def test_a_use_without_a_merchant_still_says_something() -> None:
    ask(question(a_card(), merchant="\U0001f600"))
    assert CardUse.objects.get().merchant == "?"


def test_a_busy_bank_says_so_and_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(use: Any) -> Any:
        raise ledger.BankIsBusy()

    monkeypatch.setattr(authorising, "authorise", busy)
    answer = ask(question(a_card()))
    assert (answer.status_code, answer.json()) == (503, {"code": "91"})
    assert CardUse.objects.count() == 0


# --- The second opinion ---


def test_the_second_opinion_sees_a_use_without_posting_and_a_posting_without_use() -> None:
    card = a_card("1000.00")
    ask(question(card, "100.00"))
    ask(question(card, "200.00"))
    CardUse.objects.filter(amount=D("100.00")).delete()
    CardUse.objects.filter(amount=D("200.00")).update(reference="")
    kinds = [difference.kind for difference in checking.differences()]
    assert kinds.count("card_use") == 2
    assert "card_account" in kinds


def test_the_second_opinion_sees_a_reversal_that_stands_in_one_book_only() -> None:
    card = a_card("1000.00")
    ask(question(card, "100.00"))
    CardUse.objects.update(reversed_at=clock.now())
    assert {difference.kind for difference in checking.differences()} == {"card_use", "card_account"}


def test_who_is_stopped_by_the_panic_freeze_pays_with_no_card() -> None:
    first = a_card()
    second = a_card(customer=owner(first), account=AccountFactory(customer=owner(first), balance=D("500.00")))
    stranger = a_card()
    over = a_card(customer=owner(first), account=Account.objects.get(pk=first.account_id), state="LOST", loss="LOST")
    assert acts.freeze_all(first.customer_id, actor=actor_of(first)) == 2
    assert acts.freeze_all(first.customer_id, actor=actor_of(first)) == 0
    for card, code in ((first, "62"), (second, "62"), (over, "41"), (stranger, "00")):
        assert ask(question(card, "10.00")).json()["code"] == code


def test_reports_that_are_none_are_left_to_staff() -> None:
    card = a_card()
    for content in ({"type": "HELLO"}, {"type": "CARD", "card": card.token, "state": "ACTIVE"}, {"type": "CARD"}):
        report(content)
    assert set(RailCallback.objects.values_list("state", flat=True)) == {"FAILED", "IGNORED"}
    card.refresh_from_db()
    assert card.state == "ACTIVE"
    assert reports.PROGRESS[card.state] == 4


def test_a_use_is_read_with_what_it_was_in_other_money() -> None:
    asked = use(a_card(), original_amount="9.99", original_currency="USD")
    assert (asked.original_amount, asked.original_currency) == (D("9.99"), "USD")
