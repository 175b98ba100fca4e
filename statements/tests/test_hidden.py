"""What is older than the customer wants shown: left out of lists, searches, sums and files, and never deleted."""

import io
import re
from collections.abc import Generator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts import idbounds, movements
from accounts.models import Account, AccountTransaction, BranchCustomer, User
from accounts.movements import Wanted
from accounts.preferences.chosen import shown_since, years_before
from accounts.selectors import accounts_of
from statements.tests.support import NOON, signed_in_owner
from tests.factories import CustomerFactory, TransactionFactory, UserFactory
from wekeza_portal import clock
from wekeza_portal.documents.models import IssuedPaper

pytestmark = pytest.mark.django_db

SINCE = datetime(2025, 11, 23, tzinfo=clock.NAIROBI)
"""One year before the midnight that began the day of NOON, 23 November 2026."""
SAID = "Older than 23/11/2025 is hidden by your choice."


@pytest.fixture(autouse=True)
def _at_noon() -> Generator[None, None, None]:
    cache.clear()
    with time_machine.travel(NOON, tick=False):
        yield


def old_and_new(years: int = 1) -> tuple[Client, BranchCustomer, Account]:
    """OLD1 and EDGE1 a moment before the year begins, EDGE2 at its first, NEW1 today, all of KES 100 in."""
    client, customer, account = signed_in_owner(balance="5000.00")
    User.objects.filter(customer_id=customer.user_id).update(history_years=years)
    for reference, at in [
        ("OLD1", SINCE - timedelta(days=300)),
        ("EDGE1", SINCE - timedelta(seconds=1)),
        ("EDGE2", SINCE),
        ("NEW1", NOON),
    ]:
        TransactionFactory(
            account=account, reference_code=reference, created_at=at, amount=Decimal("100.00"), description="Kodi"
        )
    return client, BranchCustomer.objects.get(pk=customer.user_id), account


def page(client: Client, address: str, **asked: str) -> str:
    answer = client.get(address, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def references(text: str) -> list[str]:
    return re.findall(r"/view/movements/([^/]+)/", text)


def test_the_list_ends_where_the_customer_wants_and_says_so() -> None:
    client, _customer, _account = old_and_new()
    text = page(client, "/view/")
    assert references(text) == ["NEW1", "EDGE2"]
    assert SAID in text
    assert "Show everything" in text


def test_everything_is_there_again_at_one_press_and_was_never_deleted() -> None:
    client, _customer, _account = old_and_new()
    answer = client.post("/settings/preferences/whole-history/", {"next": "/view/?q=Kodi"})
    assert (answer.status_code, answer["Location"]) == (303, "/view/?q=Kodi")
    text = page(client, "/view/", q="Kodi")
    assert references(text) == ["NEW1", "EDGE2", "EDGE1", "OLD1"]
    assert "hidden by your choice" not in text


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "Kodi"},
        {"q": "EDGE1"},
        {"q": "100"},
        {"direction": "in"},
        {"period": "custom", "from_day": "2024-01-01", "to_day": "2026-11-23"},
        {"before": "EDGE2"},
    ],
)
def test_no_search_and_no_page_goes_further_back(asked: dict[str, str]) -> None:
    client, _customer, _account = old_and_new()
    text = page(client, "/view/", **asked)
    assert not {"OLD1", "EDGE1"} & set(references(text))
    assert SAID in text


def test_sums_leave_out_what_the_list_leaves_out() -> None:
    client, customer, _account = old_and_new()
    text = page(client, "/view/", q="Kodi")
    assert "KES 200.00" in text.split('id="sums"')[1][:400]
    wanted = Wanted(accounts_of(customer), since=shown_since(customer))
    found = movements.sums(wanted)
    assert found is not None
    assert found.money_in == Decimal("200.00")
    whole = clock.Period(SINCE - timedelta(days=900), NOON + timedelta(days=1))
    assert len(movements.entries(Wanted(accounts_of(customer), period=whole, since=shown_since(customer)))) == 2


def test_files_hold_what_the_list_shows_and_say_what_they_leave_out() -> None:
    client, _customer, _account = old_and_new()
    answer = client.get("/view/history.csv")
    text = answer.getvalue().decode()
    assert "NEW1" in text
    assert "EDGE2" in text
    assert "EDGE1" not in text
    assert "OLD1" not in text
    left_out = "Older than 2025-11-23 is left out: you chose so in your preferences."
    assert text.rstrip().splitlines()[-1] == f'"{left_out}"'
    sheet = load_workbook(io.BytesIO(client.get("/view/history.xlsx").getvalue())).active
    assert sheet is not None
    cells = [str(row[0]) for row in sheet.iter_rows(values_only=True)]
    assert len(cells) == 4
    assert cells[-1] == left_out


