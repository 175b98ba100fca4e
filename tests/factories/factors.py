"""Second factors that a customer added."""

import uuid
from datetime import timedelta

import factory

from accounts.models import AuthenticatorApp, BackupCode, Passkey, PasskeyChallenge
from tests.factories.base import now
from tests.factories.identity import UserFactory
from wekeza_portal import clock, crypto, oath


class AuthenticatorAppFactory(factory.django.DjangoModelFactory):
    """An app that counts."""

    class Meta:
        model = AuthenticatorApp

    user = factory.SubFactory(UserFactory)
    instruction_id = factory.LazyFunction(uuid.uuid4)
    encrypted_key = factory.LazyFunction(lambda: crypto.encrypt(oath.new_key()))
    is_proven = True
    created_at = now()


class BackupCodeFactory(factory.django.DjangoModelFactory):
    """An unused one. `digest` here fits no code: make real ones through accounts.identity.factors.backup."""

    class Meta:
        model = BackupCode

    user = factory.SubFactory(UserFactory)
    instruction_id = factory.LazyFunction(uuid.uuid4)
    digest = factory.LazyFunction(lambda: crypto.keyed_digest("test-backup-code", uuid.uuid4().hex))
    made_at = now()


class PasskeyFactory(factory.django.DjangoModelFactory):
    """One whose key nobody has: working ones come from tests.softkey."""

    class Meta:
        model = Passkey

    user = factory.SubFactory(UserFactory)
    instruction_id = factory.LazyFunction(uuid.uuid4)
    name = "My phone"
    credential_id = factory.LazyFunction(lambda: uuid.uuid4().hex)
    credential_digest = factory.LazyFunction(lambda: crypto.keyed_digest("test-passkey", uuid.uuid4().hex))
    public_key = "AA"
    made_at = now()


class PasskeyChallengeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PasskeyChallenge

    user = factory.SubFactory(UserFactory)
    binding = factory.LazyFunction(lambda: uuid.uuid4().hex)
    challenge = "AA"
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(minutes=5))
