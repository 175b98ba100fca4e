"""The rows of a history to be written, whatever the format."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from accounts import movements
from accounts.models import BranchCustomer
from accounts.movements import Movement, Wanted
from accounts.vocabulary import Direction
from statements.tracing import DONE, STATES, Trace, traces
from wekeza_portal.clock import NAIROBI, Period

MOST = 100_000
BATCH = 500
_DONE = Trace(dict(STATES)[DONE])


@dataclass(frozen=True, slots=True)
class Line:
    """One movement. `at` EAT without a zone, as spreadsheets know time; one of the three amounts (KES), positive."""

    at: datetime | None
    account: str
    what: str
    payee: str
    description: str
    reference: str
    state: str
    money_in: Decimal | None
    money_out: Decimal | None
    unsigned: Decimal | None


def headings() -> list[str]:
    """The first row, in the active language."""
    return [
        _("Date and time (EAT)"), _("Account"), _("Kind"), _("Payee"), _("Description"), _("Reference"), _("State"),
        _("Money in (KES)"), _("Money out (KES)"), _("In or out not known (KES)"),
    ]  # fmt: skip


def too_many() -> str:
    """What stands under a file that does not hold everything."""
    return _("Only the newest %(count)s movements are in this file. Choose a shorter time to get the others.") % {
        "count": f"{MOST:,}"
    }


def left_out(since: date) -> str:
    """What stands under a file where the customer's own choice hides what is older; a date for programs."""
    return _("Older than %(day)s is left out: you chose so in your preferences.") % {"day": since.isoformat()}


def lines(customer: BranchCustomer, wanted: Wanted, language: str) -> Iterator[list[Line] | None]:
    """The movements newest first, in batches; None at the end where there are more than MOST."""
    left = MOST
    for batch in movements.in_batches(wanted, BATCH):
        kept = batch[:left]
        left -= len(kept)
        known = traces(customer, kept)
        with translation.override(language):
            yield [_line(movement, known.get(movement.row_id, _DONE)) for movement in kept]
        if len(kept) < len(batch):
            yield None
            return


def _line(movement: Movement, trace: Trace) -> Line:
    is_in, is_out = movement.is_in, movement.direction is Direction.OUT
    return Line(
        at=movement.at.astimezone(NAIROBI).replace(tzinfo=None) if movement.at else None,
        account=movement.account_number,
        what=str(movement.words),
        payee=trace.payee,
        description=movement.note,
        reference=movement.reference,
        state=str(trace.state),
        money_in=movement.amount if is_in else None,
        money_out=movement.amount if is_out else None,
        unsigned=None if is_in or is_out else movement.amount,
    )


def texts(line: Line) -> tuple[str, ...]:
    """The columns between the time and the amounts."""
    return (line.account, line.what, line.payee, line.description, line.reference, line.state)


def amounts(line: Line) -> tuple[Decimal | None, ...]:
    """The last three columns."""
    return (line.money_in, line.money_out, line.unsigned)


def file_name(number: str, period: Period | None, today: date, extension: str) -> str:
    """`wekeza-ACC1000015-2026-10-01-to-2026-10-31.csv`; letters and digits of ours alone."""
    account = "".join(character for character in number if character.isascii() and character.isalnum())
    if period is None:
        span = f"until-{today:%Y-%m-%d}"
    else:
        first, last = period.start.astimezone(NAIROBI), period.end.astimezone(NAIROBI) - timedelta(days=1)
        span = f"{first:%Y-%m-%d}-to-{last:%Y-%m-%d}"
    return f"wekeza-{account or 'all-accounts'}-{span}.{extension}"
