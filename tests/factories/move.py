"""Payments that leave the bank, whom they can go to, and what they cost."""

import uuid
from decimal import Decimal

import factory

from accounts.models import FeeBand, Rate
from tests.factories.base import now
from transfers.models import (
    Bank,
    Biller,
    BlockedAsker,
    Broker,
    Deposit,
    Incoming,
    KnownPayee,
    MoneyRequest,
    Payment,
    PaymentFile,
    PaymentFileRow,
    PhonePrefix,
    RailId,
    SavedPayee,
    ScamPause,
    StandingOrder,
    StandingRun,
    TellerFee,
)
from transfers.payees.guards import guard_key
from wekeza_portal import clock, identifiers


class PaymentFactory(factory.django.DjangoModelFactory):
    """A payment as a row, without instruction or posting."""

    class Meta:
        model = Payment

    id = factory.LazyFunction(uuid.uuid4)
    customer_id = 1
    rail = "MPESA"
    reference = factory.LazyFunction(identifiers.new_reference)
    amount = Decimal("500.00")
    fee = Decimal("22.00")
    destination = factory.LazyFunction(lambda: {"network": "MPESA", "msisdn": "254722000111"})
    received_at = now()
    due_at = now()


class DepositFactory(factory.django.DjangoModelFactory):
    """A deposit as a row, without instruction."""

    class Meta:
        model = Deposit

    id = factory.LazyFunction(uuid.uuid4)
    customer_id = 1
    account_id = 1
    account_number = "ACC1"
    reference = factory.LazyFunction(identifiers.new_reference)
    msisdn = "254722000111"
    is_own_phone = True
    amount = Decimal("500.00")
    state = "REFUSED"
    asked_at = now()


class IncomingFactory(factory.django.DjangoModelFactory):
    """Money that came in as a row, without posting."""

    class Meta:
        model = Incoming

    way = "PAYBILL"
    receipt = factory.Sequence(lambda n: f"SKQ{n:07}")
    customer_id = 1
    typed = "ACC1"
    amount = Decimal("500.00")
    received_at = now()
    state = "SUSPENSE"
    why = "unknown"
    reference = factory.LazyFunction(identifiers.new_reference)


class BankFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Bank
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"{80 + n % 19}")
    name = "Test Bank"


class PhonePrefixFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PhonePrefix

    prefix = factory.Sequence(lambda n: f"9{n % 100:02}")
    operator = "Test Network"


class BillerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Biller

    code = factory.Sequence(lambda n: f"TEST_BILLER_{n}")
    name = "Test Biller"
    category = "WATER"
    paybill = "000111"
    account_label_en = "Account number"
    account_label_sw = "Nambari ya akaunti"
    account_pattern = "[0-9]{4,10}"
    account_example = "123456"
    minimum = Decimal("10.00")
    maximum = Decimal("100000.00")


class BrokerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Broker

    code = factory.Sequence(lambda n: f"TEST_BROKER_{n}")
    name = "Test Broker"
    paybill = "000222"


class SavedPayeeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SavedPayee

    customer_id = 1
    kind = "MOBILE_MONEY"
    payee_key = factory.Sequence(lambda n: f"mobile:MPESA:25472200{n:04}")
    guard_key = factory.LazyAttribute(lambda row: guard_key(row.payee_key))
    destination = factory.LazyFunction(
        lambda: {
            "to_name": "GRACE N***",
            "to_number": "0722 000 111",
            "to_at": "M-Pesa",
            "values": {"network": "MPESA", "msisdn": "254722000111"},
        }
    )
    created_at = now()


class KnownPayeeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = KnownPayee

    customer_id = 1
    guard_key = factory.Sequence(lambda n: f"phone:25472200{n:04}")
    first_at = now()


class FeeBandFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FeeBand

    code = "MOBILE_MONEY"
    effective_from = factory.LazyFunction(clock.today)
    up_to = factory.Sequence(lambda n: Decimal(200_000 + n))
    amount = Decimal("320.00")


class RateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Rate

    code = "EXCISE_OTHER"
    effective_from = factory.Sequence(lambda n: clock.today().replace(year=2021 + n % 60))
    per_cent = Decimal("20.0000")


class RailIdFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RailId

    payment_id = factory.LazyFunction(uuid.uuid4)
    value = factory.Sequence(lambda n: f"AG_20260131_{n:06}")


class TellerFeeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TellerFee

    up_to = factory.Sequence(lambda n: Decimal(2_000_000 + n))
    amount = Decimal("100.00")


class ScamPauseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ScamPause

    instruction_id = factory.LazyFunction(uuid.uuid4)
    customer_id = 1
    kind = "MOBILE_MONEY"
    payee_key = factory.Sequence(lambda n: f"mobile:MPESA:25472200{n:04}")
    guard_key = factory.LazyAttribute(lambda row: guard_key(row.payee_key))
    shown_at = now()


class StandingOrderFactory(factory.django.DjangoModelFactory):
    """A paused order as a row: nothing pays it, and no instruction set it up."""

    class Meta:
        model = StandingOrder

    public_id = factory.LazyFunction(uuid.uuid4)
    customer_id = 1
    fingerprint = "0" * 64
    kind = "TRANSFER_INTERNAL"
    payload = factory.LazyFunction(
        lambda: {
            "from_account_id": "1",
            "from_number": "ACC1",
            "to_account_id": "2",
            "to_number": "ACC2",
            "to_name": "GRACE N***",
            "note": "Rent",
        }
    )
    receiver = "Savings, ACC2"
    from_number = "ACC1"
    amount = Decimal("500.00")
    rhythm = "MONTHLY"
    begins = factory.LazyFunction(clock.today)
    mode = "PAY"
    state = "PAUSED"
    content_hash = "0" * 64
    authorized_at = now()
    created_at = now()


class StandingRunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StandingRun

    order = factory.SubFactory(StandingOrderFactory)
    nominal = factory.LazyFunction(clock.today)
    due_on = factory.LazyFunction(clock.today)
    state = "FAILED"
    reason = "MONEY"
    made_at = now()


class MoneyRequestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MoneyRequest

    asker_id = 1
    to_account = "ACC1"
    payer_number = factory.Sequence(lambda n: f"ACC{5_000_000 + n}")
    amount = Decimal("500.00")
    created_at = now()
    expires_at = now()


class BlockedAskerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BlockedAsker

    customer_id = 1
    asker_id = factory.Sequence(lambda n: 9_000_000 + n)
    created_at = now()


class PaymentFileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PaymentFile

    customer_id = 1
    fingerprint = "0" * 64
    name = "July.csv"
    from_number = "ACC1"
    sha256 = "0" * 64
    state = "CANCELLED"
    created_at = now()
    expires_at = now()


class PaymentFileRowFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PaymentFileRow

    file = factory.SubFactory(PaymentFileFactory)
    number = factory.Sequence(lambda n: n % 30_000 + 2)
    typed = factory.LazyFunction(
        lambda: {"kind": "phone", "number": "0722000111", "name": "Grace Njeri", "amount": "500"}
    )
    amount = Decimal("500.00")
