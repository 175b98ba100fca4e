"""Making a member of staff's login: tied to a code of the branch's staff table, in roles, with an authenticator key."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.staff import door, passwords, roles, totp
from wekeza_portal.staff.models import StaffTotp


class NotOnTheList(Exception):
    """The branch's staff table has no active row with this code."""


@transaction.atomic
def set_up(staff_code: str, password: str, role_names: Sequence[str], *, actor: Actor, key: bytes = b"") -> StaffTotp:
    """Make or renew a login; the returned device is new, the former one is void.

    Raises NotOnTheList, ValidationError for the password, LookupError for an unknown role.
    """
    if not door.is_on_the_list(staff_code):
        raise NotOnTheList(staff_code)
    unknown = set(role_names) - set(roles.ROLES)
    if unknown:
        raise LookupError(f"no such role: {', '.join(sorted(unknown))}")
    passwords.check(password, staff_code=staff_code)
    model: Any = get_user_model()
    user = model.objects.filter(username=staff_code, customer=None).first() or model(username=staff_code)
    user.is_staff = user.is_active = True
    user.set_password(password)
    if user.pk:
        user.save(update_fields=["is_staff", "is_active", "password"])
    else:
        user.save(force_insert=True)
    door.tie(user)
    user.groups.set(Group.objects.filter(name__in=role_names))
    record("staff.set_up", actor=actor, subject=f"staff:{staff_code}", data={"roles": sorted(role_names)})
    return totp.new_device(user.pk, key=key)
