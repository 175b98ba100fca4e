"""The proof of a day: what it counts, what it notices, and that two people stand under it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.checking import differences
from accounts.ledger import money_operation, reverse
from accounts.models import (
    Account,
    AccountTransaction,
    Posting,
    ProofBalance,
    ProofExplanation,
    ProofSheet,
    ProofSignature,
    User,
)
from accounts.proofs import balances, making, reading, signing
from tests.factories import AccountFactory, PostingFactory, TransactionFactory
from tests.payments import pay
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.registry import jobs
from wekeza_portal.staff import kept
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
D = Decimal
DAY = date(2026, 11, 20)
Clock = time_machine.Traveller


@pytest.fixture
def nairobi() -> Iterator[Clock]:
    """Noon of the day in Nairobi."""
    with time_machine.travel(datetime(2026, 11, 20, 9, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def tomorrow(nairobi: Clock, days: int = 1) -> None:
    nairobi.shift(timedelta(days=days))


def cash(account: Account, amount: str) -> None:
    """A teller's deposit: row and balance, as the branch writes them."""
    TransactionFactory(account=account, txn_type="DEPOSIT", amount=D(amount), created_at=clock.now())
    now = Account.objects.get(pk=account.pk)
    Account.objects.filter(pk=account.pk).update(balance=(now.balance or D(0)) + D(amount))


@pytest.fixture
def account(nairobi: Clock) -> Account:
    """An account that paid 100 with a fee of 30 and had a deposit, all on the day."""
    sender: Account = AccountFactory(balance=D("9000.00"))
    pay(sender, AccountFactory(balance=D("100.00")), D("100.00"), fee=D("30.00"))
    cash(sender, "55.00")
    return sender


@pytest.fixture
def sheet(account: Account, nairobi: Clock) -> ProofSheet:
    tomorrow(nairobi)
    return making.make_proof(DAY)


def actor(user: User) -> Actor:
    return Actor(kind="staff", id=str(user.pk))


def test_a_day_that_ties_has_no_differences_and_says_its_figures(sheet: ProofSheet) -> None:
    content = sheet.content
    assert sheet.differences == 0
    assert content["kinds"] == [{"kind": "TRANSFER_INTERNAL", "postings": 1, "moved": "130.00"}]
    assert content["legs"] == {"customers": "-30.00", "internal": "30.00", "together": "0.00"}
    assert content["rows"] == {"all": 4, "ours": 3, "legs": 3}
    assert content["internal"] == [{"name": "fees.income", "gained": "30.00", "held": "30.00", "is_unsettled": False}]
    assert content["accounts"] == {"moved": 2, "compared": 0, "not_compared": 2, "unexplained": 0}
    assert content["checkledger"] == {"postings": 1, "differences": 0, "first": ""}
    assert content["counters"]["wrong"] == 0
    assert ProofBalance.objects.get(account_id=AccountTransaction.objects.first().account_id).closing == D("8925.00")


def test_the_same_day_gives_the_same_sheet(sheet: ProofSheet) -> None:
    assert making.make_proof(DAY).pk == sheet.pk
    assert ProofSheet.objects.count() == 1
    assert AuditEvent.objects.filter(verb="proof.made", subject="proof:2026-11-20").count() == 1


def test_what_happens_afterwards_changes_neither_the_day_nor_its_balances(account: Account, nairobi: Clock) -> None:
    tomorrow(nairobi)
    cash(account, "1000.00")
    sheet = making.make_proof(DAY)
    assert ProofBalance.objects.get(sheet=sheet, account_id=account.pk).closing == D("8925.00")
    assert sheet.content["rows"]["all"] == 4


