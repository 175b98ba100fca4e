"""The dates of standing orders: each pays once, fails without a fee and says why, is tried again, is given up."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.models import Account, AccountTransaction, BranchCustomer, Instruction, Posting, User
from tests.factories import AccountFactory, PortalSwitchFactory
from tests.support import all_the_money
from transfers.models import StandingOrder, StandingRun
from transfers.payees.newness import NewPayeeCap
from transfers.standing import acts, jobs, paying, reasons
from transfers.tests.standing import an_order, confirm, draft, made_of
from transfers.tests.support import an_account, as_actor, balance, known_for_long, owner_of
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.staff.models import PortalSwitch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user")]
D = Decimal
MONDAY = datetime(2026, 11, 30, 9, tzinfo=clock.NAIROBI)
FIRST = date(2026, 12, 1)


@pytest.fixture
def now() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def morning(now: Any, day: date) -> int:
    now.move_to(datetime.combine(day, jobs.MORNING, tzinfo=clock.NAIROBI))
    return paying.pay_due(day)


def evening(now: Any, day: date) -> int:
    now.move_to(datetime.combine(day, paying.EVENING, tzinfo=clock.NAIROBI))
    return paying.try_again(day)


def set_balance(account: Account, amount: str) -> None:
    Account.objects.filter(pk=account.pk).update(balance=D(amount))


def inbox(account: Account) -> list[str]:
    return list(
        InboxItem.objects.filter(customer_id=account.customer_id).order_by("pk").values_list("title", flat=True)
    )


def test_setting_up_moves_nothing_and_reserves_nothing(now: Any, sender: Account, receiver: Account) -> None:
    opening = all_the_money()
    order = an_order(sender, receiver)
    assert all_the_money() == opening
    assert (order.next_nominal, order.next_due, order.state) == (FIRST, FIRST, "ACTIVE")
    assert not Posting.objects.exists()


def test_a_date_pays_once_however_often_the_job_runs(now: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver)
    assert morning(now, date(2026, 11, 30)) == 0
    assert morning(now, FIRST) == 1
    assert morning(now, FIRST) == 0
    assert balance(sender) == D("12900.00")
    assert balance(receiver) == D("10500.00")
    order.refresh_from_db()
    assert made_of(order) == [(FIRST, "PAID")]
    assert order.next_due == date(2027, 1, 1)


def test_the_first_payment_to_somebody_new_needs_no_second_code(now: Any, sender: Account, receiver: Account) -> None:
    """And none above the day's allowance: the code was given for exactly this."""
    set_balance(sender, "90000.00")
    an_order(sender, receiver, "45000.00")
    assert morning(now, FIRST) == 1
    assert balance(receiver) == D("55000.00")


def test_the_payment_is_an_instruction_of_the_customers_by_the_system(
    now: Any, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver)
    morning(now, FIRST)
    run = order.runs.get()
    instruction = Instruction.objects.get(id=run.instruction_id)
    assert (instruction.state, instruction.customer_id) == ("POSTED", sender.customer_id)
    event = AuditEvent.objects.get(verb="payment.posted")
    assert (event.actor_kind, event.actor_id) == ("system", "standing")


def test_an_outage_of_three_days_pays_every_date_in_order(now: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, "10.00", rhythm="DAILY")
    now.move_to(datetime(2026, 12, 4, 11, tzinfo=clock.NAIROBI))
    for day in (1, 2, 3, 4):
        paying.pay_due(date(2026, 12, day))
    assert made_of(order) == [(date(2026, 12, day), "PAID") for day in (1, 2, 3, 4)]
    assert balance(sender) == D("13360.00")


def test_one_late_run_pays_all_that_is_due_several_on_one_day(now: Any, sender: Account, receiver: Account) -> None:
    """Saturday, Sunday and Monday all fall due on Monday: three dates, three payments."""
    order = an_order(sender, receiver, "10.00", rhythm="DAILY", begins=date(2026, 12, 5), on_holiday="NEXT")
    assert morning(now, date(2026, 12, 6)) == 0
    assert morning(now, date(2026, 12, 7)) == 3
    assert [run.due_on for run in order.runs.all()] == [date(2026, 12, 7)] * 3
    assert balance(sender) == D("13370.00")


