"""Payments that leave the bank, whom they can go to, and what they cost."""

import uuid
from decimal import Decimal

import factory

from accounts.models import FeeBand, Rate
from tests.factories.base import now
from transfers.models import Bank, Biller, Broker, KnownPayee, Payment, PhonePrefix, SavedPayee
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
    account_label_sw = "Namba ya akaunti"
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
    destination = factory.LazyFunction(lambda: {"network": "MPESA", "msisdn": "254722000111"})
    created_at = now()


class KnownPayeeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = KnownPayee

    customer_id = 1
    payee_key = factory.Sequence(lambda n: f"mobile:MPESA:25472200{n:04}")
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
