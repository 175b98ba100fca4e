"""The proof of a day: what it counts and what it notices."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.ledger import money_operation, reverse
from accounts.models import (
    Account,
    AccountTransaction,
    Posting,
    ProofBalance,
    ProofSheet,
)
from accounts.proofs import balances, making, reading
from accounts.tests.proofs.scenes import DAY, Clock, D, cash, spoil_balance, tomorrow
from tests.factories import AccountFactory, PostingFactory
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.registry import jobs
from wekeza_portal.staff import kept
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db


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
