"""A payment's whole way over every simulated rail: form to receipt, to the cent, whatever the other side does.

The rails' clients speak to the simulated companies over real sockets; callbacks go through the portal's own view.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts import limits
from accounts.checking import differences
from accounts.models import Account, AccountTransaction, Instruction
from transfers.destinations import airtime, to_biller, to_broker
from transfers.models import Biller, Broker, KnownPayee, Payment
from transfers.outside import rails as outside_rails
from transfers.outside import working
from transfers.outside.selectors import life_of
from transfers.staff import ageing
from transfers.tests.support import an_account, balance, owner_of
from transfers.tests.ways import (
    AIRTEL,
    BILLS,
    CALLING_BACK,
    CDSC,
    NOTHING,
    PESALINK,
    TKASH,
    WAYS,
    State,
    Way,
    asked,
    called_back,
    internal,
    ordered,
    settled,
    state_of,
    waiting,
    work,
)
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.rails.tests.talking import executions, state
from wekeza_portal.staff.models import PortalSwitch

pytestmark = pytest.mark.django_db
ANY_WAY = pytest.mark.parametrize("way", WAYS, ids=str)
ANY_CALLING_BACK = pytest.mark.parametrize("way", CALLING_BACK, ids=str)
START = Decimal("100000.00")


@pytest.fixture
def at() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-23 09:00:00+03:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def sender(at: time_machine.Traveller) -> Account:
    PortalSwitch.objects.filter(code="TKASH").delete()
    return an_account("Emmanuel Odenyire", str(START))


@pytest.fixture(autouse=True)
def _books_tie(railsim: Simulator) -> Iterator[None]:
    """After every test the ledger ties and nothing was paid twice."""
    yield
    assert list(differences()) == []
    assert railsim.store.alarms() == []


def gone(way: Way, amount: Decimal) -> Decimal:
    return START - amount - way.fee


# --- The good way -------------------------------------------------------------------------------------------------


@ANY_WAY
def test_it_arrives_and_the_fee_is_income_only_then(railsim: Simulator, sender: Account, way: Way) -> None:
    amount = Decimal("1450.00")
    payment = ordered(sender, way)
    assert (payment.state, payment.rail) == (State.RECEIVED, way.rail.upper())
    assert (balance(sender), internal()) == (gone(way, amount), waiting(way, amount))
    assert executions(railsim) == []

    assert work() == 1
    if way.calls_back:
        assert state_of(payment) == State.SENT
        assert internal() == waiting(way, amount)
        assert called_back(railsim) == 1
    assert state_of(payment) == State.SETTLED
    assert (balance(sender), internal()) == (gone(way, amount), settled(way, amount))
    ((originator, paid, _receiver),) = executions(railsim)
    assert (originator, Decimal(paid)) == (way.known_as(payment), amount)
    assert [work(), called_back(railsim)] == [0, 0]


@ANY_WAY
def test_its_life_shows_times_and_the_rails_own_receipt(railsim: Simulator, sender: Account, way: Way) -> None:
    payment = ordered(sender, way)
    work()
    called_back(railsim)
    row = Payment.objects.get(pk=payment.pk)
    assert row.receipt
    assert (row.due_at, row.with_staff_since, row.sends) == (None, None, 1)
    assert row.received_at == row.sent_at == row.finished_at == clock.now()


# --- Refused ------------------------------------------------------------------------------------------------------


@ANY_WAY
def test_refused_it_comes_back_with_its_fee_in_rows_of_its_own(railsim: Simulator, sender: Account, way: Way) -> None:
    payment = ordered(sender, way, "1440.00")
    work()
    called_back(railsim)
    row = Payment.objects.get(pk=payment.pk)
    assert (row.state, bool(row.reason), bool(row.reason_code)) == (State.RETURNED, True, True)
    assert (balance(sender), internal(), executions(railsim)) == (START, {}, [])
    back = AccountTransaction.objects.filter(txn_type="REVERSAL_IN").order_by("amount")
    assert [entry.amount for entry in back] == [way.fee, Decimal("1440.00")]


@ANY_WAY
def test_refused_it_gives_back_what_it_used_of_every_limit(railsim: Simulator, sender: Account, way: Way) -> None:
    customer = owner_of(sender)
    ordered(sender, way, "1440.00")
    before = limits.room(customer)
    assert before.daily_limit - before.daily_left == Decimal("1440.00")
    work()
    called_back(railsim)
    after = limits.room(customer)
    assert (after.daily_left, after.monthly_left) == (after.daily_limit, after.monthly_limit)
    assert KnownPayee.objects.get().first_day_sum == NOTHING


@ANY_WAY
def test_refused_its_payer_is_told_why_once(railsim: Simulator, sender: Account, way: Way) -> None:
    payment = ordered(sender, way, "1440.00")
    work()
    called_back(railsim)
    told = OutboxMessage.objects.filter(cause__startswith=f"payment-returned:{payment.pk}")
    assert told
    assert len({(message.channel, message.cause) for message in told}) == len(told)


# --- Nobody knows -------------------------------------------------------------------------------------------------


@ANY_WAY
def test_unknown_it_is_asked_about_and_found_never_sent_again(
    railsim: Simulator, sender: Account, way: Way, at: time_machine.Traveller
) -> None:
    railsim.store.set_fault(way.rail, "lost", 1)
    payment = ordered(sender, way, "1497.00")
    work()
    assert (state_of(payment), internal()) == (State.UNKNOWN, waiting(way, Decimal("1497.00")))
    at.shift(timedelta(seconds=31))
    assert asked(railsim, way) == 1
    row = Payment.objects.get(pk=payment.pk)
    assert (row.state, row.sends, row.enquiries) == (State.SETTLED, 1, 1)
    assert internal() == settled(way, Decimal("1497.00"))
    assert len(executions(railsim)) == 1


@ANY_WAY
def test_a_lost_callback_is_found_by_asking(
    railsim: Simulator, sender: Account, way: Way, at: time_machine.Traveller
) -> None:
    payment = ordered(sender, way, "1499.00")
    work()
    assert called_back(railsim) == 0
    assert state_of(payment) in {State.SENT, State.UNKNOWN}
    at.shift(timedelta(seconds=31))
    asked(railsim, way)
    assert (state_of(payment), internal()) == (State.SETTLED, settled(way, Decimal("1499.00")))
    assert len(executions(railsim)) == 1


@ANY_WAY
def test_what_they_never_had_is_sent_again_under_the_same_id(
    railsim: Simulator, sender: Account, way: Way, at: time_machine.Traveller
) -> None:
    payment = ordered(sender, way, "1426.00")
    work()
    assert (state_of(payment), executions(railsim)) == (State.UNKNOWN, [])
    at.shift(timedelta(seconds=31))
    asked(railsim, way)  # they never had it
    assert (state_of(payment), balance(sender)) == (State.RECEIVED, gone(way, Decimal("1426.00")))
    at.shift(timedelta(minutes=10))
    work()  # sent again; busy still
    at.shift(timedelta(minutes=10))
    asked(railsim, way)  # too late now to send it again, so it goes back
    row = Payment.objects.get(pk=payment.pk)
    assert (row.state, row.sends, row.reason) == (State.RETURNED, 2, "later")
    assert (balance(sender), internal()) == (START, {})


@pytest.mark.parametrize(("way", "amount"), [(PESALINK, "1437.00"), (BILLS, "1437.00"), (AIRTEL, "1435.00")], ids=str)
def test_what_stays_unknown_waits_for_people_and_is_never_given_back_by_itself(
    railsim: Simulator, sender: Account, at: time_machine.Traveller, way: Way, amount: str
) -> None:
    payment = ordered(sender, way, amount)
    for _ in range(8):
        work()
        at.shift(timedelta(hours=1, seconds=1))
    row = Payment.objects.get(pk=payment.pk)
    assert row.is_open
    assert row.with_staff_since is not None
    assert (balance(sender), internal()) == (gone(way, Decimal(amount)), waiting(way, Decimal(amount)))


@ANY_WAY
def test_a_company_that_is_away_is_sent_it_later_and_nothing_twice(
    railsim: Simulator, sender: Account, way: Way, at: time_machine.Traveller
) -> None:
    payment = ordered(sender, way)
    railsim.store.set_fault(way.rail, "refuse", 1)
    work()
    railsim.store.set_fault(way.rail, "refuse", 0)
    for _ in range(4):
        at.shift(timedelta(seconds=61))
        work()
        called_back(railsim)
    assert (state_of(payment), internal()) == (State.SETTLED, settled(way, Decimal("1450.00")))
    assert len(executions(railsim)) == 1


@ANY_WAY
def test_a_worker_killed_while_sending_leaves_it_to_be_asked_about(
    railsim: Simulator, sender: Account, way: Way, at: time_machine.Traveller
) -> None:
    payment = ordered(sender, way)
    railsim.store.set_fault(way.rail, "lost", 1)
    claimed = working._claim_next()
    assert claimed is not None
    outside_rails.send(claimed.payment)  # and here the worker dies
    assert state_of(payment) == State.SENDING
    at.shift(timedelta(seconds=61))
    asked(railsim, way)
    row = Payment.objects.get(pk=payment.pk)
    assert (row.state, row.sends, len(executions(railsim))) == (State.SETTLED, 1, 1)


def test_airtel_is_asked_after_five_seconds_because_it_never_calls_back(
    railsim: Simulator, sender: Account, at: time_machine.Traveller
) -> None:
    payment = ordered(sender, AIRTEL, "1437.00")
    work()
    assert Payment.objects.get(pk=payment.pk).due_at == clock.now() + timedelta(seconds=5)
    at.shift(timedelta(seconds=5))
    work()
    assert state_of(payment) == State.SETTLED


# --- Callbacks in every shape -------------------------------------------------------------------------------------


@ANY_CALLING_BACK
def test_a_callback_that_comes_twice_settles_once(railsim: Simulator, sender: Account, way: Way) -> None:
    payment = ordered(sender, way, "1498.00")
    work()
    called_back(railsim)
    assert RailCallback.objects.get().times == 2
    assert (state_of(payment), internal()) == (State.SETTLED, settled(way, Decimal("1498.00")))


@ANY_CALLING_BACK
def test_a_callback_that_is_quicker_than_the_answer_wins(railsim: Simulator, sender: Account, way: Way) -> None:
    payment = ordered(sender, way)
    claimed = working._claim_next()
    assert claimed is not None
    answer = outside_rails.send(claimed.payment)
    called_back(railsim)
    assert state_of(payment) == State.SETTLED
    working.take_note(claimed.payment, answer, asked=False)
    assert (state_of(payment), internal()) == (State.SETTLED, settled(way, Decimal("1450.00")))


@ANY_CALLING_BACK
def test_callbacks_in_the_wrong_order_each_find_their_own_payment(
    railsim: Simulator, sender: Account, way: Way
) -> None:
    railsim.store.set_fault("*", "reverse", 1)
    payments = [ordered(sender, way, amount) for amount in ("1410.00", "1440.00", "1450.00")]
    work()
    called_back(railsim)
    assert [state_of(payment) for payment in payments] == [State.SETTLED, State.RETURNED, State.SETTLED]
    assert balance(sender) == START - 2 * way.fee - Decimal("2860.00")
    assert internal() == {name: 2 * amount for name, amount in settled(way, Decimal("1430.00")).items()}


@pytest.mark.parametrize("way", [way for way in CALLING_BACK if not way.answers_later], ids=str)
def test_a_callback_after_an_enquiry_changes_nothing(
    railsim: Simulator, sender: Account, way: Way, at: time_machine.Traveller
) -> None:
    payment = ordered(sender, way, "1450.00")
    work()
    at.shift(timedelta(seconds=31))
    work()
    before = internal()
    assert (state_of(payment), called_back(railsim)) == (State.SETTLED, 1)
    assert (state_of(payment), internal()) == (State.SETTLED, before)


def said(way: Way, payment: Payment, *, amount: str, paid: bool = True, order_id: str = "") -> dict[str, Any]:
    """A result in the rail's own words."""
    known = order_id or way.known_as(payment)
    if way.rail == "mpesa":
        facts = [{"Key": "TransactionAmount", "Value": amount}, {"Key": "TransactionReceipt", "Value": "S1"}]
        result = {"ResultCode": 0 if paid else 2040, "OriginatorConversationID": known, "ConversationID": "AG_1"}
        return {"Result": {**result, "ResultParameters": {"ResultParameter": facts}}}
    if way.rail in {"pesalink", "cdsc"}:
        code = "0" if paid else "AC01"
        destination = {"Amount": amount, "ResponseCode": code, "TransactionID": "PL1"}
        return {"MessageReference": known, "MessageCode": "0", "Destinations": [destination]}
    status = {"status": "PAID", "receipt": "R1"} if paid else {"status": "REJECTED", "code": "FLOAT"}
    return {"id": known, "amount": amount, **status}


