"""The history, one movement's page, and the course of the balance as a table."""

import re
from collections.abc import Generator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import resolve, reverse

from accounts.models import Account, AccountTransaction, Instruction
from statements.converters import ReferenceConverter
from statements.forms import HistoryForm, type_choices
from statements.tests.support import NOON, many_rows, signed_in_owner
from tests.factories import (
    AccountFactory,
    CustomerFactory,
    InstructionFactory,
    PostingFactory,
    PostingLegFactory,
    TransactionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Generator[None, None, None]:
    cache.clear()
    with time_machine.travel(NOON, tick=False):
        yield


def page(client: Client, address: str = "/view/", status: int = 200, **asked: str) -> str:
    response = client.get(address, asked)
    assert response.status_code == status
    return response.content.decode()


def shown(text: str) -> list[str]:
    """The references of the movements on a page, in its order."""
    return re.findall(r"/view/movements/([^/]+)/", text)


# --- The history --------------------------------------------------------------------------------------------------


def test_it_shows_every_movement_whoever_wrote_it_by_day() -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account, reference_code="A1", created_at=NOON - timedelta(days=400))
    TransactionFactory(account=account, reference_code="A2", created_at=NOON - timedelta(days=1))
    TransactionFactory(account=account, reference_code="A3", txn_type="ODD_WORD", description=None)
    text = page(client)
    assert shown(text) == ["A3", "A2", "A1"]
    assert re.findall(r"<h2>([^<]+)</h2><ul", text) == ["Today", "22/11/2026", "19/10/2025"]
    assert "Odd word" in text


@pytest.mark.mariadb
def test_a_row_without_a_date_is_shown_and_breaks_no_page() -> None:
    """The branch's column takes NULL; SQLite's, built from our mapping, does not."""
    client, _customer, account = signed_in_owner()
    dated = TransactionFactory(account=account, txn_type="DEPOSIT", amount=Decimal("70.00"))
    undated = TransactionFactory(account=account, txn_type="DEPOSIT", amount=Decimal("80.00"))
    AccountTransaction.objects.filter(pk=undated.pk).update(created_at=None)
    text = page(client)
    assert "No date" in text
    assert dated.reference_code in text
    assert "No date" in page(client, reverse("movement", args=[undated.reference_code]))
    assert undated.reference_code not in page(client, period="month")
    assert "80.00" in page(client, "/")
    assert page(client, "/view/balance/")


def test_an_empty_history_says_so() -> None:
    client, *_ = signed_in_owner()
    assert "Nothing has come in or gone out yet" in page(client)
    assert "There is nothing for what you chose" in page(client, q="rent")


def test_older_and_newer_keep_the_filter_and_miss_nothing() -> None:
    client, _customer, account = signed_in_owner()
    many_rows(account, 60, until=NOON)
    TransactionFactory(account=account, txn_type="WITHDRAWAL", reference_code="NOT-ASKED")
    address, met = "/view/?direction=in&period=month", []
    while address:
        text = page(client, address)
        met += shown(text)
        older = re.search(r'rel="next" href="([^"]+)"', text)
        address = "/view/" + older[1].replace("&amp;", "&") if older else ""
        assert not older or "direction=in" in address
    assert len(met) == len(set(met)) == 60
    newer = re.search(r'rel="prev" href="([^"]+)"', text)
    assert newer
    back = page(client, "/view/" + newer[1].replace("&amp;", "&"))
    assert shown(back) == met[25:50]


def test_row_ids_are_in_no_address() -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account, transaction_id=987654321)
    many_rows(account, 30, until=NOON)
    assert "98765" not in page(client)


