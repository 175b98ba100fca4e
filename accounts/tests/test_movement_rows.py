"""The rows of a list of movements: safe with whatever a description holds, silent about hidden amounts."""

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template

from accounts.models import AccountTransaction
from accounts.movements import Movement
from accounts.templatetags.movements import day_in_words, movement_rows
from wekeza_portal.clock import NAIROBI

TODAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 9, 5, tzinfo=NAIROBI)


def movement(description: str = "", at: datetime | None = NINE, txn_type: str = "DEPOSIT") -> Movement:
    return Movement(1, "ACC1", txn_type, Decimal("1234.50"), "AB12-CD34-EF56-1", description, at)


def rows(*movements: Movement, hidden: bool = False, **options: Any) -> str:
    user = SimpleNamespace(hide_amounts=hidden)
    return movement_rows(Context({"request": SimpleNamespace(user=user)}), movements, **options)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x>', "{{ secret }}", "{0} {}"])
def test_a_description_stays_text(text: str) -> None:
    page = rows(movement(text))
    assert "<script" not in page
    assert "<img" not in page
    assert text in page or "&lt;" in page


def test_a_long_description_is_cut() -> None:
    page = rows(movement("x" * 10_000))
    assert "x" * 59 + "…" in page
    assert "x" * 60 not in page


def test_hidden_amounts_are_not_in_the_page() -> None:
    assert "+1,234.50" in rows(movement())
    assert "1,234.50" not in rows(movement(), hidden=True)


def test_a_word_nobody_knows_has_no_sign() -> None:
    page = rows(movement(txn_type="WHO_KNOWS"))
    assert "1,234.50" in page
    assert "+1,234.50" not in page
    assert 'class="sum"' in page


def test_the_account_is_named_where_there_are_several() -> None:
    assert "ACC1" not in rows(movement())
    assert "09:05 · ACC1" in rows(movement(), several=True)


def test_a_row_without_a_date_says_so() -> None:
    assert "No date" in rows(movement(at=None), today=TODAY)
    assert "Today, 09:05" in rows(movement(), today=TODAY)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (TODAY, "Today"),
        (date(2026, 11, 22), "22 November"),
        (date(2025, 11, 23), "23 November 2025"),
        (None, "No date"),
    ],
)
def test_a_day_is_said_as_people_say_it(day: date | None, words: str) -> None:
    assert day_in_words(day, TODAY) == words


@pytest.mark.parametrize(
    ("word", "shown"),
    [("DEPOSIT", "+1,234.50"), ("WITHDRAWAL", "\N{MINUS SIGN}1,234.50"), ("ODD_WORD", "1,234.50")],
)
def test_staff_see_each_amount_with_the_sign_it_had_on_the_balance(word: str, shown: str) -> None:
    row = AccountTransaction(txn_type=word, amount=Decimal("1234.50"))
    assert Template("{% load movements %}{{ row|on_balance }}").render(Context({"row": row})) == shown
