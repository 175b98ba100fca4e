"""A file whose owner may not come in any more, or is not the person who uploaded it: no more of it is paid.

Every draft that is left is cancelled under its own lock, so that a worker slower than its claim pays none of them
afterwards; what it had paid already is said to be sent.
"""

from contextlib import suppress

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import instructions
from accounts.identity.links import fingerprint
from accounts.models import BranchCustomer, Instruction
from accounts.telling import language_of, tell
from transfers.models import PaymentFile, PaymentFileRow
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.audit.services import record
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Link

State, RowState = PaymentFile.State, PaymentFileRow.State
ACTOR = system("payment-files")


def give_up(file: PaymentFile) -> None:
    """Pay no more of it. May be repeated: whoever is killed in between leaves the rest to the next worker."""
    owner = BranchCustomer(user_id=file.customer_id)
    with translation.override(language_of(owner)):
        if file.state == State.CONFIRMED:
            for row in file.rows.filter(state=RowState.CHECKED).order_by("number"):
                _give_up_row(row, owner)
        _end(file)


def _give_up_row(row: PaymentFileRow, owner: BranchCustomer) -> None:
    """Cancel its draft; what had been posted before that is sent, whatever its row said."""
    posted = False
    if row.instruction_id is not None:
        with suppress(Http404):  # forgotten some days after it ran out: there is nothing that could be paid
            instructions.cancel(customer=owner, instruction_id=row.instruction_id, actor=ACTOR)
        posted = Instruction.objects.filter(pk=row.instruction_id, state=Instruction.State.POSTED).exists()
    with transaction.atomic():
        fresh = PaymentFileRow.objects.select_for_update().get(pk=row.pk)
        if fresh.state != RowState.CHECKED:
            return
        fresh.state = RowState.SENT if posted else RowState.REFUSED
        fresh.problem = "" if posted else _("Your online access was closed before it was sent.")
        fresh.done_at = clock.now()
        fresh.save(update_fields=["state", "problem", "done_at"])


@transaction.atomic
def _end(file: PaymentFile) -> None:
    fresh = PaymentFile.objects.select_for_update().get(pk=file.pk)
    if fresh.state not in (State.CHECKING, State.CONFIRMED):
        return
    was_confirmed = fresh.state == State.CONFIRMED
    fresh.state, fresh.done_at = (State.DONE if was_confirmed else State.CANCELLED), clock.now()
    fresh.problem = _("Your online access was closed, so we stopped here. What was not sent is not sent any more.")
    fresh.save(update_fields=["state", "done_at", "problem"])
    sent = fresh.rows.filter(state=RowState.SENT).count()
    refused = fresh.rows.filter(state=RowState.REFUSED).count()
    facts = {"sent": sent, "refused": refused}
    subject = f"payment-file:{fresh.id}"
    record("payment_file.given_up", actor=ACTOR, customer_id=fresh.customer_id, subject=subject, data=facts)
    if was_confirmed:
        _tell(fresh, sent, refused)


def _tell(file: PaymentFile, sent: int, refused: int) -> None:
    """Whoever uploaded it; nobody where the branch gave the id to somebody else."""
    customer = BranchCustomer.objects.filter(pk=file.customer_id).first()
    if customer is None or fingerprint(customer) != file.fingerprint:
        return
    values = {"bank": settings.BANK_NAME, "sent": sent, "refused": refused, "phone": settings.FRAUD_PHONE}
    body = _(
        "%(bank)s: your online access is closed. Of your file %(sent)s were sent, %(refused)s not. Call %(phone)s."
    )
    tell(
        customer,
        cause=f"payment-file:{file.id}",
        event=Event.SECURITY,
        subject=_("Your file of payments was stopped"),
        body=body % values,
        link=Link("payment_file", {"file_id": file.id}),
    )
