"""Passwords as they are stored."""

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts.identity.tests.helpers import give_password
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def test_an_old_pbkdf2_password_is_hashed_anew_at_sign_in(client: Client) -> None:
    user = UserFactory(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    give_password(client, user)
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")
    assert user.check_password(PASSWORD)
