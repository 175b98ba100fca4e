"""Everything is stopped: no door lets money out, what was not sent stays, and it is sent or given back once."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.http import Http404
from django.test import Client

from accounts import checking, instructions
from accounts.books.kinds import kinds as posting_kinds
from accounts.freezing import lifting, stopping
from accounts.freezing.errors import Frozen
from accounts.identity.links import fingerprint
from accounts.ledger import PostingKind
from accounts.models import Account, BranchCustomer, Freeze, Instruction, OneTimeCode, Posting, User
from tests.factories import AccountFactory, UserFactory
from tests.support import sign_in
from transfers.asking import answers, asks
from transfers.asking.delivering import deliver
from transfers.many import paying
from transfers.models import MoneyRequest, Payment, PaymentFile, PaymentFileRow
from transfers.outside import held, working
from transfers.payees import keeping, pausing
from transfers.standing import paying as standing_paying
from transfers.standing import setting
from transfers.tests import standing
from transfers.tests.outgoing import prepare_to_phone
from transfers.tests.scripted import NOT_SENT, PAID, ScriptedRail, internal, pay_out, prepare_out, scripted
from transfers.tests.support import an_account, as_actor, balance, confirm, owner_of, prepare, say_own_idea
from wekeza_portal import clock
from wekeza_portal.registry import instruction_kinds

pytestmark = pytest.mark.django_db(transaction=True)
State = Payment.State


@pytest.fixture
def rails() -> Iterator[dict[str, ScriptedRail]]:
    with scripted() as played:
        yield played


@pytest.fixture
def sender(rails: dict[str, ScriptedRail]) -> Account:
    account = an_account("Emmanuel Odenyire", "400000.00")
    UserFactory(customer=owner_of(account))
    return account


@pytest.fixture
def me(sender: Account) -> BranchCustomer:
    return owner_of(sender)


@pytest.fixture
def receiver() -> Account:
    return an_account("Wanjiku Mwangi", "0.00")


def stop(customer: BranchCustomer) -> Freeze:
    return stopping.stop(customer.user_id, by=Freeze.By.INSIDE, actor=as_actor(customer))


def end_the_stop(customer: BranchCustomer) -> None:
    """The whole way: a draft, a code, the wait, the worker."""
    draft = lifting.prepare(customer)
    instructions.approve(customer=customer, instruction_id=draft.id)
    instructions.carry_out(customer=customer, instruction_id=draft.id, actor=as_actor(customer))
    Freeze.objects.filter(open_for=customer.user_id).update(lift_at=clock.now())
    assert lifting.lift_due() == 1


def browser(customer: BranchCustomer) -> Client:
    client = Client()
    sign_in(client, User.objects.get(customer=customer))
    return client


def send_after_all(customer: BranchCustomer, payment: Payment) -> None:
    draft = held.prepare_sending(customer, payment.pk)
    instructions.approve(customer=customer, instruction_id=draft.id)
    instructions.carry_out(customer=customer, instruction_id=draft.id, actor=as_actor(customer))


def nothing_moved(sender: Account, opening: Decimal) -> bool:
    return balance(sender) == opening and not Posting.objects.exists()


# --- The doors -----------------------------------------------------------------------------------------------------


def test_every_kind_that_leaves_the_customer_says_that_it_stops() -> None:
    """A new way out is refused in the ledger whatever it says; here it has to say so too, so that no code is sent."""
    for name, kind in instruction_kinds.items():
        leaves = name in posting_kinds and posting_kinds.get(name).counts
        assert kind.stops_with_a_freeze or not leaves, name
    assert not instruction_kinds.get("TRANSFER_OWN").stops_with_a_freeze
    assert not instruction_kinds.get(lifting.KIND).stops_with_a_freeze


@pytest.mark.parametrize("way", ["wekeza", "mpesa", "airtel_money", "pesalink", "bills", "cdsc"])
def test_a_draft_of_before_is_not_confirmed(sender: Account, me: BranchCustomer, receiver: Account, way: str) -> None:
    draft = prepare(sender, receiver) if way == "wekeza" else prepare_out(sender, way)
    opening = balance(sender)
    stop(me)
    with pytest.raises(Frozen):
        confirm(draft)
    assert nothing_moved(sender, opening)
    assert Instruction.objects.get(pk=draft.pk).state == Instruction.State.DRAFT


def test_nothing_new_is_prepared(sender: Account, me: BranchCustomer, receiver: Account) -> None:
    stop(me)
    with pytest.raises(Frozen):
        prepare(sender, receiver)
    with pytest.raises(Frozen):
        prepare_to_phone(sender, "500.00")


def test_the_form_says_it_in_words_and_keeps_what_was_typed(
    sender: Account, me: BranchCustomer, receiver: Account
) -> None:
    stop(me)
    typed = {"from_account": sender.account_number, "to_account": receiver.account_number, "amount": "512", "note": "x"}
    answer = browser(me).post("/move/wekeza/", typed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "nothing can leave your accounts" in page
    assert 'value="512"' in page


def test_the_review_page_says_it_and_no_code_is_sent(sender: Account, me: BranchCustomer, receiver: Account) -> None:
    draft = prepare(sender, receiver)
    stop(me)
    client = browser(me)
    assert "nothing can leave your accounts" in client.get(f"/move/payments/{draft.id}/review/").content.decode()
    client.post(f"/move/payments/{draft.id}/confirm/")
    client.get(f"/step-up/?for={draft.id}")
    assert not OneTimeCode.objects.exists()
    assert not Posting.objects.exists()


def test_a_code_of_before_the_stop_pays_nothing(sender: Account, me: BranchCustomer, receiver: Account) -> None:
    draft = prepare(sender, receiver)
    instructions.approve(customer=me, instruction_id=draft.id)
    stop(me)
    with pytest.raises(Frozen):
        instructions.confirm(customer=me, instruction_id=draft.id, actor=as_actor(me))


def test_what_was_posted_before_still_has_its_receipt_on_a_second_press(
    sender: Account, me: BranchCustomer, receiver: Account
) -> None:
    draft = prepare(sender, receiver)
    first = confirm(draft)
    stop(me)
    again = instructions.confirm(customer=me, instruction_id=draft.id, actor=as_actor(me))
    assert again.reference == first.reference


def test_a_payment_held_by_the_scam_question_does_not_go_either(
    sender: Account, me: BranchCustomer, receiver: Account
) -> None:
    draft = prepare(sender, receiver, "30000.00")
    pausing.answer(me, draft.id, pausing.Answer.ASKED, as_actor(me))
    stop(me)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        instructions.approve(customer=me, instruction_id=draft.id)
        with pytest.raises(Frozen):
            instructions.confirm(customer=me, instruction_id=draft.id, actor=as_actor(me))


def test_a_request_for_money_is_not_paid(sender: Account, me: BranchCustomer, receiver: Account) -> None:
    asker = owner_of(receiver)
    UserFactory(customer=asker)
    asks.ask(
        asker, to_account=receiver.account_number, payer=sender.account_number, amount=Decimal("100.00"), note="",
        actor=as_actor(asker),
    )  # fmt: skip
    deliver()
    request = MoneyRequest.objects.get()
    draft = answers.prepare(me, request, from_number=sender.account_number, actor=as_actor(me))
    stop(me)
    with pytest.raises(Frozen):
        confirm(draft)
    with pytest.raises(Frozen):
        answers.prepare(me, request, from_number=sender.account_number, actor=as_actor(me))


def test_a_standing_order_and_a_payment_for_later_wait_and_are_never_paused_for_it(
    sender: Account, me: BranchCustomer, receiver: Account
) -> None:
    later = standing.of_old(standing.an_order(sender, receiver, rhythm="ONCE"))
    order = standing.of_old(standing.an_order(sender, receiver, "600.00"))
    opening = balance(sender)
    stop(me)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        standing_paying.pay_due(clock.today())
        for row in (later, order):
            assert [state for _day, state in standing.made_of(row)] == ["WAITING"]
            row.refresh_from_db()
            assert (row.failures, row.was_stopped) == (0, False)
        assert row.runs.get().reason == "FROZEN"
    assert balance(sender) == opening


def test_once_it_is_lifted_the_waiting_date_is_paid_in_the_evening_once(
    sender: Account, me: BranchCustomer, receiver: Account
) -> None:
    order = standing.of_old(standing.an_order(sender, receiver))
    stop(me)
    with time_machine.travel(clock.midnight(clock.today()) + timedelta(days=1, hours=7)) as time:
        standing_paying.pay_due(clock.today())
        end_the_stop(me)
        time.shift(timedelta(hours=12))
        assert standing_paying.try_again(clock.today()) == 1
        assert standing_paying.try_again(clock.today()) == 0
    assert balance(receiver) == Decimal("500.00")
    assert [state for _day, state in standing.made_of(order)] == ["PAID"]


def test_a_confirmed_file_pays_no_row_more(sender: Account, me: BranchCustomer, receiver: Account) -> None:
    draft = prepare(sender, receiver)
    file = PaymentFile.objects.create(
        customer_id=me.user_id, name="wages.csv", from_number=sender.account_number, sha256="0" * 64,
        state="CONFIRMED", total=draft.amount, created_at=clock.now(), expires_at=clock.now() + timedelta(hours=1),
        fingerprint=fingerprint(me),
    )  # fmt: skip
    row = PaymentFileRow.objects.create(
        file=file, number=2, typed={}, state="CHECKED", payee="W", amount=draft.amount, instruction_id=draft.id,
        content_hash=draft.content_hash,
    )  # fmt: skip
    say_own_idea(draft)
    stop(me)
    while paying.work():
        pass
    row.refresh_from_db()
    assert row.state == "REFUSED"
    assert "Everything is stopped" in row.problem
    assert not Posting.objects.exists()


def test_what_would_make_leaving_easier_waits_too(sender: Account, me: BranchCustomer, receiver: Account) -> None:
    drafts = [
        keeping.prepare_wekeza(me, receiver.account_number, keeping.Extras()),
        standing.draft(sender, receiver),
    ]
    stop(me)
    for draft in drafts:
        instructions.approve(customer=me, instruction_id=draft.id)
        do = instructions.confirm if draft.kind == setting.KIND else instructions.carry_out
        with pytest.raises(Frozen):
            do(customer=me, instruction_id=draft.id, actor=as_actor(me))


def test_between_own_accounts_money_moves_on(sender: Account, me: BranchCustomer) -> None:
    other = AccountFactory(customer=me, balance=Decimal("0.00"))
    stop(me)
    draft = prepare(sender, other)
    assert draft.kind == PostingKind.TRANSFER_OWN
    confirm(draft)
    assert balance(other) == Decimal("500.00")


# --- What was posted and not sent -------------------------------------------------------------------------------------


def test_what_was_not_sent_is_held_back_and_no_worker_sends_it(
    sender: Account, me: BranchCustomer, rails: dict[str, ScriptedRail]
) -> None:
    payment = pay_out(sender)
    stop(me)
    with time_machine.travel(clock.now() + timedelta(days=3)):
        working.work()
    payment.refresh_from_db()
    assert (payment.state, payment.is_held, payment.due_at) == ("RECEIVED", True, None)
    assert rails["mpesa"].sent == rails["mpesa"].asked == []
    assert internal()["rail.mpesa"] == payment.amount
    assert list(checking.differences()) == []


def test_what_is_with_the_rail_already_goes_its_way(
    sender: Account, me: BranchCustomer, rails: dict[str, ScriptedRail]
) -> None:
    payment = pay_out(sender)
    working.work()
    stop(me)
    payment.refresh_from_db()
    assert (payment.state, payment.held_at) == ("SENT", None)
    working.take_note(payment, PAID, asked=False)
    payment.refresh_from_db()
    assert payment.state == "SETTLED"


def test_what_came_back_unsent_while_it_is_stopped_stays_here(
    sender: Account, me: BranchCustomer, rails: dict[str, ScriptedRail]
) -> None:
    rails["mpesa"].to_send = [NOT_SENT]
    payment = pay_out(sender)
    working.work()
    stopping_before = Payment.objects.get(pk=payment.pk)
    assert stopping_before.state == "RECEIVED"
    Payment.objects.filter(pk=payment.pk).update(held_at=None, due_at=clock.now(), state="RECEIVED")
    stop(me)
    Payment.objects.filter(pk=payment.pk).update(held_at=None, due_at=clock.now())
    sends = len(rails["mpesa"].sent)
    working.work()
    payment.refresh_from_db()
    assert (payment.is_held, len(rails["mpesa"].sent)) == (True, sends)


def test_a_stranger_s_payment_is_sent_while_mine_is_held(
    sender: Account, me: BranchCustomer, rails: dict[str, ScriptedRail]
) -> None:
    mine = pay_out(sender)
    theirs = pay_out(an_account("Grace Atieno", "50000.00"), number=5)
    stop(me)
    working.work()
    assert [order.id for order in rails["mpesa"].sent] == [theirs.pk]
    assert Payment.objects.get(pk=mine.pk).is_held


def test_taking_it_back_returns_amount_and_fee_once_also_while_it_is_stopped(
    sender: Account, me: BranchCustomer, rails: dict[str, ScriptedRail]
) -> None:
    opening = balance(sender)
    payment = pay_out(sender)
    stop(me)
    client = browser(me)
    page = client.get(f"/move/payments/{payment.pk}/").content.decode()
    assert "Take it back" in page
    assert "Send it after all" not in page
    for _ in range(2):
        client.post(f"/move/payments/{payment.pk}/take-back/")
    payment.refresh_from_db()
    assert (payment.state, balance(sender), internal()) == ("RETURNED", opening, {})
    assert Posting.objects.count() == 2
    assert "You took it back before it was sent" in client.get(f"/move/payments/{payment.pk}/").content.decode()
    working.work()
    assert rails["mpesa"].sent == []
    assert list(checking.differences()) == []


def test_after_the_stop_it_goes_only_with_a_code_and_is_sent_once(
    sender: Account, me: BranchCustomer, rails: dict[str, ScriptedRail]
) -> None:
    rails["mpesa"].to_send = [PAID]
    payment = pay_out(sender)
    stop(me)
    with pytest.raises(Frozen):
        held.prepare_sending(me, payment.pk)
    end_the_stop(me)
    working.work()
    assert rails["mpesa"].sent == []
    draft = held.prepare_sending(me, payment.pk)
    with pytest.raises(instructions.StepUpRequired):
        instructions.carry_out(customer=me, instruction_id=draft.id, actor=as_actor(me))
    send_after_all(me, payment)
    with pytest.raises(held.NotHeld):
        send_after_all(me, payment)
    for _ in range(3):
        working.work()
    payment.refresh_from_db()
    assert ([order.id for order in rails["mpesa"].sent], payment.state) == ([payment.pk], "SETTLED")
    assert list(checking.differences()) == []


def test_sending_it_after_all_leads_to_the_code_page(sender: Account, me: BranchCustomer) -> None:
    payment = pay_out(sender)
    stop(me)
    end_the_stop(me)
    client = browser(me)
    assert "Send it after all" in client.get(f"/move/payments/{payment.pk}/").content.decode()
    answer = client.post(f"/move/payments/{payment.pk}/send-held/")
    assert answer["Location"].startswith("/step-up/?for=")
    assert "KES 1,200.00" in client.get(answer["Location"]).content.decode()


def test_a_code_for_sending_is_worth_nothing_after_a_new_stop(sender: Account, me: BranchCustomer) -> None:
    payment = pay_out(sender)
    stop(me)
    end_the_stop(me)
    draft = held.prepare_sending(me, payment.pk)
    instructions.approve(customer=me, instruction_id=draft.id)
    stop(me)
    with pytest.raises(Frozen):
        instructions.carry_out(customer=me, instruction_id=draft.id, actor=as_actor(me))
    assert Payment.objects.get(pk=payment.pk).is_held


def test_what_was_taken_back_is_not_sent_with_a_code_of_before(sender: Account, me: BranchCustomer) -> None:
    payment = pay_out(sender)
    stop(me)
    end_the_stop(me)
    draft = held.prepare_sending(me, payment.pk)
    instructions.approve(customer=me, instruction_id=draft.id)
    held.take_back(me, payment.pk, as_actor(me))
    with pytest.raises(held.NotHeld):
        instructions.carry_out(customer=me, instruction_id=draft.id, actor=as_actor(me))


def test_a_payment_that_is_not_held_is_not_taken_back(
    sender: Account, me: BranchCustomer, rails: dict[str, ScriptedRail]
) -> None:
    payment = pay_out(sender)
    with pytest.raises(held.NotHeld):
        held.take_back(me, payment.pk, as_actor(me))
    working.work()
    with pytest.raises(held.NotHeld):
        held.take_back(me, payment.pk, as_actor(me))


def test_nobody_decides_about_a_stranger_s(sender: Account, me: BranchCustomer) -> None:
    payment = pay_out(sender)
    stop(me)
    stranger = owner_of(an_account("Grace Atieno"))
    for act in (lambda: held.take_back(stranger, payment.pk, as_actor(stranger)),
                lambda: held.prepare_sending(stranger, payment.pk)):  # fmt: skip
        with pytest.raises(Http404):
            act()
    assert Payment.objects.get(pk=payment.pk).is_held


def test_what_nobody_decides_about_goes_back_after_the_dated_days_and_not_before(
    sender: Account, me: BranchCustomer, rails: dict[str, ScriptedRail]
) -> None:
    opening = balance(sender)
    payment = pay_out(sender)
    stop(me)
    today = clock.today()
    assert held.return_old(today + timedelta(days=7)) == 0
    assert held.return_old(today + timedelta(days=8)) == 1
    assert held.return_old(today + timedelta(days=8)) == 0
    payment.refresh_from_db()
    assert (payment.state, payment.reason, balance(sender)) == ("RETURNED", "held_too_long", opening)
    assert rails["mpesa"].sent == []


def test_the_page_of_the_stop_lists_what_is_held_back(sender: Account, me: BranchCustomer) -> None:
    payment = pay_out(sender)
    stop(me)
    client = browser(me)
    assert f"/move/payments/{payment.pk}/" in client.get("/settings/freeze/").content.decode()
    end_the_stop(me)
    assert f"/move/payments/{payment.pk}/" in client.get("/settings/freeze/").content.decode()
