"""Using an activation code from a branch: the code, then one sent to the phone two of the staff wrote down, a password.

Phone and password are new afterwards, everything else of before is void, and payments are capped for 24 hours. A wrong
code, an unknown address and a customer without a code are answered alike.
"""

import copy
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.identity import (
    alerts,
    codes,
    contacts,
    counter,
    guard,
    knowncontacts,
    passwordchange,
    resetlinks,
    tries,
)
from accounts.identity.actors import actor_from
from accounts.identity.backends import normalise_email, user_by_email
from accounts.identity.factors import voiding
from accounts.identity.guard import Standing
from accounts.models import ActivationCode, BranchCustomer, KnownDevice, OneTimeCode, User
from wekeza_portal import clock, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.branch.introspection import stamp_updated_at
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import Policy, client_address, neighbourhood

KEY = "activation"
LIFE = timedelta(minutes=15)
HALF_AN_HOUR = timedelta(minutes=30)
TRY_ACCOUNT = Policy("activate-account", 5, HALF_AN_HOUR)
TRY_ADDRESS = Policy("activate-address", 20, HALF_AN_HOUR)
TRY_NETWORK = Policy("activate-network", 100, HALF_AN_HOUR)
RESET = OneTimeCode.Purpose.RESET


class DoesNotFit(PortalError):
    """Wrong, used, run out, never printed, or nobody's: all alike."""

    code = "does_not_fit"
    message = _("That e-mail and code don't fit. A code works once, for 24 hours. Check both, or ask at a branch.")


@dataclass(frozen=True, slots=True)
class Activation:
    """How far this browser has come; kept in the session."""

    row_id: str
    nonce: str
    started_at: datetime
    code_given: bool

    @property
    def binding(self) -> str:
        return f"activation:{self.nonce}"


def begin(request: HttpRequest, email: str, typed: str) -> Activation:
    """Recognise the printed code and send one to the phone that goes with it, in a fresh session.

    Counted before anything is looked at. Raises TooMany, DoesNotFit, SwitchedOff.
    """
    address, wanted = client_address(request), normalise_email(email)
    ratelimit.consume(TRY_ADDRESS, address or "unknown")
    ratelimit.consume(TRY_NETWORK, neighbourhood(address))
    ratelimit.consume(TRY_ACCOUNT, wanted)
    user = user_by_email(wanted)
    row = _usable(_newest(user))
    code = counter.normal(typed)
    is_right = row is not None and constant_time_compare(row.digest, counter.digest(row, code))
    if row is None or not code or not is_right:
        record("activation.refused", actor=actor_from(request), customer_id=user.customer_id if user else None)
        raise DoesNotFit()
    state = Activation(str(row.pk), secrets.token_urlsafe(24), clock.now(), code_given=False)
    send_code(state)
    request.session.flush()
    _store(request, state)
    return state


def _newest(user: User | None) -> ActivationCode | None:
    """The code that is out for this user: earlier ones are void. The same query for nobody."""
    rows = ActivationCode.objects.select_related("user__customer").filter(user_id=user.pk if user else 0)
    return rows.order_by("voided_at", "-created_at", "pk").first()  # none comes before any date


def _usable(row: ActivationCode | None) -> ActivationCode | None:
    if row is None or row.used_at or row.voided_at or not row.printed_at or row.expires_at <= clock.now():
        return None
    return row


def current(request: HttpRequest) -> Activation | None:
    """The activation of this browser; None if there is none or it is older than fifteen minutes."""
    stored = request.session.get(KEY)
    if not stored:
        return None
    state = Activation(stored[0], stored[1], datetime.fromisoformat(stored[2]), stored[3])
    return state if clock.now() - state.started_at <= LIFE else None


def send_code(state: Activation) -> OneTimeCode:
    """Send a code to the phone that goes with the paper, by SMS only. Raises TooMany, DoesNotFit, SwitchedOff."""
    row = _row(state)
    owner = copy.copy(customer_of(row))
    owner.phone_number = row.phone  # as it will be: nothing is saved
    return codes.issue(purpose=RESET, customer=owner, binding=state.binding, language=row.user.language)


def _row(state: Activation, *, locked: bool = False) -> ActivationCode:
    """The paper of this activation, which can still be used by a customer who may come in; DoesNotFit otherwise."""
    rows = ActivationCode.objects.select_for_update() if locked else ActivationCode.objects.all()
    row = _usable(rows.filter(pk=state.row_id).first())
    if row is None or guard.standing_of(row.user) is not Standing.GOOD:
        raise DoesNotFit()
    return row


def customer_of(row: ActivationCode) -> BranchCustomer:
    """Whose paper it is."""
    customer = row.user.customer
    assert customer is not None, "codes are given to customers only"
    return customer


def customer(state: Activation) -> BranchCustomer:
    """The customer of this activation. Raises DoesNotFit."""
    return customer_of(_row(state))


def prove_code(request: HttpRequest, state: Activation, code: str) -> None:
    """Use up the code that was sent. Raises WrongCode, CodeUsedUp, TooMany, DoesNotFit."""
    codes.verify(purpose=RESET, customer_id=customer(state).user_id, binding=state.binding, code=code)
    request.session.cycle_key()
    _store(request, Activation(state.row_id, state.nonce, state.started_at, code_given=True))


def complete(request: HttpRequest, state: Activation, password: str) -> limits.Recovery:
    """Set phone and password, void whatever was before, cap payments for 24 hours; the cap that holds now.

    Nobody is signed in by it. Raises DoesNotFit.
    """
    if not state.code_given:
        raise DoesNotFit()
    user, cap = _set(state, make_password(password), actor_from(request))
    assert user.customer is not None
    ratelimit.reset(tries.LOGIN_ACCOUNT, normalise_email(user.customer.email))
    request.session.flush()
    return cap


@transaction.atomic
def _set(state: Activation, encoded: str, actor: Actor) -> tuple[User, limits.Recovery]:
    row, now = _row(state, locked=True), clock.now()
    row.used_at = now
    row.save(update_fields=["used_at"])
    user = row.user
    passwordchange.put(user, encoded)
    resetlinks.void(user)
    KnownDevice.objects.filter(user=user).delete()
    voided = voiding.void_all(user)
    cap = limits.begin_recovery(customer_of(row))
    _set_phone(user, customer_of(row), row.phone)
    alerts.activation_used(user, now, f"activation-used:{row.pk}")
    about = {"voided": [str(way) for way in voided]}
    record("activation.used", actor=actor, customer_id=user.customer_id, subject=f"activation:{row.pk}", data=about)
    return user, cap


def _set_phone(user: User, customer: BranchCustomer, phone: str) -> None:
    """Write the number down in the branch's row where it is another one; the one of before is told."""
    if contacts.phone_of(customer) != phone:
        customer.phone_number = phone
        customer.save(update_fields=["phone_number"])
        stamp_updated_at("users", "user_id", customer.user_id, clock.now())
    user.customer = customer
    knowncontacts.note(user)


def _store(request: HttpRequest, state: Activation) -> None:
    request.session[KEY] = [state.row_id, state.nonce, state.started_at.isoformat(), state.code_given]
