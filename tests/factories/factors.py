"""Second factors that a customer added."""

import uuid

import factory

from accounts.models import AuthenticatorApp, BackupCode
from tests.factories.base import now
from tests.factories.identity import UserFactory
from wekeza_portal import crypto, oath


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
