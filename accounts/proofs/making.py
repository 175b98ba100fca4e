"""Making the proof of one business day: everything counted from the rows themselves, nothing taken on trust.

Every account is compared with its last proof (`balances`). What the branch's own programs did to balances without a
row shows up here, as a difference for people to explain. A sheet says how many accounts had nothing to compare with.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from accounts import checking
from accounts.checking import Difference
from accounts.ledger import PostingKind
from accounts.models import LimitUsage, Posting, PostingLeg, ProofBalance, ProofSheet
from accounts.proofs import balances, genuine, reading
from wekeza_portal import clock
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.chain import current_head
from wekeza_portal.audit.services import record
from wekeza_portal.clock import Period
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO
from wekeza_portal.staff import kept

logger = logging.getLogger(__name__)

BATCH = 2000
SETTLED_AFTER = timedelta(minutes=15)
"""Rows get their time before they are committed: a day is proved when its last ones have had time to appear."""
UNSETTLED = ("rail.", "suspense.")
"""Internal accounts that are empty once everything outside is settled."""
MOST_LISTED = 500
FURTHEST_BACK = timedelta(days=31)


class DayNotOver(PortalError):
    code = "day_not_over"
    field = "day"
    message = _("That day is not over yet: its proof can be made from a quarter past midnight.")


class BeforeOthers(PortalError):
    code = "before_others"
    field = "day"
    message = _("A later day was proved already: its balances can no longer be taken apart.")


class TooLongAgo(PortalError):
    code = "too_long_ago"
    field = "day"
    message = _(
        "The first proof sheet can be of one of the last 31 days, not before the portal's first payment: "
        "every day after it has to follow."
    )


def make_due() -> int:
    """Make the oldest sheet that is missing since the last one (yesterday's where there is none); how many.

    One day and in the order of the days, safe with several workers. None before the day of the portal's first payment.
    """
    last = ProofSheet.objects.order_by("-day").values_list("day", flat=True).first()
    newest = (clock.now() - SETTLED_AFTER).date() - timedelta(days=1)
    due = last + timedelta(days=1) if last else newest
    if due > newest or (last is None and _is_before_everything(due)):
        return 0
    make_proof(due)
    return 1


def make_missing(business_date: date) -> int:
    """Every sheet that is missing, oldest first; how many. A job, due soon after midnight."""
    made = 0
    while make_due():
        made += 1
    return made


def make_proof(day: date, *, made_by: str = "", actor: Actor | None = None) -> ProofSheet:
    """The sheet of this Nairobi day; made now unless there is one. `made_by` is the staff code of who asked.

    Raises DayNotOver, BeforeOthers or TooLongAgo.
    """
    made = ProofSheet.objects.filter(day=day).first()
    if made is not None:
        return made
    if clock.now() < clock.day(day).end + SETTLED_AFTER:
        raise DayNotOver()
    if ProofSheet.objects.filter(day__gt=day).exists():
        raise BeforeOthers()
    _refuse_unless_it_may_begin(day)
    try:
        with checking.one_view():
            sheet = _write(day, made_by or "system", actor or system("proofs"))
    except IntegrityError:  # another worker was faster: its sheet is the sheet
        return ProofSheet.objects.get(day=day)
    found = sheet.content["checkledger"]
    kept.keep(kept.LEDGER, faults=found["differences"], reached=found["postings"], words=found["first"])
    return sheet


def _refuse_unless_it_may_begin(day: date) -> None:
    """The first sheet of all makes the worker prove each day since: a slip in the year would cost years of them."""
    if ProofSheet.objects.exists():
        return
    if day < clock.today() - FURTHEST_BACK or _is_before_everything(day):
        raise TooLongAgo()


def _is_before_everything(day: date) -> bool:
    """Whether the portal's first payment is later: there is nothing of that day to prove."""
    first = Posting.objects.order_by("posted_at").values_list("business_date", flat=True).first()
    return first is not None and day < first


def _write(day: date, made_by: str, actor: Actor) -> ProofSheet:
    period = clock.day(day)
    postings = list(Posting.objects.filter(business_date=day).order_by("pk"))
    legs = list(PostingLeg.objects.filter(posting__business_date=day).select_related("posting").order_by("pk"))
    compared = balances.compare(day)
    ledger = list(checking.differences())
    checked = Posting.objects.count()
    found = [*_legs_faults(postings, legs), *compared.found, *ledger]
    head = current_head()
    content = {
        "kinds": _kinds(postings, legs),
        "legs": _legs(legs),
        "rows": _rows(period, legs),
        "accounts": compared.counts,
        "counters": {
            "checked": LimitUsage.objects.filter(period=day.isoformat()).count(),
            "wrong": sum(difference.kind == "counter" for difference in ledger),
        },
        "reversals": _reversals(postings),
        "internal": _internal(day),
        "checkledger": {
            "postings": checked,
            "differences": len(ledger),
            "first": " ".join(_as_json(ledger[0]).values()) if ledger else "",
        },
        "audit": {"number": head.number, "digest": head.digest},
        "differences": [_as_json(difference) for difference in found[:MOST_LISTED]],
        "unlisted": max(len(found) - MOST_LISTED, 0),
    }
    return _keep(day, content, compared.closings, made_by, actor)


def _keep(day: date, content: dict[str, Any], closings: dict[int, Decimal], made_by: str, actor: Actor) -> ProofSheet:
    content["anchors"] = genuine.anchors_of(closings)
    sheet = ProofSheet(
        day=day,
        made_at=clock.now(),
        made_by=made_by[:60],
        content=content,
        differences=len(content["differences"]),
    )
    sheet.digest = reading.digest_of(sheet)
    sheet.save(force_insert=True)
    ProofBalance.objects.bulk_create(
        [ProofBalance(sheet=sheet, account_id=account_id, closing=closing) for account_id, closing in closings.items()],
        batch_size=BATCH,
    )
    data = {"digest": sheet.digest, "differences": sheet.differences}
    record("proof.made", actor=actor, subject=f"proof:{day}", data=data)
    return sheet


def _as_json(difference: Difference) -> dict[str, str]:
    return {"kind": difference.kind, "subject": difference.subject, "words": difference.words}


def _kinds(postings: list[Posting], legs: list[PostingLeg]) -> list[dict[str, Any]]:
    """Per kind: how many postings and how much they moved, the credits of all their legs."""
    counts: dict[str, int] = defaultdict(int)
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for posting in postings:
        counts[posting.kind] += 1
    for leg in legs:
        sums[leg.posting.kind] += max(leg.amount, ZERO)
    return [{"kind": kind, "postings": counts[kind], "moved": str(sums[kind])} for kind in sorted(counts)]


def _legs(legs: list[PostingLeg]) -> dict[str, str]:
    """What customer accounts and internal accounts gained; together they must be nothing."""
    customers = sum((leg.amount for leg in legs if leg.account_id is not None), ZERO)
    internal = sum((leg.amount for leg in legs if leg.account_id is None), ZERO)
    return {"customers": str(customers), "internal": str(internal), "together": str(customers + internal)}


def _legs_faults(postings: list[Posting], legs: list[PostingLeg]) -> Iterator[Difference]:
    """A posting without legs is the one thing that the checks of the whole ledger do not look for."""
    with_legs = {leg.posting_id for leg in legs}
    for posting in postings:
        if posting.pk not in with_legs:
            yield Difference("no_legs", posting.reference, "posted without legs")


def _rows(period: Period, legs: list[PostingLeg]) -> dict[str, int]:
    """How many rows the branch's table got that day, and how many of them are legs of ours."""
    ours = {leg.transaction_id for leg in legs if leg.transaction_id is not None}
    ids = set(balances.rows_of(period).values_list("transaction_id", flat=True))
    return {"all": len(ids), "ours": len(ids & ours), "legs": len(ours)}


def _reversals(postings: list[Posting]) -> list[dict[str, str]]:
    undone = [posting for posting in postings if posting.kind == PostingKind.REVERSAL]
    originals = Posting.objects.in_bulk([posting.reverses_id for posting in undone if posting.reverses_id])
    named = [(posting, originals.get(posting.reverses_id or 0)) for posting in undone]
    return [
        {"reference": posting.reference, "of": original.reference if original else ""}
        for posting, original in named[:MOST_LISTED]
    ]


def _internal(day: date) -> list[dict[str, Any]]:
    """Every internal account: what it gained that day, what it holds at its end, whether that ought to be nothing."""
    gained: dict[str, Decimal] = defaultdict(lambda: ZERO)
    held: dict[str, Decimal] = defaultdict(lambda: ZERO)
    legs = PostingLeg.objects.filter(account__isnull=True, posting__business_date__lte=day)
    for name, amount, on in legs.values_list("internal_account", "amount", "posting__business_date").iterator(BATCH):
        held[name] += amount
        if on == day:
            gained[name] += amount
    return [
        {
            "name": name,
            "gained": str(gained[name]),
            "held": str(held[name]),
            "is_unsettled": name.startswith(UNSETTLED) and held[name] != ZERO,
        }
        for name in sorted(held)
    ]
