"""Somebody signed in, and the form of the preferences as a browser sends it."""

from django.test import Client

from accounts.models import User
from tests.factories import CustomerFactory, UserFactory
from tests.support import sign_in

PAGE = "/settings/preferences/"
AS_IT_WAS = {
    "date_format": "DMY",
    "theme": "device",
    "text_size": "normal",
    "default_account": "",
    "display_currency": "",
    "history_years": "0",
}


def somebody(**chosen: object) -> tuple[Client, User]:
    user = UserFactory(customer=CustomerFactory(full_name="Nuria Achieng"), **chosen)
    client = Client()
    sign_in(client, user)
    return client, user


def kept(user: User) -> dict[str, str]:
    """What the login holds, as the form would send it."""
    user.refresh_from_db()
    return {name: str(getattr(user, name)) for name in AS_IT_WAS}
