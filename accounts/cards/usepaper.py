"""What was done with a card over a month, or lately, as an issued paper: the list of the page, printed."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.cards import wording
from accounts.cards.authorising import together
from accounts.models import BranchCustomer, Card, CardUse
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.documents import papers
from wekeza_portal.documents.kinds import Fact, PaperKind, as_kes

CARD_USES = "CARD_USES"
LATELY = "lately"
LATELY_DAYS = 90
MONTHS = 12
MOST = 200
"""Rows on one paper: what is rendered while the customer waits."""
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class UsesPaper:
    """The uses of one card from `first` to `last`, days of Nairobi, newest first.

    `paid` is KES of all uses of these days that were approved and not taken back, also of those that `uses` leaves
    out when there are more than MOST.
    """

    card: Card
    first: date
    last: date
    uses: list[CardUse]
    count: int
    paid: Decimal

    @property
    def is_cut(self) -> bool:
        """Whether there were more than stand on it."""
        return self.count > len(self.uses)


def periods(today: date) -> list[tuple[str, Any]]:
    """What can be chosen: (value, words), the latest days first, then this month and those before it."""
    months = [today.replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    lately = _("The last %(days)s days") % {"days": LATELY_DAYS}
    return [(LATELY, lately), *((f"{month:%Y-%m}", date_format(month, "F Y")) for month in months)]


def days_of(period: str, today: date) -> tuple[date, date]:
    """The first and the last day of what was chosen, none of them after `today`. ValueError for anything else."""
    if period == LATELY:
        return today - timedelta(days=LATELY_DAYS - 1), today
    if not _MONTH.fullmatch(period):
        raise ValueError("no month")
    month = clock.month(date.fromisoformat(f"{period}-01"))
    if month.start.date() > today or month.start.year < 2000:
        raise ValueError("no month a card was used in")
    return month.start.date(), min(today, month.end.date() - timedelta(days=1))


def paper_of(card: Card, first: date, last: date, since: datetime | None) -> UsesPaper:
    """What stands on it; nothing from before `since`, as on the page."""
    if since is not None:
        first = min(max(first, since.date()), last)
    rows = _between(card, first, last, since)
    return UsesPaper(card, first, last, list(rows[:MOST]), rows.count(), together(rows.iterator(MOST)))


def _between(card: Card, first: date, last: date, since: datetime | None) -> QuerySet[CardUse]:
    start = clock.midnight(first) if since is None else max(since, clock.midnight(first))
    return CardUse.objects.filter(card=card, at__gte=start, at__lt=clock.day(last).end).order_by("-id")


def _as_day(text: str) -> str:
    return date_format(date.fromisoformat(text), "j F Y")


def uses_kind() -> PaperKind:
    """In public neither name, account nor shop: which card, which days, how often, and how much in all."""
    return PaperKind(
        title=_("Uses of a card"),
        template="documents/card_uses.html",
        facts={
            "card": Fact(_("Card")),
            "first": Fact(_("From day"), _as_day),
            "last": Fact(_("Until"), _as_day),
            "count": Fact(_("Uses")),
            "paid": Fact(_("Paid in all"), as_kes),
        },
    )


def uses_pdf(paper: UsesPaper, *, customer: BranchCustomer, language: str, actor: Actor) -> bytes:
    """The PDF, entered in the register. Asked for again with the same uses on it, it is the same paper."""
    draft = papers.Draft(
        kind=CARD_USES,
        subject=f"{paper.card.pk.hex}:{_fingerprint(paper)}",
        customer_id=customer.user_id,
        language=language,
        facts={
            "card": f"...{paper.card.last_four}",
            "first": paper.first.isoformat(),
            "last": paper.last.isoformat(),
            "count": str(paper.count),
            "paid": str(paper.paid),
        },
        context={"paper": paper, "holder": customer.full_name, "kind_words": wording.KINDS[paper.card.kind]},
    )
    return papers.issue(draft, actor=actor)[1]


def _fingerprint(paper: UsesPaper) -> str:
    """Of the days and of every use with what became of it."""
    rows = [(str(use.public_id), use.code, use.reversed_at is not None) for use in paper.uses]
    return hashlib.sha256(repr((paper.first, paper.last, paper.count, paper.paid, rows)).encode()).hexdigest()[:32]
