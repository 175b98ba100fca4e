"""A member of staff with a browser, both factors given."""

from typing import Any

from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from tests.factories import StaffFactory, UserFactory
from wekeza_portal.staff import door, totp
from wekeza_portal.staff.models import StaffTotp

PASSWORD = "a long staff password 7"  # noqa: S105 - of invented people


def staff(role: str | None = "support", *, code: str = "") -> User:
    """On the branch's list, with a password, an authenticator and one role (None for none), tied to the post."""
    member = StaffFactory(**({"staff_code": code} if code else {}))
    user: User = UserFactory(customer=None, username=member.staff_code, code_device=False)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    if role:
        user.groups.add(Group.objects.get(name=role))
    door.tie(user)
    totp.new_device(user.pk)
    return user


def code_of(user: User) -> str:
    """What the authenticator shows: the first code that was not used yet."""
    code = totp.current_code(StaffTotp.objects.get(user=user))
    assert code is not None
    return code


def try_to_sign_in(client: Client, user: User, **changed: str) -> Any:
    typed = {"username": user.username, "password": PASSWORD, "code": code_of(user)}
    return client.post("/admin/login/", {**typed, **changed})


def signed_in(user: User) -> Client:
    client = Client()
    response = try_to_sign_in(client, user)
    assert response.status_code == 302, response.content
    return client