def test_both_cursors_together_and_a_strangers_cursor_are_not_found() -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account, reference_code="MINE")
    TransactionFactory(reference_code="THEIRS")
    page(client, before="MINE", after="MINE", status=404)
    page(client, before="THEIRS", status=404)
    page(client, after="THEIRS", status=404)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"period": "today"}, ["D0"]),
        ({"period": "month"}, ["D0", "D3"]),
        ({"period": "last-month"}, ["D30"]),
        ({"period": "90-days"}, ["D0", "D3", "D30", "D89"]),
        ({"period": "custom", "from_day": "2026-10-24", "to_day": "2026-11-20"}, ["D3", "D30"]),
        ({"from_day": "24/10/2026", "to_day": "20/11/2026"}, ["D3", "D30"]),
        ({"period": "today", "from_day": "2026-10-24"}, ["D0"]),
        ({}, ["D0", "D3", "D30", "D89", "D90"]),
    ],
)
def test_a_period_shows_its_rows_and_their_sum(asked: dict[str, str], found: list[str]) -> None:
    client, _customer, account = signed_in_owner()
    for days in (90, 89, 30, 3, 0):
        at = NOON - timedelta(days=days)
        TransactionFactory(account=account, reference_code=f"D{days}", amount=Decimal("7.00"), created_at=at)
    text = page(client, **asked)
    assert shown(text) == found
    assert (f"KES {7 * len(found)}.00" in text) is bool(asked)


def test_the_sum_covers_all_that_matches_and_not_only_the_page() -> None:
    client, _customer, account = signed_in_owner()
    many_rows(account, 60, until=NOON)
    assert "KES 600.00" in page(client, period="today")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"account": "ACC0"}, "Choose one of your accounts."),
        ({"period": "decade"}, "Choose one of the periods in the list."),
        ({"direction": "sideways"}, "Choose money in, money out or both."),
        ({"type": "DEPOSIT' OR 1=1"}, "Choose one of the kinds in the list."),
        ({"period": "custom"}, "Enter the first day."),
        ({"from_day": "31/02/2026"}, "Enter a date, like 31/12/2026."),
        ({"from_day": "2026-11-02", "to_day": "2026-11-01"}, "The last day can&#x27;t be before the first."),
        ({"from_day": "2026-11-02", "to_day": "2026-11-24"}, "The last day can&#x27;t be after today."),
        ({"from_day": "0001-01-01", "to_day": "2026-11-01"}, "Enter a day after 1 January 2000."),
        ({"q": "x" * 10_000}, "Search for up to 100 characters."),
        ({"q": "a\x00b"}, "The search has a hidden character."),
    ],
)
def test_a_wrong_filter_is_refused_in_words_and_shows_no_rows(asked: dict[str, str], words: str) -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account)
    text = page(client, **asked)
    assert words in text
    assert shown(text) == []
    assert "<title>Error: " in text


def test_a_strangers_account_cannot_be_asked_for() -> None:
    client, *_ = signed_in_owner()
    strangers = TransactionFactory(reference_code="THEIRS")
    text = page(client, account=strangers.account.account_number)
    assert "Choose one of your accounts." in text
    assert "THEIRS" not in text
    assert "THEIRS" not in page(client)
    assert shown(page(client, q="THEIRS")) == []


def test_one_of_several_accounts_can_be_chosen() -> None:
    client, customer, account = signed_in_owner()
    other = AccountFactory(customer=customer)
    TransactionFactory(account=account, reference_code="FIRST")
    TransactionFactory(account=other, reference_code="SECOND")
    assert shown(page(client)) == ["SECOND", "FIRST"]
    assert shown(page(client, account=other.account_number)) == ["SECOND"]


@pytest.mark.parametrize("text", ["%", "_", "🎉", "<script>alert(1)</script>", "' OR 1=1 --", "x" * 100, "\\"])
def test_any_text_can_be_searched_for(text: str) -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account, reference_code="PLAIN")
    TransactionFactory(account=account, reference_code="FOUND", description=f"a {text} b")
    found = page(client, q=text)
    assert shown(found) == ["FOUND"]
    assert "<script>alert" not in found


def test_what_the_branch_wrote_is_escaped_everywhere() -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(
        account=account, reference_code="<b>bold", txn_type="<I>TYPE", description="<script>alert(1)</script>"
    )
    for address in ("/", "/view/", reverse("movement", args=["<b>bold"])):
        text = page(client, address)
        for raw in ("<script>alert", "<b>bold", "<I>", "<i>type"):
            assert raw not in text
        assert "&lt;script&gt;alert(1)" in text