def post(way: Way, content: Any) -> RailCallback:
    """Somebody who knows the secret address posts this, and the worker looks at it."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    answer = Client().post(callbacks.path_for(f"{way.rail}.result"), body, content_type="application/json")
    assert answer.status_code == 200
    callbacks.work_through()
    return RailCallback.objects.order_by("-id")[0]


def people_are_called(payment: Payment) -> bool:
    """It stands on the staff's board of contradictions, and in the trail once."""
    return payment in ageing.contradicted() and AuditEvent.objects.filter(verb="payment.contradicted").count() == 1


@ANY_CALLING_BACK
def test_a_callback_with_another_amount_is_kept_settles_nothing_and_calls_people(sender: Account, way: Way) -> None:
    payment = ordered(sender, way)
    work()
    kept = post(way, said(way, payment, amount="14500.00"))
    assert (kept.state, state_of(payment)) == (RailCallback.State.DONE, State.SENT)
    assert "says 14500.00 where we sent 1450.00" in kept.reason
    assert people_are_called(payment)
    assert (balance(sender), internal()) == (gone(way, Decimal("1450.00")), waiting(way, Decimal("1450.00")))


@pytest.mark.parametrize("way", [PESALINK, BILLS, TKASH], ids=str)
def test_a_callback_about_another_rails_payment_is_not_ours(railsim: Simulator, sender: Account, way: Way) -> None:
    other = CDSC
    payment = ordered(sender, other)
    work()
    post(way, said(way, payment, amount="1450.00"))
    assert state_of(payment) == State.SENT
    assert internal() == waiting(other, Decimal("1450.00"))


