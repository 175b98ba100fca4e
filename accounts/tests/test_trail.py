"""Where did this shilling go: every way of asking leads to the whole story, and every look is written down."""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts import trail
from accounts.ledger import money_operation, reverse
from accounts.models import Account, AccountTransaction, Instruction, Posting, PostingLeg
from tests.factories import (
    AccountFactory,
    CustomerFactory,
    InstructionFactory,
    OutboxMessageFactory,
    TransactionFactory,
)
from tests.pages import Scene
from tests.payments import pay
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.audit.sealing import seal_waiting
from wekeza_portal.registry import MoneyTrail, money_trails
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
D = Decimal
PAGE = "/admin/boards/where/"


@pytest.fixture
def posting() -> Posting:
    sender, receiver = AccountFactory(balance=D("9000.00")), AccountFactory(balance=D("100.00"))
    receipt = pay(sender, receiver, D("100.00"), fee=D("30.00"))
    return Posting.objects.get(reference=receipt.reference)


def ask(client: Client, typed: object, **more: object) -> str:
    response = client.get(PAGE, {"q": str(typed), **{name: str(value) for name, value in more.items()}})
    assert response.status_code == 200
    return response.content.decode()


def test_a_reference_in_every_spelling_leads_to_the_same_story(posting: Posting) -> None:
    reference = posting.reference
    spellings = [reference, reference.lower(), reference.replace("-", ""), f" {reference}-2 ", f"{reference}-1"]
    for typed in [*spellings, str(posting.instruction_id), posting.instruction_id.hex]:
        story = trail.follow(typed)
        assert story is not None, typed
        assert story.posting == posting, typed
        assert len(story.legs) == 4
        assert story.faults == []


def test_the_page_tells_it_from_asking_to_the_message(posting: Posting) -> None:
    instruction = Instruction.objects.get(id=posting.instruction_id)
    seal_waiting()
    OutboxMessageFactory(
        customer_id=instruction.customer_id, cause=f"transfer-sent:{instruction.id}", body="You sent KES 100.00."
    )
    OutboxMessageFactory(
        customer_id=instruction.customer_id, cause=f"other:{posting.reference}:SMS", body="sealed", is_secret=True
    )
    OutboxMessageFactory(customer_id=instruction.customer_id, cause="about-something-else", body="Nothing of this.")
    page = ask(signed_in(staff("audit")), posting.reference)
    seal = AuditEvent.objects.get(verb="payment.posted")
    for words in (posting.reference, str(instruction.id), "fees.income", "TRANSFER_FEE", "payment.posted", "You sent"):
        assert words in page, words
    assert trail.follow(posting.reference).events == [(seal, 1)]
    assert "#1" in page
    assert "say the same" in page
    assert "Secret: never shown" in page
    assert "sealed<" not in page
    assert "Nothing of this" not in page


def test_support_sees_the_money_but_not_the_audit_trail(posting: Posting) -> None:
    page = ask(signed_in(staff("support")), posting.reference)
    assert posting.reference in page
    assert "payment.posted" not in page


def test_a_reversal_and_what_it_reverses_name_each_other(posting: Posting) -> None:
    undone = money_operation(reverse)(posting=posting, reason="Wrong payee", actor=system("test"))
    first, second = trail.follow(posting.reference), trail.follow(undone.reference)
    assert first is not None
    assert second is not None
    assert first.reversed_by == second.posting
    assert second.reverses == posting
    client = signed_in(staff("support"))
    assert f"?q={undone.reference}" in ask(client, posting.reference)
    assert f"?q={posting.reference}" in ask(client, undone.reference)


def spoil_row(posting: Posting) -> None:
    AccountTransaction.objects.filter(reference_code=f"{posting.reference}-1").update(amount=D("1.00"))


def move_row(posting: Posting) -> None:
    AccountTransaction.objects.filter(reference_code=f"{posting.reference}-1").update(reference_code="XX1")


def drop_row(posting: Posting) -> None:
    AccountTransaction.objects.filter(reference_code=f"{posting.reference}-1").delete()


def spoil_leg(posting: Posting) -> None:
    PostingLeg.objects.filter(internal_account="fees.income").update(amount=D("29.99"))


def drop_instruction(posting: Posting) -> None:
    Instruction.objects.all().delete()


def unmark_instruction(posting: Posting) -> None:
    Instruction.objects.update(state="DRAFT")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_row, "-1: posted as -KES 100.00; the branch's row now says -KES 1.00"),
        (move_row, "as XX1"),
        (drop_row, "-1: the branch's row is gone"),
        (spoil_leg, "do not sum to zero"),
        (drop_instruction, "without an instruction"),
        (unmark_instruction, "not marked as done"),
    ],
)
def test_what_differs_is_said_in_words(posting: Posting, spoil: Any, words: str) -> None:
    spoil(posting)
    story = trail.follow(posting.reference)
    assert story is not None
    assert len(story.faults) == 1
    assert words in story.faults[0]
    assert "What differs" in ask(signed_in(staff("support")), posting.reference)


def test_an_instruction_that_says_done_without_a_posting_is_a_fault() -> None:
    story = trail.follow(str(InstructionFactory(state="POSTED").pk))
    assert story is not None
    assert "nothing was posted" in story.faults[0]


