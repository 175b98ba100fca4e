"""Signing staff in: staff code, password and the code of the authenticator app, all at once or not at all."""

from datetime import timedelta
from typing import Any

import django_otp
from django.contrib.auth import get_user_model, login
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wekeza_portal import ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import Policy, client_address, neighbourhood
from wekeza_portal.staff import door, totp
from wekeza_portal.staff.models import StaffTotp

BACKEND = "accounts.identity.backends.CustomerBackend"
HALF_AN_HOUR = timedelta(minutes=30)
STAFF_ACCOUNT = Policy("staff-account", 10, HALF_AN_HOUR)
STAFF_ADDRESS = Policy("staff-address", 50, HALF_AN_HOUR)
STAFF_NETWORK = Policy("staff-network", 200, HALF_AN_HOUR)


class WrongStaffCredentials(PortalError):
    """One sentence for all three: which of them was wrong is nobody's business."""

    code = "wrong_staff_credentials"
    message = _("Staff code, password or code is not right. Each code works once.")


def sign_in(request: HttpRequest, *, username: str, password: str, code: str) -> None:
    """Begin a staff session in a fresh Django session. Every try is counted before anything is looked at.

    Raises TooMany or WrongStaffCredentials.
    """
    name = username.strip().upper()
    address = client_address(request)
    ratelimit.consume(STAFF_NETWORK, neighbourhood(address))
    ratelimit.consume(STAFF_ADDRESS, address or "unknown")
    ratelimit.consume(STAFF_ACCOUNT, name)
    user = get_user_model().objects.filter(username__iexact=name, customer=None).first()
    device = _prove(user, password, code)
    if user is None or device is None:
        record("staff.sign_in_refused", actor=_nobody(request, user))
        raise WrongStaffCredentials()
    ratelimit.give_back(STAFF_NETWORK, neighbourhood(address))
    ratelimit.give_back(STAFF_ADDRESS, address or "unknown")
    ratelimit.reset(STAFF_ACCOUNT, name)
    door.tie(user)
    request.session.flush()
    login(request, user, backend=BACKEND)
    django_otp.login(request, device)
    door.begin(request)
    record("staff.signed_in", actor=door.actor_from(request))


def _prove(user: Any, password: str, code: str) -> StaffTotp | None:
    """The device when password and code are right and the branch still lists the person.

    The code is used up only after a right password: a stranger can't spend the codes of somebody on the staff.
    """
    if user is None:
        make_password(password)
        return None
    if not user.check_password(password) or not door.is_staff(user):
        return None
    return totp.use(user.pk, code)


def _nobody(request: HttpRequest, user: Any) -> Actor:
    return Actor(
        kind="staff",
        id=str(user.pk) if user is not None else "",
        request_id=getattr(request, "request_id", ""),
        ip=client_address(request),
    )