def test_text_that_turns_the_reading_direction_turns_only_itself() -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account, reference_code="RTL", description="\u202eKES 1")
    for address in ("/", "/view/", "/view/movements/RTL/"):
        assert "<bdi>\u202eKES 1</bdi>" in page(client, address)


def test_the_list_of_kinds_has_every_sentence_once_and_the_rest_together() -> None:
    labels = [str(label) for _value, label in type_choices()]
    assert len(labels) == len(set(labels))
    assert labels[0] == "All kinds"
    assert labels[-1] == "Other movements"
    assert "Insurance premium" in labels


def test_the_page_says_what_it_shows_and_how_to_see_everything_again() -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account)
    asked = {"q": "<cash>", "from_day": "2026-11-01", "to_day": "2026-11-20", "direction": "in", "type": "DEPOSIT"}
    text = page(client, **asked, account=account.account_number)
    days, kinds = "01/11/2026 – 20/11/2026", "Money in, Deposit at a branch"
    assert f"<b>“&lt;cash&gt;”, {account.account_number}, {days}, {kinds}</b>" in text
    assert "Show everything" in text
    assert "Showing:" not in page(client)


def test_the_query_kept_while_paging_holds_only_what_narrows() -> None:
    form = HistoryForm(
        {"q": "a&b=c", "period": "today", "from_day": "2026-01-01", "type": ""}, accounts=[], customer=CustomerFactory()
    )
    assert form.query() == "period=today&q=a%26b%3Dc"


# --- One movement -------------------------------------------------------------------------------------------------

ODD = [
    "A_1-b",
    "a/b",
    "a//b/",
    "..",
    ".",
    "two words",
    " lead",
    "Ñandú ☕",
    "🎉",
    "100%",
    "?q=1#x",
    "~tilde",
    "a\nb",
    "+&;",
]


@pytest.mark.parametrize("reference", ODD)
def test_every_reference_has_an_address_that_leads_to_it(reference: str) -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account, reference_code=reference, amount=Decimal("4321.00"))
    address = reverse("movement", args=[reference])
    assert address.isascii()
    assert ".." not in address
    assert resolve(address).kwargs == {"reference": reference}
    assert address in page(client)
    assert "+4,321.00" in page(client, address)


@pytest.mark.parametrize("reference", ["~", "~%%%", "~é", "~_w", "nothing", "x" * 300])
def test_an_address_that_names_no_movement_is_not_found(reference: str) -> None:
    client, *_ = signed_in_owner()
    page(client, f"/view/movements/{reference}/", status=404)


def test_plain_references_stay_readable_in_the_address() -> None:
    assert ReferenceConverter().to_url("FEE_TRF1A2B3C4D_OUT") == "FEE_TRF1A2B3C4D_OUT"


def test_somebody_elses_movement_looks_like_one_that_does_not_exist() -> None:
    client, *_ = signed_in_owner()
    TransactionFactory(reference_code="THEIRS")
    theirs = client.get("/view/movements/THEIRS/")
    unknown = client.get("/view/movements/NOBODY/")
    assert theirs.status_code == unknown.status_code == 404
    varying = r"THEIRS|NOBODY|[0-9a-f-]{8,}|value=\"\w+\"|data-used=\"\d+\">\d+ KB"
    without_id = [re.sub(varying, "", response.content.decode()) for response in (theirs, unknown)]
    assert without_id[0] == without_id[1]


def test_a_movement_says_all_that_is_known_of_it() -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(
        account=account,
        reference_code="WDL12345678",
        txn_type="WITHDRAWAL",
        amount=Decimal("1250.50"),
        description="At the counter",
    )
    text = page(client, "/view/movements/WDL12345678/")
    for words in (
        "Cash withdrawal",
        "−1,250.50",
        "23/11/2026, 12:00",
        "EAT",
        account.account_number,
        "At the counter",
    ):
        assert words in text
    assert 'data-copy="WDL12345678"' in text
    assert "mailto:support@wekeza.com?subject=WDL12345678" in text
    assert "Open the receipt" not in text


