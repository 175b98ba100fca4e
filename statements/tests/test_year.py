"""A year in figures: what it sums, that every figure leads to its rows, the paper and the file."""

import csv
import io
import re
from collections.abc import Generator
from datetime import date, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.http import Http404
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import movements, vocabulary
from accounts.models import Account, AccountTransaction, BranchCustomer
from accounts.selectors import accounts_of
from accounts.vocabulary import IN, OUT, Word
from statements.forms import HistoryForm
from statements.tests.support import NOON, many_rows, signed_in_owner
from statements.year import summary
from statements.year.summary import Figure, Year
from tests.factories import AccountFactory, CustomerFactory, TransactionFactory
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.documents.models import IssuedPaper

pytestmark = pytest.mark.django_db

D = Decimal
PAGE = "/view/year/2026/"


@pytest.fixture(autouse=True)
def _at_noon() -> Generator[None, None, None]:
    cache.clear()
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def owner() -> tuple[Client, BranchCustomer, Account]:
    return signed_in_owner(balance="20000.00")


def row(account: Account, word: str, amount: str, day: str, hour: int = 12) -> AccountTransaction:
    at = datetime.fromisoformat(f"{day}T{hour:02d}:00:00").replace(tzinfo=clock.NAIROBI)
    found: AccountTransaction = TransactionFactory(account=account, txn_type=word, amount=D(amount), created_at=at)
    return found


def of(customer: BranchCustomer, year: int = 2026) -> Year:
    return summary.of(accounts_of(customer), year)


def amounts(year: Year, table: int = 0) -> dict[int, tuple[Decimal, ...]]:
    """What is not all zero, by month."""
    lines = year.tables[table].months
    found = {line.month.month: tuple(each.amount for each in line.figures) for line in lines if line.month}
    return {month: figures for month, figures in found.items() if any(figures)}


