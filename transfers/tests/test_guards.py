"""Cap, hold and own limit know the person, whichever of their wallets and accounts is paid."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts import instructions
from accounts.models import Account, Instruction
from tests.factories import AccountFactory
from transfers import destinations
from transfers.destinations import Destination
from transfers.errors import AboveOwnLimit
from transfers.models import KnownPayee, Payment, SavedPayee
from transfers.outside.preparing import Wish, prepare_payment
from transfers.payees import keeping, newness, pausing
from transfers.payees.guards import guard_key, reached_by
from transfers.payees.keeping import Extras
from transfers.payees.newness import NewPayeeCap
from transfers.payees.pausing import Answer
from transfers.selectors import payee_key
from transfers.tests.outside import FakeRail
from transfers.tests.support import an_account, as_actor, confirm, confirm_unasked, owner_of, pay, prepare
from wekeza_portal.rails.base import Receiver

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
NUMBER = "0722123456"
PHONE = "phone:254722123456"


@pytest.fixture
def rich() -> Account:
    return an_account("Emmanuel Odenyire", "400000.00")


@pytest.fixture(autouse=True)
def _rails(fakes: dict[str, FakeRail]) -> None:
    """Nobody outside is asked for names but by fakes."""
    fakes["AIRTEL_MONEY"].receiver = Receiver(name="Jane Wambui")


def out(rich: Account, destination: Destination, amount: str) -> Instruction:
    customer = owner_of(rich)
    wish = Wish(rich.account_number, destination, D(amount), typed_name="Jane")
    return prepare_payment(customer, wish, actor=as_actor(customer))


def by_mpesa(rich: Account, amount: str) -> Instruction:
    return out(rich, destinations.to_phone(NUMBER, "MPESA"), amount)


def by_airtel(rich: Account, amount: str) -> Instruction:
    return out(rich, destinations.to_phone("+254 722 123 456", "AIRTEL_MONEY"), amount)


def as_airtime(rich: Account, amount: str) -> Instruction:
    return out(rich, destinations.airtime(NUMBER, "AIRTEL_MONEY"), amount)


def two_accounts_of(name: str) -> tuple[Account, Account]:
    first = an_account(name, "0.00")
    return first, AccountFactory(customer=first.customer, balance=D("0.00"))


@pytest.mark.parametrize(
    ("payee", "guard"),
    [
        ("mobile:MPESA:254722123456", PHONE),
        ("mobile:AIRTEL_MONEY:254722123456", PHONE),
        ("mobile:TKASH:254722123456", PHONE),
        ("airtime:254722123456", PHONE),
        ("pesalink:254722123456", PHONE),
        ("bill:AIRTIME_SAFARICOM:0722123456", PHONE),
        ("bill:AIRTIME_AIRTEL:+254722123456", PHONE),
        ("wekeza:ACC1000001:abcdef", "wekeza-owner:abcdef"),
        ("wekeza:ACC1000002:abcdef", "wekeza-owner:abcdef"),
        ("wekeza:ACC1000001:", "wekeza:ACC1000001:"),
        ("bank:01:1102345678", "bank:01:1102345678"),
        ("bill:KPLC_PREPAID:0722123456", "bill:KPLC_PREPAID:0722123456"),
        ("cdsc:FAKE_BROKER:123456", "cdsc:FAKE_BROKER:123456"),
        ("file:abc", "file:abc"),
        ("", ""),
    ],
)
def test_every_way_to_a_person_has_the_same_guard(payee: str, guard: str) -> None:
    assert guard_key(payee) == guard
    assert guard_key(guard) == guard


@given(st.text(max_size=70))
def test_a_guard_is_its_own_guard_and_fits_its_column(text: str) -> None:
    assert guard_key(guard_key(text)) == guard_key(text)
    assert len(guard_key(text)) <= 80


@pytest.mark.parametrize("payee", ["mobile:TKASH:254722123456", "airtime:254722123456", "pesalink:254722123456"])
def test_what_a_guard_reaches_is_found_again(rich: Account, payee: str) -> None:
    draft = prepare(rich, an_account("Wanjiku Mwangi"))
    Instruction.objects.filter(pk=draft.pk).update(payee_key=payee)
    assert Instruction.objects.filter(reached_by([PHONE])).count() == 1
    assert not Instruction.objects.filter(reached_by(["phone:254722123457", "wekeza-owner:x"])).exists()
    assert not Instruction.objects.filter(reached_by([])).exists()


def test_the_guard_of_a_wekeza_customer_says_nothing_of_them(rich: Account) -> None:
    first, second = two_accounts_of("Wanjiku Mwangi")
    guard = guard_key(payee_key(first))
    assert guard == guard_key(payee_key(second))
    for told in (first.account_number, "WANJIKU", "MWANGI", str(owner_of(first).national_id)):
        assert told.upper() not in guard.upper()


def test_two_wallets_of_one_phone_share_the_cap(rich: Account) -> None:
    confirm(by_mpesa(rich, "90000"))
    with pytest.raises(NewPayeeCap) as refused:
        by_airtel(rich, "50000")
    assert "KES 10,000.00" in str(refused.value)
    assert KnownPayee.objects.get().guard_key == PHONE


def test_a_second_wallet_prepared_before_is_refused_under_the_lock(rich: Account) -> None:
    other = by_airtel(rich, "50000")
    confirm(by_mpesa(rich, "90000"))
    with pytest.raises(NewPayeeCap):
        confirm(other)
    assert Payment.objects.count() == 1


def test_two_accounts_of_one_wekeza_customer_share_the_cap(rich: Account) -> None:
    first, second = two_accounts_of("Wanjiku Mwangi")
    pay(rich, first, "90000.00")
    with pytest.raises(NewPayeeCap):
        prepare(rich, second, "20000.00")


def test_a_hold_is_the_persons_whichever_way_they_are_paid(rich: Account) -> None:
    held = by_mpesa(rich, "25000")
    pausing.answer(owner_of(rich), held.id, Answer.ASKED, as_actor(owner_of(rich)))
    for other in (by_airtel(rich, "20000"), as_airtime(rich, "1000")):
        with pytest.raises(instructions.Held):
            confirm_unasked(other)
    assert not Payment.objects.exists()


def test_a_hold_is_on_every_account_of_a_wekeza_customer(rich: Account) -> None:
    first, second = two_accounts_of("Wanjiku Mwangi")
    pausing.answer(owner_of(rich), prepare(rich, first, "25000.00").id, Answer.ASKED, as_actor(owner_of(rich)))
    with pytest.raises(instructions.Held):
        confirm_unasked(prepare(rich, second, "15000.00"))


def test_a_hold_outlives_the_day_in_which_somebody_was_new(rich: Account) -> None:
    """It is asked of everybody, not only of those who are still new when they are paid."""
    confirm(by_mpesa(rich, "100"))
    held = by_mpesa(rich, "25000")
    pausing.answer(owner_of(rich), held.id, Answer.ASKED, as_actor(owner_of(rich)))
    known = KnownPayee.objects.get()
    known.first_at -= newness.NEW_FOR
    known.save(update_fields=["first_at"])
    with pytest.raises(instructions.Held):
        confirm_unasked(by_mpesa(rich, "100"))


def test_ones_own_limit_holds_over_every_wallet(rich: Account) -> None:
    customer = owner_of(rich)
    act = keeping.prepare_outside(
        customer, destinations.to_phone(NUMBER, "MPESA"), Extras(own_limit=D("100.00"), typed_name="Jane")
    )
    instructions.approve(customer=customer, instruction_id=act.id)
    instructions.carry_out(customer=customer, instruction_id=act.id, actor=as_actor(customer))
    assert SavedPayee.objects.get().guard_key == PHONE
    with pytest.raises(AboveOwnLimit):
        confirm(by_airtel(rich, "500"))
    confirm(by_airtel(rich, "100"))


def test_a_code_is_still_asked_for_each_wallet(rich: Account) -> None:
    """Money to another wallet is money to another place, even if the same person is behind it."""
    confirm(by_mpesa(rich, "100"))
    with pytest.raises(instructions.StepUpRequired):
        confirm(by_airtel(rich, "100"), with_code=False)


def test_what_comes_back_makes_room_for_every_wallet(rich: Account) -> None:
    confirm(by_mpesa(rich, "90000"))
    paid = Payment.objects.get()
    with transaction.atomic():
        newness.give_back(paid.customer_id, "mobile:MPESA:254722123456", paid.amount, paid_at=paid.received_at)
    confirm(by_airtel(rich, "50000"))
    assert KnownPayee.objects.get().first_day_sum == D("50000.00")
