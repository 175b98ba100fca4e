"""Movements: signs, paging, filters, sums, and dates turned into id bounds."""

import re
from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from accounts import balances, idbounds, movements, vocabulary
from accounts.models import Account, AccountTransaction
from accounts.movements import Wanted
from accounts.selectors import AccountSummary, accounts_of
from accounts.vocabulary import Direction
from statements.tests.support import NOON, many_rows, references
from tests.factories import AccountFactory, CustomerFactory, TransactionFactory
from wekeza_portal import clock
from wekeza_portal.clock import Period

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Generator[None, None, None]:
    cache.clear()
    with time_machine.travel(NOON, tick=False):
        yield


def summaries(*accounts: Account) -> list[AccountSummary]:
    """These accounts as their owner's pages see them."""
    wanted = {account.account_number for account in accounts}
    owner = accounts[0].customer
    assert owner is not None
    return [each for each in accounts_of(owner) if each.number in wanted]


def row_at(account: Account, at: datetime, amount: str = "100.00", txn_type: str = "DEPOSIT") -> AccountTransaction:
    return TransactionFactory(account=account, created_at=at, amount=Decimal(amount), txn_type=txn_type)


# --- Signs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("txn_type", sorted(vocabulary.VOCABULARY))
def test_every_word_of_the_vocabulary_is_in_one_sum_only(txn_type: str) -> None:
    account = AccountFactory()
    row_at(account, NOON, "250.00", txn_type)
    mine = summaries(account)
    sums = movements.totals(movements.entries(Wanted(mine, clock.day(clock.today()))))
    shown = movements.latest(mine, 10)[0]
    if vocabulary.direction_of(txn_type) is Direction.IN:
        assert (sums.money_in, sums.money_out, shown.signed) == (Decimal("250.00"), Decimal("0.00"), Decimal("250.00"))
    else:
        assert (sums.money_in, sums.money_out, shown.signed) == (Decimal("0.00"), Decimal("250.00"), Decimal("-250.00"))
    assert sums.unsigned == 0


def test_a_premium_is_money_out_although_its_word_contains_in() -> None:
    account = AccountFactory()
    row_at(account, NOON, "200.00", "INSURANCE_PREMIUM")
    assert movements.latest(summaries(account), 1)[0].signed == Decimal("-200.00")


def test_an_unknown_word_is_shown_without_a_sign_and_counted_apart() -> None:
    account = AccountFactory()
    row_at(account, NOON, "9.00", "STAFF_PARTY_IN")
    mine = summaries(account)
    shown = movements.latest(mine, 1)[0]
    assert shown.signed is None
    assert shown.words == "Staff party in"
    sums = movements.totals(movements.entries(Wanted(mine, clock.day(clock.today()))))
    assert (sums.money_in, sums.money_out, sums.unsigned) == (0, 0, 1)
    other = movements.page(Wanted(mine, txn_type=movements.OTHER_TYPES))
    assert references(other.movements) == [shown.reference]
    for direction in (Direction.IN, Direction.OUT):
        assert movements.page(Wanted(mine, direction=direction)).movements == []


def test_sums_are_exact_where_floats_would_not_be() -> None:
    account = AccountFactory()
    for _ in range(100):
        row_at(account, NOON, "0.10")
    row_at(account, NOON, "9999999999999.99")
    sums = movements.totals(movements.entries(Wanted(summaries(account), clock.day(clock.today()))))
    assert sums.money_in == Decimal("10000000000009.99")


# --- Days and months in Nairobi -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("utc", "day_in", "month_in"),
    [
        ("2026-10-31 20:59:59", "1.00", "1.00"),
        ("2026-10-31 21:00:00", "2.00", "2.00"),
        ("2026-11-01 20:59:59", "2.00", "2.00"),
        ("2026-11-01 21:00:00", "0.00", "2.00"),
    ],
)
def test_days_and_months_turn_at_midnight_in_nairobi(utc: str, day_in: str, month_in: str) -> None:
    account = AccountFactory()
    row_at(account, datetime(2026, 10, 31, 23, 59, 59, tzinfo=clock.NAIROBI), "1.00")
    row_at(account, datetime(2026, 11, 1, 0, 0, 0, tzinfo=clock.NAIROBI), "2.00")
    with time_machine.travel(datetime.fromisoformat(f"{utc}+00:00"), tick=False):
        mine = summaries(account)
        today = movements.totals(movements.entries(Wanted(mine, clock.day(clock.today()))))
        month = movements.totals(movements.entries(Wanted(mine, clock.month(clock.today()))))
    assert (today.money_in, month.money_in) == (Decimal(day_in), Decimal(month_in))