def behind(customer: BranchCustomer, figure: Figure) -> list[AccountTransaction]:
    """The rows that the history shows at a figure's address."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(figure.address).query).items()}
    form = HistoryForm(asked, accounts=accounts_of(customer), customer=customer)
    assert form.is_valid(), form.errors
    return [found for batch in movements.in_batches(form.wanted(), 500) for found in batch]  # type: ignore[misc]


def text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_a_year_sums_by_month_what_came_in_went_out_and_was_a_fee(
    owner: tuple[Client, BranchCustomer, Account],
) -> None:
    _client, customer, account = owner
    row(account, "DEPOSIT", "1000.50", "2026-01-01", 0)
    row(account, "MOBILE_MONEY_OUT", "300.00", "2026-03-31", 23)
    row(account, "MOBILE_MONEY_FEE", "22.00", "2026-03-31", 23)
    row(account, "FEE", "5.00", "2026-03-01")
    row(account, "DEPOSIT", "7.00", "2025-12-31", 23)
    found = of(customer)
    assert found.groups == ("FEES",), "no word of interest or tax is known yet"
    assert amounts(found) == {1: (D("1000.50"), D("0.00"), D("0.00")), 3: (D("0.00"), D("327.00"), D("27.00"))}
    assert [each.amount for each in found.total.figures] == [D("1000.50"), D("327.00"), D("27.00")]
    assert len(found.tables[0].months) == 11, "the running year ends with this month"
    assert len(of(customer, 2025).tables[0].months) == 12


def test_each_account_has_a_table_where_there_are_several(owner: tuple[Client, BranchCustomer, Account]) -> None:
    _client, customer, account = owner
    other = AccountFactory(customer=customer)
    row(account, "TRANSFER_OUT", "400.00", "2026-05-05")
    row(other, "TRANSFER_IN", "400.00", "2026-05-05")
    row(AccountFactory(), "DEPOSIT", "99.00", "2026-05-05")
    found = of(customer)
    assert [table.account.number if table.account else "" for table in found.tables] == [
        "", account.account_number, other.account_number,
    ]  # fmt: skip
    assert [amounts(found, n)[5][:2] for n in range(3)] == [
        (D("400.00"), D("400.00")), (D("0.00"), D("400.00")), (D("400.00"), D("0.00")),
    ]  # fmt: skip


def test_every_figure_leads_to_the_rows_that_sum_to_it(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, customer, account = owner
    other = AccountFactory(customer=customer)
    words = ("DEPOSIT", "TRANSFER_OUT", "TRANSFER_FEE", "FEE", "ODD_WORD", "REVERSAL_IN")
    for month in (1, 2, 9, 11):
        for n, word in enumerate(words):
            row(account if n % 2 else other, word, f"{month}{n}.25", f"2026-{month:02d}-{1 + n:02d}")
    found = of(customer)
    figures = [each for table in found.tables for line in [*table.months, table.total] for each in line.figures]
    led = [each for each in figures if each.address]
    assert len(led) > 30
    for each in led:
        assert sum((found.amount for found in behind(customer, each)), D(0)) == each.amount, each.address
        assert client.get(each.address).status_code == 200
    assert all(each.amount == 0 for each in figures if not each.address)
    assert found.unsigned == len(behind(customer, Figure(D(0), found.unsigned_address))) == 4


WORDS = st.sampled_from(
    ["DEPOSIT", "TRANSFER_IN", "TRANSFER_OUT", "BILL_PAYMENT_FEE", "FEE", "ODD_WORD", "INTEREST_IN"]
)
ROWS = st.lists(st.tuples(WORDS, st.decimals("0.01", "9999999.99", places=2), st.integers(0, 364 + 365)), max_size=25)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS)
def test_the_months_sum_to_the_year_and_the_accounts_to_all(
    rows: list[tuple[str, Decimal, int]],
) -> None:
    customer = CustomerFactory()
    accounts = [AccountFactory(customer=customer) for _ in range(2)]
    start = clock.midnight(date(2025, 1, 1))
    for n, (word, amount, day) in enumerate(sorted(rows, key=lambda each: each[2])):
        at = start + timedelta(days=day, hours=1)
        TransactionFactory(account=accounts[n % 2], txn_type=word, amount=amount, created_at=min(at, NOON))
    cache.clear()
    for year in (2025, 2026):
        try:
            found = of(customer, year)
        except Http404:
            continue
        for table in found.tables:
            for place, total in enumerate(table.total.figures):
                assert total.amount == sum((line.figures[place].amount for line in table.months), D(0))
        for place, total in enumerate(found.total.figures):
            assert total.amount == sum((table.total.figures[place].amount for table in found.tables[1:]), D(0))


def test_interest_and_tax_are_shown_once_the_bank_has_words_for_them(
    owner: tuple[Client, BranchCustomer, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, customer, account = owner
    monkeypatch.setitem(vocabulary.VOCABULARY, "INTEREST_IN", Word(IN, "Interest"))
    monkeypatch.setitem(vocabulary.VOCABULARY, "TAX_OUT", Word(OUT, "Tax on interest"))
    vocabulary.group_of.cache_clear()
    row(account, "INTEREST_IN", "100.00", "2026-02-02")
    row(account, "TAX_OUT", "15.00", "2026-02-02")
    found = of(customer)
    assert found.groups == ("FEES", "INTEREST", "TAX")
    assert amounts(found) == {2: (D("100.00"), D("15.00"), D("0.00"), D("100.00"), D("15.00"))}
    assert [each.amount for each in behind(customer, found.total.groups[1])] == [D("100.00")]
    said = text(client.get(PAGE).content.decode())
    assert "Interest earned" in said
    assert "Tax withheld" in said
    vocabulary.group_of.cache_clear()


@pytest.mark.parametrize("year", ["1999", "2024", "2027", "9999", "0000", "0001"])
@pytest.mark.parametrize("form", ["", "summary.pdf", "summary.csv"])
def test_a_year_before_the_first_row_or_after_this_one_is_not_found(
    owner: tuple[Client, BranchCustomer, Account], year: str, form: str
) -> None:
    client, _customer, account = owner
    row(account, "DEPOSIT", "1.00", "2025-06-01")
    assert client.get(f"/view/year/{year}/{form}").status_code == 404


@pytest.mark.parametrize("odd", ["26", "02026", "20 26", "٢٠٢٦", "-2026", "2026.0", "NaN", "1e3", "2026'--"])
def test_what_is_no_year_is_no_address(owner: tuple[Client, BranchCustomer, Account], odd: str) -> None:
    assert owner[0].get(f"/view/year/{odd}/").status_code == 404


def test_years_lead_to_each_other_between_the_first_and_this_one(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, customer, account = owner
    row(account, "DEPOSIT", "1.00", "2024-06-01")
    assert [(of(customer, year).earlier, of(customer, year).later) for year in (2024, 2025, 2026)] == [
        (None, 2025), (2024, 2026), (2025, None),
    ]  # fmt: skip
    assert client.get("/view/year/2025/").status_code == 200, "nothing happened, between years when something did"


def test_a_customer_without_movements_or_accounts_sees_an_empty_year() -> None:
    client, _customer, account = signed_in_owner()
    assert client.get(PAGE).status_code == 200
    assert client.get("/view/year/2025/").status_code == 404
    Account.objects.filter(pk=account.pk).update(customer_id=CustomerFactory().user_id)
    for form in ("", "summary.pdf", "summary.csv"):
        assert client.get(f"{PAGE}{form}").status_code == 200


def test_the_year_turns_at_midnight_in_nairobi(owner: tuple[Client, BranchCustomer, Account]) -> None:
    _client, customer, account = owner
    row(account, "DEPOSIT", "1.00", "2025-12-31", 23)
    row(account, "DEPOSIT", "2.00", "2026-01-01", 0)
    assert (of(customer, 2025).total.money_in.amount, of(customer).total.money_in.amount) == (D("1.00"), D("2.00"))


def test_rows_dated_out_of_order_are_found_too(owner: tuple[Client, BranchCustomer, Account]) -> None:
    _client, customer, account = owner
    for day in ("2026-11-01", "2025-03-01", "2026-02-01", "2024-01-01"):
        row(account, "DEPOSIT", "10.00", day)
    assert of(customer).total.money_in.amount == D("20.00")
    assert of(customer, 2024).total.money_in.amount == D("10.00"), "before the first by id"


def test_somebody_elses_rows_are_in_nobodys_year(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, _account = owner
    stranger = AccountFactory(account_number="ACC7654321")
    row(stranger, "DEPOSIT", "4321.00", "2026-02-02")
    for form in ("", "summary.csv"):
        said = client.get(f"{PAGE}{form}").content.decode()
        assert "4,321.00" not in said
        assert "4321.00" not in said
        assert "ACC7654321" not in said


def statements(client: Client, address: str) -> int:
    from tests.test_url_guards import statements as asked

    client.get(address)
    return len([sql for sql in asked(client, address) if sql.lstrip().upper().startswith("SELECT")])


def test_as_many_questions_for_two_thousand_rows_as_for_two(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, customer, account = owner
    for _ in range(3):
        AccountFactory(customer=customer)
    many_rows(account, 2, until=NOON)
    few = statements(client, PAGE)
    many_rows(account, 2000, until=NOON)
    cache.clear()
    assert statements(client, PAGE) == few <= 10


def test_hidden_amounts_are_not_in_the_page(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    row(account, "DEPOSIT", "4321.00", "2026-02-02")
    assert "4,321.00" in client.get(PAGE).content.decode()
    client.post("/settings/hide-amounts/", {"hide": "1"})
    assert "4,321.00" not in client.get(PAGE).content.decode()


def test_the_history_leads_to_the_year_and_offers_all_fees(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    fee = row(account, "TRANSFER_FEE", "50.00", "2026-02-02")
    other = row(account, "BILL_PAYMENT", "70.00", "2026-02-02")
    html = client.get("/view/", {"type": "FEES"}).content.decode()
    assert f'href="{PAGE}"' in html
    assert "Fees paid" in html
    assert fee.reference_code in html
    assert other.reference_code not in html


def test_the_paper_is_a_pdf_that_verifies_without_saying_too_much(
    owner: tuple[Client, BranchCustomer, Account],
) -> None:
    client, _customer, account = owner
    row(account, "DEPOSIT", "4321.00", "2026-02-02")
    answer = client.get(f"{PAGE}summary.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    paper = IssuedPaper.objects.get()
    said = text(Client().get(f"/verify/{paper.code}/").content.decode())
    for words in ("Summary of a year", "2026", "23 November 2026", "EMMANUEL O.", "KES 4,321.00"):
        assert words in said, words
    assert account.account_number not in said
    assert client.get(f"{PAGE}summary.pdf").content == answer.content, "the same figures are the same paper"
    assert IssuedPaper.objects.count() == 1


def test_the_same_sums_in_other_months_are_another_paper(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    moved = row(account, "DEPOSIT", "4321.00", "2026-02-02")
    client.get(f"{PAGE}summary.pdf")
    AccountTransaction.objects.filter(pk=moved.pk).update(created_at=moved.created_at + timedelta(days=40))
    client.get(f"{PAGE}summary.pdf")
    assert IssuedPaper.objects.count() == 2


@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_file_holds_every_account_and_month(owner: tuple[Client, BranchCustomer, Account], language: str) -> None:
    client, customer, account = owner
    other = AccountFactory(customer=customer)
    row(account, "DEPOSIT", "1000.50", "2026-02-02")
    row(other, "FEE", "5.00", "2026-03-02")
    client.post("/language/", {"language": language})
    answer = client.get(f"{PAGE}summary.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="wekeza-2026.csv"'
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    with translation.override(language):
        assert lines[0][2:] == [translation.gettext(each) + " (KES)" for each in ("Money in", "Money out", "Fees paid")]
        everything = translation.gettext("All accounts")
    assert [account.account_number, "2026-02", "1000.50", "0.00", "0.00"] in lines
    assert [other.account_number, "2026-03", "0.00", "5.00", "5.00"] in lines
    assert lines[-1] == [everything, "2026", "1000.50", "5.00", "5.00"]
    assert len(lines) == 1 + 3 * 12
    assert AuditEvent.objects.filter(verb="year.exported", customer_id=customer.user_id).exists()


def test_no_account_number_becomes_a_formula(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, account = owner
    Account.objects.filter(pk=account.pk).update(account_number="=HYPERLINK(1)")
    AccountFactory(customer=account.customer)
    lines = list(csv.reader(io.StringIO(client.get(f"{PAGE}summary.csv").content.decode("utf-8-sig"))))
    assert lines[1][0] == "'=HYPERLINK(1)"


def test_files_count_against_the_budget_of_files(owner: tuple[Client, BranchCustomer, Account]) -> None:
    client, _customer, _account = owner
    with mock.patch("statements.year.csvfile.written", return_value=""):
        answers: list[Any] = [client.get(f"{PAGE}summary.csv").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