def test_the_31st_is_the_months_last_day_and_comes_back(now: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, "10.00", begins=date(2026, 12, 31), until=date(2027, 3, 31))
    for day in (date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)):
        assert morning(now, day) == 1
    order.refresh_from_db()
    assert (order.state, order.next_due) == ("ENDED", None)
    assert len(made_of(order)) == 4


def test_once_is_once(now: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, rhythm="ONCE", begins=date(2026, 12, 10))
    assert morning(now, date(2026, 12, 9)) == 0
    assert morning(now, date(2026, 12, 10)) == 1
    order.refresh_from_db()
    assert order.state == "ENDED"
    assert morning(now, date(2027, 12, 10)) == 0


def test_too_little_money_costs_nothing_is_told_and_tried_again_at_six(
    now: Any, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver)
    set_balance(sender, "1499.99")
    opening = all_the_money()
    rows = AccountTransaction.objects.count()
    morning(now, FIRST)
    assert all_the_money() == opening
    assert AccountTransaction.objects.count() == rows
    run = order.runs.get()
    assert (run.state, run.reason, run.instruction_id) == ("WAITING", reasons.MONEY, None)
    assert run.again_from == datetime(2026, 12, 1, 18, tzinfo=clock.NAIROBI)
    assert not Instruction.objects.exclude(kind="STANDING_ORDER").exists()
    message = OutboxMessage.objects.get(cause=f"standing-waits:{order.pk}:2026-12-01")
    for words in ("not enough money", "No fee.", "01/12 18:00", "WANJIKU M"):
        assert words in message.body
    item = InboxItem.objects.get(cause=message.cause)
    assert "There was not enough money on the account." in item.text
    assert "1,499" not in message.body + item.text
    set_balance(sender, "1500.00")
    assert evening(now, FIRST) == 1
    assert made_of(order) == [(FIRST, "PAID")]
    assert balance(sender) == D("1000.00")
    assert evening(now, FIRST) == 0


def test_after_the_evening_it_is_given_up_for_that_date(now: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver)
    set_balance(sender, "1000.00")
    morning(now, FIRST)
    evening(now, FIRST)
    assert made_of(order) == [(FIRST, "FAILED")]
    set_balance(sender, "9000.00")
    assert evening(now, FIRST + timedelta(days=1)) == 0
    assert balance(sender) == D("9000.00")
    order.refresh_from_db()
    assert (order.state, order.failures) == ("ACTIVE", 1)
    assert "Not paid: KES 500.00 to WANJIKU M" in inbox(sender)


def test_three_failed_dates_in_a_row_pause_it_and_it_says_so(now: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, rhythm="DAILY")
    set_balance(sender, "1000.00")
    for day in (1, 2, 3):
        morning(now, date(2026, 12, day))
        evening(now, date(2026, 12, day))
    order.refresh_from_db()
    assert (order.state, order.was_stopped, order.failures) == ("PAUSED", True, 3)
    assert "Standing order paused: KES 500.00 to WANJIKU M" in inbox(sender)
    set_balance(sender, "9000.00")
    assert morning(now, date(2026, 12, 4)) == 0
    acts.resume(owner_of(sender), order.public_id, actor=as_actor(owner_of(sender)))
    order.refresh_from_db()
    assert (order.state, order.failures, order.next_due) == ("ACTIVE", 0, date(2026, 12, 5))


def test_paused_by_the_third_failure_it_pays_none_of_the_dates_that_still_wait(
    now: Any, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver, rhythm="DAILY")
    set_balance(sender, "1000.00")
    for day in (1, 2, 3, 4):
        morning(now, date(2026, 12, day))
    evening(now, date(2026, 12, 4))
    order.refresh_from_db()
    assert (order.state, order.failures) == ("PAUSED", 3)
    assert [state for _day, state in made_of(order)] == ["FAILED"] * 4
    set_balance(sender, "9000.00")
    assert evening(now, date(2026, 12, 5)) == 0