def test_money_that_moved_without_a_row_is_found_at_the_next_movement(
    sheet: ProofSheet, account: Account, nairobi: Clock
) -> None:
    tomorrow(nairobi, 2)
    cash(account, "10.00")
    Account.objects.filter(pk=account.pk).update(balance=D("8945.01"))  # 8925 + 10 and KES 10.01 without a row
    tomorrow(nairobi)
    later = making.make_proof(DAY + timedelta(days=3))
    [found] = [difference for difference in later.content["differences"] if difference["kind"] == "balance"]
    assert found["subject"] == account.account_number
    assert "KES 10.01 moved without a row" in found["words"]
    assert later.differences == len(later.content["differences"])


def accounts_of(sheet: ProofSheet) -> tuple[int, int, int, int]:
    counts = sheet.content["accounts"]
    return counts["moved"], counts["compared"], counts["not_compared"], counts["unexplained"]


def test_money_that_moved_without_any_row_is_found_that_night_and_said_once(account: Account, nairobi: Clock) -> None:
    quiet: Account = AccountFactory(balance=D("500.00"))
    tomorrow(nairobi)
    assert accounts_of(making.make_proof(DAY)) == (2, 0, 3, 0)
    Account.objects.filter(pk=quiet.pk).update(balance=D("400.00"))
    tomorrow(nairobi)
    sheet = making.make_proof(DAY + timedelta(days=1))
    assert accounts_of(sheet) == (0, 3, 0, 1)
    [found] = sheet.content["differences"]
    assert (found["kind"], found["subject"]) == ("balance", quiet.account_number)
    assert "-100.00 moved without a row" in found["words"] or "100.00 moved without a row" in found["words"]
    tomorrow(nairobi)
    assert making.make_proof(DAY + timedelta(days=2)).differences == 0


def test_rows_after_midnight_are_not_the_days_for_accounts_that_did_not_move(account: Account, nairobi: Clock) -> None:
    quiet: Account = AccountFactory(balance=D("500.00"))
    tomorrow(nairobi)
    making.make_proof(DAY)
    tomorrow(nairobi)
    cash(quiet, "70.00")  # before the sheet of the day before is made
    assert accounts_of(making.make_proof(DAY + timedelta(days=1))) == (0, 3, 0, 0)
    tomorrow(nairobi)
    assert accounts_of(making.make_proof(DAY + timedelta(days=2))) == (1, 3, 0, 0)


