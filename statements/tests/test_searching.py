"""Numbers and references in the history however they are typed, and what the rows that are shown sum to."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts import movements
from accounts.models import Account, BranchCustomer
from accounts.movements import Totals, Wanted
from accounts.selectors import accounts_of
from statements import searching
from statements.tests.support import NOON, a_payment_out, many_rows, signed_in_owner
from statements.tests.test_filters import found
from tests.factories import AccountFactory, TransactionFactory
from transfers.tests.support import an_account
from wekeza_portal import clock
from wekeza_portal.identifiers import CROCKFORD, new_reference

Owner = tuple[Client, BranchCustomer, Account]
D = Decimal


@pytest.fixture
def owner(db: None) -> Owner:
    return signed_in_owner(balance="20000.00")


# --- The spellings ------------------------------------------------------------------------------------------------


@given(st.text(CROCKFORD, min_size=12, max_size=12), st.integers(0, 7), st.integers(5, 12))
def test_every_part_of_a_reference_is_found_without_its_hyphens(text: str, start: int, length: int) -> None:
    reference = f"{text[:4]}-{text[4:8]}-{text[8:]}"
    part = text[start : start + length]
    assert any(spelling in reference for spelling in searching.references_like(part.lower()))


@pytest.mark.parametrize("text", ["ABCD", "", "rent for May!", "ABCDEFGHJKLMN", "١٢٣٤٥", "Jane Ω"])
def test_what_can_be_no_reference_is_none(text: str) -> None:
    assert searching.references_like(text) == []


def test_letters_that_are_misread_are_read_as_the_figures_they_were() -> None:
    assert "0101-1234-5678" in searching.references_like("OIOL 1234 5678")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("0722 123 456", "722123456"),
        ("+254 722-123-456", "722123456"),
        ("254722123456", "722123456"),
        ("1000015", "1000015"),
        ("0100234", "100234"),
        ("00123456", "00123456"),
        ("123", ""),
        ("12a45", ""),
        ("١٢٣٤٥٦", ""),
        ("", ""),
        ("1e9", ""),
    ],
)
def test_digits_are_read_without_blanks_and_without_what_stands_for_kenya(text: str, digits: str) -> None:
    assert searching.digits_of(text) == digits


# --- On the page --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelled", ["{0}{1}{2}", "{0} {1} {2}", "{0}{1}", "{1}{2}"])
def test_a_reference_is_found_without_hyphens_and_in_small_letters(owner: Owner, spelled: str) -> None:
    client, _customer, account = owner
    _payment, row = a_payment_out(account)
    TransactionFactory(account=account, reference_code=f"{new_reference()}-1")
    parts = row.reference_code.split("-")[:3]
    assert found(client, q=spelled.format(*parts).lower()) == {row.reference_code}


@pytest.mark.parametrize("typed", ["0722123456", "722 123", "2123456", "+254722123456"])
def test_part_of_a_phone_number_is_found_however_it_is_typed(owner: Owner, typed: str) -> None:
    client, _customer, account = owner
    _payment, row = a_payment_out(account)
    a_payment_out(account, to_number="0733 999 888", values={"network": "AIRTEL_MONEY", "msisdn": "254733999888"})
    assert found(client, q=typed) == {row.reference_code}


@pytest.mark.parametrize("typed", ["1102345678", "110 234 5678", "2345678"])
def test_a_bank_account_is_found_by_its_digits(owner: Owner, typed: str) -> None:
    client, _customer, account = owner
    _payment, row = a_payment_out(
        account, to_number="1102345678", values={"bank_code": "01", "account": "1102345678"}, rail="PESALINK"
    )
    a_payment_out(account)
    assert found(client, q=typed) == {row.reference_code}


def test_an_own_account_is_found_by_its_digits_alone_and_no_amount_is_taken_for_one(owner: Owner) -> None:
    client, customer, account = owner
    here = TransactionFactory(account=account, amount=D("1.00")).reference_code
    other = AccountFactory(customer=customer)
    there = TransactionFactory(account=other, amount=D("2.00")).reference_code
    for typed in (re.sub("[^0-9]", "", other.account_number), other.account_number.lower()):
        assert there in found(client, q=typed)
        assert here not in found(client, q=typed)
    assert found(client, q=re.sub("[^0-9]", "", other.account_number)[:4]) == set()


def test_nobody_elses_numbers_are_found(owner: Owner) -> None:
    client, _customer, _account = owner
    stranger = an_account("Stranger")
    _payment, row = a_payment_out(stranger)
    for typed in (row.reference_code.replace("-", ""), "0722123456", re.sub("[^0-9]", "", stranger.account_number)):
        assert found(client, q=typed) == set()


# --- What they sum to ---------------------------------------------------------------------------------------------


def sums_on(client: Client, **asked: str) -> list[str]:
    page = client.get("/view/", asked).content.decode()
    section = page.partition('aria-labelledby="sums"')[2].partition("</section>")[0]
    return re.findall(r"KES [\d,.]+", section)


def test_a_filtered_list_says_what_all_its_pages_sum_to(owner: Owner) -> None:
    client, _customer, account = owner
    many_rows(account, 30, until=NOON)
    a_payment_out(account)
    a_payment_out(an_account("Stranger"))
    assert sums_on(client) == [], "nothing was chosen"
    assert sums_on(client, direction="in") == ["KES 300.00", "KES 0.00"]
    assert sums_on(client, rail="MPESA") == ["KES 0.00", "KES 700.00"]
    assert sums_on(client, account=account.account_number) == ["KES 300.00", "KES 700.00"]
    assert sums_on(client, q="nothing like this") == []


def test_the_sum_stands_under_the_list(owner: Owner) -> None:
    client, _customer, account = owner
    many_rows(account, 2, until=NOON)
    page = client.get("/view/", {"direction": "in"}).content.decode()
    assert page.index('id="sums"') > page.index("/view/movements/")


def test_more_rows_than_a_page_adds_up_are_said_to_be_too_many(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    client, customer, account = owner
    many_rows(account, 4, until=NOON)
    wanted = Wanted(accounts_of(customer))
    assert movements.sums(wanted, most=4) == Totals(D("40.00"), D("0.00"), 0)
    assert movements.sums(wanted, most=3) is None
    monkeypatch.setattr(movements.sums, "__defaults__", (3,))
    assert "too many to add up on a page" in client.get("/view/", {"direction": "in"}).content.decode()
    assert sums_on(client, direction="in") == []


def test_a_row_without_a_direction_is_counted_beside_the_sum(owner: Owner) -> None:
    client, customer, account = owner
    TransactionFactory(account=account, txn_type="DEPOSIT", amount=D("0.10"))
    TransactionFactory(account=account, txn_type="DEPOSIT", amount=D("0.20"))
    TransactionFactory(account=account, txn_type="ODD", amount=D("5.00"))
    assert movements.sums(Wanted(accounts_of(customer))) == Totals(D("0.30"), D("0.00"), 1)
    assert (
        "1 movement is not in these sums" in client.get("/view/", {"account": account.account_number}).content.decode()
    )


def test_a_period_is_summed_to_the_minute(owner: Owner) -> None:
    _client, customer, account = owner
    for passed in (timedelta(0), timedelta(minutes=1), timedelta(days=2)):
        many_rows(account, 1, until=clock.midnight(clock.today()) + passed - timedelta(days=2))
    day = clock.day(clock.today() - timedelta(days=2))
    assert movements.sums(Wanted(accounts_of(customer), period=day)) == Totals(D("20.00"), D("0.00"), 0)
