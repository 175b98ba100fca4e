"""While everything is stopped no address changes: what waited is given up, what comes is refused, an undo works."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import instructions
from accounts.freezing import stopping
from accounts.freezing.errors import Frozen
from accounts.ledger import money_operation
from accounts.models import BranchCustomer, ContactChange, Freeze, Instruction, User
from accounts.profile import changing
from accounts.profile.tests.walking import ask, change_it, code_at_the_new, pass_step_up, undo_link
from tests.factories import CustomerFactory
from tests.support import sign_in
from wekeza_portal.actors import system

pytestmark = pytest.mark.django_db(transaction=True)
State = ContactChange.State
ACTOR = system("test")


def stop(customer: BranchCustomer) -> None:
    stopping.stop(customer.user_id, by=Freeze.By.INSIDE, actor=ACTOR)


def phone_of(customer: BranchCustomer) -> str | None:
    return BranchCustomer.objects.get(pk=customer.pk).phone_number


@pytest.fixture
def waiting(browser: Client, customer: BranchCustomer) -> ContactChange:
    ask(browser, "phone_number", "0733 444 555")
    return pass_step_up(browser, customer)


def test_what_waits_for_its_proof_is_given_up(
    browser: Client, user: User, customer: BranchCustomer, waiting: ContactChange
) -> None:
    code = code_at_the_new(browser, waiting)
    stop(customer)
    waiting.refresh_from_db()
    assert waiting.state == State.GIVEN_UP
    sign_in(browser, user)
    browser.post(reverse("contact_prove", args=[waiting.id]), {"code": code})
    assert phone_of(customer) == "0722000111"


def test_nor_does_a_right_code_pass_that_was_on_its_way(customer: BranchCustomer, waiting: ContactChange) -> None:
    """As where the stop began between the look at the change and its lock."""
    stop(customer)
    ContactChange.objects.update(state=State.WAITING)
    with pytest.raises(Frozen):
        changing._put_in_force(waiting.id, ACTOR)
    assert phone_of(customer) == "0722000111"


def test_none_is_begun(browser: Client, user: User, customer: BranchCustomer) -> None:
    ask(browser, "email", "thief@example.com")
    act = Instruction.objects.get(kind=changing.KIND)
    stop(customer)
    instructions.approve(customer=customer, instruction_id=act.id)
    with pytest.raises(Frozen):
        instructions.carry_out(customer=customer, instruction_id=act.id, actor=ACTOR)
    with pytest.raises(Frozen):
        money_operation(changing.execute)(act, ACTOR)
    assert not ContactChange.objects.exists()
    sign_in(browser, user)
    assert "stopped" in browser.get(f"/step-up/?for={act.id}", follow=True).content.decode()


def test_the_old_address_takes_a_change_back_all_the_same(browser: Client, customer: BranchCustomer) -> None:
    change = change_it(browser, customer, "phone_number", "0733 444 555")
    stop(customer)
    Client().post(undo_link(change))
    assert phone_of(customer) == "0722000111"


def test_a_strangers_change_goes_on(browser: Client, customer: BranchCustomer, waiting: ContactChange) -> None:
    stop(CustomerFactory())
    waiting.refresh_from_db()
    assert waiting.state == State.WAITING
