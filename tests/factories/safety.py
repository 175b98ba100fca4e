"""Stops that a customer or the staff put on what leaves the customer, and calls and looks of the bank's staff."""

from datetime import timedelta

import factory

from accounts.models import BankCall, Freeze, SupportLook, SupportView
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


class SupportViewFactory(factory.django.DjangoModelFactory):
    """A look that was agreed to and is over."""

    class Meta:
        model = SupportView

    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    reference = "604 718"
    staff_id = 1
    staff_code = "SUPPORT001"
    helper = "Achieng Odhiambo"
    department = BankCall.Department.SUPPORT
    why = "You asked where a payment to KPLC is"
    asked_at = now()
    answer_by = factory.LazyFunction(lambda: clock.now() + timedelta(minutes=10))
    approved_at = now()
    ends_at = factory.LazyFunction(lambda: clock.now() + timedelta(minutes=30))
    ended_at = now()
    ended_by = SupportView.EndedBy.CUSTOMER


class SupportLookFactory(factory.django.DjangoModelFactory):
    """A page that was looked at."""

    class Meta:
        model = SupportLook

    view = factory.SubFactory(SupportViewFactory)
    at = now()
    page = "view"
    address = "/view/"
