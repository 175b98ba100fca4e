"""The history as a file: exactly what the filter shows, and never a formula."""

import csv
import io
import tracemalloc
import zipfile
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.models import Account, AccountTransaction, BranchCustomer
from accounts.movements import Wanted
from accounts.selectors import accounts_of
from statements.exporting import cells, csvfile, lines, views
from statements.tests.support import a_payment_out, many_rows, signed_in_owner
from tests.factories import TransactionFactory
from transfers.tests.support import an_account
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

ATTACKS = [
    '=HYPERLINK("https://example.com")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "'=1", "\x00=1",
    "\u202e=1", "\uff1d1+1", "=cmd|' /C calc'!A0", "\n@x", '"=1',
]  # fmt: skip


@pytest.fixture
def owner() -> tuple[Client, BranchCustomer, Account]:
    return signed_in_owner(balance="20000.00")


def as_csv(client: Client, **asked: str) -> list[list[str]]:
    response = client.get("/view/history.csv", asked)
    assert response.status_code == 200
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def as_bytes(client: Client, **asked: str) -> bytes:
    response = client.get("/view/history.xlsx", asked)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def as_xlsx(client: Client, **asked: str) -> Any:
    return load_workbook(io.BytesIO(as_bytes(client, **asked))).active


def test_both_files_hold_what_the_filter_shows_newest_first(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    TransactionFactory(account=account, txn_type="DEPOSIT", amount=Decimal("100.50"), reference_code="D1")
    TransactionFactory(account=account, txn_type="ODD", amount=Decimal("7.00"), reference_code="D2")
    _payment, row = a_payment_out(account)
    TransactionFactory(account=an_account("Stranger"), reference_code="NOT-MINE")
    rows = as_csv(client)
    assert [line[5] for line in rows] == ["Reference", row.reference_code, "D2", "D1"]
    assert rows[1][3] == "Baraka Shop 0722 123 456"
    assert rows[1][6:] == ["Sent", "", "700.00", ""]
    assert rows[2][6:] == ["Confirmed", "", "", "7.00"]
    assert rows[3][6:] == ["Confirmed", "100.50", "", ""]
    assert [line[5] for line in as_csv(client, direction="in")[1:]] == ["D1"]
    assert [line[5] for line in as_csv(client, state="on-its-way")[1:]] == [row.reference_code]
    sheet = as_xlsx(client)
    assert [cell.value for cell in sheet["F"]] == ["Reference", row.reference_code, "D2", "D1"]
    assert sheet["H4"].value == 100.5
    assert sheet["H4"].data_type == "n"
    assert sheet["A4"].is_date


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_becomes_a_formula(owner: tuple[Client, BranchCustomer, Account], attack: str) -> None:
    client, _customer, account = owner
    TransactionFactory(account=account, description=attack, txn_type=attack[:50], reference_code=attack[:50])
    for cell in as_csv(client)[1]:
        assert cell[:1] not in set("=+-@\t\r\uff1d"), cell
    sheet = as_xlsx(client)
    for cell in sheet[2][1:7]:
        assert cell.data_type == "s" or cell.value is None, cell.value
        assert cell.quotePrefix or cell.value is None
    with zipfile.ZipFile(io.BytesIO(as_bytes(client))) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


@given(st.text(max_size=60))
def test_no_text_at_all_begins_like_a_formula(text: str) -> None:
    written = cells.for_csv(text)
    assert not written or written[0] not in "=+-@\t\r\uff1d\uff0b\uff0d\uff20\u2212"
    assert written.isprintable()


def test_plain_text_stays_as_it_was_written() -> None:
    assert cells.for_csv("Rent, November: 50% – asante 🎉 ñ") == "Rent, November: 50% – asante 🎉 ñ"
    assert cells.for_csv("-5") == "'-5"


def test_the_name_tells_account_and_time(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    asked = {"account": account.account_number, "period": "custom", "from_day": "2026-10-01", "to_day": "2026-10-31"}
    response = client.get("/view/history.csv", asked)
    name = f"wekeza-{account.account_number}-2026-10-01-to-2026-10-31.csv"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    response = client.get("/view/history.xlsx")
    assert f"wekeza-all-accounts-until-{clock.today():%Y-%m-%d}.xlsx" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]


def test_a_wrong_filter_leads_back_to_the_page_that_says_so(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, _account = owner
    for name in ("csv", "xlsx"):
        response = client.get(f"/view/history.{name}", {"account": "ACC-OF-ANOTHER"})
        assert response.status_code == 302
        assert response["Location"] == "/view/?account=ACC-OF-ANOTHER"
    assert not AuditEvent.objects.filter(verb="history.exported").exists()


def test_every_file_is_noted_and_counted(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, customer, _account = owner
    for _number in range(30):
        assert client.get("/view/history.csv").status_code == 200
    assert AuditEvent.objects.filter(verb="history.exported", customer_id=customer.user_id).count() == 30
    assert client.get("/view/history.csv").status_code == 429


def test_the_newest_are_in_and_the_file_says_that_more_are_not(
    owner: tuple[Client, BranchCustomer, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _customer, account = owner
    monkeypatch.setattr(lines, "MOST", 7)
    monkeypatch.setattr(lines, "BATCH", 3)
    many_rows(account, 7, until=clock.now())
    assert len(as_csv(client)) == 1 + 7, "exactly as many as go in: nothing is missing, so nothing is said"
    many_rows(account, 2, until=clock.now())
    rows = as_csv(client)
    assert len(rows) == 1 + 7 + 1
    assert rows[-1] == ["Only the newest 7 movements are in this file. Choose a shorter time to get the others."]
    newest = AccountTransaction.objects.filter(account=account).order_by("-transaction_id")[:7]
    assert [row[5] for row in rows[1:-1]] == [row.reference_code for row in newest]
    assert as_xlsx(client)["A9"].value == rows[-1][0]


def test_memory_does_not_grow_with_the_rows(owner: tuple[Client, BranchCustomer, Account]) -> None:
    """Four times the rows, about the same at the peak: what is read is written and let go."""
    _client, customer, account = owner
    peaks = []
    for count in (1500, 4500):
        many_rows(account, count, until=clock.now(), every=timedelta(seconds=1))
        wanted = Wanted(accounts_of(customer))
        tracemalloc.start()
        with csvfile.written(customer, wanted, "en") as file:
            pieces = file.seek(0, 2)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert pieces > count * 50
    assert peaks[1] < peaks[0] * 1.5


def test_the_file_speaks_the_readers_language(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, customer, account = owner
    TransactionFactory(account=account, txn_type="DEPOSIT")
    client.cookies["django_language"] = "sw"
    client.post("/language/", {"language": "sw"})
    wanted = Wanted(accounts_of(customer))
    swahili, english = (csvfile.written(customer, wanted, language).readline() for language in ("sw", "en"))
    assert swahili != english


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_while_another_file_is_written_one_is_asked_to_come_back(
    owner: tuple[Client, BranchCustomer, Account], extension: str
) -> None:
    """A long history takes seconds: whoever asks for many at once would keep everybody else from signing in."""
    client, customer, _account = owner
    for taken in ("somebody else", str(customer.user_id)):
        with views.WRITTEN.one_for(taken):
            answer = client.get(f"/view/history.{extension}?text=rent", follow=True)
        assert answer.redirect_chain == [("/view/?text=rent", 302)]
        assert "Please try again in a minute" in answer.content.decode()
    assert client.get(f"/view/history.{extension}").status_code == 200
    assert AuditEvent.objects.filter(verb="history.exported").count() == 1
