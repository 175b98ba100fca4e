"""What is told of money that came in: who it is from, in one SMS, and nothing that leads out of the bank."""

import re
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.arrivals import LONGEST, ONE_SMS, quoted, words_of
from accounts.models import AccountTransaction
from accounts.vocabulary import VOCABULARY, Direction

CREDITS = [word for word, meaning in VOCABULARY.items() if meaning.direction is Direction.IN]


def row(description: str | None, word: str = "TRANSFER_IN", amount: str = "1234.50") -> AccountTransaction:
    return AccountTransaction(
        txn_type=word, amount=Decimal(amount), reference_code="TRFD5854970_IN", description=description
    )


def test_it_says_who_it_is_from() -> None:
    title, text = words_of(row("Transfer from ACC1000002 - School fees - Approved"))
    assert title == "KES 1,234.50 came in"
    assert text == (
        "Wekeza: KES 1,234.50 came into your account. "
        'Money received: "Transfer from ACC1000002 - School fees". Ref TRFD5854970_IN.'
    )


@pytest.mark.parametrize(
    ("word", "description"),
    [
        ("DEPOSIT", "Cash deposit - Approved"),
        ("DEPOSIT", "Deposit at a branch - Approved"),
        ("TRANSFER_IN", "money received"),
        ("TRANSFER_IN", None),
        ("TRANSFER_IN", " - "),
        ("TRANSFER_IN", "🎉🎉"),
    ],
)
def test_what_says_no_more_than_its_type_is_left_out(word: str, description: str | None) -> None:
    assert '"' not in words_of(row(description, word))[1]


@pytest.mark.parametrize(
    "lure",
    [
        "https://evil.example/x", "HTTP://EVIL", "www.evil", "evil.co.ke", "evil。com", "a@evil.example", "0712345678",
        "+254 712 345 678", "0712-345-678", "0712.345.678", "(0712) 345678", "bit.ly/abc", "evil.ke/login",
        "0712 www 345 678", "07\u200b12345678", "x0712345678",
    ],
)  # fmt: skip
def test_no_address_and_no_number_to_call_goes_out_in_the_banks_name(lure: str) -> None:
    said = quoted("TRANSFER_IN", f"Blocked: {lure} now")
    assert "evil" not in said.lower()
    assert "bit.ly" not in said
    assert sum(map(str.isdigit, said)) < 9
    assert said.startswith("Blocked")


def test_an_account_number_and_a_cheque_number_stay() -> None:
    assert quoted("TRANSFER_IN", "Transfer from ACC1000002 - Rent") == "Transfer from ACC1000002 - Rent"
    assert quoted("CHEQUE_DEPOSIT", "Cheque deposit - 004711 - Approved") == "Cheque deposit - 004711"


def test_letters_an_sms_has_no_room_for_are_made_plain() -> None:
    assert quoted("TRANSFER_IN", "From Zoë “Ñandú” {x} ~ [y]") == "From Zoe Nandu x y"


def test_a_long_one_is_cut_where_it_is_said_so() -> None:
    said = quoted("TRANSFER_IN", "Transfer from ACC1000002 - " + "word " * 50)
    assert said.endswith("...")
    assert len(said) <= LONGEST


@pytest.mark.parametrize("language", ["en", "sw"])
@pytest.mark.parametrize("word", CREDITS)
def test_the_longest_still_fits_one_sms(language: str, word: str) -> None:
    with translation.override(language):
        text = words_of(row("W" * 255, word, "99999999.99"))[1]
    assert text.isascii()
    assert len(text) <= ONE_SMS


@given(st.text(max_size=255))
def test_whatever_it_holds_fits_and_is_one_line_of_plain_letters(description: str) -> None:
    said = quoted("TRANSFER_IN", description)
    assert len(said) <= LONGEST
    assert said.isascii()
    assert said == " ".join(said.split())
    assert not re.search(r"\d{9}|//|www|@", said, re.IGNORECASE)
    assert not set(said) & set('"[]\\^`{|}~')