def paid_by_the_portal(payer: Account, receiver: Account) -> Instruction:
    """A transfer in both books, rows `REF-1` out and `REF-2` in."""
    instruction = InstructionFactory(customer=payer.customer, state=Instruction.State.POSTED)
    reference = f"7K3M-9QTX-{uuid4().hex[:4].upper()}"
    posting = PostingFactory(instruction_id=instruction.id, reference=reference)
    for position, (account, txn_type, sign) in enumerate(
        [(payer, "TRANSFER_OUT", -1), (receiver, "TRANSFER_IN", 1)], start=1
    ):
        row = TransactionFactory(account=account, txn_type=txn_type, reference_code=f"{reference}-{position}")
        amount = sign * row.amount
        PostingLegFactory(
            posting=posting, position=position, account=account, amount=amount, transaction_id=row.transaction_id
        )
    instruction.reference = reference
    return instruction


def test_a_payment_of_ours_leads_to_its_receipt_and_names_the_other_side() -> None:
    client, _customer, account = signed_in_owner()
    receiver = AccountFactory(customer=CustomerFactory(full_name="NURIA WANJIKU KAMAU"), account_number="ACC7770001")
    instruction: Any = paid_by_the_portal(account, receiver)
    text = page(client, f"/view/movements/{instruction.reference}-1/")
    assert f"/move/payments/{instruction.id}/" in text
    assert '<span class="num">ACC7770001</span>' in text
    for hidden in ("KAMAU", "WANJIKU K"):
        assert hidden not in text


def test_the_receiver_sees_who_paid_but_not_the_payers_receipt() -> None:
    client, _customer, account = signed_in_owner()
    payer = AccountFactory(customer=CustomerFactory(full_name="NURIA WANJIKU KAMAU"))
    instruction: Any = paid_by_the_portal(payer, account)
    text = page(client, f"/view/movements/{instruction.reference}-2/")
    assert str(instruction.id) not in text
    assert "Open the receipt" not in text
    assert "<dt>From</dt>" in text
    page(client, f"/view/movements/{instruction.reference}-1/", status=404)


def test_a_payment_between_own_accounts_says_so() -> None:
    client, customer, account = signed_in_owner()
    other = AccountFactory(customer=customer)
    instruction: Any = paid_by_the_portal(account, other)
    text = page(client, f"/view/movements/{instruction.reference}-2/")
    assert "Your other account" in text
    assert account.account_number in text
    assert f"/move/payments/{instruction.id}/" in text


def test_a_payment_of_ours_shows_the_reference_of_the_payment_and_a_branch_row_its_own() -> None:
    client, _customer, account = signed_in_owner()
    instruction: Any = paid_by_the_portal(account, AccountFactory())
    TransactionFactory(account=account, reference_code="BRANCH-1")
    ours = page(client, f"/view/movements/{instruction.reference}-1/")
    assert f'data-copy="{instruction.reference}"' in ours
    assert f"subject={instruction.reference}" in ours
    assert f"<bdi>{instruction.reference}-1</bdi>" not in ours
    assert 'data-copy="BRANCH-1"' in page(client, "/view/movements/BRANCH-1/")


@pytest.mark.parametrize("mark", [" - Approved", " - Online"])
def test_the_marks_of_the_books_are_not_shown(mark: str) -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account, reference_code="MARKED", description=f"Rent{mark}")
    for address in ("/", "/view/", "/view/movements/MARKED/"):
        text = page(client, address)
        assert "<bdi>Rent</bdi>" in text
        assert mark not in text


