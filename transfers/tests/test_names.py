"""Who would be paid is asked before anything is sent, where the other side can be asked; rails that are not there."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Account, Instruction, User
from tests.factories import UserFactory
from tests.support import sign_in
from transfers import destinations
from transfers.destinations import Destination, Kind
from transfers.errors import NameChanged
from transfers.models import Payment, SavedPayee
from transfers.outside import errors, names, terms, working
from transfers.outside.forms import MobileForm
from transfers.outside.kinds import KINDS
from transfers.tests.support import an_account, balance, confirm, owner_of
from transfers.tests.ways import WAYS, Way, internal, ordered, prepared
from wekeza_portal import clock, ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.rails.simulator import people
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.rails.tests.talking import heard, state
from wekeza_portal.staff.models import PortalSwitch
from wekeza_portal.staff.switches import SwitchedOff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("railsim")]


@pytest.fixture
def sender() -> Account:
    PortalSwitch.objects.filter(code="TKASH").delete()
    return an_account("Emmanuel Odenyire", "100000.00")


def bank(account: str = "1234567890") -> Destination:
    return destinations.to_bank("01", account)


def refusal(sender: Account, receiver: Destination, amount: Any = "1450.00") -> PortalError:
    """What a person reads; nothing was written and nothing moved."""
    before = (balance(sender), internal(), Instruction.objects.count())
    with pytest.raises(PortalError) as refused:
        prepared(sender, receiver, amount)
    assert (balance(sender), internal(), Instruction.objects.count()) == before
    return refused.value


# --- The name -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("receiver", "number", "rail"),
    [
        (lambda: bank(), "1234567890", "PESALINK"),
        (lambda: destinations.to_biller("NAIROBI_WATER", "1234567"), "1234567", "BILLS"),
        (lambda: destinations.to_phone("0733000111", "AIRTEL_MONEY"), "733000111", "AIRTEL_MONEY"),
    ],
)
def test_the_name_the_other_side_gives_stands_before_the_one_that_was_typed(
    sender: Account, receiver: Any, number: str, rail: str
) -> None:
    draft = prepared(sender, receiver(), typed="Somebody Else")
    assert (draft.payload["to_name"], draft.payload["to_name_by"]) == (people.name_of(number), rail)


@pytest.mark.parametrize("receiver", [lambda: destinations.to_phone("0770000111", "TKASH")])
def test_where_nobody_can_be_asked_the_typed_name_stays_and_says_so(sender: Account, receiver: Any) -> None:
    draft = prepared(sender, receiver(), typed="Mama Njeri")
    assert (draft.payload["to_name"], draft.payload["to_name_by"]) == ("Mama Njeri", "customer")


@pytest.mark.parametrize("fault", ["busy", "refuse"])
def test_no_answer_stops_nobody(railsim: Simulator, sender: Account, fault: str) -> None:
    railsim.store.set_fault("*", fault, 1)
    draft = prepared(sender, bank(), typed="Mama Njeri")
    assert (draft.payload["to_name"], draft.payload["to_name_by"]) == ("Mama Njeri", "customer")


@pytest.mark.parametrize(
    ("receiver", "field", "words"),
    [
        (lambda: bank("9900000404"), "account", "does not know this account"),
        (lambda: bank("9900000403"), "account", "closed"),
        (lambda: bank("9900000406"), "account", "cannot take payments"),
        (lambda: destinations.to_biller("NAIROBI_WATER", "1230404"), "account", "does not know this number"),
        (lambda: destinations.to_phone("0733000404", "AIRTEL_MONEY"), "phone", "not registered"),
        (lambda: destinations.to_phone("0733000403", "AIRTEL_MONEY"), "phone", "cannot take payments"),
    ],
)
def test_a_receiver_who_cannot_be_paid_is_refused_beside_the_field(
    sender: Account, receiver: Any, field: str, words: str
) -> None:
    told = refusal(sender, receiver())
    assert isinstance(told, errors.ReceiverRefused)
    assert told.field == field
    assert words in str(told)


def kept(sender: Account, receiver: Destination, name: str) -> None:
    SavedPayee.objects.create(
        customer_id=owner_of(sender).user_id,
        kind=receiver.kind,
        payee_key=receiver.key,
        destination=dict(receiver.values),
        confirmed_name=name,
        confirmed_at=clock.now(),
        created_at=clock.now(),
    )


def test_a_name_that_changed_since_it_was_kept_stops_the_payment(sender: Account) -> None:
    kept(sender, bank(), "SOMEBODY BEFORE")
    told = refusal(sender, bank())
    assert isinstance(told, NameChanged)
    assert "SOMEBODY BEFORE" in str(told)
    assert people.name_of("1234567890") in str(told)


def test_the_same_name_in_other_letters_stops_nobody(sender: Account) -> None:
    kept(sender, bank(), f" {people.name_of('1234567890').title()}  ")
    assert prepared(sender, bank()).payload["to_name"] == people.name_of("1234567890")


def test_a_kept_name_and_no_answer_stop_nobody(railsim: Simulator, sender: Account) -> None:
    kept(sender, bank(), "SOMEBODY BEFORE")
    railsim.store.set_fault("*", "busy", 1)
    assert prepared(sender, bank(), typed="Mama Njeri").payload["to_name"] == "Mama Njeri"


def test_what_is_wrong_on_ones_own_side_asks_nobody(railsim: Simulator, sender: Account) -> None:
    refusal(sender, bank(), "99999.00")
    assert state(railsim)["requests"] == []


def test_names_are_not_had_by_trying_numbers(sender: Account) -> None:
    for _asked_before in range(names.LOOK_UPS.limit - 2):
        ratelimit.consume(names.LOOK_UPS, str(owner_of(sender).user_id))
    prepared(sender, bank("1234567891"))
    refusal(sender, bank("9900000404"))
    with pytest.raises(PortalError) as stopped:
        prepared(sender, bank("1234567893"))
    assert isinstance(stopped.value, ratelimit.TooMany)


# --- Exact amounts ------------------------------------------------------------------------------------------------


def test_a_biller_who_takes_only_what_is_due_refuses_any_other_amount_and_names_it(sender: Account) -> None:
    told = refusal(sender, destinations.to_biller("KRA", "2020260012345678"), "7799.00")
    assert isinstance(told, errors.ExactAmount)
    assert "KES 7,800.00" in str(told)
    assert prepared(sender, destinations.to_biller("KRA", "2020260012345678"), "7800.00").amount == Decimal("7800.00")


def test_a_biller_who_takes_any_amount_takes_part_of_what_is_due(sender: Account) -> None:
    assert prepared(sender, destinations.to_biller("NAIROBI_WATER", "1234567"), "100.00").amount == Decimal("100.00")


# --- Rails that are not there -------------------------------------------------------------------------------------

NEEDS = {
    "pesalink": "PESALINK_CONSUMER_KEY",
    "cdsc": "PESALINK_ACCOUNT",
    "bills": "BILLS_KEY",
    "tkash": "TKASH_URL",
    "airtel_money": "AIRTEL_PIN",
    "mpesa": "MPESA_CERTIFICATE",
}


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_rail_without_credentials_is_refused_before_anything_moves(
    railsim: Simulator, sender: Account, settings: Settings, way: Way
) -> None:
    setattr(settings, NEEDS[way.rail], "")
    told = refusal(sender, way.receiver())
    assert isinstance(told, errors.RailNotSetUp)
    assert "not available yet" in str(told)
    assert state(railsim)["requests"] == []


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_rail_that_loses_its_credentials_between_review_and_confirm_moves_nothing(
    sender: Account, settings: Settings, way: Way
) -> None:
    draft = prepared(sender, way.receiver())
    setattr(settings, NEEDS[way.rail], "")
    with pytest.raises(errors.RailNotSetUp):
        confirm(draft)
    assert (balance(sender), internal()) == (Decimal("100000.00"), {})


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_posted_payment_waits_for_credentials_and_goes_back_in_the_end(
    railsim: Simulator, sender: Account, settings: Settings, way: Way
) -> None:
    payment = ordered(sender, way)
    setattr(settings, NEEDS[way.rail], "")
    working.work()
    assert Payment.objects.get(pk=payment.pk).state == Payment.State.RECEIVED
    Payment.objects.filter(pk=payment.pk).update(
        received_at=payment.received_at - working.GIVEN_UP, due_at=payment.received_at
    )
    working.work()
    assert Payment.objects.get(pk=payment.pk).state == Payment.State.RETURNED
    assert (balance(sender), internal()) == (Decimal("100000.00"), {})
    assert heard(railsim, "/payments") == heard(railsim, "/FundsTransfer") == heard(railsim, "/disbursements") == []


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_rail_that_is_switched_off_refuses_at_the_form_and_at_confirm(sender: Account, way: Way) -> None:
    draft = prepared(sender, way.receiver())
    PortalSwitch.objects.create(
        code=way.rail.upper(),
        is_on=False,
        notice_en="Closed for repairs.",
        notice_sw="Imefungwa.",
        since=clock.today(),
        changed_at=clock.now(),
    )
    assert isinstance(refusal(sender, way.receiver()), SwitchedOff)
    with pytest.raises(SwitchedOff, match="Closed for repairs"):
        confirm(draft)
    assert internal() == {}


def test_the_form_offers_only_networks_that_are_there(settings: Settings) -> None:
    PortalSwitch.objects.filter(code="TKASH").delete()

    def offered() -> set[str]:
        form = MobileForm(accounts=[], off=terms.obstacles_to(KINDS[Kind.MOBILE_MONEY]).off)
        return {value for value, _label in form.fields["network"].choices}

    assert offered() >= {"MPESA", "AIRTEL_MONEY", "TKASH"}
    settings.AIRTEL_PIN = settings.TKASH_URL = ""
    assert "MPESA" in offered()
    assert not {"AIRTEL_MONEY", "TKASH"} & offered()
    settings.MPESA_CONSUMER_KEY = ""
    assert "MPESA" not in offered()


@pytest.fixture
def signed_in(sender: Account, client: Client) -> Client:
    UserFactory(customer=owner_of(sender))
    sign_in(client, User.objects.get(customer=sender.customer))
    return client


@pytest.mark.parametrize("page", ["/move/", "/move/mobile/"])
def test_nobody_is_told_of_a_network_that_was_never_there(signed_in: Client, settings: Settings, page: str) -> None:
    settings.AIRTEL_PIN = ""
    assert "not available yet" not in signed_in.get(page).content.decode()


def test_a_way_whose_only_rail_is_not_there_says_so_before_it_is_chosen(signed_in: Client, settings: Settings) -> None:
    settings.PESALINK_ACCOUNT = ""
    assert "PesaLink is not available yet" in signed_in.get("/move/").content.decode()
