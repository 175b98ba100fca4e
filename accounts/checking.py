"""The second opinion on the ledger: everything recomputed another way, every difference reported, nothing repaired.

It reads journal, branch rows and balances on their own and compares them. Differences made by the branch's own
unlocked writers show up here too: that is the point.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import override

from accounts import limits
from accounts.books import proving
from accounts.books.kinds import LOSSES, counted, losses, posted_afterwards
from accounts.books.legs import Leg, Side, fingerprint
from accounts.models import Account, AccountTransaction, Instruction, Limit, LimitUsage, Posting, PostingLeg
from accounts.proofs import genuine
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
        yield from _postings_of_another_hand()
        yield from _follow_ups_beyond_their_payment()
        yield from _follow_ups_beyond_what_was_there()
        yield from _legs_against_branch_rows()
        yield from _unexplained_balances()
        yield from _wrong_counters()
        for _name, check in ledger_checks.items():
            for kind, subject, words in check():
                yield Difference(kind, subject, words)
        yield from _proof_sheets()


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


def _postings_of_another_hand() -> Iterator[Difference]:
    """Rows that tie in every table and were still not written by the ledger, or no longer say what it wrote."""
    for batch in _batches(Posting.objects.order_by("id")):
        for judged in proving.judge(batch):
            with override("en"):
                yield Difference(judged.fault.value, judged.posting.reference, str(judged.fault.label))
        yield from _legs_of_another_hand(batch)


def _batches(postings: QuerySet[Posting]) -> Iterator[list[Posting]]:
    rows = postings.iterator(BATCH)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _legs_of_another_hand(batch: list[Posting]) -> Iterator[Difference]:
    """The legs, with the words their rows carry, have the digest that the posting was written with."""
    rows = PostingLeg.objects.filter(posting__in=batch).order_by("posting_id", "position")
    by_posting = {key: list(group) for key, group in groupby(rows, key=attrgetter("posting_id"))}
    branchs = AccountTransaction.objects.in_bulk([leg.transaction_id for leg in rows if leg.transaction_id])
    for posting in batch:
        legs = by_posting.get(posting.pk, [])
        if any(leg.account_id is not None and leg.transaction_id not in branchs for leg in legs):
            continue  # reported as a row that is gone
        if fingerprint(posting.kind, [_as_posted(leg, branchs) for leg in legs]) != posting.content_hash:
            yield Difference("legs_changed", posting.reference, "its legs are not those it was posted with")


def _as_posted(leg: PostingLeg, branchs: dict[int, AccountTransaction]) -> Leg:
    side = Side.CREDIT if leg.amount > 0 else Side.DEBIT
    says = branchs[leg.transaction_id].txn_type if leg.account_id is not None and leg.transaction_id else ""
    return Leg(side, abs(leg.amount), leg.account_id, leg.internal_account, says)


def _follow_ups_beyond_what_was_there() -> Iterator[Difference]:
    """Replays what came after each payment: no internal account gave more of it than it had, nothing after a return.

    But for a loss: the bank bears it out of its own, as much as leaves and no more.
    """
    named: dict[str, list[Posting]] = defaultdict(list)
    after = list(Posting.objects.filter(kind__in=posted_afterwards()).prefetch_related("legs").order_by("id"))
    said = dict(Instruction.objects.filter(kind__in=posted_afterwards()).values_list("id", "payload"))
    for posting in after:
        named[str(said.get(posting.instruction_id, {}).get("follows", ""))].append(posting)
    paid = {row.reference: row for row in Posting.objects.filter(reference__in=named).prefetch_related("legs")}
    for reference, postings in named.items():
        if reference in paid:
            yield from _replay(paid[reference], postings)
        else:
            for posting in postings:
                yield Difference("follows_nothing", posting.reference, f"comes after {reference or 'no payment'}")


def _replay(payment: Posting, after: list[Posting]) -> Iterator[Difference]:
    there = _by_internal(payment.legs.all())
    is_back = False
    for posting in after:
        is_loss = posting.kind in losses()
        if is_back and not is_loss:
            yield Difference("after_return", posting.reference, f"{payment.reference} was given back before it")
        is_back = is_back or posting.reverses_id == payment.pk
        for name, amount in _by_internal(posting.legs.all()).items():
            there[name] += amount
            if amount < ZERO and there[name] < ZERO and not (is_loss and name.startswith(LOSSES)):
                words = f"takes {format_kes(-amount)} out of {name}: more than {payment.reference} had put there"
                yield Difference("beyond_payment", posting.reference, words)


def _follow_ups_beyond_their_payment() -> Iterator[Difference]:
    """What came after a payment moved on customers' accounts only what gives it back, no further than it had gone."""
    postings = Posting.objects.filter(kind__in=posted_afterwards()).select_related("reverses")
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


def _by_internal(legs: Iterable[PostingLeg]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for leg in legs:
        if leg.account_id is None:
            sums[leg.internal_account] += leg.amount
    return sums


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


def _proof_sheets() -> Iterator[Difference]:
    for day, words in genuine.faults():
        yield Difference("proof_changed", f"proof {day}", words)


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
