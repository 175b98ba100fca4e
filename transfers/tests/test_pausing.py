"""The question before a large payment to somebody new: when it is asked, what holds, and that nothing gets past it."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.http import Http404

from accounts import instructions
from accounts.ledger import money_operation, reverse
from accounts.models import Account, Instruction, OneTimeCode, Posting
from tests.factories import LimitFactory
from transfers.models import Payment, ScamPause
from transfers.payees import figures, pausing
from transfers.payees.pausing import Answer, NothingToAnswer, Outcome
from transfers.tests.outgoing import prepare_to_phone
from transfers.tests.support import (
    an_account,
    as_actor,
    balance,
    confirm,
    confirm_unasked,
    known_for_long,
    owner_of,
    pay,
    prepare,
    what_was_written,
)
from wekeza_portal import clock
from wekeza_portal.actors import system

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture
def rich() -> Account:
    return an_account("Emmanuel Odenyire", "400000.00")


@pytest.fixture
def receiver() -> Account:
    return an_account("Wanjiku Mwangi", "0.00")


def try_it(draft: Instruction) -> None:
    customer = owner_of_draft(draft)
    instructions.confirm(customer=customer, instruction_id=draft.id, actor=as_actor(customer))


def owner_of_draft(draft: Instruction) -> object:
    return Instruction.objects.select_related("customer").get(pk=draft.pk).customer


def say(draft: Instruction, answer: str) -> ScamPause:
    customer = owner_of_draft(draft)
    return pausing.answer(customer, draft.id, answer, as_actor(customer))


def test_it_asks_above_the_floor_before_any_code_is_due(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "20000.01")
    with pytest.raises(instructions.Held) as held:
        try_it(draft)
    assert held.value.address == f"/move/payments/{draft.id}/pause/"
    assert balance(rich) == D("400000.00")


def test_it_does_not_ask_at_the_floor(rich: Account, receiver: Account) -> None:
    with pytest.raises(instructions.StepUpRequired):
        try_it(prepare(rich, receiver, "20000.00"))


def test_it_asks_before_payments_out_of_the_bank_too(rich: Account) -> None:
    with pytest.raises(instructions.Held):
        try_it(prepare_to_phone(rich, "30000.00"))
    assert not Payment.objects.exists()


def test_it_does_not_ask_between_own_accounts(rich: Account) -> None:
    from tests.factories import AccountFactory

    mine = AccountFactory(customer=rich.customer, balance=D("0.00"))
    try_it(prepare(rich, mine, "200000.00"))
    assert balance(mine) == D("200000.00")


def test_the_largest_payment_of_ninety_days_is_the_usual_size(rich: Account, receiver: Account) -> None:
    somebody = an_account("Third Person")
    pay(rich, somebody, "10.00")
    known_for_long(rich, somebody)
    pay(rich, somebody, "50000.00")
    with pytest.raises(instructions.StepUpRequired):
        try_it(prepare(rich, receiver, "50000.00"))
    with pytest.raises(instructions.Held):
        try_it(prepare(rich, receiver, "50000.01"))
    with time_machine.travel(clock.now() + timedelta(days=91), tick=False), pytest.raises(instructions.Held):
        try_it(prepare(rich, receiver, "50000.00"))


def test_a_payment_that_came_back_is_not_the_usual_size(rich: Account, receiver: Account) -> None:
    somebody = an_account("Third Person")
    paid = pay(rich, somebody, "50000.00")
    give_back(paid)
    with pytest.raises(instructions.Held):
        try_it(prepare(rich, receiver, "30000.00"))


@money_operation
def give_back(paid: Instruction) -> None:
    reverse(posting=Posting.objects.get(instruction_id=paid.id), reason="test", actor=system("test"))


def test_a_small_first_payment_does_not_get_around_the_question(rich: Account, receiver: Account) -> None:
    pay(rich, receiver, "10.00")
    with pytest.raises(instructions.Held):
        try_it(prepare(rich, receiver, "30000.00"))


def test_somebody_known_for_a_day_is_not_asked_about(rich: Account, receiver: Account) -> None:
    pay(rich, receiver, "10.00")
    next_day = time_machine.travel(clock.now() + timedelta(hours=24), tick=False)
    with next_day, pytest.raises(instructions.StepUpRequired):  # above the allowance
        try_it(prepare(rich, receiver, "30000.00"))


def test_somebody_kept_for_a_day_but_never_paid_is_asked_about(rich: Account, receiver: Account) -> None:
    known_for_long(rich, receiver)
    draft = prepare(rich, receiver, "30000.00")
    instructions.approve(customer=owner_of(rich), instruction_id=draft.id)
    with pytest.raises(instructions.Held):
        try_it(draft)


def test_the_right_code_does_not_get_around_the_question(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "30000.00")
    instructions.approve(customer=owner_of(rich), instruction_id=draft.id)
    before = what_was_written()
    with pytest.raises(instructions.Held):
        try_it(draft)
    assert what_was_written() == before


def test_ones_own_idea_goes_on_to_the_code_and_is_not_asked_again(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "30000.00")
    say(draft, Answer.OWN_IDEA)
    with pytest.raises(instructions.StepUpRequired):
        try_it(draft)
    confirm(draft)
    row = ScamPause.objects.get()
    assert (row.answer, row.outcome, row.held_until) == (Answer.OWN_IDEA, Outcome.PAID, None)
    assert balance(receiver) == D("30000.00")


def test_somebody_asked_holds_it_for_thirty_minutes_even_with_the_code(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "30000.00")
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as traveller:
        draft.expires_at = clock.now() + timedelta(hours=24)
        draft.save(update_fields=["expires_at"])
        row = say(draft, Answer.ASKED)
        assert row.held_until == clock.now() + timedelta(minutes=30)
        instructions.approve(customer=owner_of(rich), instruction_id=draft.id)
        for seconds in (0, 29 * 60 + 59):
            traveller.move_to(f"2026-03-02T09:{seconds // 60:02}:{seconds % 60:02}Z")
            instructions.approve(customer=owner_of(rich), instruction_id=draft.id)
            with pytest.raises(instructions.Held):
                try_it(draft)
        traveller.move_to("2026-03-02T09:30:00Z")
        instructions.approve(customer=owner_of(rich), instruction_id=draft.id)
        try_it(draft)
    assert balance(receiver) == D("30000.00")
    assert ScamPause.objects.get().outcome == Outcome.PAID


def test_another_payment_to_the_same_receiver_waits_too_however_small(rich: Account, receiver: Account) -> None:
    say(prepare(rich, receiver, "30000.00"), Answer.ASKED)
    small = prepare(rich, receiver, "100.00")
    instructions.approve(customer=owner_of(rich), instruction_id=small.id)
    with pytest.raises(instructions.Held):
        try_it(small)
    somebody = an_account("Third Person")
    pay(rich, somebody, "100.00")


def test_a_hold_is_not_taken_back_in_another_tab(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "30000.00")
    first = say(draft, Answer.ASKED)
    again = say(draft, Answer.OWN_IDEA)
    assert (again.answer, again.held_until) == (Answer.ASKED, first.held_until)


def test_answering_yes_twice_does_not_make_the_wait_longer(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "30000.00")
    first = say(draft, Answer.ASKED)
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        assert say(draft, Answer.ASKED).held_until == first.held_until


def test_no_can_become_yes_before_it_is_paid(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "30000.00")
    say(draft, Answer.OWN_IDEA)
    say(draft, Answer.ASKED)
    with pytest.raises(instructions.Held):
        try_it(draft)


def test_nothing_is_answered_for_a_payment_that_is_not_asked_about(rich: Account, receiver: Account) -> None:
    small = prepare(rich, receiver, "100.00")
    with pytest.raises(NothingToAnswer):
        say(small, Answer.OWN_IDEA)
    assert not ScamPause.objects.exists()


def test_nothing_is_answered_for_a_cancelled_payment(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "30000.00")
    instructions.cancel(customer=owner_of(rich), instruction_id=draft.id, actor=as_actor(owner_of(rich)))
    with pytest.raises(NothingToAnswer):
        say(draft, Answer.OWN_IDEA)


def test_somebody_elses_payment_is_nobodys(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "30000.00")
    stranger = owner_of(an_account("Third Person"))
    with pytest.raises(Http404):
        pausing.answer(stranger, draft.id, Answer.OWN_IDEA, as_actor(stranger))
    assert not ScamPause.objects.exists()


def test_cancelling_is_noted(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "30000.00")
    say(draft, Answer.ASKED)
    instructions.cancel(customer=owner_of(rich), instruction_id=draft.id, actor=as_actor(owner_of(rich)))
    assert ScamPause.objects.get().outcome == Outcome.CANCELLED


def test_the_bank_changes_floor_and_minutes_by_dated_rows(rich: Account, receiver: Account) -> None:
    LimitFactory(code="SCAM_FLOOR", value=D("1000.00"), effective_from=clock.today())
    LimitFactory(code="SCAM_HOLD_MINUTES", value=D("45.00"), effective_from=clock.today())
    draft = prepare(rich, receiver, "1000.01")
    with pytest.raises(instructions.Held):
        try_it(draft)
    with time_machine.travel(clock.now(), tick=False):
        assert say(draft, Answer.ASKED).held_until == clock.now() + timedelta(minutes=45)


def test_a_hold_refuses_the_code_itself(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "30000.00")
    with pytest.raises(instructions.Held):
        instructions.refuse_while_held(draft)
    assert not OneTimeCode.objects.exists()


def test_what_went_to_somebody_new_today_counts_too(rich: Account, receiver: Account) -> None:
    """Three times 20,000 is 60,000, however it is cut."""
    confirm_unasked(prepare(rich, receiver, "20000.00"))
    for amount in ("20000.00", "0.01"):
        with pytest.raises(instructions.Held):
            try_it(prepare(rich, receiver, amount))
    assert balance(receiver) == D("20000.00")


def test_what_was_asked_about_is_not_asked_about_again(rich: Account, receiver: Account) -> None:
    pay(rich, receiver, "25000.00")
    confirm_unasked(prepare(rich, receiver, "20000.00"))
    with pytest.raises(instructions.Held):
        try_it(prepare(rich, receiver, "100.00"))


def test_an_answer_for_what_came_back_covers_nothing(rich: Account, receiver: Account) -> None:
    give_back(pay(rich, receiver, "25000.00"))
    confirm_unasked(prepare(rich, receiver, "20000.00"))
    with pytest.raises(instructions.Held):
        try_it(prepare(rich, receiver, "100.00"))


def test_parts_prepared_together_are_added_up_when_they_are_paid(rich: Account, receiver: Account) -> None:
    first, second = prepare(rich, receiver, "15000.00"), prepare(rich, receiver, "15000.00")
    for draft in (first, second):
        instructions.approve(customer=owner_of(rich), instruction_id=draft.id)
    try_it(first)
    with pytest.raises(instructions.Held):
        try_it(second)
    assert balance(receiver) == D("15000.00")


def test_one_answer_does_not_make_the_next_strangers_usual(rich: Account, receiver: Account) -> None:
    pay(rich, receiver, "90000.00")
    with pytest.raises(instructions.Held):
        try_it(prepare(rich, an_account("Third Person"), "90000.00"))


def test_a_payment_to_somebody_new_is_not_the_usual_size_even_unasked(rich: Account, receiver: Account) -> None:
    LimitFactory(code="SCAM_FLOOR", value=D("50000.00"), effective_from=clock.today())
    confirm_unasked(prepare(rich, receiver, "40000.00"))
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        LimitFactory(code="SCAM_FLOOR", value=D("20000.00"), effective_from=clock.today())
        with pytest.raises(instructions.Held):
            try_it(prepare(rich, an_account("Third Person"), "30000.00"))


def test_the_staff_see_what_the_question_did_by_week_and_kind(rich: Account, receiver: Account) -> None:
    paid, cancelled, left = (prepare(rich, receiver, "30000.00") for _ in range(3))
    outside = prepare_to_phone(rich, "30000.00")
    pausing.note_shown(left)
    say(outside, Answer.ASKED)
    say(paid, Answer.OWN_IDEA)
    say(cancelled, Answer.OWN_IDEA)
    instructions.cancel(customer=owner_of(rich), instruction_id=cancelled.id, actor=as_actor(owner_of(rich)))
    confirm(paid)
    inside, out = sorted(figures.lines(), key=lambda line: line.kind, reverse=True)
    assert (inside.kind, dict(inside.counts), inside.open) == (
        "TRANSFER_INTERNAL", {"shown": 3, "cancelled": 1, "paid": 1}, 1
    )  # fmt: skip
    assert (out.kind, dict(out.counts), out.open) == ("MOBILE_MONEY", {"shown": 1, "held": 1}, 1)
    assert inside.week.weekday() == 0


def test_old_weeks_fall_out_of_the_figures(rich: Account, receiver: Account) -> None:
    pausing.note_shown(prepare(rich, receiver, "30000.00"))
    ScamPause.objects.update(shown_at=clock.now() - timedelta(weeks=14))
    assert figures.lines() == []