@ANY_CALLING_BACK
@pytest.mark.parametrize("body", [b"[]", b"null", b"\xff\xfe", b'{"Destinations": NaN}', b"x" * 10_000])
def test_a_callback_that_is_none_is_kept_for_people(sender: Account, way: Way, body: bytes) -> None:
    payment = ordered(sender, way)
    work()
    assert post(way, body).state == RailCallback.State.FAILED
    assert state_of(payment) == State.SENT


@ANY_CALLING_BACK
def test_told_that_it_arrived_after_it_went_back_people_look_and_no_money_moves(
    railsim: Simulator, sender: Account, way: Way
) -> None:
    payment = ordered(sender, way, "1440.00")
    work()
    called_back(railsim)
    post(way, said(way, payment, amount="1440.00"))
    assert state_of(payment) == State.RETURNED
    assert people_are_called(payment)
    assert (balance(sender), internal()) == (START, {})


@ANY_CALLING_BACK
def test_told_that_it_failed_after_it_arrived_people_look_and_no_money_moves(
    railsim: Simulator, sender: Account, way: Way
) -> None:
    payment = ordered(sender, way)
    work()
    called_back(railsim)
    post(way, said(way, payment, amount="1450.00", paid=False))
    assert state_of(payment) == State.SETTLED
    assert people_are_called(payment)
    assert internal() == settled(way, Decimal("1450.00"))


