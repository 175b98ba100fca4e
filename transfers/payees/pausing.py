"""The pause before a large payment to somebody new: one question, because stolen money is mostly sent by its owner.

Somebody is new while never paid before and in the first 24 hours. Large is more than the customer's usual size, with
what went to the same person that day and was not asked about: the dated row SCAM_FLOOR or, where that is more, the
largest payment of the last 90 days to somebody who was not new then. Who was asked by phone, message or link waits for
SCAM_HOLD_MINUTES, with every payment to that person; after that it is their money and their word.
A file of payments is asked about once, before its code, where one of its rows would be; the answer is each such row's.
A standing order is asked about when it is set up, and what it pays that day goes with that answer.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import instructions, ledger, limits
from accounts.instructions import Held
from accounts.ledger import money_operation
from accounts.models import BranchCustomer, Instruction, Limit, Posting
from transfers.errors import TransferRefused
from transfers.models import KnownPayee, PaymentFile, PaymentFileRow, ScamPause, StandingOrder
from transfers.payees import newness
from transfers.payees.guards import guard_key
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.money import ZERO

USUAL_FOR = timedelta(days=90)
LOOKED_AT = 300
"""Payments looked at for the usual size, largest first: somebody who sends more of them to strangers is asked more."""
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


def refuse_while_held(instruction: Instruction, *, is_counted: bool = False) -> None:
    """Raises accounts.instructions.Held, with the page of the question, while it is not answered or the hold runs.

    `is_counted` where the person is known to be new and this payment is in what went there already (newness.take).
    """
    if not instruction.payee_key:
        return
    paid = _paid_by(instruction)
    pauses = _of_the_receivers(instruction, paid)
    if _latest_hold(pauses) is not None or _asking(instruction, paid, pauses, is_counted=is_counted):
        raise Held(reverse("payment_pause", args=[instruction.id]))


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
        asked_about=_asking(instruction, paid, pauses) if instruction.payee_key else [],
    )


def _paid_by(instruction: Instruction) -> list[Instruction]:
    """The payments that confirming it makes: itself, each row of a file, or the one that a standing order will make."""
    if instruction.kind == StandingOrder.KIND:
        return [_as_ordered(instruction)]
    if instruction.kind != PaymentFile.KIND:
        return [instruction]
    rows = PaymentFileRow.objects.filter(file__instruction_id=instruction.id)
    number = rows.filter(instruction_id=OuterRef("pk")).values("number")
    found = list(Instruction.objects.filter(pk__in=rows.values("instruction_id")).order_by(Subquery(number)))
    for row in found:
        row.customer = instruction.customer
    return found


def _as_ordered(instruction: Instruction) -> Instruction:
    """One payment of the order that this draft sets up, not stored: the receiver is in what is confirmed."""
    payload = instruction.payload
    return Instruction(
        id=instruction.id,
        customer=instruction.customer,
        kind=payload["kind"],
        payload=payload,
        payee_key=payload["payee"],
        amount=instruction.amount,
    )


def _of_the_receivers(instruction: Instruction, paid: list[Instruction]) -> list[ScamPause]:
    keys = {instruction.payee_key, *(each.payee_key for each in paid if each.payee_key)}
    guards = {guard_key(key) for key in keys}
    return list(ScamPause.objects.filter(customer_id=instruction.customer_id, guard_key__in=guards))


def _latest_hold(pauses: list[ScamPause]) -> datetime | None:
    now = clock.now()
    return max((row.held_until for row in pauses if row.held_until and row.held_until > now), default=None)


def _asking(
    instruction: Instruction, paid: list[Instruction], pauses: list[ScamPause], *, is_counted: bool = False
) -> list[Instruction]:
    """The cheap questions first: most payments are small, or answered."""
    answered = {row.pk for row in pauses if row.answer}
    asking = [each for each in paid if each.payee_key and each.id not in answered]
    if instruction.id in answered or not asking:
        return []
    customer = instruction.customer
    floor = limits.value(Limit.Code.SCAM_FLOOR, tier=customer.kyc_tier, on=clock.today())
    known = newness.known_among(customer.user_id, {guard_key(each.payee_key) for each in asking})
    sums = _together(asking, pauses, known, is_counted)
    large = [each for each in asking if sums[guard_key(each.payee_key)] > floor]
    if not large:
        return []
    usual = _usual(customer, floor)
    large = [each for each in large if sums[guard_key(each.payee_key)] > usual]
    if not large or is_counted:
        return large
    new = newness.new_among(customer.user_id, {each.payee_key for each in large}, known)
    return [each for each in large if each.payee_key in new]


def _together(
    asking: list[Instruction], pauses: list[ScamPause], known: Mapping[str, KnownPayee], is_counted: bool
) -> dict[str, Decimal]:
    """KES by person: these payments with what went there before on its first day. What was asked about is left out."""
    sums: dict[str, Decimal] = {guard_key(each.payee_key): ZERO for each in asking}
    if not is_counted:
        for each in asking:
            sums[guard_key(each.payee_key)] += each.amount
    before = {guard: sent for guard, row in known.items() if (sent := newness.sent_while_new(row))}
    thought_over = _thought_over([row for row in pauses if row.guard_key in before])
    for guard, sent in before.items():
        sums[guard] += max(sent - thought_over.get(guard, ZERO), ZERO)
    return sums


def _thought_over(pauses: list[ScamPause]) -> dict[str, Decimal]:
    """KES by person that was paid after the question was answered, and did not come back."""
    guards = {row.pk: row.guard_key for row in pauses if row.answer and row.outcome == Outcome.PAID}
    sums: dict[str, Decimal] = {}
    if guards:
        for paid_id, amount in _standing().filter(pk__in=guards).values_list("pk", "amount"):
            sums[guards[paid_id]] = sums.get(guards[paid_id], ZERO) + amount
    return sums


def _standing() -> QuerySet[Instruction]:
    """What was paid and did not come back."""
    stands = Posting.objects.filter(instruction_id=OuterRef("id"), reversed_by__isnull=True)
    return Instruction.objects.filter(Exists(stands), state=Instruction.State.POSTED)


def _usual(customer: BranchCustomer, floor: Decimal) -> Decimal:
    """KES of the largest payment above `floor` in the last 90 days, to somebody who was not new at the time; or 0.

    What came back does not count. Nor does what was asked about: one answer would make the next strangers usual.
    """
    asked = ScamPause.objects.filter(pk=OuterRef("id"))
    paid = (
        _standing()
        .filter(customer_id=customer.user_id, posted_at__gte=clock.now() - USUAL_FOR, amount__gt=floor)
        .exclude(Q(payee_key="") | Exists(asked))
        .order_by("-amount")
        .values_list("amount", "payee_key", "posted_at")[:LOOKED_AT]
    )
    rows = [(amount, guard_key(key), posted_at) for amount, key, posted_at in paid]
    known = newness.known_among(customer.user_id, {guard for _amount, guard, _at in rows}) if rows else {}
    for amount, guard, posted_at in rows:
        if guard in known and posted_at is not None and posted_at >= known[guard].first_at + newness.NEW_FOR:
            return amount
    return ZERO


def note_shown(instruction: Instruction) -> None:
    """The customer is led to the question, for the first time or again."""
    asking = asked_about(instruction)
    rows = {each.id: _row(each) for each in [instruction, *asking]}
    if asking:
        ScamPause.objects.bulk_create(rows.values(), ignore_conflicts=True)


def take_along(instruction: Instruction, set_up_by: uuid.UUID) -> None:
    """What a standing order pays goes with the answer given when it was set up by `set_up_by`, if it was asked then.

    A hold on the person stops it all the same. In the money operation that pays.
    """
    given = ScamPause.objects.filter(pk=set_up_by).exclude(answer="").first()
    if given is not None:
        row = _row(instruction)
        row.shown_at, row.asked_with = given.shown_at, given.pk
        row.answer, row.answered_at = given.answer, given.answered_at
        row.save(force_insert=True)
        ScamPause.objects.filter(pk=given.pk, outcome="").update(outcome=Outcome.PAID)


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
        guard_key=guard_key(instruction.payee_key),
        shown_at=clock.now(),
    )
