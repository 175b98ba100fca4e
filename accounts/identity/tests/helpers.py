"""Walking through the forms as a browser would, and reading the codes as the phone would."""

import re
from typing import Any

from django.test import Client

from accounts.models import AuthenticatorApp, BranchCustomer, OneTimeCode, User
from tests.factories import PASSWORD
from wekeza_portal import crypto, oath
from wekeza_portal.notifications.models import OutboxMessage

WRONG = "never the password 1"


def sent_bodies(customer: BranchCustomer) -> list[str]:
    """Every message to the customer, oldest first, secrets opened."""
    rows = OutboxMessage.objects.filter(customer_id=customer.user_id).order_by("created_at")
    return [crypto.decrypt(row.body) if row.is_secret else row.body for row in rows]


def code_for(customer: BranchCustomer, client: Client | None = None) -> str:
    """The live code that was sent to the customer; the one of `client`'s half-login where several are out."""
    rows = OneTimeCode.objects.filter(customer_id=customer.user_id, used_at=None)
    if client is not None:
        rows = rows.filter(binding=f"half-login:{client.session['half_login'][3]}")
    row = rows.order_by("-created_at", "-purpose").first()  # of one second: a step-up before a half-login
    assert row is not None, "no code is out"
    message = OutboxMessage.objects.get(cause=f"code:{row.id}")
    found = re.match(r"\d{6}", crypto.decrypt(message.body))
    assert found is not None
    return found.group()


def app_code(user: User) -> str:
    """The code that the user's authenticator app shows: the first that would still be taken."""
    row = AuthenticatorApp.objects.get(user=user)
    code = oath.next_code(crypto.decrypt(row.encrypted_key), row.last_step)
    assert code is not None, "the next code takes a moment"
    return code


def confirm(client: Client, user: User, act: str, **more: Any) -> Any:
    """Press the button of a change of factors and confirm it with the code that comes by SMS; the answer to it."""
    page = client.post("/settings/security/change/", {"act": act, **more})
    address = f"{page['Location']}&way=SMS"
    client.get(address)
    assert user.customer is not None
    return client.post(address, {"code": code_for(user.customer)})


def another(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def code_box(page: str) -> str:
    """The input for the code as the page has it."""
    found = re.search(r'<input[^>]*name="code"[^>]*>', page)
    assert found is not None, "no box for a code"
    return found.group()


def give_password(client: Client, user: User, password: str = PASSWORD, **extra: Any) -> Any:
    assert user.customer is not None
    return client.post("/login/", {"email": user.customer.email, "password": password}, **extra)


def walk_in(client: Client, user: User) -> Any:
    """Both steps with the right answers."""
    give_password(client, user)
    assert user.customer is not None
    return client.post("/login/code/", {"code": code_for(user.customer, client)})


def is_signed_in(client: Client) -> bool:
    """Whether both factors are given, also where the terms have to be accepted before anything else."""
    answer = client.get("/settings/sign-ins/")
    return bool(answer.status_code == 200 or answer.headers.get("Location", "").startswith("/terms/accept/"))
