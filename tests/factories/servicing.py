"""Letters of the bank, and services that staff gave."""

from decimal import Decimal

import factory

from accounts.identity.links import fingerprint
from accounts.models import BankLetter, BranchCustomer, ServiceDone
from tests.factories.branch import CustomerFactory
from tests.factories.money import ApprovalRequestFactory
from wekeza_portal import clock


class BankLetterFactory(factory.django.DjangoModelFactory):
    """A free letter that confirms an account."""

    class Meta:
        model = BankLetter

    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    fingerprint = factory.LazyAttribute(lambda row: fingerprint(BranchCustomer.objects.get(pk=row.customer_id)))
    kind = BankLetter.Kind.ACCOUNT
    account_number = factory.Sequence(lambda n: f"ACC{7000000 + n}")
    account_kind = "SAVINGS"
    account_status = "ACTIVE"
    holder = "Emmanuel Otieno"
    fee = Decimal("0.00")
    excise = Decimal("0.00")
    made_at = factory.LazyFunction(clock.now)


class ServiceDoneFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ServiceDone

    request = factory.SubFactory(ApprovalRequestFactory)
    staff = "SUP001"
    at = factory.LazyFunction(clock.now)
