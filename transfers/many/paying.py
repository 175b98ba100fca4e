"""The worker's second part, and the step that does both. The row is the truth: whoever is killed repeats nothing.

A row is paid by its own instruction, which is posted at most once whoever confirms it and how often. The code that was
given for the file stands for each row whose content is still the one that was reviewed.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import instructions
from accounts.ledger import ContentChanged
from accounts.models import BranchCustomer
from accounts.telling import language_of, tell
from transfers import owners
from transfers.many import checking, stopping
from transfers.models import PaymentFile, PaymentFileRow
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Link

State, RowState = PaymentFile.State, PaymentFileRow.State
CLAIM = timedelta(minutes=2)
"""Longer than one row takes, with every time-out of a rail."""
ROWS_AT_ONCE = 10


def work() -> int:
    """Check or pay some rows of the file that waits longest; how many. A worker step, safe with several workers."""
    file = _claim_next()
    if file is None:
        return 0
    handled = _some_rows(file)
    PaymentFile.objects.filter(pk=file.pk).update(claimed_until=None)
    return handled


def _some_rows(file: PaymentFile) -> int:
    """Before each row, and before the end, it is asked whether its owner may still come in: else it is given up."""
    handled = 0
    for row in list(_open_rows(file).order_by("number")[:ROWS_AT_ONCE]):
        customer = owners.who_may_pay(file.customer_id, file.fingerprint)
        if customer is None:
            stopping.give_up(file)
            return handled + 1
        _hold(file)
        handle_row(file, row, customer)
        handled += 1
    if not _open_rows(file).exists():
        _conclude(file)
    return handled


def _conclude(file: PaymentFile) -> None:
    customer = owners.who_may_pay(file.customer_id, file.fingerprint)
    if customer is None:
        stopping.give_up(file)
    elif file.state == State.CHECKING:
        checking.conclude(file, customer)
    else:
        _finish(file, customer)


def handle_row(file: PaymentFile, row: PaymentFileRow, customer: BranchCustomer) -> None:
    """The next step of one row."""
    actor = Actor(kind="customer", id=f"file:{file.id.hex[:12]}", customer_id=customer.user_id)
    if file.state == State.CHECKING:
        checking.check_row(file, row, customer, actor)
    else:
        pay_row(row, customer, actor)


def pay_row(row: PaymentFileRow, customer: BranchCustomer, actor: Actor) -> None:
    """Post one confirmed row, once, or write down why it was refused: then nothing of it has moved."""
    with translation.override(language_of(customer)):
        try:
            _post(row, customer, actor)
        except Http404:
            _note(row, RowState.REFUSED, _("This payment is not there any more. Nothing was sent."))
        except instructions.Held:
            _note(row, RowState.REFUSED, _held())
        except PortalError as refusal:
            _note(row, RowState.REFUSED, str(refusal))
        else:
            _note(row, RowState.SENT, "")


def _held() -> str:
    """The file's answer does not cover it: it was held, or became more than usual, after the file was confirmed."""
    return _("This one can't go with a file: there is a question to answer or a wait first. Pay it by itself.")


def _post(row: PaymentFileRow, customer: BranchCustomer, actor: Actor) -> None:
    if row.instruction_id is None:
        raise Http404
    if instructions.get(customer, row.instruction_id).content_hash != row.content_hash:
        raise ContentChanged()
    instructions.approve(customer=customer, instruction_id=row.instruction_id)
    instructions.confirm(customer=customer, instruction_id=row.instruction_id, actor=actor)


@transaction.atomic
def _note(row: PaymentFileRow, state: str, problem: str) -> None:
    fresh = PaymentFileRow.objects.select_for_update().get(pk=row.pk)
    if fresh.state == RowState.CHECKED:
        fresh.state, fresh.problem, fresh.done_at = state, problem, clock.now()
        fresh.save(update_fields=["state", "problem", "done_at"])


def _open_rows(file: PaymentFile) -> QuerySet[PaymentFileRow]:
    return file.rows.filter(state=RowState.NEW if file.state == State.CHECKING else RowState.CHECKED)


def _due(now: datetime) -> QuerySet[PaymentFile]:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    return PaymentFile.objects.filter(free, state__in=(State.CHECKING, State.CONFIRMED))


def _claim_next() -> PaymentFile | None:
    if not _due(clock.now()).exists():  # a look first: an idle worker takes no write lock
        return None
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        file = _due(clock.now()).select_for_update(skip_locked=skip).order_by("created_at", "id").first()
        if file is not None:
            file.claimed_until = clock.now() + CLAIM
            file.save(update_fields=["claimed_until"])
        return file


def _hold(file: PaymentFile) -> None:
    PaymentFile.objects.filter(pk=file.pk).update(claimed_until=clock.now() + CLAIM)


@transaction.atomic
def _finish(file: PaymentFile, customer: BranchCustomer) -> None:
    fresh = PaymentFile.objects.select_for_update().get(pk=file.pk)
    if fresh.state != State.CONFIRMED:
        return
    fresh.state, fresh.done_at = State.DONE, clock.now()
    fresh.save(update_fields=["state", "done_at"])
    sent = fresh.rows.filter(state=RowState.SENT).count()
    refused = fresh.rows.filter(state=RowState.REFUSED).count()
    actor = Actor(kind="customer", id=f"file:{file.id.hex[:12]}", customer_id=customer.user_id)
    facts = {"sent": sent, "refused": refused}
    record("payment_file.done", actor=actor, subject=f"payment-file:{file.id}", data=facts)
    with translation.override(language_of(customer)):
        values = {"bank": settings.BANK_NAME, "sent": sent, "refused": refused, "phone": settings.FRAUD_PHONE}
        body = _("%(bank)s: of your file, %(sent)s payments were sent and %(refused)s not. Not you? Call %(phone)s.")
        subject = _("Your file of payments is done")
    tell(
        customer,
        cause=f"payment-file:{file.id}",
        event=Event.MONEY_OUT,
        amount=file.total,
        subject=subject,
        body=body % values,
        link=Link("payment_file", {"file_id": file.id}),
    )
