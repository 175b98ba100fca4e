"""May this request act for a customer? Every reason for "no" has its name; an error in here is a "no" too."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django_otp import DEVICE_ID_SESSION_KEY

from accounts.identity import links
from accounts.models import BranchCustomer, SignedInSession, User
from wekeza_portal import clock, crypto


class Standing(Enum):
    """What the guard found."""

    GOOD = "good"
    ANONYMOUS = "anonymous"
    NOT_A_CUSTOMER = "not_a_customer"
    ENDED = "ended"
    IDLE = "idle"
    TOO_OLD = "too_old"
    CLOSED = "closed"
    RESET = "reset"


NOTICES: dict[Standing, Any] = {
    Standing.ENDED: _("You were signed out. Please sign in again."),
    Standing.IDLE: _("You were signed out because nothing happened for a while. What you had typed is kept."),
    Standing.TOO_OLD: _(
        "You were signed in for a long time, so we ask you to sign in again. What you had typed is kept."
    ),
    Standing.CLOSED: _("Your online access is closed. Please call us or visit a branch."),
    Standing.RESET: _("The bank has reset your online access. Please activate it again."),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The standing of a request, with the session row when there is one."""

    standing: Standing
    session: SignedInSession | None = None


def session_digest(session_key: str | None) -> str:
    """How a session is looked up beside Django's own row, without keeping its key a second time."""
    return crypto.keyed_digest("session", str(session_key))


def examine(request: HttpRequest) -> Verdict:
    """The standing of this request. One query, the session's: see `accounts.identity.sessionstore`.

    It says too whether the second factor is still there: a device that is gone ends the session.
    """
    if not request.session.get(SESSION_KEY):
        return Verdict(Standing.ANONYMOUS)
    user = request.user
    if not user.is_authenticated:
        return Verdict(Standing.ENDED)
    if user.customer_id is None:
        return Verdict(Standing.NOT_A_CUSTOMER)
    row = _session_row(request, user)
    if row is None or row.ended_at is not None or not _has_factor(request, row):
        return Verdict(Standing.ENDED, row)
    customer_standing = standing_of(user)
    if customer_standing is not Standing.GOOD:
        return Verdict(customer_standing, row)
    return Verdict(_age(row), row)


def _session_row(request: HttpRequest, user: User) -> Any:
    """The row that was read with the session, if it is this user's and this session's."""
    row = getattr(request.session, "signed_in", None)
    digest = session_digest(request.session.session_key)
    return row if row is not None and row.user_id == user.pk and row.session_key_digest == digest else None


def _has_factor(request: HttpRequest, row: Any) -> bool:
    """Whether the device that was used to sign in is the one the user has, confirmed, now."""
    device_id = str(request.session.get(DEVICE_ID_SESSION_KEY, "")).rpartition("/")[2]
    return row.factor_id is not None and device_id == str(row.factor_id)


def _age(row: SignedInSession) -> Standing:
    now = clock.now()
    if now - row.started_at > timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS):
        return Standing.TOO_OLD
    if now - row.last_seen_at > timedelta(seconds=settings.SESSION_IDLE_SECONDS):
        return Standing.IDLE
    return Standing.GOOD


def standing_of(user: User) -> Standing:
    """Whether this user's customer may come in now, by the branch row as it is now."""
    customer = user.customer
    if customer is None or not user.is_active or not is_personal_and_active(customer):
        return Standing.CLOSED
    if not links.link_is_intact(user, customer):
        return Standing.CLOSED
    if not constant_time_compare(user.branch_secret_digest, links.secret_digest(customer)):
        return Standing.RESET
    return Standing.GOOD


def is_personal_and_active(customer: BranchCustomer) -> bool:
    """The portal is for active personal customers: directors of a business have `business_id` set."""
    return bool(customer.is_active) and customer.business_id is None
