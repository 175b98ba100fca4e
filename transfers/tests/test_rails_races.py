"""Several workers and many callbacks at the same time: each payment is sent once and ends once."""

import json
from decimal import Decimal
from uuid import UUID

import pytest
from django.test import Client

from accounts.checking import differences
from accounts.models import Account, Posting
from tests.together import at_once
from transfers.models import Payment
from transfers.tests.support import an_account, balance
from transfers.tests.ways import PESALINK, WAYS, State, called_back, internal, ordered, settled, work
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.rails.tests.talking import executions
from wekeza_portal.staff.models import PortalSwitch

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sender() -> Account:
    PortalSwitch.objects.filter(code="TKASH").delete()
    return an_account("Emmanuel Odenyire", "100000.00")


def test_twenty_callbacks_at_once_each_in_other_bytes_settle_once(railsim: Simulator, sender: Account) -> None:
    payment = ordered(sender, PESALINK)
    work()
    destination = {"Amount": "1450.00", "ResponseCode": "0", "TransactionID": "PL1"}
    result = {"MessageReference": payment.id.hex, "Destinations": [destination]}
    path = callbacks.path_for("pesalink.result")

    def told(number: int) -> int:
        body = json.dumps({**result, "MessageDateTime": number})
        status = Client().post(path, body, content_type="application/json").status_code
        callbacks.work_through()
        return int(status)

    assert at_once([lambda number=number: told(number) for number in range(20)]) == [200] * 20
    while callbacks.work_through():
        pass
    done = {row.state for row in RailCallback.objects.all()}
    assert (RailCallback.objects.count(), done) == (20, {RailCallback.State.DONE})
    assert Payment.objects.get(pk=payment.pk).state == State.SETTLED
    assert Posting.objects.count() == 2  # the payment and its settlement
    assert internal() == settled(PESALINK, Decimal("1450.00"))
    assert list(differences()) == []


def test_six_workers_at_once_send_each_payment_once(railsim: Simulator, sender: Account) -> None:
    payments = [
        ordered(sender, way, 1400 + number) for number in (10, 12) for way in WAYS if way.rail != "airtel_money"
    ]
    at_once([work] * 6)
    called_back(railsim)
    assert {Payment.objects.get(pk=payment.pk).state for payment in payments} == {State.SETTLED}
    sent = [UUID(originator) for originator, *_rest in executions(railsim)]
    assert sorted(sent) == sorted(payment.id for payment in payments)
    assert railsim.store.alarms() == []
    spent = sum((payment.amount + payment.fee for payment in payments), Decimal("0.00"))
    assert balance(sender) == Decimal("100000.00") - spent
    assert list(differences()) == []
