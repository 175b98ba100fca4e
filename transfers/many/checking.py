"""The worker's first part: ask for each name, prepare a draft of each row, then look at all of them together."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import limits
from accounts.models import BranchCustomer, Instruction, Limit
from accounts.selectors import account_for
from accounts.telling import language_of
from transfers.many import files, strangers
from transfers.many.rows import Order, order_of
from transfers.models import PaymentFile, PaymentFileRow
from transfers.outside.preparing import Wish, prepare_payment
from transfers.payees import newness, together
from transfers.services import prepare_transfer
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO, format_kes

RowState = PaymentFileRow.State


def check_row(file: PaymentFile, row: PaymentFileRow, customer: BranchCustomer, actor: Actor) -> None:
    """Prepare the draft of one row, or write down why it can't be paid. Outside any transaction; may be repeated."""
    with translation.override(language_of(customer)):
        try:
            order = order_of(row.typed)
            draft = _draft(file, order, customer, actor)
        except (PortalError, ValidationError) as refusal:
            words = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
            _note(row, state=RowState.FAULTY, problem=words)
            return
        payee = _shown(draft.payload)
    _note(
        row, state=RowState.CHECKED, instruction_id=draft.id, content_hash=draft.content_hash, amount=draft.amount,
        fee=draft.fee, payee=payee, payee_key=draft.payee_key,
    )  # fmt: skip


def _shown(payload: dict[str, Any]) -> str:
    """Name and number; a name that nobody but the customer's own file said is marked, and one that it said in vain."""
    name, number = payload["to_name"] or payload.get("to_at", ""), payload["to_number"]
    if payload.get("to_name_by") == "customer":
        remark = _("name not checked")
    elif payload.get("typed_name"):
        remark = _("you typed %(name)s") % {"name": payload["typed_name"]}
    else:
        return f"{name}, {number}"[:140]
    return f"{name}, {number} ({remark})"[:140]


def _draft(file: PaymentFile, order: Order, customer: BranchCustomer, actor: Actor) -> Instruction:
    if order.destination is None:
        return prepare_transfer(
            customer,
            from_number=file.from_number,
            to_number=order.to_number,
            amount=order.amount,
            note=order.note,
            actor=actor,
            count=strangers.asked_by(order.name),
        )
    wish = Wish(file.from_number, order.destination, order.amount, order.note, order.name)
    return prepare_payment(customer, wish, actor=actor, budget=strangers.NAMES)


@transaction.atomic
def _note(row: PaymentFileRow, **values: Any) -> None:
    """Once: a worker that was slower than its claim changes nothing."""
    fresh = PaymentFileRow.objects.select_for_update().get(pk=row.pk)
    if fresh.state != RowState.NEW:
        return
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=list(values))


@transaction.atomic
def conclude(file: PaymentFile, customer: BranchCustomer) -> None:
    """After the last row: FAULTY with the reason, or READY with the instruction that confirms all of them."""
    fresh = PaymentFile.objects.select_for_update().get(pk=file.pk)
    if fresh.state != PaymentFile.State.CHECKING:
        return
    rows = list(fresh.rows.order_by("number"))
    fresh.total = sum((row.amount for row in rows), ZERO)
    fresh.fees = sum((row.fee for row in rows), ZERO)
    with translation.override(language_of(customer)):
        is_wrong = any(row.state == RowState.FAULTY for row in rows)
        fresh.problem = "" if is_wrong else _wrong_together(fresh, rows, customer)
        if is_wrong or fresh.problem:
            fresh.state = PaymentFile.State.FAULTY
        else:
            fresh.state = PaymentFile.State.READY
            fresh.instruction_id = files.prepare_confirmation(fresh, customer, len(rows)).id
    fresh.save(update_fields=["state", "problem", "total", "fees", "instruction_id"])


def _wrong_together(file: PaymentFile, rows: list[PaymentFileRow], customer: BranchCustomer) -> str:
    """What no row says alone: the account, the limits, and the cap for people never paid before."""
    tests: list[Callable[[], str]] = [
        lambda: _too_little(file, customer),
        lambda: _above_limits(rows, customer),
        lambda: _above_cap(rows, customer),
    ]
    return " ".join(words for test in tests if (words := test()))


def _too_little(file: PaymentFile, customer: BranchCustomer) -> str:
    available = account_for(customer, file.from_number).available
    if file.total + file.fees <= available:
        return ""
    values = {"total": format_kes(file.total + file.fees), "available": format_kes(available)}
    return _("The file needs %(total)s with fees, but you can use %(available)s in this account now.") % values


def _above_limits(rows: list[PaymentFileRow], customer: BranchCustomer) -> str:
    counted = sum((row.amount for row in rows if row.payee_key), ZERO)
    left = limits.room(customer).left
    if counted <= left:
        return ""
    values = {"total": format_kes(counted), "left": format_kes(left)}
    return _("The file sends %(total)s, but your limits leave %(left)s now.") % values


def _above_cap(rows: list[PaymentFileRow], customer: BranchCustomer) -> str:
    """All that is new counts together, with what today's other files sent: transfers.payees.together."""
    cap = limits.value(Limit.Code.NEW_PAYEE_DAY, tier=customer.kyc_tier, on=clock.today())
    new: Decimal = ZERO
    for row in rows:
        if row.payee_key and newness.room(customer, row.payee_key) is not None:
            new += row.amount
    sent = together.used(customer, clock.today()) if new else ZERO
    if new + sent <= cap:
        return ""
    values = {"new": format_kes(new), "cap": format_kes(cap), "sent": format_kes(sent)}
    if sent:
        return (
            _(
                "%(new)s of the file go to people you never paid before or only since yesterday. The most is %(cap)s a "
                "day for all files together, and %(sent)s went today. Take some rows out, or visit any branch with "
                "your ID."
            )
            % values
        )
    return (
        _(
            "%(new)s of the file go to people you never paid before or only since yesterday; the most is %(cap)s. "
            "Take some rows out, or visit any branch with your ID."
        )
        % values
    )
