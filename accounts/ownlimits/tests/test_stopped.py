"""While everything is stopped no limit is raised, and a raise that waited is called off."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts import instructions, limits
from accounts.freezing import stopping
from accounts.freezing.errors import Frozen
from accounts.ledger import money_operation
from accounts.models import BranchCustomer, Freeze, Instruction, OwnLimit
from accounts.ownlimits import changing
from tests.factories import AccountFactory, CustomerFactory
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture
def me() -> BranchCustomer:
    """With a daily limit of their own of KES 1,000.00."""
    customer: BranchCustomer = CustomerFactory()
    AccountFactory(customer=customer, balance=D("9000.00"))
    assert changing.change(customer=customer, wanted={"DAILY_OUT": D("1000.00")}, actor=actor_of(customer)) is None
    return customer


def actor_of(customer: BranchCustomer) -> Actor:
    return Actor(kind="customer", id="1", customer_id=customer.user_id)


def raise_it(customer: BranchCustomer) -> Instruction:
    act = changing.change(customer=customer, wanted={"DAILY_OUT": D("300000.00")}, actor=actor_of(customer))
    assert act is not None
    return act


def do(act: Instruction) -> None:
    customer = act.customer
    instructions.approve(customer=customer, instruction_id=act.id)
    instructions.carry_out(customer=customer, instruction_id=act.id, actor=actor_of(customer))


def stop(customer: BranchCustomer) -> None:
    stopping.stop(customer.user_id, by=Freeze.By.INSIDE, actor=actor_of(customer))


def test_a_raise_that_waits_is_called_off_for_good(me: BranchCustomer) -> None:
    do(raise_it(me))
    assert OwnLimit.objects.get(customer_id=me.user_id).waits(clock.now())
    stop(me)
    row = OwnLimit.objects.get(customer_id=me.user_id)
    assert (row.value, row.next_value, row.next_at) == (D("1000.00"), None, None)
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        assert limits.room(me).daily_limit == D("1000.00")
    assert AuditEvent.objects.filter(verb="limit.raise_given_up", customer_id=me.user_id).count() == 1
    assert AuditEvent.objects.get(verb="freeze.begun").data["held_back"] == 1


def test_a_raise_that_was_drafted_before_is_refused_with_its_code(me: BranchCustomer) -> None:
    act = raise_it(me)
    stop(me)
    with pytest.raises(Frozen):
        do(act)
    with pytest.raises(Frozen):
        money_operation(changing.execute)(act, actor_of(me))
    assert limits.room(me).daily_limit == D("1000.00")


def test_lowering_is_done_all_the_same(me: BranchCustomer) -> None:
    stop(me)
    assert changing.change(customer=me, wanted={"DAILY_OUT": D("500.00")}, actor=actor_of(me)) is None
    assert limits.room(me).daily_limit == D("500.00")


def test_a_strangers_raise_goes_on(me: BranchCustomer) -> None:
    do(raise_it(me))
    stop(CustomerFactory())
    assert OwnLimit.objects.get(customer_id=me.user_id).waits(clock.now())