def test_a_paid_date_between_forgets_the_failures(now: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, rhythm="DAILY")
    for day, there in ((1, "1000.00"), (2, "1000.00"), (3, "9000.00"), (4, "1000.00")):
        set_balance(sender, there)
        morning(now, date(2026, 12, day))
        evening(now, date(2026, 12, day))
    order.refresh_from_db()
    assert (order.state, order.failures) == ("ACTIVE", 1)


def test_somebody_new_gets_no_more_than_the_cap_on_the_first_day_and_all_of_it_from_the_second_on(
    now: Any, sender: Account, receiver: Account
) -> None:
    set_balance(sender, "900000.00")
    with pytest.raises(NewPayeeCap):
        an_order(sender, receiver, "300000.00")
    order = an_order(sender, receiver, "300000.00", begins=date(2026, 12, 2))
    assert morning(now, date(2026, 12, 2)) == 1
    assert made_of(order) == [(date(2026, 12, 2), "PAID")]


def test_above_what_is_left_of_todays_limit_fails_with_that_reason(
    now: Any, sender: Account, receiver: Account
) -> None:
    set_balance(sender, "900000.00")
    known_for_long(sender, receiver)
    order = an_order(sender, receiver, "300000.00", rhythm="DAILY")
    an_order(sender, receiver, "300000.00", rhythm="DAILY")
    morning(now, FIRST)
    assert sorted(StandingRun.objects.values_list("state", "reason")) == [("PAID", ""), ("WAITING", reasons.DAY)]
    assert made_of(order) == [(FIRST, "PAID")]
    assert OutboxMessage.objects.filter(body__contains="over your daily limit").exists()


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_a_frozen_account_pays_nothing(now: Any, sender: Account, receiver: Account, status: str) -> None:
    order = an_order(sender, receiver)
    Account.objects.filter(pk=sender.pk).update(status=status)
    morning(now, FIRST)
    assert order.runs.get().reason == reasons.ACCOUNT
    assert balance(receiver) == D("10000.00")


def test_a_receiver_that_is_closed_or_somebody_else_now_gets_nothing(
    now: Any, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver)
    Account.objects.filter(pk=receiver.pk).update(customer_id=an_account("Somebody Else").customer_id)
    morning(now, FIRST)
    assert order.runs.get().reason == reasons.RECEIVER
    Account.objects.filter(pk=receiver.pk).update(customer_id=receiver.customer_id, status="FROZEN")
    evening(now, FIRST)
    assert made_of(order) == [(FIRST, "FAILED")]
    assert balance(receiver) == D("10000.00")


def test_a_customer_who_may_not_come_in_pays_nothing(now: Any, user: User, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver)
    User.objects.filter(pk=user.pk).update(is_active=False)
    morning(now, FIRST)
    assert order.runs.get().reason == reasons.ACCESS
    assert balance(sender) == D("13400.00")


def test_an_id_that_the_branch_gave_to_somebody_else_pays_nothing_and_tells_nobody(
    now: Any, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver)
    told = InboxItem.objects.count()
    BranchCustomer.objects.filter(pk=sender.customer_id).update(national_id="99999999")
    morning(now, FIRST)
    assert order.runs.get().reason == reasons.ACCESS
    assert InboxItem.objects.count() == told


@pytest.mark.parametrize("change", [{"amount": D("5000.00")}, {"from_number": "ACC1"}, {"mode": "REMIND"}])
def test_an_order_that_is_not_what_was_confirmed_pays_nothing(
    now: Any, sender: Account, receiver: Account, change: dict[str, Any]
) -> None:
    order = an_order(sender, receiver)
    StandingOrder.objects.filter(pk=order.pk).update(**change)
    morning(now, FIRST)
    assert balance(sender) == D("13400.00")
    assert made_of(order)[0][1] in {"WAITING", "REMINDED"}


def switch(is_on: bool) -> None:
    PortalSwitch.objects.filter(code="INTERNAL_TRANSFERS").delete()
    if not is_on:
        PortalSwitchFactory(
            code="INTERNAL_TRANSFERS",
            notice_en="Transfers rest until Friday.",
            notice_sw="Uhamisho umesimama hadi Ijumaa.",
            since=clock.today(),
        )


