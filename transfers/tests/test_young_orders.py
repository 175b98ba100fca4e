"""A stop pauses standing orders that are young: whoever it is to keep out may have set them up. Older ones wait."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.freezing import stopping
from accounts.freezing.errors import Frozen
from accounts.models import Account, BranchCustomer, Freeze, User
from tests.factories import CustomerFactory
from tests.support import sign_in
from transfers.models import StandingOrder, StandingRun
from transfers.standing import acts, frozen, paying
from transfers.tests import standing
from transfers.tests.support import as_actor, balance, owner_of
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db(transaction=True)
State = StandingOrder.State


@pytest.fixture
def me(sender: Account) -> BranchCustomer:
    return owner_of(sender)


def stop(customer: BranchCustomer) -> Freeze:
    return stopping.stop(customer.user_id, by=Freeze.By.INSIDE, actor=as_actor(customer))


def end_the_stop() -> None:
    Freeze.objects.update(open_for=None)


def now_is(order: StandingOrder, state: str) -> None:
    order.refresh_from_db()
    assert order.state == state


def test_a_young_one_is_paused_and_an_older_one_goes_on_waiting(
    sender: Account, receiver: Account, me: BranchCustomer
) -> None:
    old = standing.of_old(standing.an_order(sender, receiver))
    young = standing.an_order(sender, receiver, "700.00")
    reminder = standing.an_order(sender, receiver, "800.00", mode="REMIND")
    stop(me)
    now_is(old, State.ACTIVE)
    now_is(young, State.PAUSED)
    now_is(reminder, State.ACTIVE)
    paused = AuditEvent.objects.filter(verb="standing.paused")
    assert [event.subject for event in paused] == [f"standing:{young.public_id}"]


def test_it_pays_nothing_after_the_stop_has_ended_until_it_is_resumed(
    sender: Account, receiver: Account, me: BranchCustomer
) -> None:
    order = standing.an_order(sender, receiver)
    opening = balance(sender)
    stop(me)
    end_the_stop()
    with time_machine.travel(clock.midnight(clock.today()) + timedelta(days=1, hours=7)) as time:
        paying.pay_due(clock.today())
        time.shift(timedelta(hours=12))
        paying.try_again(clock.today())
    assert balance(sender) == opening
    assert not StandingRun.objects.exists()
    acts.resume(me, order.public_id, actor=as_actor(me))
    now_is(order, State.ACTIVE)


def test_one_that_was_changed_lately_is_young_again(sender: Account, receiver: Account, me: BranchCustomer) -> None:
    order = standing.of_old(standing.an_order(sender, receiver))
    StandingOrder.objects.filter(pk=order.pk).update(authorized_at=clock.now())
    stop(me)
    now_is(order, State.PAUSED)


def test_a_date_of_a_young_one_that_waits_for_the_evening_is_given_up(
    sender: Account, receiver: Account, me: BranchCustomer
) -> None:
    order = standing.an_order(sender, receiver)
    Account.objects.filter(pk=sender.pk).update(balance="1000.00")
    with time_machine.travel(clock.midnight(clock.today()) + timedelta(days=1, hours=7)) as time:
        paying.pay_due(clock.today())
        stop(me)
        Account.objects.filter(pk=sender.pk).update(balance="13400.00")
        end_the_stop()
        time.shift(timedelta(hours=12))
        assert paying.try_again(clock.today()) == 0
    assert [state for _day, state in standing.made_of(order)] == ["FAILED"]


def test_the_page_of_the_stop_says_which_are_paused_and_which_pay_again(
    sender: Account, receiver: Account, me: BranchCustomer, user: User
) -> None:
    standing.of_old(standing.an_order(sender, receiver))
    standing.an_order(sender, receiver, "700.00")
    stop(me)
    client = Client()
    sign_in(client, user)
    page = client.get("/settings/freeze/").content.decode()
    for shown in ("were set up or changed in the week before", "700.00", "pay again by themselves", "500.00"):
        assert shown in page
    found = frozen.shown(me)
    assert found is not None
    assert (len(found.paused), len(found.waiting)) == (1, 1)


def test_without_a_stop_or_without_orders_nothing_is_said(
    sender: Account, receiver: Account, me: BranchCustomer
) -> None:
    assert frozen.shown(me) is None
    standing.an_order(sender, receiver)
    assert frozen.shown(me) is None
    end = CustomerFactory()
    stop(end)
    assert frozen.shown(end) is None


def test_a_strangers_orders_go_on(sender: Account, receiver: Account) -> None:
    order = standing.an_order(sender, receiver)
    stop(CustomerFactory())
    now_is(order, State.ACTIVE)


def test_while_everything_is_stopped_it_is_not_resumed_and_the_page_says_why(
    sender: Account, receiver: Account, me: BranchCustomer, user: User
) -> None:
    order = standing.an_order(sender, receiver)
    stop(me)
    with pytest.raises(Frozen):
        acts.resume(me, order.public_id, actor=as_actor(me))
    client = Client()
    sign_in(client, user)
    answer = client.post(f"/move/standing/{order.public_id}/resume/", follow=True).content.decode()
    assert "stopped" in answer
    now_is(order, State.PAUSED)
