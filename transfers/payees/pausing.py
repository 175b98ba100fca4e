"""The pause before a large payment to somebody new: one question, because stolen money is mostly sent by its owner.

Somebody is new while never paid before and in the first 24 hours. Large is more than the customer's usual size: the
dated row SCAM_FLOOR or, where that is more, the largest payment of the last 90 days. Who was asked by phone, message or
link waits for SCAM_HOLD_MINUTES, with every payment to that receiver; after that it is their money and their word.
A file of payments is asked about once, before its code, where one of its rows would be; the answer is each such row's.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import instructions, ledger, limits
from accounts.instructions import Held
from accounts.ledger import money_operation
from accounts.models import BranchCustomer, Instruction, Limit, Posting
from transfers.errors import TransferRefused
from transfers.models import PaymentFile, PaymentFileRow, ScamPause
from transfers.payees import newness
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.money import ZERO

USUAL_FOR = timedelta(days=90)
Answer, Outcome = ScamPause.Answer, ScamPause.Outcome


@dataclass(frozen=True, slots=True)
class Standing:
    """How a payment stands with the question."""

    until: datetime | None
    """Until when (EAT) nothing goes to its receivers, because of this or an earlier payment; None: not held."""
    was_asked_for: bool
    """Somebody asked for it: the customer's answer."""
    asked_about: list[Instruction]
    """The payments for which the question is still to be answered: this one, or those rows of a file; mostly none."""


class NothingToAnswer(TransferRefused):
    """The payment is done, cancelled or run out."""

    code = "nothing_to_answer"
    message = _("This payment is not waiting for an answer.")


class ChooseAnAnswer(TransferRefused):
    code = "choose_an_answer"
    message = _("Choose one of the answers.")


def refuse_while_held(instruction: Instruction, *, is_new: bool | None = None) -> None:
    """Raises accounts.instructions.Held, with the page of the question, while it is not answered or the hold runs.

    `is_new` where it is known already whether the receiver is new.
    """
    if not instruction.payee_key:
        return
    paid = _paid_by(instruction)
    pauses = _of_the_receivers(instruction, paid)
    if _latest_hold(pauses) is not None or _asking(instruction, paid, pauses, is_new):
        raise Held(reverse("payment_pause", args=[instruction.id]))


def is_due(instruction: Instruction) -> bool:
    """Whether the question is still to be answered for this payment."""
    return bool(asked_about(instruction))


def asked_about(instruction: Instruction) -> list[Instruction]:
    """The payments for which the question is still to be answered: this one, or those rows of a file; mostly none."""
    return standing_of(instruction).asked_about if instruction.payee_key else []


def standing_of(instruction: Instruction) -> Standing:
    """What stands between a draft and its payment, for the page of the question."""
    paid = _paid_by(instruction)
    pauses = _of_the_receivers(instruction, paid)
    return Standing(
        until=_latest_hold(pauses),
        was_asked_for=any(row.pk == instruction.id and row.answer == Answer.ASKED for row in pauses),
        asked_about=_asking(instruction, paid, pauses, None) if instruction.payee_key else [],
    )


def waiting_of(customer: BranchCustomer) -> list[ScamPause]:
    """Payments of the last day that wait, or may go after the wait, and were neither sent nor cancelled."""
    since = clock.now() - instructions.DRAFT_LIFE
    held = ScamPause.objects.filter(customer_id=customer.user_id, answer=Answer.ASKED, outcome="", shown_at__gte=since)
    rows = PaymentFileRow.objects.filter(instruction_id=OuterRef("pk"))  # their file waits, and stands for them
    return list(held.exclude(Exists(rows)).order_by("shown_at")[:3])


def _paid_by(instruction: Instruction) -> list[Instruction]:
    """The payments that confirming it makes: itself, or each row of a file."""
    if instruction.kind != PaymentFile.KIND:
        return [instruction]
    rows = PaymentFileRow.objects.filter(file__instruction_id=instruction.id)
    number = rows.filter(instruction_id=OuterRef("pk")).values("number")
    found = list(Instruction.objects.filter(pk__in=rows.values("instruction_id")).order_by(Subquery(number)))
    for row in found:
        row.customer = instruction.customer
    return found


def _of_the_receivers(instruction: Instruction, paid: list[Instruction]) -> list[ScamPause]:
    keys = {instruction.payee_key, *(each.payee_key for each in paid if each.payee_key)}
    return list(ScamPause.objects.filter(customer_id=instruction.customer_id, payee_key__in=keys))


def _latest_hold(pauses: list[ScamPause]) -> datetime | None:
    now = clock.now()
    return max((row.held_until for row in pauses if row.held_until and row.held_until > now), default=None)


