"""The second opinion on the ledger: everything recomputed another way, every difference reported, nothing repaired.

It reads journal, branch rows and balances on their own and compares them. Differences made by the branch's own
unlocked writers show up here too: that is the point.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection, transaction

from accounts import limits
from accounts.books.kinds import counted, kinds
from accounts.models import Account, AccountTransaction, Instruction, Limit, LimitUsage, Posting, PostingLeg
from accounts.vocabulary import signed
from wekeza_portal.money import ZERO, format_kes
from wekeza_portal.registry import ledger_checks

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not tie: what kind, about which account or reference, in words for staff."""

    kind: str
    subject: str
    words: str


def one_view() -> Any:
    """A transaction with one consistent view of the database; within another one that one's own.

    The portal works at READ COMMITTED, where every statement has a view of its own: a payment committed between two
    of them would look like a difference. On MySQL/MariaDB this one transaction is REPEATABLE READ.
    """
    if connection.vendor == "mysql" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    return transaction.atomic()


def differences() -> Iterator[Difference]:
    """Every difference, in the order of the checks, from one consistent view of the database."""
    with one_view():
        yield from _unbalanced_postings()
        yield from _postings_without_instruction()
        yield from _follow_ups_beyond_their_payment()
        yield from _legs_against_branch_rows()
        yield from _unexplained_balances()
        yield from _wrong_counters()
        for _name, check in ledger_checks.items():
            for kind, subject, words in check():
                yield Difference(kind, subject, words)


def _unbalanced_postings() -> Iterator[Difference]:
    legs = PostingLeg.objects.select_related("posting").order_by("posting_id", "position").iterator(BATCH)
    for posting, group in groupby(legs, key=attrgetter("posting")):
        total = sum((leg.amount for leg in group), ZERO)
        if total != ZERO:
            yield Difference("unbalanced", posting.reference, f"legs sum to {format_kes(total)}, not to zero")


def _postings_without_instruction() -> Iterator[Difference]:
    posted = dict(Instruction.objects.filter(state=Instruction.State.POSTED).values_list("id", "amount"))
    for posting in Posting.objects.prefetch_related("legs").iterator(BATCH):
        amount = posted.pop(posting.instruction_id, None)
        if amount is None:
            yield Difference("no_instruction", posting.reference, "posted without a posted instruction")
        elif amount not in {abs(leg.amount) for leg in posting.legs.all()}:
            yield Difference("wrong_amount", posting.reference, f"no leg carries the instructed {format_kes(amount)}")
    for instruction_id in posted:
        yield Difference("no_posting", str(instruction_id), "instruction is marked posted but nothing was posted")


def _follow_ups_beyond_their_payment() -> Iterator[Difference]:
    """What came after a payment moved on customers' accounts only what gives it back, no further than it had gone."""
    following = [name for name, kind in kinds.items() if kind.follows]
    postings = Posting.objects.filter(kind__in=following).select_related("reverses")
    for posting in postings.prefetch_related("legs", "reverses__legs").iterator(BATCH):
        moved = _by_account(posting)
        if posting.reverses is None:
            if moved:
                yield Difference("beyond_payment", posting.reference, "moves a customer's money but gives nothing back")
            continue
        paid = _by_account(posting.reverses)
        for account_id, amount in moved.items():
            before = paid.get(account_id, ZERO)
            if amount * before >= 0 or abs(amount) > abs(before):
                words = f"moves {format_kes(amount)} where the payment moved {format_kes(before)}"
                yield Difference("beyond_payment", posting.reference, words)


def _by_account(posting: Posting) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for leg in posting.legs.all():
        if leg.account_id is not None:
            sums[leg.account_id] += leg.amount
    return dict(sums)


def _legs_against_branch_rows() -> Iterator[Difference]:
    legs = PostingLeg.objects.filter(account__isnull=False).select_related("posting").order_by("id")
    batch: list[PostingLeg] = []
    for leg in legs.iterator(BATCH):
        batch.append(leg)
        if len(batch) == BATCH:
            yield from _compare_batch(batch)
            batch = []
    yield from _compare_batch(batch)