# --- Paging -------------------------------------------------------------------------------------------------------


def all_pages(mine: Sequence[AccountSummary], *, write_between: Account | None = None, size: int = 4) -> list[str]:
    """Every reference met by paging from the newest to the oldest, while rows may keep arriving."""
    page = movements.page(Wanted(mine), size=size)
    met = references(page.movements)
    while page.older:
        if write_between is not None:
            row_at(write_between, NOON)
        page = movements.page(Wanted(mine), before=page.older, size=size)
        met += references(page.movements)
    return met


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 23])
def test_paging_meets_every_row_exactly_once_while_new_ones_arrive(count: int) -> None:
    customer = CustomerFactory()
    first, second = AccountFactory(customer=customer), AccountFactory(customer=customer)
    written = [row_at((first, second)[number % 2], NOON).reference_code for number in range(count)]
    mine = summaries(first, second)
    assert all_pages(mine, write_between=second) == written[::-1]


def test_a_customer_with_many_accounts_costs_no_more_queries_than_one_with_one() -> None:
    customer = CustomerFactory()
    accounts = [AccountFactory(customer=customer) for _ in range(6)]
    written = [row_at(account, NOON).reference_code for account in accounts]
    few, many = summaries(accounts[0]), summaries(*accounts)
    counts = []
    for mine in (few, many):
        with CaptureQueriesContext(connection) as captured:
            page = movements.page(Wanted(mine, text="cash"))
        counts.append(len(captured))
    assert references(page.movements) == written[::-1]
    assert counts == [2, 2]


def test_newer_pages_lead_back_to_the_newest_row() -> None:
    account = AccountFactory()
    written = [row_at(account, NOON).reference_code for _ in range(10)]
    mine = summaries(account)
    oldest = movements.page(Wanted(mine), before=written[4], size=4)
    assert references(oldest.movements) == written[3::-1]
    assert oldest.older is None
    newer = movements.page(Wanted(mine), after=oldest.newer, size=4)
    assert references(newer.movements) == written[7:3:-1]
    newest = movements.page(Wanted(mine), after=newer.newer, size=4)
    assert references(newest.movements) == written[9:7:-1]
    assert newest.newer is None
    assert newest.older == written[8]


def test_rows_of_the_same_second_keep_the_order_they_were_written_in() -> None:
    account = AccountFactory()
    written = [row_at(account, NOON).reference_code for _ in range(6)]
    assert references(movements.latest(summaries(account), 10)) == written[::-1]


def test_a_page_cannot_start_at_a_strangers_row() -> None:
    account, strangers = AccountFactory(), AccountFactory()
    row = row_at(strangers, NOON)
    for cursor in ({"before": row.reference_code}, {"after": row.reference_code}, {"before": "no-such-row"}):
        with pytest.raises(Http404):
            movements.page(Wanted(summaries(account)), **cursor)


def test_somebody_elses_movement_is_as_unknown_as_none() -> None:
    account, strangers = AccountFactory(), AccountFactory()
    theirs, mine = row_at(strangers, NOON), row_at(account, NOON)
    assert movements.movement_for(summaries(account), mine.reference_code).reference == mine.reference_code
    for reference in (theirs.reference_code, "no-such-row", ""):
        with pytest.raises(Http404):
            movements.movement_for(summaries(account), reference)


def test_without_an_account_there_is_nothing() -> None:
    TransactionFactory()
    assert movements.page(Wanted([]), before="anything").movements == []
    assert movements.latest([], 10) == []
    assert movements.entries(Wanted([])) == []


# --- Filters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("100%", "Discount 100% off"),
        ("a_b", "Note a_b"),
        ("back\\slash", "A back\\slash"),
        ("🎉", "Party 🎉 money"),
        ("SCHOOL", "school fees"),
    ],
)
def test_text_is_found_as_typed_and_wildcards_mean_themselves(text: str, found: str) -> None:
    account = AccountFactory()
    for description in ("Discount 100% off", "Note a_b", "A back\\slash", "Party 🎉 money", "school fees", "100 axb"):
        TransactionFactory(account=account, description=description)
    page = movements.page(Wanted(summaries(account), text=text))
    assert [movement.description for movement in page.movements] == [found]


