"""The pages of services as a person goes through them, and as somebody who means harm does."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.approvals import services as requests
from accounts.models import (
    AccountTerms,
    ApprovalRequest,
    AuthorizationItem,
    BankLetter,
    BranchCustomer,
    Fee,
    Instruction,
    User,
)
from accounts.servicing import catalogue, letters
from accounts.servicing.tests.scenes import a_customer, accounts, branch_sets, never_identified, stop_everything
from accounts.tests.approvals import State
from tests.factories import (
    AccountFactory,
    CustomerFactory,
    CustomerIdentityFactory,
    FeeFactory,
    InstructionFactory,
    LoanAccountFactory,
    PortalSwitchFactory,
    UserFactory,
)
from tests.support import all_the_money, sign_in
from wekeza_portal import clock
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.models import RateCounter
from wekeza_portal.staff import switches

pytestmark = pytest.mark.django_db
D = Decimal
ROOT = "/settings/services/"


@pytest.fixture
def customer() -> BranchCustomer:
    return a_customer()


@pytest.fixture
def client(customer: BranchCustomer) -> Client:
    return browser(customer)


def browser(customer: BranchCustomer) -> Client:
    client = Client()
    sign_in(client, User.objects.get(customer_id=customer.user_id))
    return client


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def mandate(customer: BranchCustomer, **changes: str) -> dict[str, str]:
    return {
        "account": accounts(customer)[0].account_number,
        "name": "Faith Wambui",
        "national_id": "31 556 677",
        "phone": "0711 445 566",
        "power": "LOOK",
        "until": "",
        **changes,
    }


def letter(customer: BranchCustomer, **changes: str) -> dict[str, str]:
    savings, current = accounts(customer)
    wanted = {"account": savings.account_number, "addressee": "Embassy", "pay_from": current.account_number}
    return wanted | changes


def draft_of(answer: Any) -> ApprovalRequest:
    assert answer.status_code == 303, text(answer)
    return ApprovalRequest.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def test_one_page_lists_everything_with_price_and_promise(client: Client) -> None:
    page = text(client.get(ROOT))
    for service in catalogue.SERVICES.values():
        assert str(service.title) in page
    assert "KES 20.00 for each cheque" in page
    assert "KES 500.00" in page
    assert "KES 83.33 excise duty inside" in page
    assert "Promised within 5 business days" in page
    assert page.count("Free") >= 5


def test_from_the_form_to_the_branch_and_back(client: Client, customer: BranchCustomer) -> None:
    before = all_the_money()
    draft = draft_of(client.post(f"{ROOT}mandate/", mandate(customer)))
    page = text(client.get(f"/settings/requests/{draft.id}/"))
    for part in ("Faith Wambui", "31556677", "+254711445566", "Ask for balances", "No end", "Promised within 5"):
        assert part in page
    assert AuthorizationItem.objects.count() == 0
    client.post(f"/settings/requests/{draft.id}/send/")
    page = text(client.get(f"/settings/requests/{draft.id}/"))
    assert "Promised by" in page
    assert "Take back this request" in page
    assert "let somebody else use account" in text(client.get("/settings/requests/")).lower()
    client.post(f"/settings/requests/{draft.id}/withdraw/")
    assert ApprovalRequest.objects.get().state == State.CANCELLED
    assert all_the_money() == before


def test_what_costs_money_says_so_three_times_before_it_is_sent(client: Client, customer: BranchCustomer) -> None:
    book = {"account": accounts(customer)[1].account_number, "leaves": "25", "branch": "BR007"}
    assert "You pay it at the branch, if the branch agrees" in text(client.get(f"{ROOT}cheque-book/"))
    page = text(client.get(f"/settings/requests/{draft_of(client.post(f'{ROOT}cheque-book/', book)).id}/"))
    assert "KES 500.00, KES 83.33 excise duty inside, at the branch" in page
    assert "Nothing is charged here" in page
    assert "Fee Free" not in page


def test_before_closing_it_says_what_stands_against_it(client: Client, customer: BranchCustomer) -> None:
    number = accounts(customer)[0].account_number
    loan = LoanAccountFactory(account_number=number, loan_type="Personal Loan")
    closing = {"account": number, "rest": "CASH", "purpose": ""}
    draft = draft_of(client.post(f"{ROOT}close-account/", closing))
    page = text(client.get(f"/settings/requests/{draft.id}/"))
    assert "Loan: Personal Loan In the way" in page
    assert "What is on it" in page
    assert "Send to the branch" not in page
    refused = client.post(f"/settings/requests/{draft.id}/send/")
    assert "The account can&#x27;t be closed yet: Loan: Personal Loan" in refused.content.decode()
    assert AuthorizationItem.objects.count() == 0
    type(loan).objects.update(status="CLOSED")
    assert "Send to the branch" in text(client.get(f"/settings/requests/{draft.id}/"))


def test_hidden_amounts_are_hidden_there_too(client: Client, customer: BranchCustomer) -> None:
    User.objects.update(hide_amounts=True)
    closing = {"account": accounts(customer)[0].account_number, "rest": "CASH", "purpose": ""}
    draft = draft_of(client.post(f"{ROOT}close-account/", closing))
    assert "50,000" not in client.get(f"/settings/requests/{draft.id}/").content.decode()


def test_change_begins_with_what_was_typed_and_replaces_it(client: Client, customer: BranchCustomer) -> None:
    draft = draft_of(client.post(f"{ROOT}mandate/", mandate(customer)))
    page = client.get(f"{ROOT}mandate/?draft={draft.id}").content.decode()
    assert 'value="Faith Wambui"' in page
    changed = mandate(customer, name="Faith W. Kamau", draft=str(draft.id))
    second = draft_of(client.post(f"{ROOT}mandate/", changed))
    assert second.payload["name"] == "Faith W. Kamau"
    assert requests.get(customer, draft.id).state == State.CANCELLED


def test_somebody_elses_draft_changes_nothing(customer: BranchCustomer, client: Client) -> None:
    other = a_second()
    theirs = draft_of(browser(other).post(f"{ROOT}mandate/", mandate(other)))
    assert client.get(f"{ROOT}mandate/?draft={theirs.id}").status_code == 404
    assert client.post(f"{ROOT}mandate/", mandate(customer, draft=str(theirs.id))).status_code == 404
    assert client.get(f"{ROOT}mandate/?draft=nonsense").status_code == 404
    assert ApprovalRequest.objects.get(pk=theirs.pk).state == State.DRAFT


def a_second() -> BranchCustomer:
    other: BranchCustomer = CustomerFactory(national_id="77665544")
    UserFactory(customer=other)
    CustomerIdentityFactory(customer_id=other.user_id)
    AccountFactory(customer=other)
    return other


HOSTILE = [
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "x" * 10_000,
    "😀" * 60,
    "\u202e\u0000",
    "'; DROP TABLE users; --",
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("field", ["name", "national_id", "phone", "power", "until", "account"])
def test_whatever_is_typed_is_refused_beside_it_or_kept_as_text(
    client: Client, customer: BranchCustomer, field: str, value: str
) -> None:
    answer = client.post(f"{ROOT}mandate/", mandate(customer, **{field: value}))
    assert answer.status_code in {200, 303}
    assert "<script>alert" not in answer.content.decode()
    if answer.status_code == 200:
        assert ApprovalRequest.objects.count() == 0
        assert f'id="id_{field}_error"' in answer.content.decode() or "aria-invalid" in answer.content.decode()
    else:
        assert field == "name"


@pytest.mark.parametrize("until", ["2020-01-01", "٢٠٣٠-٠١-٠١", "9999-12-31", "NaN", "1e9"])
def test_a_mandate_ends_after_today_or_never(client: Client, customer: BranchCustomer, until: str) -> None:
    answer = client.post(f"{ROOT}mandate/", mandate(customer, until=until))
    assert (answer.status_code, ApprovalRequest.objects.count()) == (200, 0)


@pytest.mark.parametrize("leaves", ["0", "-25", "26", "1e9", "NaN", "٢٥", "", "25.0"])
def test_a_book_has_as_many_cheques_as_books_have(client: Client, customer: BranchCustomer, leaves: str) -> None:
    book = {"account": accounts(customer)[1].account_number, "leaves": leaves, "branch": "BR007"}
    answer = client.post(f"{ROOT}cheque-book/", book)
    assert (answer.status_code, ApprovalRequest.objects.count()) == (200, 0)


@pytest.mark.parametrize(
    ("page", "typed"),
    [
        ("close-account", {"rest": "CASH"}),
        ("wake-account", {}),
        ("mandate", mandate),
        ("cheque-book", {"leaves": "25", "branch": "BR007"}),
        ("reference", {"addressee": "Landlord", "branch": "BR007"}),
    ],
)
def test_somebody_elses_account_is_refused_beside_the_field(
    client: Client, customer: BranchCustomer, page: str, typed: Any
) -> None:
    theirs = AccountFactory(customer=CustomerFactory()).account_number
    sent = typed(customer) if callable(typed) else typed
    branch_sets(accounts(customer)[0], "DORMANT")  # so that every form is there
    answer = client.post(f"{ROOT}{page}/", {**sent, "account": theirs})
    assert (answer.status_code, ApprovalRequest.objects.count()) == (200, 0)
    assert "Choose another one." in text(answer)


def test_waking_is_offered_for_dormant_accounts_alone(client: Client, customer: BranchCustomer) -> None:
    assert "None of your accounts is dormant" in text(client.get(f"{ROOT}wake-account/"))
    savings, current = accounts(customer)
    branch_sets(savings, "DORMANT")
    page = client.get(f"{ROOT}wake-account/?account={savings.account_number}").content.decode()
    assert savings.account_number in page
    assert current.account_number not in page
    assert f"/settings/services/wake-account/?account={savings.account_number}" in client.get("/").content.decode()


def test_without_a_current_account_a_cheque_book_leads_to_one(customer: BranchCustomer) -> None:
    AccountTerms.objects.all().delete()
    page = browser(customer).get(f"{ROOT}cheque-book/")
    assert "A cheque book belongs to a current account" in text(page)
    assert "/settings/services/new-account/" in page.content.decode()


def test_switched_off_everything_says_so_and_what_was_made_stays(client: Client, customer: BranchCustomer) -> None:
    made = client.post(f"{ROOT}letters/account/", letter(customer))["Location"]
    PortalSwitchFactory(code=switches.SERVICES, is_on=False, notice_en="Back on Monday.")
    for page in ("", "mandate/", "letters/balance/"):
        assert "Back on Monday." in text(client.get(f"{ROOT}{page}"))
    client.post(f"{ROOT}mandate/", mandate(customer))
    client.post(f"{ROOT}letters/account/", letter(customer, addressee="Another"))
    assert (ApprovalRequest.objects.count(), BankLetter.objects.count()) == (0, 1)
    assert client.get(made).status_code == 200


def test_stopped_it_says_why_beside_what_was_typed(client: Client, customer: BranchCustomer) -> None:
    stop_everything(customer)
    answer = client.post(f"{ROOT}mandate/", mandate(customer))
    assert "Everything is stopped since" in text(answer)
    assert 'value="Faith Wambui"' in answer.content.decode()
    assert ApprovalRequest.objects.count() == 0


def test_who_may_only_look_is_told_what_is_missing(client: Client, customer: BranchCustomer) -> None:
    never_identified(customer)
    assert "Your profile says what we still have to see" in text(client.post(f"{ROOT}mandate/", mandate(customer)))
    answer = client.post(f"{ROOT}letters/balance/", letter(customer))
    assert (answer.status_code, Instruction.objects.count()) == (200, 0)
    assert client.post(f"{ROOT}letters/account/", letter(customer)).status_code == 303


def test_a_letter_from_the_form_to_the_paper(client: Client, customer: BranchCustomer) -> None:
    before = all_the_money()
    review = client.post(f"{ROOT}letters/balance/", letter(customer))["Location"]
    page = text(client.get(review))
    for part in ("KES 300.00", "KES 50.00 excise duty inside", "Balance after", "KES 19,700.00", "Embassy"):
        assert part in page
    assert all_the_money() == before
    first = client.post(f"{review}confirm/")["Location"]
    second = client.post(f"{review}confirm/")["Location"]
    assert first == second == client.get(review)["Location"]
    assert sum(all_the_money().values()) == sum(before.values()) - D("300.00")
    page = text(client.get(first))
    for part in ("Your letter is ready", "KES 50,000.00", "KES 300.00", "KES 19,700.00"):
        assert part in page
    for paper in ("letter.pdf", "receipt.pdf"):
        answer = client.get(f"{first}{paper}")
        assert answer.content.startswith(b"%PDF-")
        assert answer.content == client.get(f"{first}{paper}").content
    assert sorted(IssuedPaper.objects.values_list("kind", flat=True)) == ["BANK_LETTER", "LETTER_RECEIPT"]


def test_anybody_verifies_a_letter_and_learns_neither_name_nor_balance(
    client: Client, customer: BranchCustomer
) -> None:
    review = client.post(f"{ROOT}letters/balance/", letter(customer))["Location"]
    client.get(f"{client.post(f'{review}confirm/')['Location']}letter.pdf")
    paper = IssuedPaper.objects.get()
    page = text(Client().get(f"/verify/{paper.code}/"))
    assert "Letter that confirms a balance" in page
    for secret in ("Embassy", "50,000", "Otieno", accounts(customer)[0].account_number, "23456789"):
        assert secret not in page


def test_a_free_letter_has_no_receipt_and_a_stranger_neither(client: Client, customer: BranchCustomer) -> None:
    made = client.post(f"{ROOT}letters/account/", letter(customer))["Location"]
    assert "Free" in text(client.get(made))
    assert client.get(f"{made}receipt.pdf").status_code == 404
    stranger = browser(a_second())
    for address in (made, f"{made}letter.pdf", f"{made}receipt.pdf"):
        assert stranger.get(address).status_code == 404


def test_a_strangers_draft_is_neither_seen_nor_paid_nor_cancelled(client: Client, customer: BranchCustomer) -> None:
    review = client.post(f"{ROOT}letters/balance/", letter(customer))["Location"]
    before, stranger = all_the_money(), browser(a_second())
    answers = [stranger.get(review), stranger.post(f"{review}confirm/"), stranger.post(f"{review}cancel/")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert {number: all_the_money()[number] for number in before} == before
    assert Instruction.objects.get().state == Instruction.State.DRAFT


def test_a_payment_of_another_kind_is_no_letter(client: Client, customer: BranchCustomer) -> None:
    other = InstructionFactory(customer=customer)
    assert client.get(f"{ROOT}letters/drafts/{other.id}/").status_code == 404
    assert client.post(f"{ROOT}letters/drafts/{other.id}/confirm/").status_code == 404


def test_a_cancelled_letter_says_so_and_is_not_paid(client: Client, customer: BranchCustomer) -> None:
    before = all_the_money()
    review = client.post(f"{ROOT}letters/balance/", letter(customer))["Location"]
    client.post(f"{review}cancel/")
    assert "Nothing was done" in text(client.get(review))
    assert client.post(f"{review}confirm/").status_code == 200
    assert all_the_money() == before


def test_a_fee_that_changed_between_is_said_on_the_review(client: Client, customer: BranchCustomer) -> None:
    review = client.post(f"{ROOT}letters/balance/", letter(customer))["Location"]
    FeeFactory(code=Fee.Code.BALANCE_LETTER, amount=D("350.00"), effective_from=clock.today())
    answer = client.post(f"{review}confirm/")
    assert "The fee is now KES 350.00" in text(answer)
    assert BankLetter.objects.count() == 0


@pytest.mark.parametrize("value", HOSTILE)
def test_a_letter_is_addressed_to_any_text_but_runs_none(client: Client, customer: BranchCustomer, value: str) -> None:
    answer = client.post(f"{ROOT}letters/account/", letter(customer, addressee=value))
    if answer.status_code == 303:
        page = client.get(answer["Location"]).content.decode()
        assert "<script>alert" not in page
        assert client.get(f"{answer['Location']}letter.pdf").content.startswith(b"%PDF-")
    else:
        assert BankLetter.objects.count() == 0


def test_nobody_fills_the_disk_with_drafts(client: Client, customer: BranchCustomer) -> None:
    for _ in range(letters.PAID_LETTERS.limit):
        client.post(f"{ROOT}letters/balance/", letter(customer))
    assert client.post(f"{ROOT}letters/balance/", letter(customer)).status_code == 429
    assert Instruction.objects.count() == letters.PAID_LETTERS.limit
    RateCounter.objects.all().delete()
    for _ in range(60):
        client.post(f"{ROOT}mandate/", mandate(customer))
    assert client.post(f"{ROOT}mandate/", mandate(customer)).status_code == 429
    assert ApprovalRequest.objects.filter(state=State.DRAFT).count() == requests.MOST_DRAFTS


def test_without_a_price_the_page_says_so(client: Client) -> None:
    Fee.objects.filter(code__in=[Fee.Code.BALANCE_LETTER, Fee.Code.MANDATE]).delete()
    assert "Not possible now" in text(client.get(ROOT))
    for page in ("letters/balance/", "mandate/"):
        assert "The bank has set no price for this" in text(client.get(f"{ROOT}{page}"))
