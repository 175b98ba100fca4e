"""Stops that a customer or the staff put on what leaves the customer, and calls of the bank's staff."""

from datetime import timedelta

import factory

from accounts.models import BankCall, Freeze
from tests.factories.base import now
from tests.factories.branch import CustomerFactory
from wekeza_portal import clock


class FreezeFactory(factory.django.DjangoModelFactory):
    """A stop that is over. `open_for=customer_id` with `ended_at=None, ended_by=""` makes one that lasts."""

    class Meta:
        model = Freeze

    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    since = now()
    begun_by = Freeze.By.INSIDE
    ended_at = now()
    ended_by = Freeze.By.INSIDE


class BankCallFactory(factory.django.DjangoModelFactory):
    """A call that is over."""

    class Meta:
        model = BankCall

    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    reference = "482 193"
    staff_id = 1
    staff_code = "SUPPORT001"
    caller = "Achieng Odhiambo"
    department = BankCall.Department.FRAUD
    about = "A payment that looked unusual"
    opened_at = now()
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(minutes=30))
    ended_at = now()
