"""Second factors that a customer added."""

import uuid

import factory

from accounts.models import AuthenticatorApp
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
