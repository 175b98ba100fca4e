"""A customer with a signed-in browser, and terms that changed."""

from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.models import LegalText, User
from accounts.privacy import texts
from tests.factories import UserFactory
from tests.support import sign_in
from wekeza_portal import clock


@pytest.fixture
def wanjiku(db: None) -> User:
    user: User = UserFactory()
    return user


@pytest.fixture
def client(client: Client, wanjiku: User) -> Client:
    sign_in(client, wanjiku)
    return client


def new_terms(begins: date | None = None, *, version: int = 2) -> LegalText:
    """Another version of the terms, in force since yesterday unless told otherwise."""
    row = LegalText(
        kind=LegalText.Kind.TERMS,
        version=version,
        effective_from=begins or clock.today() - timedelta(days=1),
        text_en=f"## Version {version}\nPay what you owe.\n- One <script>alert(1)</script>\n- Two",
        text_sw=f"## Toleo la {version}\nLipa unachodaiwa.",
        changes_en="Fees are fairer.",
        changes_sw="Ada ni za haki zaidi.",
    )
    row.save(force_insert=True)
    texts.forget_remembered()
    return row
