"""An order that pays a lot to somebody new is asked about while its customer is there: when it is set up."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import instructions
from accounts.identity.tests.helpers import code_for
from accounts.models import Account, Instruction, OneTimeCode
from transfers.models import ScamPause, StandingOrder
from transfers.payees import figures, pausing
from transfers.payees.pausing import Answer, Outcome
from transfers.standing import jobs, paying, reasons, setting
from transfers.standing import what as whats
from transfers.tests.standing import an_order, draft, made_of, plan
from transfers.tests.standing import confirm as confirm_order
from transfers.tests.support import an_account, as_actor, balance, confirm, confirm_unasked, owner_of, prepare
from transfers.tests.walking import page
from wekeza_portal import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("user")]
D = Decimal
TOMORROW = date(2026, 11, 24)


@pytest.fixture
def sender(db: None) -> Account:
    return an_account("Emmanuel Odenyire", "400000.00")


@pytest.fixture
def receiver(db: None) -> Account:
    return an_account("Wanjiku Mwangi", "0.00")


@pytest.fixture
def late() -> Any:
    """A minute before midnight: what begins tomorrow is paid seven hours later."""
    with time_machine.travel("2026-11-23 23:59:00+03:00", tick=False) as traveller:
        yield traveller


def morning(traveller: Any, day: date) -> int:
    traveller.move_to(datetime.combine(day, jobs.MORNING, tzinfo=clock.NAIROBI))
    return paying.pay_due(day)


def test_an_order_to_somebody_new_is_asked_about_before_its_code(
    late: Any, browser: Client, sender: Account, receiver: Account
) -> None:
    order = draft(sender, receiver, "90000.00", rhythm="ONCE")
    answer = browser.post(reverse("standing_confirm", args=[order.id]))
    question = reverse("payment_pause", args=[order.id])
    assert answer["Location"] == question
    assert browser.get(f"/step-up/?for={order.id}")["Location"] == question
    assert not OneTimeCode.objects.filter(purpose__contains="STEP").exists()
    html = page(browser, question)
    assert "Did somebody ask you to make this payment" in html
    assert "With KES 90,000.00, more would go to WANJIKU M. than you usually send" in html
    to_the_code = browser.post(question, {"answer": "OWN_IDEA"})["Location"]
    assert to_the_code == f"/step-up/?for={order.id}"
    browser.get(to_the_code)
    done = browser.post(to_the_code, {"code": code_for(owner_of(sender))})
    assert done["Location"] == reverse("standing_review", args=[order.id])
    assert StandingOrder.objects.get().amount == D("90000.00")
    assert morning(late, TOMORROW) == 1
    assert balance(receiver) == D("90000.00")


def test_the_answer_it_pays_with_is_the_one_that_was_given(late: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, "90000.00", rhythm="ONCE")
    asked = ScamPause.objects.get()
    assert asked.outcome == "", "set up is not paid"
    assert (asked.pk, asked.kind, asked.answer) == (order.public_id, "TRANSFER_INTERNAL", Answer.OWN_IDEA)
    morning(late, TOMORROW)
    paid = ScamPause.objects.exclude(pk=asked.pk).get()
    assert (paid.answer, paid.answered_at, paid.asked_with) == (Answer.OWN_IDEA, asked.answered_at, asked.pk)
    assert paid.outcome == Outcome.PAID
    (line,) = figures.lines()
    assert dict(line.counts) == {"shown": 1, "paid": 1}, "one question, counted once"


def test_nobody_is_said_to_have_answered_who_was_not_asked(late: Any, sender: Account, receiver: Account) -> None:
    """Small when it was set up, too much with what went there since: it waits for somebody to answer."""
    order = an_order(sender, receiver, "15000.00", rhythm="ONCE")
    assert not ScamPause.objects.exists()
    confirm_unasked(prepare(sender, receiver, "15000.00"))
    morning(late, TOMORROW)
    assert order.runs.get().reason == reasons.HELD
    assert not ScamPause.objects.exists()
    assert balance(receiver) == D("15000.00")


def test_without_an_answer_the_code_sets_nothing_up(late: Any, sender: Account, receiver: Account) -> None:
    order = draft(sender, receiver, "90000.00")
    with pytest.raises(instructions.Held):
        confirm_unasked(order)
    assert not StandingOrder.objects.exists()


def test_somebody_asked_holds_the_set_up_and_everything_else_to_them(
    late: Any, browser: Client, sender: Account, receiver: Account
) -> None:
    order = draft(sender, receiver, "90000.00", begins=date(2026, 11, 25))
    question = reverse("payment_pause", args=[order.id])
    browser.post(reverse("standing_confirm", args=[order.id]))
    assert browser.post(question, {"answer": "ASKED"})["Location"] == question
    html = page(browser, question)
    assert "This payment waits a little" in html
    assert reverse("standing_cancel", args=[order.id]) in html
    with pytest.raises(instructions.Held):
        confirm_unasked(order)
    with pytest.raises(instructions.Held):
        confirm_unasked(prepare(sender, receiver, "100.00"))
    late.shift(30 * 60)
    confirm_unasked(order)
    assert morning(late, date(2026, 11, 25)) == 1


def test_cancelling_the_set_up_is_noted(late: Any, sender: Account, receiver: Account) -> None:
    order = draft(sender, receiver, "90000.00")
    pausing.note_shown(order)
    instructions.cancel(customer=owner_of(sender), instruction_id=order.id, actor=as_actor(owner_of(sender)))
    assert ScamPause.objects.get().outcome == Outcome.CANCELLED


def test_a_hold_that_came_after_the_set_up_stops_it(late: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, "90000.00", rhythm="ONCE")
    late.move_to(datetime(2026, 11, 24, 6, 50, tzinfo=clock.NAIROBI))
    other = prepare(sender, receiver, "30000.00", note="Other")
    pausing.note_shown(other)
    pausing.answer(owner_of(sender), other.id, Answer.ASKED, as_actor(owner_of(sender)))
    morning(late, TOMORROW)
    assert made_of(order) == [(TOMORROW, "WAITING")]
    assert balance(receiver) == D("0.00")


def test_raising_an_order_to_somebody_new_is_asked_about_too(late: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, "100.00")
    late.shift(30)
    more = change(sender, order, "90000.00")
    with pytest.raises(instructions.Held):
        confirm_unasked(more)
    confirm_order(more, sender)
    assert morning(late, TOMORROW) == 1
    assert balance(receiver) == D("90000.00")
    assert ScamPause.objects.get(outcome=Outcome.PAID, asked_with=more.id).answer == Answer.OWN_IDEA


def change(sender: Account, order: StandingOrder, amount: str, mode: str = "PAY") -> Instruction:
    customer, actor = owner_of(sender), as_actor(owner_of(sender))
    what = whats.changed_what(
        customer, order, from_number=sender.account_number, amount=D(amount), note="Rent", actor=actor
    )
    wanted = plan(begins=order.begins, mode=mode)
    made = setting.change(customer, order, what, wanted, actor=actor)
    assert made is not None
    return made


def test_a_reminder_that_becomes_a_payment_begins_the_first_day(late: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, "90000.00", mode="REMIND", begins=date(2026, 12, 1))
    assert not ScamPause.objects.exists(), "a reminder pays nobody"
    confirm_order(change(sender, order, "90000.00"), sender)
    assert morning(late, date(2026, 12, 1)) == 1
    assert balance(receiver) == D("90000.00")


def test_an_order_between_ones_own_accounts_is_not_asked_about(late: Any, sender: Account) -> None:
    mine = an_account("Emmanuel Odenyire", "0.00")
    Account.objects.filter(pk=mine.pk).update(customer=sender.customer)
    mine.refresh_from_db()
    confirm_unasked(draft(sender, mine, "90000.00"))
    assert StandingOrder.objects.count() == 1


def test_somebody_known_is_not_asked_about(late: Any, sender: Account, receiver: Account) -> None:
    confirm(prepare(sender, receiver, "100.00"))
    late.shift(24 * 3600)
    confirm_unasked(draft(sender, receiver, "90000.00"))
    assert StandingOrder.objects.count() == 1
