"""The code before money goes: bound to one instruction and its content, used once, done in that very POST."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from accounts import instructions
from accounts.identity import codes, stepup
from accounts.identity.tests.helpers import another, code_box, code_for, sent_bodies
from accounts.ledger import PostingKind, Receipt, post
from accounts.models import Account, Instruction, OneTimeCode, Posting, User
from tests.factories import AccountFactory, CustomerFactory, UserFactory
from tests.payments import transfer_legs
from tests.support import all_the_money, sign_in
from wekeza_portal import ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.models import Channel, OutboxMessage
from wekeza_portal.registry import InstructionKind, instruction_kinds

pytestmark = pytest.mark.django_db
KIND = "TEST_STEP_UP"


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    """A kind of instruction that pays between the two accounts in its payload."""

    def execute(instruction: Instruction, actor: Actor) -> Receipt:
        sender = Account.objects.get(pk=instruction.payload["from"])
        receiver = Account.objects.get(pk=instruction.payload["to"])
        legs = transfer_legs(sender, receiver, instruction.amount)
        return post(instruction_id=instruction.id, kind=PostingKind.TRANSFER_INTERNAL, legs=legs, actor=actor)

    def describe(instruction: Instruction) -> str:
        return f"KES {instruction.amount:,.2f} to WANJIKU M."

    entry = InstructionKind(execute, describe, lambda row: f"/review/{row.id}/", lambda row: f"/receipt/{row.id}/")
    instruction_kinds.register(KIND, entry)
    yield
    del instruction_kinds._entries[KIND]


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def otieno(client: Client) -> User:
    user = UserFactory()
    AccountFactory(customer=user.customer, balance=Decimal("50000.00"))
    sign_in(client, user)
    return user


def draft(user: User, amount: str = "5000.00") -> Instruction:
    receiver = AccountFactory(balance=Decimal("0.00"))
    return instructions.draft(
        customer=user.customer,
        kind=KIND,
        payload={"from": str(user.customer.accounts.get().pk), "to": str(receiver.pk)},
        amount=Decimal(amount),
        fee=Decimal("0.00"),
        fee_row_id=None,
        payee_key=receiver.account_number,
    )


def address(instruction: Instruction) -> str:
    return f"/step-up/?for={instruction.id}"


def test_the_right_code_pays_in_that_post_and_leads_to_the_receipt(client: Client, otieno: User) -> None:
    instruction = draft(otieno)
    page = client.get(address(instruction)).content.decode()
    assert "KES 5,000.00 to WANJIKU M." in page
    code = code_for(otieno.customer)
    assert f"{code} is your Wekeza code to pay KES 5,000.00 to WANJIKU M." in sent_bodies(otieno.customer)[0]
    response = client.post(address(instruction), {"code": f"{code[:3]} {code[3:]}"})
    assert (response.status_code, response.headers["Location"]) == (303, f"/receipt/{instruction.id}/")
    assert Posting.objects.get().instruction_id == instruction.id


def test_the_same_code_given_twice_pays_once(client: Client, otieno: User) -> None:
    instruction = draft(otieno)
    client.get(address(instruction))
    code = code_for(otieno.customer)
    client.post(address(instruction), {"code": code})
    response = client.post(address(instruction), {"code": code})
    assert response.headers["Location"] == f"/receipt/{instruction.id}/"
    assert Posting.objects.count() == 1


def test_a_wrong_code_moves_nothing(client: Client, otieno: User) -> None:
    instruction, before = draft(otieno), all_the_money()
    client.get(address(instruction))
    page = client.post(address(instruction), {"code": another(code_for(otieno.customer))}).content.decode()
    assert "That code is not right" in page
    assert all_the_money() == before
    instruction.refresh_from_db()
    assert instruction.stepped_up_at is None


def test_the_code_of_one_payment_does_not_open_another(
    client: Client, otieno: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter([111111, 222222])
    monkeypatch.setattr("accounts.identity.codes.secrets.randbelow", lambda _: next(numbers))
    cheap, dear = draft(otieno, "10.00"), draft(otieno, "40000.00")
    client.get(address(cheap))
    client.get(address(dear))
    client.post(address(dear), {"code": "111111"})
    assert not Posting.objects.exists()
    assert client.post(address(cheap), {"code": "111111"}).status_code == 303


@pytest.mark.parametrize(("field", "value"), [("amount", Decimal("49000.00")), ("payee_key", "ACC6660001")])
def test_a_changed_payment_no_longer_fits_its_code(client: Client, otieno: User, field: str, value: object) -> None:
    instruction, before = draft(otieno), all_the_money()
    client.get(address(instruction))
    code = code_for(otieno.customer)
    Instruction.objects.filter(pk=instruction.pk).update(**{field: value})
    page = client.post(address(instruction), {"code": code}).content.decode()
    assert "no longer be used" in page
    assert all_the_money() == before


def test_a_code_is_too_old_after_five_minutes(client: Client, otieno: User, nine: time_machine.Traveller) -> None:
    sign_in(client, otieno)
    instruction, before = draft(otieno), all_the_money()
    client.get(address(instruction))
    code = code_for(otieno.customer)
    nine.shift(timedelta(minutes=5, seconds=1))
    client.post(address(instruction), {"code": code})
    assert all_the_money() == before


def test_looking_again_sends_no_second_code(client: Client, otieno: User) -> None:
    instruction = draft(otieno)
    for _ in range(4):
        assert client.get(address(instruction)).status_code == 200
    assert OutboxMessage.objects.count() == 1


def test_another_code_waits_thirty_seconds_and_voids_the_first(
    client: Client, otieno: User, nine: time_machine.Traveller
) -> None:
    sign_in(client, otieno)
    instruction = draft(otieno)
    client.get(address(instruction))
    resend = f"/step-up/resend/?for={instruction.id}"
    client.post(resend)
    assert OutboxMessage.objects.count() == 1
    nine.shift(timedelta(seconds=30))
    response = client.post(resend, {"channel": "EMAIL"})
    assert response.headers["Location"] == address(instruction)
    assert OutboxMessage.objects.filter(channel=Channel.EMAIL).count() == 1
    assert OneTimeCode.objects.filter(purpose=stepup.STEP_UP).count() == 1


def test_a_code_that_cannot_arrive_is_offered_by_e_mail_at_once(
    client: Client, otieno: User, nine: time_machine.Traveller
) -> None:
    sign_in(client, otieno)
    instruction = draft(otieno)
    client.get(address(instruction))
    OutboxMessage.objects.update(state="SENT", delivery="FAILED", delivery_reason="UserDoesNotExist")
    assert "could not be delivered" in client.get(address(instruction)).content.decode()
    client.post(f"/step-up/resend/?for={instruction.id}", {"channel": "EMAIL"})
    assert OutboxMessage.objects.filter(channel=Channel.EMAIL).count() == 1


def test_a_stranger_sees_and_sends_nothing(client: Client, otieno: User) -> None:
    instruction = draft(otieno)
    stranger = Client()
    sign_in(stranger, UserFactory())
    assert stranger.get(address(instruction)).status_code == 404
    assert stranger.post(address(instruction), {"code": "123456"}).status_code == 404
    assert stranger.post(f"/step-up/resend/?for={instruction.id}").status_code == 404
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("wanted", ["", "nonsense", "0f0e0d0c-0b0a-4908-8706-050403020100"])
def test_what_is_no_instruction_is_not_found(client: Client, otieno: User, wanted: str) -> None:
    assert client.get("/step-up/", {"for": wanted}).status_code == 404


def test_nobody_steps_up_without_signing_in(otieno: User) -> None:
    instruction = draft(otieno)
    assert Client().get(address(instruction)).headers["Location"].startswith("/login/?next=%2Fstep-up%2F%3Ffor")
    assert not OutboxMessage.objects.exists()


def test_a_refused_payment_goes_back_to_its_review_with_the_reason(client: Client, otieno: User) -> None:
    instruction = draft(otieno, "49500.00")
    client.get(address(instruction))
    response = client.post(address(instruction), {"code": code_for(otieno.customer)})
    assert (response.status_code, response.headers["Location"]) == (303, f"/review/{instruction.id}/")
    assert not Posting.objects.exists()
    assert str(response.wsgi_request._messages._queued_messages[0].message)


def test_the_code_page_never_shows_what_was_typed(client: Client, otieno: User) -> None:
    instruction = draft(otieno)
    client.get(address(instruction))
    for typed in (another(code_for(otieno.customer)), "12345x"):
        page = client.post(address(instruction), {"code": typed}).content.decode()
        assert "<title>Error:" in page
        assert "value" not in code_box(page)


def test_a_cancelled_payment_sends_no_code(client: Client, otieno: User) -> None:
    instruction = draft(otieno)
    Instruction.objects.filter(pk=instruction.pk).update(state=Instruction.State.CANCELLED)
    assert client.get(address(instruction)).headers["Location"] == f"/review/{instruction.id}/"
    assert not OutboxMessage.objects.exists()


def test_a_customer_frozen_between_form_and_code_pays_nothing(client: Client, otieno: User) -> None:
    instruction, before = draft(otieno), all_the_money()
    client.get(address(instruction))
    code = code_for(otieno.customer)
    type(otieno.customer).objects.filter(pk=otieno.customer_id).update(is_active=False)
    assert client.post(address(instruction), {"code": code}).status_code == 302
    assert all_the_money() == before


def test_too_many_codes_lead_back_to_the_review(client: Client, otieno: User) -> None:
    instruction = draft(otieno)
    for _ in range(3):
        ratelimit.consume(codes.CODE_SENDS, f"STEP_UP:{otieno.customer_id}")
    assert client.get(address(instruction)).headers["Location"] == f"/review/{instruction.id}/"
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("check", ["stepup.codes.verify", "stepup.instructions.approve"])
def test_an_error_in_a_check_pays_nothing(
    client: Client, otieno: User, monkeypatch: pytest.MonkeyPatch, check: str
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError

    instruction, before = draft(otieno), all_the_money()
    client.get(address(instruction))
    monkeypatch.setattr(f"accounts.identity.{check}", broken)
    client.raise_request_exception = False
    assert client.post(address(instruction), {"code": code_for(otieno.customer)}).status_code == 500
    assert all_the_money() == before


def test_a_step_up_code_is_no_sign_in_code(otieno: User) -> None:
    instruction = draft(otieno)
    stepup.send_code(instruction, otieno.customer, "en")
    with pytest.raises(PortalError):
        codes.verify(
            purpose=OneTimeCode.Purpose.SIGN_IN,
            customer_id=otieno.customer_id,
            binding=stepup.binding(instruction),
            code=code_for(otieno.customer),
        )


def test_the_stranger_in_the_cast_gets_no_code_of_his_own_for_it(otieno: User) -> None:
    instruction, stranger = draft(otieno), CustomerFactory()
    stepup.send_code(instruction, otieno.customer, "en")
    with pytest.raises(codes.CodeUsedUp):
        stepup.prove_code(instruction, stranger, code_for(otieno.customer))