def _asking(
    instruction: Instruction, paid: list[Instruction], pauses: list[ScamPause], is_new: bool | None
) -> list[Instruction]:
    """The cheap questions first: most payments are small, or answered."""
    answered = {row.pk for row in pauses if row.answer}
    if instruction.id in answered:
        return []
    customer = instruction.customer
    floor = limits.value(Limit.Code.SCAM_FLOOR, tier=customer.kyc_tier, on=clock.today())
    large = [each for each in paid if each.payee_key and each.id not in answered and each.amount > floor]
    if not large or is_new is False:
        return []
    usual = _largest_of_late(customer)
    large = [each for each in large if each.amount > usual]
    if not large or is_new:
        return large
    new = newness.new_among(customer.user_id, {each.payee_key for each in large})
    return [each for each in large if each.payee_key in new]


def _largest_of_late(customer: BranchCustomer) -> Decimal:
    """KES of the largest payment of the last 90 days that left the customer. What came back does not count."""
    since = clock.now() - USUAL_FOR
    stands = Posting.objects.filter(instruction_id=OuterRef("id"), reversed_by__isnull=True)
    paid = Instruction.objects.filter(
        Exists(stands), customer_id=customer.user_id, state=Instruction.State.POSTED, posted_at__gte=since
    ).exclude(payee_key="")
    return paid.order_by("-amount").values_list("amount", flat=True).first() or ZERO


def note_shown(instruction: Instruction) -> None:
    """The customer is led to the question, for the first time or again."""
    asking = asked_about(instruction)
    rows = {each.id: _row(each) for each in [instruction, *asking]}
    if asking:
        ScamPause.objects.bulk_create(rows.values(), ignore_conflicts=True)


def answered_at_set_up(instruction: Instruction) -> None:
    """A standing order is thought over for a day and set up with a code: what it pays is not asked about again.

    A hold on the receiver stops it all the same. In the money operation that pays.
    """
    if is_due(instruction):
        row = _row(instruction)
        row.answer, row.answered_at = Answer.OWN_IDEA, row.shown_at
        row.save(force_insert=True)


@money_operation
def answer(customer: BranchCustomer, instruction_id: uuid.UUID, given: str, actor: Actor) -> ScamPause:
    """Keep the customer's answer to the question, once. That somebody asked is never taken back in another tab.

    Raises NothingToAnswer for a payment that is not a draft any more, Http404 for somebody else's.
    """
    instructions.get(customer, instruction_id)
    instruction = ledger.lock_instruction(instruction_id)
    if instruction is None or instruction.state != Instruction.State.DRAFT or instruction.expires_at <= clock.now():
        raise NothingToAnswer()
    note_shown(instruction)
    row = ScamPause.objects.select_for_update().filter(pk=instruction_id).first()
    if row is None:
        raise NothingToAnswer()
    if row.answer == Answer.ASKED or row.answer == given:
        return row
    now = clock.now()
    row.answer, row.answered_at = Answer(given), now
    if row.answer == Answer.ASKED:
        minutes = limits.value(Limit.Code.SCAM_HOLD_MINUTES, tier=customer.kyc_tier, on=now.date())
        row.held_until = now + timedelta(minutes=int(minutes))
    row.save(update_fields=["answer", "answered_at", "held_until"])
    if instruction.kind == PaymentFile.KIND:
        _answer_rows(instruction, row)
    record(
        "payment.scam_question",
        actor=actor,
        customer_id=customer.user_id,
        subject=f"instruction:{instruction_id}",
        data={"answer": row.answer},
    )
    return row


def _answer_rows(instruction: Instruction, given: ScamPause) -> None:
    """The answer for a file is that of the rows it was asked for; what somebody said of a row alone stays."""
    ids = [each.id for each in _paid_by(instruction)]
    rows = ScamPause.objects.filter(pk__in=ids).exclude(answer=Answer.ASKED)
    rows.update(answer=given.answer, answered_at=given.answered_at, held_until=given.held_until)


def close(instruction: Instruction, outcome: ScamPause.Outcome) -> None:
    """Note what became of a payment that was asked about; nothing for others. In the transaction that decides it."""
    ScamPause.objects.filter(pk=instruction.id, outcome="").update(outcome=outcome)


def close_file(instruction: Instruction, outcome: ScamPause.Outcome) -> None:
    """Likewise for a file: given up it takes its rows along, and paid each row says for itself what became of it."""
    close(instruction, outcome)
    if outcome == Outcome.CANCELLED:
        ids = [each.id for each in _paid_by(instruction)]
        ScamPause.objects.filter(pk__in=ids, outcome="").update(outcome=outcome)


def _row(instruction: Instruction) -> ScamPause:
    return ScamPause(
        instruction_id=instruction.id,
        customer_id=instruction.customer_id,
        kind=instruction.kind,
        payee_key=instruction.payee_key,
        shown_at=clock.now(),
    )