def test_a_file_of_everything_says_nothing_of_the_kind() -> None:
    client, _customer, _account = old_and_new(years=0)
    text = client.get("/view/history.csv").getvalue().decode()
    assert "OLD1" in text
    assert "left out" not in text


def test_one_movement_opens_by_its_address_however_old() -> None:
    client, _customer, _account = old_and_new()
    assert "KES" in page(client, "/view/movements/OLD1/")


def test_home_shows_no_older_movement_and_a_stranger_all_of_theirs() -> None:
    client, customer, account = old_and_new()
    AccountTransaction.objects.filter(account=account).exclude(reference_code="OLD1").delete()
    text = page(client, "/")
    assert references(text) == []
    assert SAID in text
    assert references(page_of_stranger(customer)) == ["THEIRS1"]


def page_of_stranger(customer: BranchCustomer) -> str:
    client, other, account = signed_in_owner(balance="5000.00")
    assert other.user_id != customer.user_id
    TransactionFactory(account=account, reference_code="THEIRS1", created_at=SINCE - timedelta(days=300))
    text = page(client, "/")
    assert "hidden by your choice" not in text
    return text


# --- The year -----------------------------------------------------------------------------------------------------


def test_a_year_that_is_cut_shows_its_rest_and_says_so() -> None:
    client, _customer, _account = old_and_new()
    text = page(client, "/view/year/2025/")
    assert SAID in text
    assert "100.00" in text
    assert "200.00" not in text
    months = re.findall(r'<th scope="row">(\w+)</th>', text)
    assert months == ["Nov", "Dec"]
    assert "/view/year/2024/" not in text


def test_the_paper_of_a_year_is_a_record_and_holds_all_of_it() -> None:
    client, _customer, _account = old_and_new()
    assert client.get("/view/year/2025/summary.pdf").status_code == 200
    assert IssuedPaper.objects.get(kind="YEAR_SUMMARY").facts["money_in"] == "300.00"
    assert "It holds the whole year." in page(client, "/view/year/2025/")


def test_the_file_of_a_year_holds_what_the_page_shows_and_says_so() -> None:
    client, _customer, _account = old_and_new()
    text = client.get("/view/year/2025/summary.csv").content.decode()
    assert '"100.00"' in text
    assert '"300.00"' not in text
    assert text.rstrip().endswith('"Older than 2025-11-23 is left out: you chose so in your preferences."')


def test_a_year_that_is_wholly_hidden_shows_no_figure_at_all() -> None:
    client, _customer, _account = old_and_new()
    AccountTransaction.objects.filter(reference_code="OLD1").update(created_at=SINCE - timedelta(days=500))
    text = page(client, "/view/year/2024/")
    assert SAID in text
    assert "<table" not in text
    assert "summary.csv" not in text
    assert "summary.pdf" in text


def test_this_year_is_not_touched_by_a_choice_that_does_not_reach_it() -> None:
    client, _customer, _account = old_and_new()
    assert "hidden by your choice" not in page(client, "/view/year/2026/")


# --- The rule -----------------------------------------------------------------------------------------------------


@pytest.mark.mariadb
def test_a_row_without_a_date_goes_by_its_id() -> None:
    """The branch's column takes NULL; SQLite's, built from our mapping, does not."""
    client, _customer, account = old_and_new()
    undated = TransactionFactory(account=account, reference_code="NODATE")
    AccountTransaction.objects.filter(pk=undated.pk).update(created_at=None)
    assert references(page(client, "/view/")) == ["NODATE", "NEW1", "EDGE2"]


def test_it_holds_where_ids_do_not_follow_dates() -> None:
    client, _customer, account = old_and_new()
    TransactionFactory(account=account, reference_code="LATEOLD", created_at=SINCE - timedelta(days=90))
    cache.set("ids-follow-dates", False)
    assert not idbounds.ids_follow_dates()
    assert references(page(client, "/view/")) == ["NEW1", "EDGE2"]


@pytest.mark.parametrize(("years", "since"), [(0, None), (1, "2025-11-23"), (2, "2024-11-23"), (5, "2021-11-23")])
def test_the_day_it_begins(years: int, since: str | None) -> None:
    customer = CustomerFactory()
    UserFactory(customer=customer, history_years=years)
    found = shown_since(BranchCustomer.objects.get(pk=customer.user_id))
    assert found == (datetime.fromisoformat(f"{since}T00:00:00+03:00") if since else None)


def test_nothing_is_hidden_from_somebody_without_a_login() -> None:
    assert shown_since(CustomerFactory()) is None


@given(st.dates(min_value=date(2004, 1, 1), max_value=date(2100, 12, 31)), st.sampled_from([1, 2, 5]))
def test_so_many_years_earlier_is_the_same_day_or_the_last_of_february(day: date, years: int) -> None:
    found = years_before(day, years)
    assert found.year == day.year - years
    assert (found.month, found.day) == (day.month, day.day) or (day.month, day.day, found.day) == (2, 29, 28)