# --- Meters and airtime -------------------------------------------------------------------------------------------

METER = Way("bills", lambda: to_biller("KPLC_PREPAID", "14123456789"), Decimal("50.00"), Decimal("6.52"))


@pytest.mark.parametrize("amount", ["1450.00", "1497.00", "1498.00", "1499.00"])
def test_a_meters_token_reaches_the_receipt_and_the_phone_whatever_happens_on_the_way(
    railsim: Simulator, sender: Account, at: time_machine.Traveller, amount: str
) -> None:
    payment = ordered(sender, METER, amount)
    work()
    called_back(railsim)
    at.shift(timedelta(seconds=31))
    work()
    row = Payment.objects.get(pk=payment.pk)
    assert row.state == State.SETTLED
    assert row.token
    life = life_of(Instruction.objects.get(pk=payment.pk))
    assert life is not None
    assert len(life.token) == len("1234-5678-9012-3456-7890")
    assert row.token != life.token.replace("-", "")  # encrypted at rest
    assert OutboxMessage.objects.filter(cause__startswith=f"payment-token:{payment.pk}").exists()
    assert len(executions(railsim)) == 1


def test_airtime_arrives_within_the_answer(railsim: Simulator, sender: Account) -> None:
    Biller.objects.filter(code="AIRTIME_AIRTEL").update(bank_code="99", bank_account="9900000034")
    buying = Way("bills", lambda: airtime("0733000111", "AIRTEL_MONEY"), NOTHING, NOTHING)
    payment = ordered(sender, buying, "200.00")
    work()
    assert (state_of(payment), balance(sender)) == (State.SETTLED, START - Decimal("200.00"))
    assert internal() == {"nostro.bills": Decimal("200.00")}
    assert executions(railsim) == [(payment.id.hex, "200.00", "AIRTIME_AIRTEL/254733000111")]


def test_a_brokers_bank_account_gets_the_cds_number_as_reference(railsim: Simulator, sender: Account) -> None:
    Broker.objects.filter(code="ABC_CAPITAL").update(bank_code="99", bank_account="9900000001")
    way = Way("cdsc", lambda: to_broker("ABC_CAPITAL", "1234567-LI", "LI"), Decimal("100.00"), Decimal("13.04"))
    ordered(sender, way)
    work()
    called_back(railsim)
    body = next(row["body"] for row in state(railsim)["requests"] if "FundsTransfer" in row["path"])
    assert json.loads(body)["Destinations"][0]["Narration"] == "1234567"
    assert internal() == settled(way, Decimal("1450.00"))