def _compare_batch(batch: list[PostingLeg]) -> Iterator[Difference]:
    rows = AccountTransaction.objects.in_bulk([leg.transaction_id for leg in batch if leg.transaction_id])
    for leg in batch:
        reference = f"{leg.posting.reference}-{leg.position}"
        row = rows.get(leg.transaction_id or 0)
        if row is None:
            yield Difference("row_missing", reference, "the branch's row of this leg is gone")
        elif (row.account_id, row.reference_code, signed(row.txn_type, row.amount)) != (
            leg.account_id,
            reference,
            leg.amount,
        ):
            yield Difference("row_changed", reference, "the branch's row says something else than our leg")


def _unexplained_balances() -> Iterator[Difference]:
    """Walk each account from its first portal leg: balance before it, plus every signed row since, is the balance."""
    for account_id in PostingLeg.objects.filter(account__isnull=False).values_list("account_id", flat=True).distinct():
        account = Account.objects.filter(account_id=account_id).first()
        if account is None:
            yield Difference("account_gone", str(account_id), "an account with portal movements no longer exists")
            continue
        yield from _walk(account)


def _walk(account: Account) -> Iterator[Difference]:
    legs = {leg.transaction_id: leg for leg in PostingLeg.objects.filter(account_id=account.account_id)}
    first = min((leg_id for leg_id in legs if leg_id is not None), default=None)
    if first is None:
        return  # none of its legs has a row: each is reported on its own
    start = legs[first]
    running = (start.balance_after or ZERO) - start.amount
    began, last_seen = "", ""
    rows = AccountTransaction.objects.filter(account_id=account.account_id, transaction_id__gte=first)
    for row in rows.order_by("transaction_id").iterator(BATCH):
        running += signed(row.txn_type, row.amount) or ZERO
        leg = legs.get(row.transaction_id)
        if leg is None:
            continue
        if leg.balance_after == running:
            began = ""
        elif not began:
            began = f"between {last_seen or 'the start'} and {row.reference_code}"
        last_seen = row.reference_code
    drift = (account.balance or ZERO) - running
    if drift != ZERO:
        words = (
            f"balance is {format_kes(account.balance or ZERO)}, its rows make {format_kes(running)}: "
            f"{format_kes(drift)} moved without a row, {began or f'after {last_seen}'}"
        )
        yield Difference("unexplained_balance", account.account_number, words)


def _wrong_counters() -> Iterator[Difference]:
    """Limit counters against the postings they count, without those given back."""
    expected: dict[tuple[int, str, str], Decimal] = defaultdict(lambda: ZERO)
    postings = Posting.objects.filter(kind__in=counted())
    reversed_ids = set(Posting.objects.filter(reverses__isnull=False).values_list("reverses_id", flat=True))
    amounts = {row.id: row for row in Instruction.objects.filter(kind__in=counted())}
    for posting in postings.iterator(BATCH):
        instruction = amounts.get(posting.instruction_id)
        if instruction is None or posting.id in reversed_ids:
            continue
        for code in (Limit.Code.DAILY_OUT, Limit.Code.MONTHLY_OUT):
            expected[instruction.customer_id, code, limits.period_of(code, posting.business_date)] += instruction.amount
    usages = LimitUsage.objects.filter(code__in=[Limit.Code.DAILY_OUT, Limit.Code.MONTHLY_OUT])
    for usage in usages.iterator(BATCH):
        should = expected.pop((usage.customer_id, usage.code, usage.period), ZERO)
        if usage.used != should:
            subject = f"customer {usage.customer_id} {usage.code} {usage.period}"
            yield Difference("counter", subject, f"counts {format_kes(usage.used)}, postings make {format_kes(should)}")
    for (customer_id, limit, period), should in expected.items():
        subject = f"customer {customer_id} {limit} {period}"
        yield Difference("counter", subject, f"no counter, postings make {format_kes(should)}")