def test_text_looks_into_references_too_and_never_into_a_strangers_rows() -> None:
    account = AccountFactory()
    TransactionFactory(account=account, reference_code="7K3M-9QTX-2B4D-1", description=None)
    TransactionFactory(reference_code="7K3M-9QTX-2B4D-2", description="7K3M-9QTX-2B4D")
    assert references(movements.page(Wanted(summaries(account), text="9qtx")).movements) == ["7K3M-9QTX-2B4D-1"]


def test_two_words_with_the_same_sentence_are_one_choice() -> None:
    account = AccountFactory()
    row_at(account, NOON, txn_type="LOAN_DISBURSEMENT")
    row_at(account, NOON, txn_type="DISBURSEMENT")
    row_at(account, NOON)
    assert len(movements.page(Wanted(summaries(account), txn_type="DISBURSEMENT")).movements) == 2


# --- Dates as id bounds -------------------------------------------------------------------------------------------


def bank_of(days: int, per_day: int, *, gap_after: int = 0) -> tuple[Account, Account]:
    """Two accounts with rows in the order of time, `per_day` a day up to noon today; a hole in the ids if asked."""
    first, second = AccountFactory(), AccountFactory()
    start = NOON - timedelta(days=days)
    next_id = 1 + (AccountTransaction.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)
    rows = []
    for index in range(days * per_day):
        if gap_after and index == gap_after:
            next_id += 1_000_000
        at = start + timedelta(days=1) * (index + 1) / per_day
        account = (first, second)[index % 2]
        rows.append(_row(next_id, account, at))
        next_id += 1
    AccountTransaction.objects.bulk_create(rows)
    return first, second


def _row(row_id: int, account: Account, at: datetime) -> AccountTransaction:
    return AccountTransaction(
        transaction_id=row_id,
        account=account,
        txn_type="DEPOSIT",
        amount=Decimal("1.00"),
        reference_code=uuid4().hex,
        created_at=at.replace(microsecond=0),
    )


def exact(account: Account, period: Period) -> int:
    """How many rows of the period there are, counted without any bounds."""
    rows = AccountTransaction.objects.filter(account=account)
    return len([row for row in rows if period.start <= row.created_at < period.end])


PERIODS = [
    clock.day(NOON.date()),
    clock.month(NOON.date()),
    clock.month(NOON.date().replace(month=10)),
    clock.day(NOON.date().replace(month=10, day=3)),
    Period(clock.midnight(NOON.date().replace(year=2020)), clock.midnight(NOON.date().replace(year=2021))),
    Period(clock.midnight(NOON.date().replace(year=2020)), clock.midnight(NOON.date().replace(year=2027))),
]


@pytest.mark.parametrize("gap_after", [0, 1, 150, 590])
@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_bounds_lose_no_row_of_the_period(period: Period, gap_after: int) -> None:
    first, _second = bank_of(120, 5, gap_after=gap_after)
    for _cold_then_warm in range(2):
        assert len(movements.entries(Wanted(summaries(first), period))) == exact(first, period)


def test_bounds_leave_out_what_is_far_from_the_period() -> None:
    bank_of(120, 5)
    bounds = idbounds.bounds_for(clock.day(NOON.date().replace(month=10, day=3)))
    assert bounds.first is not None
    assert bounds.end is not None
    assert 10 <= bounds.end - bounds.first <= 20  # the day and one of slack on either side, five rows each


def test_rows_that_committed_late_are_within_the_slack() -> None:
    first, _second = bank_of(60, 4)
    late = clock.midnight(NOON.date().replace(month=10, day=20)) + timedelta(hours=1)
    early = AccountTransaction.objects.filter(created_at__lt=late - timedelta(hours=20)).order_by("-pk").first()
    assert early is not None
    AccountTransaction.objects.filter(pk=early.pk).update(account=first, created_at=late)
    period = clock.day(late.date())
    assert len(movements.entries(Wanted(summaries(first), period))) == exact(first, period)
    assert idbounds.bounds_for(period) != idbounds.EVERYTHING


def test_where_ids_do_not_follow_dates_the_account_is_read_instead() -> None:
    bank_of(60, 4)
    moved_in = AccountFactory()
    for days_ago in (50, 45, 1):
        row_at(moved_in, NOON - timedelta(days=days_ago))
    assert not idbounds.ids_follow_dates()
    for period in PERIODS:
        assert idbounds.bounds_for(period) == idbounds.EVERYTHING
        assert len(movements.entries(Wanted(summaries(moved_in), period))) == exact(moved_in, period)


