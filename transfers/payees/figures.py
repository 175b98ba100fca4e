"""What the scam question did, for the staff: how often it was shown, and what became of those payments."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from transfers.destinations import Kind
from transfers.models import PaymentFile, ScamPause
from wekeza_portal import clock

WEEKS = 13


@dataclass(slots=True)
class Line:
    """One week (from its Monday, EAT) and kind of payment. `open` are neither paid nor cancelled."""

    week: date
    kind: str
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def title(self) -> str:
        """What kind of payment, in the words of the page where it is filled in."""
        return str(Kind(self.kind).label if self.kind in Kind.values else _("To a Wekeza customer"))

    @property
    def open(self) -> int:
        return self.counts["shown"] - self.counts["cancelled"] - self.counts["paid"]


def lines() -> list[Line]:
    """The last weeks, newest first, each kind that was asked about."""
    since = _monday(clock.now()) - timedelta(weeks=WEEKS - 1)
    found: dict[tuple[date, str], Line] = {}
    rows = ScamPause.objects.filter(shown_at__gte=clock.midnight(since), asked_with__isnull=True)
    rows = rows.exclude(kind=PaymentFile.KIND)  # each payment of a file that was asked about counts as what it is
    for shown_at, kind, answer, outcome in rows.values_list("shown_at", "kind", "answer", "outcome").iterator():
        week = _monday(shown_at)
        line = found.setdefault((week, kind), Line(week, kind))
        line.counts.update(_words(answer, outcome))
    return sorted(found.values(), key=lambda line: (-line.week.toordinal(), line.kind))


def _words(answer: str, outcome: str) -> Iterator[str]:
    yield "shown"
    if answer == ScamPause.Answer.ASKED:
        yield "held"
    if outcome:
        yield outcome.lower()


def _monday(moment: datetime) -> date:
    day = moment.astimezone(clock.NAIROBI).date()
    return day - timedelta(days=day.weekday())