def test_a_draft_is_a_story_without_money() -> None:
    page = ask(signed_in(staff("support")), InstructionFactory().pk)
    assert "no money has moved" in page


def test_a_tellers_row_says_that_the_branch_wrote_it() -> None:
    row = TransactionFactory(reference_code="DEP12AB34CD", txn_type="DEPOSIT", amount=D("55.00"))
    page = ask(signed_in(staff("support")), "DEP12AB34CD")
    assert "The branch wrote this row" in page
    assert row.account.account_number in page


def test_a_row_that_only_looks_like_ours_is_pointed_at() -> None:
    TransactionFactory(reference_code="7K3M-9QTX-2B4D-1")
    story = trail.follow("7K3M-9QTX-2B4D-1")
    assert story is not None
    assert "posted no such thing" in story.faults[0]


@pytest.mark.parametrize("typed", ["0722000111", "+254722000111", "254722000111"])
def test_a_phone_leads_to_the_movements_of_all_its_accounts(typed: str) -> None:
    customer = CustomerFactory(phone_number="0722000111")
    rows = [TransactionFactory(account=AccountFactory(customer=customer)) for _n in range(2)]
    TransactionFactory()
    found = trail.movements(typed)
    assert found is not None
    assert [row.pk for row in found.rows] == [rows[1].pk, rows[0].pk]


def test_an_accounts_movements_are_paged_without_counting_or_losing_one() -> None:
    account = AccountFactory()
    rows = [TransactionFactory(account=account).pk for _n in range(60)]
    seen: list[int] = []
    before = None
    for _page in range(3):
        found = trail.movements(account.account_number, before=before)
        assert found is not None
        seen += [row.pk for row in found.rows]
        before = found.older
        TransactionFactory(account=account)  # new ones do not push old ones onto the next page
    assert seen == rows[::-1]
    assert before is None
    page = ask(signed_in(staff("support")), account.account_number)
    assert "Older" in page


def test_each_customer_shown_is_a_look_that_is_recorded(posting: Posting) -> None:
    user = staff("support")
    client = signed_in(user)
    ask(client, posting.reference)
    owners = set(Account.objects.values_list("customer_id", flat=True))
    looks = AuditEvent.objects.filter(verb="staff.viewed")
    assert {look.customer_id for look in looks} == owners
    assert {(look.actor_id, look.subject) for look in looks} == {(str(user.pk), f"money-trail:{posting.reference}")}
    ask(client, "nobody-knows-this")
    assert AuditEvent.objects.filter(verb="staff.viewed").count() == len(owners)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "\0", "' OR 1=1", "<script>alert(1)</script>", "=HYPERLINK(1)", "٧٧", "😀", "9" * 100, "x" * 10_000],
)
def test_a_strange_question_finds_nothing_and_breaks_nothing(typed: str) -> None:
    page = ask(signed_in(staff("audit")), typed)
    assert "<script>alert" not in page
    for before in ("x", "-1", "9" * 30, "٣"):
        ask(signed_in(staff("audit")), AccountFactory().account_number, before=before)


def test_who_may_not_see_postings_does_not(posting: Posting) -> None:
    assert signed_in(staff(None)).get(PAGE, {"q": posting.reference}).status_code == 403
    assert not AuditEvent.objects.filter(verb="staff.viewed").exists()


@pytest.fixture
def rail() -> Iterator[None]:
    """A rail that knows receipt QK12 for the newest posting, and one thing about it."""

    def find(typed: str) -> list[str]:
        return [str(Posting.objects.latest("pk").instruction_id)] if typed == "QK12" else []

    def rows(reference: str, instruction_id: str) -> list[tuple[str, str, bool]]:
        return [("Callback", f"accepted {instruction_id}", False)] if reference else []

    money_trails.register("test-rail", MoneyTrail(find=find, rows=rows, title="Callbacks of the rail"))
    yield
    money_trails._entries.pop("test-rail")


@pytest.mark.usefixtures("rail")
def test_a_rails_receipt_leads_to_the_payment_and_its_callbacks_are_shown(posting: Posting) -> None:
    page = ask(signed_in(staff("support")), "QK12")
    assert posting.reference in page
    assert "Callbacks of the rail" in page
    assert f"accepted {posting.instruction_id}" in page


def test_tables_of_the_staff_lead_here() -> None:
    scene = Scene.set_up()
    posting = Posting.objects.get(instruction_id=scene.paid.pk)
    row = AccountTransaction.objects.filter(account=scene.account).latest("pk")
    client = signed_in(staff("support"))
    pages = {
        f"/admin/accounts/instruction/{scene.paid.pk}/": scene.paid.pk,
        f"/admin/accounts/posting/{posting.pk}/": posting.reference,
        f"/admin/accounts/accounttransaction/{row.pk}/": row.reference_code,
        "/admin/accounts/posting/": posting.reference,
    }
    for page, what in pages.items():
        assert f"{PAGE}?q={what}" in client.get(page).content.decode(), page


def test_an_unknown_uuid_is_nothing() -> None:
    assert trail.follow(str(uuid.uuid4())) is None