def test_a_bound_is_found_again_after_the_branch_refilled_the_table() -> None:
    bank_of(60, 4)
    period = clock.month(NOON.date())
    before = idbounds.bounds_for(period)
    AccountTransaction.objects.all().delete()
    first, _second = bank_of(10, 4)
    with time_machine.travel(NOON + timedelta(seconds=61), tick=False):
        assert len(movements.entries(Wanted(summaries(first), period))) == exact(first, period)
        assert idbounds.bounds_for(period) != before


def test_a_known_bound_costs_nothing_and_is_proved_again_after_a_minute_by_one_look_up() -> None:
    bank_of(120, 5)
    period = clock.month(NOON.date())
    idbounds.bounds_for(period)
    with CaptureQueriesContext(connection) as captured:
        idbounds.bounds_for(period)
    assert len(captured) == 0
    with time_machine.travel(NOON + timedelta(seconds=61), tick=False), CaptureQueriesContext(connection) as captured:
        idbounds.bounds_for(period)
        idbounds.bounds_for(period)
    assert len(captured) == 1
    assert "created_at" not in asked_of(captured[0]["sql"])


def test_a_bound_of_a_large_bank_is_found_in_few_rounds() -> None:
    bank_of(100, 60)
    idbounds.ids_follow_dates()
    with CaptureQueriesContext(connection) as captured:
        idbounds.first_id_from(clock.midnight(NOON.date().replace(month=10, day=3)))
    assert len(captured) <= 5


def asked_of(sql: str) -> str:
    """The conditions of a query, but for the one that passes over rows without a date."""
    return re.sub(r"\S*created_at\S* IS NOT NULL", "", sql.partition("WHERE")[2])


def test_nothing_is_asked_by_date_alone() -> None:
    account = AccountFactory()
    many_rows(account, 30, until=NOON)
    wanted = Wanted(summaries(account), clock.month(NOON.date()), text="cash")
    with CaptureQueriesContext(connection) as captured:
        movements.page(wanted)
        movements.entries(wanted)
    by_date = [query["sql"] for query in captured if "created_at" in asked_of(query["sql"]).partition("ORDER BY")[0]]
    assert by_date
    assert all("account_id" in sql.partition("WHERE")[2] for sql in by_date)
    assert not any("created_at" in query["sql"].partition("ORDER BY")[2] for query in captured)


def test_an_empty_bank_has_no_bounds_and_no_rows() -> None:
    account = AccountFactory()
    assert idbounds.bounds_for(clock.month(NOON.date())) == idbounds.NOTHING
    assert movements.entries(Wanted(summaries(account), clock.month(NOON.date()))) == []


# --- The course of the balance ------------------------------------------------------------------------------------


def test_the_balance_is_walked_back_from_what_it_is_now() -> None:
    account = AccountFactory(balance=Decimal("1000.00"))
    row_at(account, NOON - timedelta(days=2), "400.00")
    row_at(account, NOON - timedelta(days=1), "150.00", "WITHDRAWAL")
    row_at(account, NOON, "50.00", "TRANSFER_IN")
    row_at(account, NOON, "77.00", "NOBODY_KNOWS")
    rows = movements.entries(Wanted(summaries(account), balances.last_days(NOON.date())))
    days = balances.by_day(Decimal("1000.00"), rows, NOON.date())
    assert len(days) == 90
    assert [each.closing for each in days[-4:]] == [Decimal(closing) for closing in ("700", "1100", "950", "1000")]
    assert days[0].closing == Decimal("700.00")
    assert balances.points(days)[-1] == (NOON.date(), Decimal("1000.00"))
    assert balances.unexplained_words(rows) == ["NOBODY_KNOWS"]


def test_the_balance_of_now_is_the_branchs_whatever_the_rows_say() -> None:
    days = balances.by_day(Decimal("-39000.00"), [], NOON.date(), days=3)
    assert [each.closing for each in days] == [Decimal("-39000.00")] * 3


def test_a_day_of_the_balance_ends_at_midnight_in_nairobi() -> None:
    account = AccountFactory(balance=Decimal("30.00"))
    row_at(account, datetime(2026, 11, 21, 23, 59, 59, tzinfo=clock.NAIROBI), "10.00")
    row_at(account, datetime(2026, 11, 22, 0, 0, 0, tzinfo=clock.NAIROBI), "20.00")
    rows = movements.entries(Wanted(summaries(account), balances.last_days(NOON.date())))
    days = {each.day.day: each.closing for each in balances.by_day(Decimal("30.00"), rows, NOON.date(), days=4)}
    assert days == {20: Decimal("0.00"), 21: Decimal("10.00"), 22: Decimal("30.00"), 23: Decimal("30.00")}
