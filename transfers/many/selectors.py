"""What the pages of files of payments show. Every query is scoped to the customer."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.ledger import PostingKind
from accounts.models import BranchCustomer, Instruction
from accounts.preferences.chosen import shown_since
from transfers.destinations import Kind
from transfers.many import files
from transfers.models import PaymentFile, PaymentFileRow
from wekeza_portal import clock
from wekeza_portal.money import ZERO

RowState = PaymentFileRow.State
LISTED = 20
INSIDE: dict[str, Any] = {
    PostingKind.TRANSFER_INTERNAL: _("To a Wekeza account"),
    PostingKind.TRANSFER_OWN: _("To your own account"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is. KES."""

    rows: int
    checked: int
    faulty: int
    sent: int
    refused: int
    sent_total: Decimal

    @property
    def waiting(self) -> int:
        return self.rows - self.sent - self.refused


@dataclass(frozen=True, slots=True)
class Line:
    """One row as its page shows it: what kind of payment and where to, and whether the name is another than typed."""

    row: PaymentFileRow
    kind: Any = ""
    at: str = ""
    is_renamed: bool = False


def files_of(customer: BranchCustomer) -> list[PaymentFile]:
    """The latest files in the history that is shown, newest first."""
    since = shown_since(customer)
    kept = files.of(customer).filter(created_at__gte=since) if since else files.of(customer)
    return list(kept.order_by("-created_at", "-id")[:LISTED])


def rows_of(file: PaymentFile) -> list[PaymentFileRow]:
    """In the order of the file."""
    return list(file.rows.order_by("number"))


def lines_of(file: PaymentFile, rows: list[PaymentFileRow]) -> list[Line]:
    """Each row with what its draft says, in one query; without it where there is none yet, or the row is wrong."""
    ids = [row.instruction_id for row in rows if row.instruction_id]
    drafts = {draft.id: draft for draft in Instruction.objects.filter(pk__in=ids, customer_id=file.customer_id)}
    return [_line(row, drafts.get(row.instruction_id)) for row in rows]  # type: ignore[arg-type] # None has no draft


def _line(row: PaymentFileRow, draft: Instruction | None) -> Line:
    if draft is None:
        return Line(row)
    kind = Kind(draft.kind).label if draft.kind in Kind.values else INSIDE[draft.kind]
    return Line(row, kind, draft.payload.get("to_at", ""), bool(draft.payload.get("typed_name")))


def progress(rows: list[PaymentFileRow]) -> Progress:
    """Counted from the rows as they are."""
    states = [row.state for row in rows]
    sent = [row.amount + row.fee for row in rows if row.state == RowState.SENT]
    return Progress(
        rows=len(rows),
        checked=len(rows) - states.count(RowState.NEW),
        faulty=states.count(RowState.FAULTY),
        sent=len(sent),
        refused=states.count(RowState.REFUSED),
        sent_total=sum(sent, ZERO),
    )


def is_over(file: PaymentFile) -> bool:
    """Whether a file that was never confirmed can't be any more."""
    waits = file.state in (PaymentFile.State.CHECKING, PaymentFile.State.READY)
    return file.state == PaymentFile.State.CANCELLED or (waits and file.expires_at <= clock.now())


def paid_before(file: PaymentFile) -> tuple[UUID, datetime] | None:
    """Another file with the same payments that was confirmed, and when: a question, not a refusal."""
    mine = PaymentFile.objects.filter(customer_id=file.customer_id, fingerprint=file.fingerprint)
    same = mine.filter(sha256=file.sha256, confirmed_at__isnull=False)
    found = same.exclude(pk=file.pk).order_by("-confirmed_at").values_list("id", "confirmed_at").first()
    return (found[0], found[1]) if found and found[1] else None
