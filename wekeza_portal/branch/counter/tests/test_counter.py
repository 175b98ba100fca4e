"""The played counter: the branch's own statements, on a demo bank and nowhere else."""

from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Account, AccountTransaction, AuthorizationItem, BranchCustomer
from lending.models import LoanApplication
from tests.factories import (
    AccountFactory,
    AuthorizationItemFactory,
    CustomerFactory,
    DemoMarkerFactory,
    LoanApplicationFactory,
)
from wekeza_portal.branch.counter import statements

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def _open(settings: object) -> None:
    settings.DEMO = True
    DemoMarkerFactory()


@pytest.fixture
def account() -> Account:
    return AccountFactory(customer=CustomerFactory(phone_number="0722000111"), balance=D("5000.10"))


def do(**typed: object) -> str:
    answer = Client().post("/demo/branch/", {name: str(value) for name, value in typed.items()}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def balance(account: Account) -> Decimal:
    return Account.objects.get(pk=account.pk).balance or D(0)


@pytest.mark.parametrize(("demo", "marker"), [(False, False), (False, True), (True, False)])
def test_without_demo_and_its_own_tables_there_is_no_counter(
    settings: object, account: Account, demo: bool, marker: bool
) -> None:
    settings.DEMO = demo
    if marker:
        DemoMarkerFactory()
    assert Client().get("/demo/branch/").status_code == 404
    post = Client().post("/demo/branch/", {"action": "deposit", "account": account.account_number, "amount": "5"})
    assert post.status_code == 404
    with pytest.raises(statements.NotADemoBank):
        statements.deposit(account.account_number, D("5.00"))
    assert (balance(account), AccountTransaction.objects.count()) == (D("5000.10"), 0)


@pytest.mark.usefixtures("_open")
def test_a_post_needs_the_csrf_token(account: Account) -> None:
    client = Client(enforce_csrf_checks=True)
    typed = {"action": "deposit", "account": account.account_number, "amount": "5"}
    assert client.post("/demo/branch/", typed).status_code == 403
    assert balance(account) == D("5000.10")


@pytest.mark.usefixtures("_open")
@pytest.mark.parametrize(
    ("action", "word", "prefix", "after"),
    [
        ("deposit", "DEPOSIT", "DEP", "6234.60"),
        ("cheque", "CHEQUE_DEPOSIT", "CHQ", "6234.60"),
        ("withdraw", "WITHDRAWAL", "WDL", "3765.60"),
    ],
)
def test_cash_moves_one_account_and_writes_the_branchs_row(
    account: Account, action: str, word: str, prefix: str, after: str
) -> None:
    stranger = AccountFactory(balance=D("7.00"))
    do(action=action, account=account.account_number, amount="1,234.50")
    row = AccountTransaction.objects.get()
    assert (row.account_id, row.txn_type, row.amount) == (account.account_id, word, D("1234.50"))
    assert row.reference_code.startswith(prefix)
    assert (row.description or "").endswith("Approved")
    assert (balance(account), balance(stranger)) == (D(after), D("7.00"))


@pytest.mark.usefixtures("_open")
def test_what_reaches_nothing_says_so(account: Account) -> None:
    assert "reached no row" in do(action="deposit", account="ACC0", amount="5")
    assert "reached no row" in do(action="withdraw", account=account.account_number, amount="99999")
    assert "reached no row" in do(action="approve", queue_id="AQ0")
    assert AccountTransaction.objects.count() == 0


@pytest.mark.usefixtures("_open")
@pytest.mark.parametrize(
    "typed",
    [
        {"action": "deposit", "account": "ACC1", "amount": "-5"},
        {"action": "deposit", "amount": "5"},
        {"action": "approve"},
        {"action": "drop"},
        {"action": "change", "account": "ACC1", "detail": "phone_number", "value": "0" * 16},
        {"action": "change", "account": "ACC1", "detail": "password_hash", "value": "x"},
    ],
)
def test_what_is_typed_wrong_is_not_done(typed: dict[str, str]) -> None:
    assert "Not done" in do(**typed)


@pytest.mark.usefixtures("_open")
def test_decisions_are_made_and_made_again() -> None:
    application = LoanApplicationFactory(status="PENDING")
    item = AuthorizationItemFactory(reference_id=application.application_id)

    def now() -> AuthorizationItem:
        return AuthorizationItem.objects.get(pk=item.pk)

    do(action="approve", queue_id=item.queue_id)
    assert (now().status, now().approved_by) == ("APPROVED", "SUP001")
    do(action="flip", queue_id=item.queue_id)
    assert now().status == "REJECTED"
    do(action="flip", queue_id=item.queue_id)
    assert (now().status, now().rejection_reason) == ("APPROVED", "Decided again")
    do(action="reject", queue_id=item.queue_id, reason="Not signed")
    assert (now().status, now().rejection_reason) == ("REJECTED", "Not signed")
    assert LoanApplication.objects.get(pk=application.pk).status == "REJECTED"


@pytest.mark.usefixtures("_open")
def test_accounts_and_people_are_changed_by_hand(account: Account) -> None:
    stranger = CustomerFactory()
    do(action="freeze", account=account.account_number)
    assert Account.objects.get(pk=account.pk).status == "FROZEN"
    do(action="unfreeze", account=account.account_number)
    assert Account.objects.get(pk=account.pk).status == "ACTIVE"
    do(action="change", account=account.account_number, detail="phone_number", value="0733444555")
    do(action="reset", account=account.account_number)
    row = BranchCustomer.objects.get(pk=account.customer_id)
    assert (row.phone_number, row.password_hash) == ("0733444555", "newpass123")
    untouched = BranchCustomer.objects.get(pk=stranger.pk)
    assert untouched.password_hash == "mwanzo-secret"


@pytest.mark.usefixtures("_open")
def test_a_value_that_is_taken_is_refused_in_words(account: Account) -> None:
    CustomerFactory(phone_number="0733444555")
    page = do(action="change", account=account.account_number, detail="phone_number", value="0733444555")
    assert "has this value already" in page


@pytest.mark.usefixtures("_open")
def test_the_page_shows_the_queue_and_the_latest_rows(account: Account) -> None:
    item = AuthorizationItemFactory(maker_name="<b>Wanjiku</b>")
    do(action="deposit", account=account.account_number, amount="5")
    page = Client().get("/demo/branch/").content.decode()
    assert item.queue_id in page
    assert account.account_number in page
    assert "&lt;b&gt;Wanjiku" in page