def test_while_a_service_is_off_it_waits_up_to_three_days_with_the_banks_own_words(
    now: Any, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver)
    switch(is_on=False)
    morning(now, FIRST)
    run = order.runs.get()
    assert "Transfers rest until Friday." in run.notice["en"]
    assert "Uhamisho umesimama hadi Ijumaa." in run.notice["sw"]
    assert "Transfers rest until Friday." in InboxItem.objects.get(cause__startswith="standing-waits").text
    evening(now, FIRST)
    assert made_of(order) == [(FIRST, "WAITING")]
    switch(is_on=True)
    evening(now, date(2026, 12, 2))
    assert made_of(order) == [(FIRST, "PAID")]


def test_a_service_that_stays_off_is_given_up_and_never_counted_against_the_customer(
    now: Any, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver)
    switch(is_on=False)
    morning(now, FIRST)
    for day in (1, 2, 3, 4):
        evening(now, date(2026, 12, day))
    order.refresh_from_db()
    assert made_of(order) == [(FIRST, "FAILED")]
    assert (order.failures, order.state) == (0, "ACTIVE")


def test_pausing_or_ending_gives_up_what_waits_for_the_evening(now: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver)
    set_balance(sender, "1000.00")
    morning(now, FIRST)
    acts.pause(owner_of(sender), order.public_id, actor=as_actor(owner_of(sender)))
    set_balance(sender, "9000.00")
    assert evening(now, FIRST) == 0
    assert order.runs.get().reason == reasons.STOPPED
    assert balance(sender) == D("9000.00")


def test_a_reminder_pays_nothing_and_opens_the_form(now: Any, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, mode="REMIND")
    morning(now, FIRST)
    assert balance(sender) == D("13400.00")
    assert made_of(order) == [(FIRST, "REMINDED")]
    item = InboxItem.objects.get(cause=f"standing-due:{order.pk}:2026-12-01")
    assert item.link_name == "standing_pay"


def test_a_large_one_is_announced_the_day_before_once(now: Any, sender: Account, receiver: Account) -> None:
    large = an_order(sender, receiver, "20000.00")
    an_order(sender, receiver, "19999.99")
    assert jobs.announce(date(2026, 11, 30)) == 1
    assert jobs.announce(date(2026, 11, 30)) == 0
    assert jobs.announce(date(2026, 11, 29)) == 0
    assert InboxItem.objects.filter(cause__startswith="standing-soon").count() == 1
    assert InboxItem.objects.filter(cause=f"standing-soon:{large.pk}:2026-12-01").exists()


def test_between_own_accounts_no_limit_counts(now: Any, sender: Account) -> None:
    other = AccountFactory(customer=owner_of(sender), balance=D("0.00"))
    set_balance(sender, "900000.00")
    order = an_order(sender, other, "600000.00")
    assert morning(now, FIRST) == 1
    assert made_of(order) == [(FIRST, "PAID")]
    assert balance(other) == D("600000.00")


def test_a_fault_in_one_order_holds_up_no_other(
    now: Any, sender: Account, receiver: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, healthy = an_order(sender, receiver, "10.00"), an_order(sender, receiver, "20.00")
    draft_of = paying._draft

    def fail(order: StandingOrder, customer: BranchCustomer) -> Instruction:
        if order.pk == broken.pk:
            raise ValueError("a mistake of ours")
        return draft_of(order, customer)

    monkeypatch.setattr(paying, "_draft", fail)
    assert morning(now, FIRST) == 1
    assert made_of(broken) == []
    assert made_of(healthy) == [(FIRST, "PAID")]
    monkeypatch.undo()
    assert morning(now, FIRST) == 1
    assert made_of(broken) == [(FIRST, "PAID")]


def test_what_was_drafted_too_long_ago_begins_no_more(now: Any, sender: Account, receiver: Account) -> None:
    from transfers.standing.errors import BeginsTooEarly

    instruction = draft(sender, receiver)
    now.move_to(datetime(2026, 12, 1, 8, tzinfo=clock.NAIROBI))
    with pytest.raises(BeginsTooEarly):
        confirm(instruction, sender)
    assert not StandingOrder.objects.exists()
