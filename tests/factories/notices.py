"""What customers chose to be told, and in which foreign money they think."""

from datetime import timedelta
from decimal import Decimal

import factory

from accounts.identity.links import fingerprint
from accounts.models import IndicativeRate, LowBalanceTold, MessageChoice, MessageHabits
from tests.factories.base import now
from tests.factories.branch import CustomerFactory
from wekeza_portal import clock


class MessageHabitsFactory(factory.django.DjangoModelFactory):
    """No quiet hours, no figure."""

    class Meta:
        model = MessageHabits

    customer = factory.SubFactory(CustomerFactory)
    fingerprint = factory.LazyAttribute(lambda o: fingerprint(o.customer))
    changed_at = now()


class MessageChoiceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MessageChoice

    habits = factory.SubFactory(MessageHabitsFactory)
    event = "MONEY_IN"
    sms = True
    email = False


class LowBalanceToldFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LowBalanceTold

    account_id = factory.Sequence(lambda n: 50_000 + n)
    customer_id = 15
    told_at = now()


class IndicativeRateFactory(factory.django.DjangoModelFactory):
    """In force from tomorrow on, each from another day."""

    class Meta:
        model = IndicativeRate

    code = "USD"
    kes = Decimal("129.35")
    effective_from = factory.Sequence(lambda n: clock.today() + timedelta(days=1 + n))