@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_description_that_only_repeats_the_words_is_left_out(language: str) -> None:
    client, _customer, account = signed_in_owner()
    client.cookies["wekeza_language"] = language
    TransactionFactory(
        account=account, reference_code="FEE", txn_type="BILL_PAYMENT_FEE", description="Bill payment FEE"
    )
    for address in ("/", "/view/", "/view/movements/FEE/"):
        assert "payment FEE" not in page(client, address)


@pytest.mark.parametrize("typed", ["1000", "1,000.00", "KES 1,000", " 1000.0 "])
def test_an_amount_that_is_searched_for_finds_its_movements(typed: str) -> None:
    client, _customer, account = signed_in_owner()
    for reference, amount in [("A", "1000.00"), ("B", "1000.01"), ("C", "100.00"), ("D", "10000.00")]:
        TransactionFactory(account=account, reference_code=reference, amount=Decimal(amount), description="x")
    TransactionFactory(reference_code="THEIRS", amount=Decimal("1000.00"))
    assert shown(page(client, q=typed)) == ["A"]


def test_digits_still_find_words_and_references_too() -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account, reference_code="INV1000", amount=Decimal("7.00"), description="x")
    TransactionFactory(account=account, reference_code="N2", amount=Decimal("7.00"), description="bill 1000")
    assert shown(page(client, q="1000")) == ["N2", "INV1000"]


def test_the_filter_does_not_call_each_field_optional() -> None:
    client, customer, _account = signed_in_owner()
    AccountFactory(customer=customer)
    assert "(optional)" not in page(client)
    assert "(optional)" not in page(client, "/view/balance/")


# --- The balance as a table ---------------------------------------------------------------------------------------


def test_the_table_has_the_figures_of_the_chart() -> None:
    client, _customer, account = signed_in_owner(balance=Decimal("1000.00"))
    TransactionFactory(account=account, amount=Decimal("400.00"), created_at=NOON - timedelta(days=1))
    text = page(client, "/view/balance/")
    rows = re.findall(r'<th scope="row" class="num">([^<]+)</th>(.*?)</tr>', text)
    assert len(rows) == 90
    figures = [(day, re.findall(r"data-amount>([^<]+)<", cells)) for day, cells in rows[:3]]
    assert figures == [
        ("23/11/2026", ["1,000.00"]),
        ("22/11/2026", ["+400.00", "1,000.00"]),
        ("21/11/2026", ["600.00"]),
    ]
    assert "Lowest" in text
    assert "from_day=2026-11-22&amp;to_day=2026-11-22" in text


def test_the_table_names_the_words_it_left_out() -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account, txn_type="NOBODY_KNOWS")
    assert "NOBODY_KNOWS" in page(client, "/view/balance/")


def test_the_table_is_for_all_accounts_or_one_of_ones_own() -> None:
    client, customer, account = signed_in_owner(balance=Decimal("1000.00"))
    AccountFactory(customer=customer, balance=Decimal("200.00"))
    strangers = AccountFactory(balance=Decimal("5555.00"))
    assert "1,200.00" in page(client, "/view/balance/")
    assert "1,200.00" not in page(client, "/view/balance/", account=account.account_number)
    refused = page(client, "/view/balance/", account=strangers.account_number)
    assert "Choose one of your accounts." in refused
    assert "5,555.00" not in refused
    assert "<table" not in refused


@pytest.mark.parametrize("address", ["/view/", "/view/?period=month", "/view/balance/"])
def test_a_customer_without_an_account_gets_plain_pages(address: str) -> None:
    client, customer, account = signed_in_owner()
    account.customer = CustomerFactory()
    account.save(update_fields=["customer"])
    assert "You have no account with us yet" in page(client, address)
    assert customer.user_id != account.customer.user_id


@pytest.mark.parametrize("address", ["/view/", "/view/balance/", "/view/movements/A1/"])
def test_without_signing_in_nothing_is_shown(address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


@pytest.mark.parametrize("address", ["/view/", "/view/balance/", "/view/movements/A1/"])
def test_nothing_can_be_posted_to_these_pages(address: str) -> None:
    client, *_ = signed_in_owner()
    assert client.post(address).status_code == 405