def test_every_account_is_compared_however_many_batches(
    account: Account, nairobi: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(balances, "BATCH", 2)
    AccountFactory.create_batch(3)
    tomorrow(nairobi)
    assert accounts_of(making.make_proof(DAY)) == (2, 0, 5, 0)
    tomorrow(nairobi)
    assert accounts_of(making.make_proof(DAY + timedelta(days=1))) == (0, 5, 0, 0)


def test_accounts_that_did_not_move_cost_no_queries_of_their_own(account: Account, nairobi: Clock) -> None:
    tomorrow(nairobi)
    making.make_proof(DAY)
    with CaptureQueriesContext(connection) as few:
        balances.compare(DAY + timedelta(days=1))
    AccountFactory.create_batch(20)
    with CaptureQueriesContext(connection) as many:
        balances.compare(DAY + timedelta(days=1))
    assert len(many) == len(few)


def test_the_sheet_does_not_claim_what_was_not_compared(account: Account, nairobi: Clock) -> None:
    tomorrow(nairobi)
    making.make_proof(DAY)
    tomorrow(nairobi)
    making.make_proof(DAY + timedelta(days=1))
    client = signed_in(staff("audit"))
    first = client.get("/admin/boards/proofs/2026-11-20/").content.decode()
    assert "Everything ties" not in first
    assert "2 accounts were seen for the first time" in first
    assert "Everything ties" in client.get("/admin/boards/proofs/2026-11-21/").content.decode()


def test_a_sheet_made_before_accounts_were_counted_so_is_still_shown(sheet: ProofSheet) -> None:
    content = {**sheet.content, "accounts": {"moved": 24, "unexplained": 0}}
    old = ProofSheet(
        day=DAY - timedelta(days=1), made_at=clock.now(), made_by="x", content=content, differences=0, digest=""
    )
    old.digest = reading.digest_of(old)
    old.save(force_insert=True)
    page = signed_in(staff("audit")).get("/admin/boards/proofs/2026-11-19/").content.decode()
    assert "Accounts that moved" in page
    assert "Accounts compared" not in page


def test_rows_between_two_proofs_are_part_of_the_opening(sheet: ProofSheet, account: Account, nairobi: Clock) -> None:
    cash(account, "10.00")  # on a day whose sheet nobody makes
    tomorrow(nairobi)
    cash(account, "20.00")
    tomorrow(nairobi)
    assert making.make_proof(DAY + timedelta(days=2)).differences == 0


def test_a_reversal_and_money_on_its_way_are_named(account: Account, nairobi: Clock) -> None:
    posting = Posting.objects.get()
    undone = money_operation(reverse)(posting=posting, reason="Wrong", actor=system("test"))
    tomorrow(nairobi)
    sheet = making.make_proof(DAY)
    assert sheet.content["reversals"] == [{"reference": undone.reference, "of": posting.reference}]
    assert sheet.content["internal"][0]["held"] == "0.00"


def test_an_internal_account_that_should_be_empty_is_marked(account: Account, nairobi: Clock) -> None:
    Posting.objects.get().legs.filter(internal_account="fees.income").update(internal_account="rail.mpesa")
    tomorrow(nairobi)
    [internal] = making.make_proof(DAY).content["internal"]
    assert internal == {"name": "rail.mpesa", "gained": "30.00", "held": "30.00", "is_unsettled": True}


def drop_row(account: Account) -> None:
    AccountTransaction.objects.filter(account=account, txn_type="TRANSFER_FEE").delete()


def spoil_balance(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(balance=D("1.00"))


def empty_posting(account: Account) -> None:
    PostingFactory()


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [(drop_row, "row_missing"), (spoil_balance, "unexplained_balance"), (empty_posting, "no_legs")],
)
def test_what_does_not_tie_is_a_difference(
    account: Account, nairobi: Clock, spoil: Callable[[Account], None], kind: str
) -> None:
    spoil(account)
    tomorrow(nairobi)
    sheet = making.make_proof(DAY)
    assert kind in {difference["kind"] for difference in sheet.content["differences"]}
    ledger = kept.latest(kept.LEDGER)
    assert ledger is not None
    assert ledger.faults == sheet.content["checkledger"]["differences"]


def test_a_day_is_proved_when_it_is_over_and_its_last_rows_had_time(nairobi: Clock) -> None:
    with pytest.raises(making.DayNotOver):
        making.make_proof(DAY)
    nairobi.move_to(datetime(2026, 11, 20, 21, 14, 59, tzinfo=UTC))
    with pytest.raises(making.DayNotOver):
        making.make_proof(DAY)
    nairobi.move_to(datetime(2026, 11, 20, 21, 15, tzinfo=UTC))
    assert making.make_proof(DAY).day == DAY
    assert not ProofSheet.objects.filter(day__gt=DAY).exists()


def test_a_day_before_the_last_proof_is_refused(sheet: ProofSheet) -> None:
    with pytest.raises(making.BeforeOthers):
        making.make_proof(DAY - timedelta(days=1))


@pytest.mark.parametrize("day", ["1990-11-20", "2026-10-19", "2026-11-19"])
def test_the_first_sheet_of_all_does_not_reach_far_back(account: Account, nairobi: Clock, day: str) -> None:
    """A slip in the year would have the worker prove every day since. The portal's first payment was on the 20th."""
    tomorrow(nairobi)
    with pytest.raises(making.TooLongAgo):
        making.make_proof(date.fromisoformat(day))
    assert not ProofSheet.objects.exists()
    assert making.make_due() == 1


def test_nothing_is_due_for_a_day_before_the_first_payment(account: Account) -> None:
    """A bank that begins today: the night's job has nothing to prove and does not fail."""
    assert making.make_due() == 0
    assert making.make_missing(DAY) == 0
    assert not ProofSheet.objects.exists()


def test_a_month_back_is_the_furthest_even_where_payments_are_older(account: Account, nairobi: Clock) -> None:
    tomorrow(nairobi, days=32)
    with pytest.raises(making.TooLongAgo):
        making.make_proof(DAY)
    assert making.make_proof(DAY + timedelta(days=1)).day == DAY + timedelta(days=1)


def test_the_worker_makes_one_a_day_and_catches_up_in_order(nairobi: Clock) -> None:
    assert jobs.get("proof-sheets").run is making.make_missing
    assert making.make_due() == 1
    assert making.make_due() == 0
    tomorrow(nairobi, 3)
    assert [making.make_due() for _n in range(5)] == [1, 1, 1, 0, 0]
    days = list(ProofSheet.objects.order_by("pk").values_list("day", flat=True))
    assert days == [DAY + timedelta(days=n) for n in range(-1, 3)]


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_sheet() -> None:
    made = at_once([making.make_due, making.make_due])
    assert not [one for one in made if isinstance(one, Exception)], made
    assert ProofSheet.objects.count() == 1
    assert AuditEvent.objects.filter(verb="proof.made").count() == 1


# --- For good ---------------------------------------------------------------------------------------------------------


def test_nothing_of_a_sheet_is_changed_or_deleted(sheet: ProofSheet) -> None:
    sheet.differences = 7
    with pytest.raises(TypeError):
        sheet.save(update_fields=["differences"])
    with pytest.raises(TypeError):
        sheet.delete()
    with pytest.raises(TypeError):
        sheet.balances.first().delete()


@pytest.mark.parametrize("change", [{"differences": 1}, {"made_by": "somebody"}, {"content": {}}, {"digest": "0" * 64}])
def test_a_sheet_somebody_wrote_into_shows_it_and_cannot_be_signed(sheet: ProofSheet, change: dict[str, Any]) -> None:
    assert reading.is_as_made(ProofSheet.objects.get(pk=sheet.pk))
    ProofSheet.objects.filter(pk=sheet.pk).update(**change)
    assert not reading.is_as_made(ProofSheet.objects.get(pk=sheet.pk))
    user = staff("audit")
    with pytest.raises(signing.NotAsMade):
        signing.sign(sheet, "", user=user, actor=actor(user))
    assert not ProofSignature.objects.exists()


def test_a_balance_planted_beside_a_sheet_is_named_and_the_sheet_not_signed(
    sheet: ProofSheet, account: Account, nairobi: Clock
) -> None:
    """Where the next proof begins: a higher one would hide what was taken."""
    assert reading.shown(sheet)["is_as_made"]
    ProofBalance(sheet=sheet, account_id=account.pk + 1000, closing=D("1000000.00")).save(force_insert=True)
    assert not reading.shown(sheet)["is_as_made"]
    user = staff("audit")
    with pytest.raises(signing.NotAsMade):
        signing.sign(sheet, "", user=user, actor=actor(user))
    assert ("proof_changed", f"proof {sheet.day}") in {(row.kind, row.subject) for row in differences()}
    tomorrow(nairobi)
    assert [row["kind"] for row in making.make_proof(DAY + timedelta(days=1)).content["differences"]] == [
        "proof_changed"
    ]


def test_a_balance_changed_beside_a_sheet_is_named(sheet: ProofSheet) -> None:
    ProofBalance.objects.update(closing=D("7.00"))
    assert not reading.shown(sheet)["is_as_made"]


@pytest.mark.parametrize("digest", ["x", None])
def test_signatures_made_by_sql_sign_nothing(sheet: ProofSheet, digest: str | None) -> None:
    for position, by in ((1, 9001), (2, 9002)):
        ProofSignature(
            sheet=sheet,
            position=position,
            signed_by=by,
            signed_by_code=f"AUDIT{position}",
            digest=digest or sheet.digest,
            signed_at=clock.now(),
        ).save(force_insert=True)
    shown = reading.shown(sheet)
    assert (shown["signatures"], shown["is_complete"], shown["is_as_made"]) == ([], False, False)
    assert reading.unsigned() == 1
    assert reading.page().sheets[0].marks == 0
    assert {row.kind for row in differences()} == {"proof_changed"}


def test_a_signature_altered_afterwards_is_nobodys(sheet: ProofSheet) -> None:
    user = staff("audit")
    signing.sign(sheet, "Seen", user=user, actor=actor(user))
    assert len(reading.shown(sheet)["signatures"]) == 1
    ProofSignature.objects.update(signed_by_code="OTHER")
    assert reading.shown(sheet)["signatures"] == []


def test_an_explanation_made_by_sql_explains_nothing(account: Account, nairobi: Clock) -> None:
    spoil_balance(account)
    tomorrow(nairobi)
    sheet, user = making.make_proof(DAY), staff("audit")
    ProofExplanation(
        sheet=sheet, number=1, text="Agreed", explained_by=1, explained_by_code="OPS1", explained_at=clock.now()
    ).save(force_insert=True)
    shown = reading.shown(sheet)
    assert (shown["is_explained"], shown["differences"][0]["explanation"]) == (False, None)
    with pytest.raises(signing.NotAsMade):
        signing.sign(sheet, "", user=user, actor=actor(user))


# --- Two people -------------------------------------------------------------------------------------------------------


def test_two_different_people_sign_each_once(sheet: ProofSheet) -> None:
    first, second, third = staff("audit"), staff("operations"), staff("audit")
    signing.sign(sheet, " Looked at it ", user=first, actor=actor(first))
    with pytest.raises(signing.SignedAlready):
        signing.sign(sheet, "", user=first, actor=actor(first))
    assert reading.unsigned() == 1
    signing.sign(sheet, "", user=second, actor=actor(second))
    assert reading.unsigned() == 0
    with pytest.raises(signing.SignedTwice):
        signing.sign(sheet, "", user=third, actor=actor(third))
    names = sheet.signatures.order_by("position").values_list("position", "signed_by_code", "remark", "digest")
    assert list(names) == [
        (1, first.username, "Looked at it", sheet.digest),
        (2, second.username, "", sheet.digest),
    ]
    assert AuditEvent.objects.filter(verb="proof.signed").count() == 2


def test_the_database_itself_refuses_the_same_person_twice_and_a_third(sheet: ProofSheet) -> None:
    def insert(position: int, by: int) -> None:
        row = ProofSignature(
            sheet=sheet, position=position, signed_by=by, signed_by_code="x", digest=sheet.digest, signed_at=clock.now()
        )
        with transaction.atomic():
            row.save(force_insert=True)

    insert(1, 7)
    for position, by in ((2, 7), (1, 8), (3, 9)):
        with pytest.raises(IntegrityError):
            insert(position, by)


@pytest.mark.parametrize("role", ["support", "risk", None])
def test_other_roles_neither_sign_nor_explain(sheet: ProofSheet, role: str | None) -> None:
    user = staff(role)
    with pytest.raises(signing.MayNotSign):
        signing.sign(sheet, "", user=user, actor=actor(user))
    with pytest.raises(signing.MayNotSign):
        signing.explain(sheet, 1, "x", user=user, actor=actor(user))
    client = signed_in(user)
    for page in ("2026-11-20/sign/", "2026-11-20/explain/1/", "new/"):
        assert client.post(f"/admin/boards/proofs/{page}").status_code == 403


def test_every_difference_is_explained_before_anybody_signs(account: Account, nairobi: Clock) -> None:
    spoil_balance(account)
    tomorrow(nairobi)
    sheet, user = making.make_proof(DAY), staff("audit")
    assert sheet.differences == 1
    with pytest.raises(signing.NotExplained):
        signing.sign(sheet, "", user=user, actor=actor(user))
    with pytest.raises(signing.NoExplanation):
        signing.explain(sheet, 1, "  ", user=user, actor=actor(user))
    for number in (0, 2):
        with pytest.raises(signing.NoSuchDifference):
            signing.explain(sheet, number, "A reason", user=user, actor=actor(user))
    signing.explain(sheet, 1, "Administrator reset it by hand", user=user, actor=actor(user))
    with pytest.raises(signing.ExplainedAlready):
        signing.explain(sheet, 1, "Something else", user=user, actor=actor(user))
    signing.sign(sheet, "", user=user, actor=actor(user))
    assert ProofExplanation.objects.get().text == "Administrator reset it by hand"


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_three_people_at_once_two_have_signed() -> None:
    sheet = making.make_proof(clock.today() - timedelta(days=2))
    users = [staff("audit") for _n in range(3)]

    def sign(user: User) -> Callable[[], ProofSignature]:
        return lambda: signing.sign(sheet, "", user=user, actor=actor(user))

    done = at_once([sign(user) for user in users])
    assert sorted(type(one).__name__ for one in done) == ["ProofSignature", "ProofSignature", "SignedTwice"]
    assert sorted(ProofSignature.objects.values_list("position", flat=True)) == [1, 2]


# --- The pages --------------------------------------------------------------------------------------------------------


def test_the_pages_lead_from_making_to_the_second_signature(account: Account, nairobi: Clock) -> None:
    spoil_balance(account)
    tomorrow(nairobi)
    first = signed_in(staff("audit", code="AUD001"))
    page = first.post("/admin/boards/proofs/new/", {"day": "2026-11-20"}, follow=True).content.decode()
    assert "AUD001" in page
    assert account.account_number in page
    assert "needs an explanation" in page
    first.post("/admin/boards/proofs/2026-11-20/explain/1/", {"text": "<b>By hand</b>"})
    page = first.post(
        "/admin/boards/proofs/2026-11-20/sign/", {"remark": "=HYPERLINK(1)"}, follow=True
    ).content.decode()
    assert "&lt;b&gt;By hand" in page
    assert "Another person has to be the second" in page
    assert "One signature" in first.get("/admin/boards/proofs/").content.decode()
    second = signed_in(staff("operations"))
    second.post("/admin/boards/proofs/2026-11-20/sign/")
    assert "Signed" in second.get("/admin/boards/proofs/").content.decode()
    paper = second.get("/admin/boards/proofs/2026-11-20/paper.pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    front = second.get("/admin/").content.decode()
    assert "1 differences at" in front


@pytest.mark.parametrize("day", ["2026-11-20", "", "tomorrow", "2026-02-30", "٢٠٢٦-١١-٢٠"])
def test_a_day_that_is_not_over_or_none_is_refused_in_words(nairobi: Clock, day: str) -> None:
    client = signed_in(staff("audit"))
    page = client.post("/admin/boards/proofs/new/", {"day": day}, follow=True).content.decode()
    assert "is not over yet" in page or "a day that is over" in page
    assert not ProofSheet.objects.exists()


@pytest.mark.parametrize("address", ["2026-11-20/", "x/", "2026-13-01/", "2026-11-20/paper.pdf", "2026-11-20/sign/"])
def test_a_sheet_nobody_made_is_not_found(address: str) -> None:
    client = signed_in(staff("audit"))
    answer = client.post if address.endswith("sign/") else client.get
    assert answer(f"/admin/boards/proofs/{address}").status_code == 404


def test_the_list_is_paged_by_day(nairobi: Clock) -> None:
    nairobi.shift(timedelta(days=-40))
    making.make_due()
    nairobi.shift(timedelta(days=39))
    while making.make_due():
        pass
    page = reading.page()
    assert len(page.sheets) == reading.PAGE_SIZE
    rest = reading.page(before=page.older)
    assert len(page.sheets) + len(rest.sheets) == ProofSheet.objects.count() == 40
    assert rest.older is None


def test_the_front_page_counts_what_waits_for_a_signature(sheet: ProofSheet) -> None:
    page = signed_in(staff("audit")).get("/admin/").content.decode()
    assert "Proof sheets not signed twice" in page
    assert "no differences" in page
