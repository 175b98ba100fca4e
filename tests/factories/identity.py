"""Who may sign in, and what remembers it."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import factory

from accounts.identity.backends import normalise_email
from accounts.identity.links import fingerprint, secret_digest
from accounts.models import (
    ActivationCode,
    CodeDevice,
    ContactChange,
    CustomerDetails,
    CustomerDocument,
    CustomerIdentity,
    KeptForm,
    KnownDevice,
    OneTimeCode,
    PendingPassword,
    ResetLink,
    SignedInSession,
    SignInAttempt,
    User,
)
from tests.factories.base import now, password_hash
from tests.factories.branch import CustomerFactory
from wekeza_portal import clock, crypto
from wekeza_portal.models import Errand
from wekeza_portal.notifications.models import Channel

# --- The portal's identity ----------------------------------------------------------------------------------------


class UserFactory(factory.django.DjangoModelFactory):
    """An enrolled customer: password `PASSWORD`, a code device, and a link that holds. `customer=None` makes staff."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    customer = factory.SubFactory(CustomerFactory)
    username = factory.LazyAttribute(
        lambda o: f"customer:{o.customer.user_id}" if o.customer else f"STAFF-{uuid.uuid4().hex[:8]}"
    )
    password = factory.LazyFunction(lambda: password_hash(_preferred_hasher()))
    fingerprint = factory.LazyAttribute(lambda o: fingerprint(o.customer) if o.customer else "")
    branch_secret_digest = factory.LazyAttribute(lambda o: secret_digest(o.customer) if o.customer else "")
    known_phone = factory.LazyAttribute(lambda o: (o.customer.phone_number or "") if o.customer else "")
    known_phone_since = factory.LazyFunction(lambda: clock.now() - timedelta(days=100))
    known_email = factory.LazyAttribute(lambda o: normalise_email(o.customer.email) if o.customer else "")
    is_staff = factory.LazyAttribute(lambda o: o.customer is None)
    accepted_terms = 1

    @factory.post_generation
    def code_device(obj: User, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        """Pass code_device=False for a user without one."""
        if create and extracted is not False:
            CodeDeviceFactory(user=obj)


def _preferred_hasher() -> str:
    from django.conf import settings

    return str(settings.PASSWORD_HASHERS[0])


class CodeDeviceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CodeDevice

    user = factory.SubFactory(UserFactory, code_device=False)
    name = "code"
    confirmed = True


class OneTimeCodeFactory(factory.django.DjangoModelFactory):
    """A live code. `code_hash` here fits no code: make real ones through accounts.identity."""

    class Meta:
        model = OneTimeCode

    purpose = OneTimeCode.Purpose.SIGN_IN
    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    binding = factory.LazyFunction(lambda: uuid.uuid4().hex)
    code_hash = "0" * 64
    channel = Channel.SMS
    sent_to = "+2547*****001"
    created_at = now()
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(minutes=5))


class SignedInSessionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SignedInSession

    session_key_digest = factory.LazyFunction(lambda: crypto.keyed_digest("test-session", uuid.uuid4().hex))
    user = factory.SubFactory(UserFactory)
    started_at = now()
    last_seen_at = now()
    ip = "192.0.2.10"
    user_agent = "Mozilla/5.0 (Linux; Android 14)"


class SignInAttemptFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SignInAttempt

    user = factory.SubFactory(UserFactory)
    at = now()
    outcome = SignInAttempt.Outcome.SIGNED_IN
    ip = "192.0.2.10"
    user_agent = "Mozilla/5.0 (Linux; Android 14)"


class KnownDeviceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = KnownDevice

    user = factory.SubFactory(UserFactory)
    token_digest = factory.LazyFunction(lambda: crypto.keyed_digest("test-device", uuid.uuid4().hex))
    first_seen_at = now()
    last_seen_at = now()


class KeptFormFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = KeptForm

    user = factory.SubFactory(UserFactory)
    path = "/move/wekeza/"
    data = factory.LazyFunction(lambda: crypto.encrypt("{}"))
    created_at = now()


class ResetLinkFactory(factory.django.DjangoModelFactory):
    """A live link whose token nobody knows."""

    class Meta:
        model = ResetLink

    token_digest = factory.LazyFunction(lambda: crypto.keyed_digest("test-link", uuid.uuid4().hex))
    user = factory.SubFactory(UserFactory)
    replaces = "0" * 64
    created_at = now()
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(minutes=15))


class ActivationCodeFactory(factory.django.DjangoModelFactory):
    """Approved and not printed yet: who approved it stands in no proposal. Real ones come from two of the staff."""

    class Meta:
        model = ActivationCode

    user = factory.SubFactory(UserFactory)
    phone = "+254733999888"
    proposal_id = factory.LazyFunction(uuid.uuid4)
    created_at = now()
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(hours=24))


class PendingPasswordFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PendingPassword

    instruction_id = factory.LazyFunction(uuid.uuid4)
    user = factory.SubFactory(UserFactory)
    replaces = "0" * 64
    encoded = "!"
    created_at = now()


class ContactChangeFactory(factory.django.DjangoModelFactory):
    """One that waits for the code from the new address."""

    class Meta:
        model = ContactChange

    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    detail = "email"
    old = "old@example.com"
    new = "new@example.com"
    created_at = now()
    prove_until = factory.LazyFunction(lambda: clock.now() + timedelta(hours=1))


class CustomerDetailsFactory(factory.django.DjangoModelFactory):
    """Somebody who has said everything."""

    class Meta:
        model = CustomerDetails

    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    created_at = now()
    home_address = "House 4, Umoja Estate"
    town = "Nairobi"
    postal_address = "P.O. Box 1234-00100 Nairobi"
    home_since = now()
    kin_name = "Akinyi Otieno"
    kin_relation = CustomerDetails.Kin.SIBLING
    kin_phone = "+254722000222"
    kin_since = now()
    work = CustomerDetails.Work.EMPLOYED
    employer = "Savannah Dairy Ltd"
    occupation = "Driver"
    monthly_income = Decimal("48500.00")
    work_since = now()


class CustomerDocumentFactory(factory.django.DjangoModelFactory):
    """A paper nobody has looked at."""

    class Meta:
        model = CustomerDocument

    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    kind = CustomerDocument.Kind.ID
    sent_at = now()


class CustomerIdentityFactory(factory.django.DjangoModelFactory):
    """Somebody whose ID two members of staff have seen."""

    class Meta:
        model = CustomerIdentity

    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    decided_by = "REL001, SUP001"
    decided_at = now()


class ErrandFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Errand

    kind = "lock-notice"
    data = factory.LazyFunction(lambda: crypto.encrypt("{}"))
    created_at = now()
