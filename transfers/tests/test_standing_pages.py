"""The pages of standing orders as a browser meets them: setting up, changing, skipping, and what nobody should send."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import instructions
from accounts.identity.tests.helpers import code_for
from accounts.models import Account, Instruction, User
from tests.factories import AccountFactory, PortalSwitchFactory, UserFactory
from tests.support import all_the_money
from transfers import destinations
from transfers.models import KnownPayee, Payment, StandingOrder, StandingRun
from transfers.outside.preparing import Wish
from transfers.standing import paying, reasons, setting
from transfers.standing import what as whats
from transfers.standing.errors import NeverWithinTheLimit
from transfers.tests.standing import an_order, draft, made_of, plan
from transfers.tests.standing import confirm as confirm_draft
from transfers.tests.support import as_actor, balance, owner_of, pay, what_was_written
from transfers.tests.walking import page, signed_in
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.rails import circuit

pytestmark = pytest.mark.django_db
D = Decimal
MONDAY = datetime(2026, 11, 30, 9, tzinfo=clock.NAIROBI)


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def new(kind: str = "TRANSFER_INTERNAL", **more: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"kind": kind, **more}.items())
    return f"{reverse('standing_new')}?{query}"


def typed(sender: Account, receiver: Account, **changes: str) -> dict[str, str]:
    values = {
        "from_account": sender.account_number,
        "to_account": receiver.account_number,
        "amount": "2,500",
        "note": "Rent",
        "rhythm": "MONTHLY",
        "begins": "2026-12-31",
        "until": "",
        "times": "",
        "on_holiday": "SAME",
        "mode": "PAY",
    }
    return {**values, **changes}


def act(browser: Client, name: str, order: StandingOrder, **data: str) -> Any:
    return browser.post(reverse(f"standing_{name}", args=[order.public_id]), data)


def test_from_form_to_order_with_the_code(browser: Client, user: User, sender: Account, receiver: Account) -> None:
    opening = all_the_money()
    filled = browser.post(new(), typed(sender, receiver))
    assert filled.status_code == 303
    html = page(browser, filled["Location"])
    for words in (
        "Every month, on the 31st or the month&#x27;s last day",
        "Until you end it",
        "Thursday, 31/12/2026",
        "Sunday, 28/02/2027",
        "Let KES 2,500.00 go to WANJIKU M.",
        "there is no fee",
    ):
        assert words in html
    confirmed = browser.post(f"{filled['Location']}confirm/")
    instruction = Instruction.objects.get()
    assert confirmed["Location"] == f"{reverse('step_up')}?for={instruction.id}"
    assert "KES 2,500.00 to WANJIKU M., every month" in page(browser, confirmed["Location"])
    assert not StandingOrder.objects.exists()
    done = browser.post(confirmed["Location"], {"code": code_for(user.customer)}, follow=True)
    order = StandingOrder.objects.get()
    assert done.redirect_chain[-1][0] == reverse("standing_order", args=[order.public_id])
    assert all_the_money() == opening
    assert (order.next_due, order.content_hash) == (date(2026, 12, 31), order.digest())
    assert AuditEvent.objects.filter(verb="standing.set_up", customer_id=sender.customer_id).count() == 1
    assert InboxItem.objects.filter(cause=f"standing-new:{order.pk}").count() == 1


def test_a_double_click_and_two_tabs_set_up_one_order(browser: Client, sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver)
    first = confirm_draft(instruction, sender)
    again = browser.post(reverse("standing_confirm", args=[instruction.id]), follow=True)
    assert again.redirect_chain[-1][0] == reverse("standing_order", args=[first.public_id])
    instructions.approve(customer=owner_of(sender), instruction_id=instruction.id)
    instructions.confirm(customer=owner_of(sender), instruction_id=instruction.id, actor=as_actor(owner_of(sender)))
    assert StandingOrder.objects.count() == 1


def test_without_the_code_nothing_is_set_up_even_for_somebody_known(
    browser: Client, sender: Account, receiver: Account
) -> None:
    pay(sender, receiver, "100.00")
    instruction = draft(sender, receiver)
    response = browser.post(reverse("standing_confirm", args=[instruction.id]))
    assert response["Location"].startswith(reverse("step_up"))
    assert not StandingOrder.objects.exists()


def test_a_reminder_needs_no_code_for_it_moves_nothing(browser: Client, sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver, mode="REMIND")
    browser.post(reverse("standing_confirm", args=[instruction.id]))
    assert StandingOrder.objects.get().mode == "REMIND"


def test_what_is_not_on_the_account_today_can_be_planned_and_an_empty_account_offered(
    browser: Client, sender: Account, receiver: Account
) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=D("0.00"))
    assert sender.account_number in page(browser, new())
    assert browser.post(new(), typed(sender, receiver, amount="400000")).status_code == 303


def test_more_than_the_daily_limit_can_never_be_planned(sender: Account, receiver: Account) -> None:
    with pytest.raises(NeverWithinTheLimit, match=r"KES 500,000.00"):
        draft(sender, receiver, "500000.01")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "NaN"}, "amount"),
        ({"amount": "1e9"}, "amount"),
        ({"amount": "١٢"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"begins": "2026-11-30"}, "01/12/2026"),
        ({"begins": "2020-01-01"}, "01/12/2026"),
        ({"begins": "9999-12-31"}, "30 years"),
        ({"begins": "31/31/2026"}, "31/12/2026"),
        ({"begins": ""}, "Choose the first day"),
        ({"until": "2026-12-30"}, "before the first one"),
        ({"until": "2027-12-30", "times": "3"}, "not both"),
        ({"times": "0"}, "1"),
        ({"times": "1e3"}, "whole number"),
        ({"times": "99999999999"}, "1000"),
        ({"rhythm": "HOURLY"}, "HOURLY"),
        ({"mode": ""}, "Choose one of the two"),
        ({"on_holiday": "NEVER"}, "NEVER"),
        ({"to_account": "ACC9999999"}, "no Wekeza account"),
        ({"note": "x" * 10_000}, "100 characters"),
        ({"note": "a\u202eb"}, "hidden character"),
    ],
)
def test_bad_input_keeps_what_was_typed_says_why_and_changes_nothing(
    browser: Client, sender: Account, receiver: Account, changes: dict[str, str], words: str
) -> None:
    before = what_was_written()
    response = browser.post(new(), typed(sender, receiver, **changes))
    html = response.content.decode()
    assert response.status_code == 200
    assert words in html
    assert "Error: " in html
    assert what_was_written() == before


@pytest.mark.parametrize("note", ["<script>alert(1)</script>", '=HYPERLINK("https://x")', "🎉👨‍👩‍👧"])
def test_odd_notes_are_shown_as_they_are(browser: Client, sender: Account, receiver: Account, note: str) -> None:
    filled = browser.post(new(), typed(sender, receiver, note=note))
    html = page(browser, filled["Location"])
    assert "<script>alert" not in html
    assert StandingOrder(payload=Instruction.objects.get().payload).payload["note"] == note


def test_a_first_day_moved_into_the_past_is_refused(user: User, sender: Account, receiver: Account, now: Any) -> None:
    """Saturday moved to the Friday before is today."""
    now.move_to(datetime(2026, 12, 4, 9, tzinfo=clock.NAIROBI))
    response = signed_in(user).post(new(), typed(sender, receiver, begins="2026-12-05", on_holiday="PREVIOUS"))
    assert "too early" in response.content.decode()
    assert not Instruction.objects.exists()


def test_another_customers_account_order_and_draft_are_not_found(
    browser: Client, sender: Account, receiver: Account
) -> None:
    UserFactory(customer=owner_of(receiver))
    theirs = an_order(receiver, sender)
    their_draft = draft(receiver, sender)
    html = browser.post(new(), typed(receiver, sender)).content.decode()
    assert "Choose one of your own accounts" in html
    for name in ("order", "change", "pay"):
        assert browser.get(reverse(f"standing_{name}", args=[theirs.public_id])).status_code == 404
    for name in ("skip", "pause", "resume", "end", "change"):
        assert act(browser, name, theirs, date="2026-12-01").status_code == 404
    assert browser.get(new(like=str(their_draft.id))).status_code == 404
    assert theirs.receiver not in page(browser, new(order=str(theirs.public_id)))
    assert str(theirs.public_id) not in page(browser, reverse("standing"))


def test_a_payment_is_no_draft_of_an_order_and_an_order_no_payment(
    browser: Client, sender: Account, receiver: Account
) -> None:
    paid, plan_ = pay(sender, receiver), draft(sender, receiver)
    for name in ("standing_review", "standing_confirm", "standing_cancel"):
        method = browser.get if name == "standing_review" else browser.post
        assert method(reverse(name, args=[paid.id])).status_code == 404
    response = browser.get(reverse("payment_review", args=[plan_.id]))
    assert response["Location"] == reverse("standing_review", args=[plan_.id])


def test_a_receipt_and_a_review_offer_to_repeat_and_the_form_is_filled_in(
    browser: Client, sender: Account, receiver: Account
) -> None:
    paid = pay(sender, receiver, "750.00", note="Chama")
    html = page(browser, reverse("payment_receipt", args=[paid.id]))
    assert f"kind=TRANSFER_INTERNAL&amp;like={paid.id}" in html
    form = page(browser, new(like=str(paid.id)))
    for value in (receiver.account_number, "750.00", "Chama"):
        assert f'value="{value}"' in form


def test_going_back_from_the_review_keeps_everything(browser: Client, sender: Account, receiver: Account) -> None:
    filled = browser.post(new(), typed(sender, receiver, times="12", mode="REMIND"))
    instruction = Instruction.objects.get()
    assert f"like={instruction.id}" in page(browser, filled["Location"])
    form = page(browser, new(like=str(instruction.id)))
    for value in ("2026-12-31", "2,500.00", "12"):
        assert f'value="{value}"' in form


def test_skipping_leaves_out_one_date_however_often_it_is_clicked(
    browser: Client, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver, begins=date(2026, 12, 31))
    html = page(browser, reverse("standing_order", args=[order.public_id]))
    assert "Skip 31/12/2026" in html
    for _ in range(2):
        act(browser, "skip", order, date="2026-12-31")
    for odd in ("", "x" * 10_000, "2099-01-01", "31/12/2026"):
        act(browser, "skip", order, date=odd)
    order.refresh_from_db()
    assert order.next_nominal == date(2027, 1, 31)
    assert made_of(order) == [(date(2026, 12, 31), "SKIPPED")]
    paying.pay_due(date(2026, 12, 31))
    assert balance(sender) == D("13400.00")


def test_skipping_the_last_date_ends_it(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, times=1)
    act(browser, "skip", order, date="2026-12-01")
    order.refresh_from_db()
    assert (order.state, order.next_due) == ("ENDED", None)


def waiting_once(sender: Account, receiver: Account, now: Any, **changes: Any) -> StandingOrder:
    """An order whose only date found too little money this morning and waits for the evening."""
    order = an_order(sender, receiver, **{"rhythm": "ONCE", "begins": date(2026, 12, 1), **changes})
    Account.objects.filter(pk=sender.pk).update(balance=D("1000.00"))
    now.move_to(datetime(2026, 12, 1, 7, tzinfo=clock.NAIROBI))
    assert paying.pay_due(date(2026, 12, 1)) == 1
    assert made_of(order) == [(date(2026, 12, 1), "WAITING")]
    Account.objects.filter(pk=sender.pk).update(balance=D("13400.00"))
    return order


def evening_of(now: Any) -> int:
    now.move_to(datetime(2026, 12, 1, 18, tzinfo=clock.NAIROBI))
    return paying.try_again(date(2026, 12, 1))


def test_the_last_date_that_waits_for_the_evening_is_offered_and_can_be_stopped(
    sender: Account, receiver: Account, user: User, now: Any
) -> None:
    order = waiting_once(sender, receiver, now)
    browser = signed_in(user)
    assert "Will be tried again" in page(browser, reverse("standing")).split("Set up a new one")[0]
    html = page(browser, reverse("standing_order", args=[order.public_id]))
    assert "There was not enough money on the account." in html
    assert "Don't pay 01/12/2026" in html or "Don&#x27;t pay 01/12/2026" in html
    for _ in range(2):
        act(browser, "skip", order, date="2026-12-01")
    assert evening_of(now) == 0
    assert made_of(order) == [(date(2026, 12, 1), "SKIPPED")]
    assert balance(sender) == D("13400.00")
    assert AuditEvent.objects.filter(verb="standing.skipped").count() == 1


@pytest.mark.parametrize("name", ["end", "pause"])
@pytest.mark.parametrize("rhythm", ["ONCE", "MONTHLY"])
def test_ending_gives_up_what_waits_whatever_the_state(
    sender: Account, receiver: Account, user: User, now: Any, rhythm: str, name: str
) -> None:
    order = waiting_once(sender, receiver, now, rhythm=rhythm)
    browser = signed_in(user)
    for _ in range(2):
        act(browser, name, order)
    if (rhythm, name) == ("ONCE", "pause"):  # over: its page offers no pause, and a forged one changes nothing
        act(browser, "end", order)
    assert evening_of(now) == 0
    run = order.runs.get()
    assert (run.state, run.reason, run.again_from) == ("FAILED", reasons.STOPPED, None)
    assert balance(sender) == D("13400.00")
    verbs = AuditEvent.objects.filter(verb__in=["standing.ended", "standing.paused"])
    assert verbs.count() == 1


def test_another_customer_cannot_stop_what_waits(sender: Account, receiver: Account, user: User, now: Any) -> None:
    order = waiting_once(sender, receiver, now)
    stranger = signed_in(UserFactory(customer=owner_of(receiver)))
    assert act(stranger, "skip", order, date="2026-12-01").status_code == 404
    assert act(stranger, "end", order).status_code == 404
    assert evening_of(now) == 1
    assert made_of(order) == [(date(2026, 12, 1), "PAID")]


def test_only_a_reminder_from_now_on_holds_for_what_waits_too(
    sender: Account, receiver: Account, user: User, now: Any
) -> None:
    order = waiting_once(sender, receiver, now, rhythm="MONTHLY")
    address = reverse("standing_change", args=[order.public_id])
    assert signed_in(user).post(address, change(order, mode="REMIND")).status_code == 303
    assert evening_of(now) == 0
    assert balance(sender) == D("13400.00")


def test_pause_resume_and_end_hold_at_once_and_twice_is_once(
    browser: Client, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver)
    act(browser, "pause", order)
    act(browser, "pause", order)
    assert paying.pay_due(date(2026, 12, 1)) == 0
    act(browser, "resume", order)
    act(browser, "end", order)
    act(browser, "resume", order)
    act(browser, "pause", order)
    order.refresh_from_db()
    assert (order.state, order.next_due) == ("ENDED", None)
    verbs = list(AuditEvent.objects.filter(verb__startswith="standing.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["standing.set_up", "standing.paused", "standing.resumed", "standing.ended"]
    assert browser.get(reverse("standing_change", args=[order.public_id])).status_code == 302


def test_dates_missed_while_paused_are_not_paid_afterwards(
    browser: Client, sender: Account, receiver: Account, now: Any
) -> None:
    order = an_order(sender, receiver, rhythm="WEEKLY")
    act(browser, "pause", order)
    now.move_to(datetime(2026, 12, 10, 9, tzinfo=clock.NAIROBI))
    act(signed_in(order_user(order)), "resume", order)
    order.refresh_from_db()
    assert (order.state, order.next_due) == ("ACTIVE", date(2026, 12, 15))


def order_user(order: StandingOrder) -> User:
    return User.objects.get(customer_id=order.customer_id)


def change(order: StandingOrder, **changes: str) -> dict[str, str]:
    values = {
        "from_account": order.from_number,
        "amount": str(order.amount),
        "note": order.payload["note"],
        "until": order.until.isoformat() if order.until else "",
        "times": str(order.times or ""),
        "on_holiday": order.on_holiday,
        "mode": order.mode,
    }
    return {**values, **changes}


@pytest.mark.parametrize("changes", [{"amount": "400"}, {"times": "5"}, {"mode": "REMIND"}, {"until": "2027-06-01"}])
def test_less_holds_at_once(browser: Client, sender: Account, receiver: Account, changes: dict[str, str]) -> None:
    order = an_order(sender, receiver)
    response = act(browser, "change", order, **change(order, **changes))
    assert response["Location"] == reverse("standing_order", args=[order.public_id])
    before = order.content_hash
    order.refresh_from_db()
    assert order.content_hash == order.digest() != before


@pytest.mark.parametrize("changes", [{"amount": "500.01"}, {"times": ""}, {"on_holiday": "NEXT"}])
def test_more_longer_or_otherwise_needs_a_review_and_a_code(
    browser: Client, sender: Account, receiver: Account, changes: dict[str, str]
) -> None:
    order = an_order(sender, receiver, times=12)
    response = act(browser, "change", order, **change(order, **changes))
    wish = Instruction.objects.get(payload__order=str(order.public_id))
    assert response["Location"] == reverse("standing_review", args=[wish.id])
    page(browser, response["Location"])
    confirm = browser.post(reverse("standing_confirm", args=[wish.id]))
    assert confirm["Location"].startswith(reverse("step_up"))
    order.refresh_from_db()
    assert (order.amount, order.times, order.on_holiday) == (D("500.00"), 12, "SAME")
    changed = confirm_draft(wish, sender)
    assert changed.pk == order.pk
    assert changed.content_hash == changed.digest() != order.content_hash
    assert StandingOrder.objects.count() == 1


def test_from_a_reminder_to_paying_needs_the_code(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, mode="REMIND")
    response = act(browser, "change", order, **change(order, mode="PAY"))
    assert "/drafts/" in response["Location"]
    assert browser.post(f"{response['Location']}confirm/")["Location"].startswith(reverse("step_up"))


def test_of_two_tabs_the_slower_one_is_told_that_it_changed(
    browser: Client, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver)
    act(browser, "change", order, **change(order, amount="600"))
    wish = Instruction.objects.get(payload__order=str(order.public_id))
    act(browser, "change", order, **change(order, amount="300"))
    instructions.approve(customer=owner_of(sender), instruction_id=wish.id)
    html = browser.post(reverse("standing_confirm", args=[wish.id])).content.decode()
    assert "This order has changed since you opened it." in html
    order.refresh_from_db()
    assert order.amount == D("300.00")


def test_a_shorter_end_than_the_next_date_ends_it(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, begins=date(2026, 12, 31))
    act(browser, "change", order, **change(order, until="2026-12-15"))
    order.refresh_from_db()
    assert (order.state, order.next_due) == ("ENDED", None)


def test_the_list_shows_next_dates_and_what_goes_by_itself(browser: Client, sender: Account, receiver: Account) -> None:
    own = AccountFactory(customer=owner_of(sender))
    an_order(sender, receiver, "100.00", rhythm="WEEKLY")
    an_order(sender, receiver, "900.00", mode="REMIND")
    an_order(sender, own, "7000.00")
    html = page(browser, reverse("standing"))
    assert "KES 500.00" in html, "five Tuesdays in 30 days"
    assert "Next: 01/12/2026" in html
    assert "only a reminder" in html


def test_hidden_amounts_are_hidden_here_too(browser: Client, user: User, sender: Account, receiver: Account) -> None:
    an_order(sender, receiver, "123.45")
    user.hide_amounts = True
    user.save(update_fields=["hide_amounts"])
    assert "123.45" not in page(browser, reverse("standing"))


def test_home_knows_what_comes(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver)
    html = page(browser, reverse("home"))
    assert "Standing order: WANJIKU M." in html
    assert reverse("standing_order", args=[order.public_id]) in html


def test_the_history_leads_to_the_receipt_and_says_why_not(
    browser: Client, sender: Account, receiver: Account, now: Any
) -> None:
    order = an_order(sender, receiver, rhythm="DAILY")
    paying.pay_due(date(2026, 12, 1))
    StandingRun.objects.create(
        order=order, nominal=date(2026, 12, 2), due_on=date(2026, 12, 2), state="FAILED", reason=reasons.MONEY,
        made_at=clock.now(),
    )  # fmt: skip
    html = page(browser, reverse("standing_order", args=[order.public_id]))
    assert reverse("payment_receipt", args=[order.runs.earliest("nominal").instruction_id]) in html
    assert "There was not enough money on the account." in html


def test_while_transfers_are_off_nothing_new_is_set_up_at_any_step(
    browser: Client, sender: Account, receiver: Account
) -> None:
    instruction = draft(sender, receiver)
    PortalSwitchFactory(
        code="INTERNAL_TRANSFERS", notice_en="Transfers rest.", notice_sw="Zimesimama.", since=clock.today()
    )
    assert "Transfers rest." in page(browser, new())
    html = browser.post(reverse("standing_confirm", args=[instruction.id])).content.decode()
    assert "Transfers rest." in html
    instructions.approve(customer=owner_of(sender), instruction_id=instruction.id)
    browser.post(reverse("standing_confirm", args=[instruction.id]))
    assert not StandingOrder.objects.exists()


# --- Out of the bank ------------------------------------------------------------------------------------------------


def to_a_phone(sender: Account, amount: str = "1000.00", **changes: Any) -> StandingOrder:
    customer = owner_of(sender)
    wish = Wish(
        sender.account_number, destinations.to_phone("0722123456", "MPESA"), D(amount), "Mum", typed_name="Mama"
    )
    what = whats.payment(customer, wish, actor=as_actor(customer))
    return confirm_draft(setting.prepare(customer, what, plan(**changes)), sender)


def test_a_payment_out_lives_its_life_and_a_returned_one_is_shown_on_the_order(
    browser: Client, sender: Account
) -> None:
    order = to_a_phone(sender)
    paying.pay_due(date(2026, 12, 1))
    run = order.runs.get()
    payment = Payment.objects.get(pk=run.instruction_id)
    assert (payment.state, payment.amount) == ("RECEIVED", D("1000.00"))
    assert balance(sender) == D("13400.00") - payment.amount - payment.fee
    address = reverse("standing_order", args=[order.public_id])
    assert "On its way" in page(browser, address)
    Payment.objects.filter(pk=payment.pk).update(state="RETURNED")
    html = page(browser, address)
    assert "It did not arrive: amount and fee are back." in html
    assert "Returned" in html


def later_to_a_phone(sender: Account, **changes: str) -> dict[str, str]:
    values = {key: value for key, value in typed(sender, sender).items() if key != "to_account"}
    return {**values, "amount": "1000", "phone": "0722123456", "network": "MPESA", "name": "Mama", **changes}


def m_pesa_rests() -> None:
    for _ in range(circuit.FAILURES):
        circuit.failed("mpesa")
    assert circuit.is_open("mpesa")


def m_pesa_is_off() -> None:
    PortalSwitchFactory(code="MPESA", notice_en="M-Pesa is away.", notice_sw="M-Pesa haipo.", since=clock.today())


@pytest.mark.parametrize("outage", [m_pesa_rests, m_pesa_is_off])
def test_a_short_outage_keeps_nobody_from_planning_what_is_paid_later(
    browser: Client, sender: Account, outage: Any, now: Any
) -> None:
    outage()
    assert "You can plan all the same" in page(browser, new("MOBILE_MONEY"))
    response = browser.post(new("MOBILE_MONEY"), later_to_a_phone(sender))
    assert response.status_code == 303, response.content.decode()
    draft = Instruction.objects.get()
    assert browser.post(reverse("standing_confirm", args=[draft.id]))["Location"].startswith(reverse("step_up"))
    order = confirm_draft(draft, sender)
    change_it = act(browser, "change", order, **change(order, amount="900"))
    assert change_it.status_code == 303
    now_typed = {
        name: later_to_a_phone(sender)[name] for name in ("from_account", "phone", "network", "name", "amount")
    }
    answer = browser.post(reverse("move_mobile"), {**now_typed, "note": ""})
    assert (answer.status_code, Payment.objects.count()) == (200, 0), "now it is refused"


def test_a_date_that_meets_the_outage_waits_for_it(browser: Client, sender: Account, now: Any) -> None:
    m_pesa_is_off()
    order = confirm_draft(planned_to_a_phone(browser, sender), sender)
    now.move_to(datetime(2026, 12, 31, 7, tzinfo=clock.NAIROBI))
    paying.pay_due(date(2026, 12, 31))
    run = order.runs.get()
    assert (run.state, run.reason) == ("WAITING", reasons.BANK)
    assert balance(sender) == D("13400.00")


def planned_to_a_phone(browser: Client, sender: Account) -> Instruction:
    browser.post(new("MOBILE_MONEY"), later_to_a_phone(sender))
    return Instruction.objects.get()


def test_the_whole_service_off_and_what_never_worked_are_refused_as_ever(browser: Client, sender: Account) -> None:
    html = page(browser, new("MOBILE_MONEY"))
    assert 'value="MPESA"' in html
    assert 'value="TKASH"' not in html, "T-Kash is off: it is not offered where it can't be done"
    answer = browser.post(new("MOBILE_MONEY"), later_to_a_phone(sender, phone="0770000111", network="TKASH"))
    assert answer.status_code == 200
    PortalSwitchFactory(code="MOBILE_MONEY", notice_en="No phones today.", notice_sw="Hakuna.", since=clock.today())
    assert "No phones today." in page(browser, new("MOBILE_MONEY"))
    answer = browser.post(new("MOBILE_MONEY"), later_to_a_phone(sender))
    assert (answer.status_code, Instruction.objects.count()) == (200, 0)


def test_the_new_payee_cap_counts_from_the_set_up(sender: Account, now: Any) -> None:
    to_a_phone(sender)
    known = KnownPayee.objects.get(customer_id=sender.customer_id)
    assert (known.guard_key, known.first_at) == ("phone:254722123456", clock.now())


def test_the_review_of_a_change_reads_only_ones_own_order(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver)
    customer, actor = owner_of(sender), as_actor(owner_of(sender))
    more = whats.changed_what(
        customer, order, from_number=sender.account_number, amount=D("900"), note="Rent", actor=actor
    )
    made = setting.change(customer, order, more, plan(begins=order.begins), actor=actor)
    assert made is not None
    StandingOrder.objects.filter(pk=order.pk).update(customer_id=receiver.customer_id)
    assert browser.get(reverse("standing_review", args=[made.id])).status_code == 404


@pytest.mark.usefixtures("user")
def test_money_that_misses_only_the_fee_is_missed_too(sender: Account) -> None:
    order = to_a_phone(sender)
    Account.objects.filter(pk=sender.pk).update(balance=D("2000.00"))
    paying.pay_due(date(2026, 12, 1))
    assert order.runs.get().reason == reasons.MONEY
    assert not Payment.objects.exists()
    assert balance(sender) == D("2000.00")


def test_the_reminder_opens_the_form_of_its_kind_filled_in(browser: Client, sender: Account) -> None:
    order = to_a_phone(sender, mode="REMIND")
    response = browser.get(reverse("standing_pay", args=[order.public_id]), follow=True)
    html = response.content.decode()
    assert response.redirect_chain[-1][0].startswith(reverse("move_mobile"))
    for value in ("0722 123 456", "1,000.00", "Mum"):
        assert f'value="{value}"' in html
