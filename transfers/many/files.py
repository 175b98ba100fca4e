"""Store a file that reads well, give it up, confirm it."""

import hashlib
import json
import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import instructions, ledger
from accounts.identity.links import fingerprint
from accounts.ledger import Receipt
from accounts.models import BranchCustomer, Instruction
from transfers import checks
from transfers.errors import TransferRefused
from transfers.models import PaymentFile, PaymentFileRow, ScamPause
from transfers.payees import pausing
from wekeza_portal import clock, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.ratelimit import Policy

KIND = PaymentFile.KIND
State = PaymentFile.State
RowState = PaymentFileRow.State

FILES = Policy("payment-files", 10, timedelta(days=1))
OPEN_FOR = timedelta(hours=12)
"""Half as long as a draft holds: what is confirmed in time is also paid in time."""


class FileOver(TransferRefused):
    code = "payment_file_over"
    message = _("This file can't be paid any more. Nothing was sent. Please upload it again.")


def store(
    customer: BranchCustomer, *, from_number: str, name: str, rows: list[tuple[int, dict[str, str]]], actor: Actor
) -> PaymentFile:
    """Keep the rows for the worker to check. Raises UnknownSource and its like, or TooMany. Moves nothing."""
    source = checks.own_source(customer, from_number, actor)
    ratelimit.consume(FILES, str(customer.user_id))
    now = clock.now()
    file = PaymentFile(
        customer_id=customer.user_id,
        fingerprint=fingerprint(customer),
        name=name,
        from_number=source.number,
        sha256=_digest([typed for _number, typed in rows]),
        created_at=now,
        expires_at=now + OPEN_FOR,
    )
    with transaction.atomic():
        file.save(force_insert=True)
        PaymentFileRow.objects.bulk_create(
            [PaymentFileRow(file=file, number=number, typed=typed) for number, typed in rows]
        )
        facts = {"rows": len(rows), "sha256": file.sha256}
        record("payment_file.uploaded", actor=actor, subject=f"payment-file:{file.id}", data=facts)
    return file


def get(customer: BranchCustomer, file_id: uuid.UUID) -> PaymentFile:
    """The customer's own file; Http404 otherwise."""
    found = of(customer).filter(id=file_id).first()
    if found is None:
        raise Http404
    return found


def of(customer: BranchCustomer) -> QuerySet[PaymentFile]:
    """The files of this very person: the branch's scripts give an id to somebody else."""
    return PaymentFile.objects.filter(customer_id=customer.user_id, fingerprint=fingerprint(customer))


@transaction.atomic
def cancel(customer: BranchCustomer, file_id: uuid.UUID, actor: Actor) -> None:
    """Give it up before it is confirmed. Nothing happens to one that is over or being paid."""
    file = of(customer).select_for_update().filter(id=file_id).first()
    if file is None:
        raise Http404
    if file.state in (State.CHECKING, State.READY, State.FAULTY):
        file.state = State.CANCELLED
        file.save(update_fields=["state"])
        record("payment_file.cancelled", actor=actor, subject=f"payment-file:{file.id}")
        draft = Instruction.objects.filter(pk=file.instruction_id).first() if file.instruction_id else None
        if draft is not None:  # forgotten some days after it ran out
            pausing.close_file(draft, ScamPause.Outcome.CANCELLED)


def cancelled(instruction: Instruction) -> None:
    """What stands for all rows was given up; so is the file, unless it is being paid. In the operation that cancels."""
    files = PaymentFile.objects.select_for_update()
    file = files.filter(instruction_id=instruction.id, state=State.READY).first()
    if file is not None:
        file.state = State.CANCELLED
        file.save(update_fields=["state"])
        pausing.close_file(instruction, ScamPause.Outcome.CANCELLED)


def reviewed(file: PaymentFile) -> str:
    """The digest of all that the review shows: each row's draft with its content, in order."""
    rows = file.rows.order_by("number").values_list("number", "instruction_id", "content_hash")
    return _digest([[number, str(instruction_id), content] for number, instruction_id, content in rows])


def prepare_confirmation(file: PaymentFile, customer: BranchCustomer, count: int) -> Instruction:
    """The one instruction that stands for all rows: its code is bound to their digest. It moves nothing itself."""
    digest = reviewed(file)
    words = ngettext("%(count)s payment, %(name)s", "%(count)s payments, %(name)s", count)
    return instructions.draft(
        customer=customer,
        kind=KIND,
        payload={
            "file": str(file.id),
            "digest": digest,
            "from_number": file.from_number,
            "to_name": words % {"count": count, "name": file.name},
            "to_number": "",
            "note": "",
        },
        amount=file.total,
        fee=file.fees,
        fee_row_id=None,
        payee_key=f"file:{digest}",  # nobody was ever paid under it: the code is always asked for
    )


def execute(instruction: Instruction, actor: Actor) -> Receipt:
    """Let the worker pay the rows that were reviewed; inside the money operation, which moves nothing yet.

    Once: confirming again changes nothing. Raises FileOver, ContentChanged.
    """
    files = PaymentFile.objects.select_for_update()
    file = files.filter(id=uuid.UUID(instruction.payload["file"]), instruction_id=instruction.id).first()
    if file is None or file.fingerprint != fingerprint(instruction.customer):
        raise FileOver()
    if file.state not in (State.CONFIRMED, State.DONE):
        if file.state != State.READY or file.expires_at <= clock.now():
            raise FileOver()
        if reviewed(file) != instruction.payload["digest"]:
            raise ledger.ContentChanged()
        file.state, file.confirmed_at = State.CONFIRMED, clock.now()
        file.save(update_fields=["state", "confirmed_at"])
        pausing.close_file(instruction, ScamPause.Outcome.PAID)
        facts = {"total": str(file.total), "fees": str(file.fees), "digest": instruction.payload["digest"]}
        record("payment_file.confirmed", actor=actor, subject=f"payment-file:{file.id}", data=facts)
    return Receipt(reference="", posted_at=file.confirmed_at or clock.now(), kind=KIND, legs=())


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
