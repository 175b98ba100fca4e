"""Signing in: prove the password, then the code, then begin the session."""

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.identity import alerts, codes, contacts, devices, guard, sessions
from accounts.identity.actors import actor_from
from accounts.identity.backends import normalise_email, proves, user_by_email
from accounts.identity.guard import Standing
from accounts.identity.sessions import HalfLogin
from accounts.models import OneTimeCode, SignedInSession, SignInAttempt, User
from wekeza_portal import clock, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.models import Channel
from wekeza_portal.ratelimit import Policy, TooMany, client_address, neighbourhood

HALF_AN_HOUR = timedelta(minutes=30)
LOGIN_ACCOUNT = Policy("login-account", 10, HALF_AN_HOUR)
LOGIN_ADDRESS = Policy("login-address", 50, HALF_AN_HOUR)
LOGIN_NETWORK = Policy("login-network", 200, HALF_AN_HOUR)

Outcome = SignInAttempt.Outcome


class WrongCredentials(PortalError):
    code = "wrong_credentials"
    message = _("E-mail or password is not right.")


class AccessReset(PortalError):
    """Said only to whoever gave the right password."""

    code = "access_reset"
    message = guard.NOTICES[Standing.RESET]


class AccessClosed(PortalError):
    """Said only to whoever gave the right password."""

    code = "access_closed"
    message = guard.NOTICES[Standing.CLOSED]


def prove_password(request: HttpRequest, email: str, password: str) -> User:
    """The user whose password this is, allowed to go on to the code.

    Every try is counted before the password is looked at, alike for addresses we don't know. Raises TooMany,
    WrongCredentials, and to the right password only AccessReset or AccessClosed.
    """
    _count_try(request, email)
    user = user_by_email(email)
    if not proves(user, password) or user is None:
        _note_refusal(request, user, Outcome.WRONG_PASSWORD)
        raise WrongCredentials()
    _take_back_try(request, email)
    refuse_unless_good(user)
    return user


def refuse_unless_good(user: User) -> None:
    """Raises AccessReset or AccessClosed when the branch row, as it is now, does not let this user in."""
    standing = guard.standing_of(user)
    if standing is Standing.RESET:
        raise AccessReset()
    if standing is not Standing.GOOD:
        raise AccessClosed()


def send_code(user: User, half: HalfLogin, wanted: Channel = Channel.SMS) -> OneTimeCode:
    """Send the code of this half-login. Raises TooMany."""
    assert user.customer is not None
    return codes.issue(
        purpose=OneTimeCode.Purpose.SIGN_IN,
        customer=user.customer,
        binding=half.binding,
        language=user.language,
        wanted=wanted,
    )


def prove_code(request: HttpRequest, user: User, half: HalfLogin, code: str) -> None:
    """Use up the code of this half-login. Raises WrongCode, CodeUsedUp, TooMany, AccessReset, AccessClosed."""
    assert user.customer is not None
    try:
        codes.verify(
            purpose=OneTimeCode.Purpose.SIGN_IN, customer_id=user.customer.user_id, binding=half.binding, code=code
        )
    except codes.WrongCode:
        _note_refusal(request, user, Outcome.WRONG_CODE)
        raise
    refuse_unless_good(user)


@transaction.atomic
def begin(request: HttpRequest, user: User, token: str, *, activated: bool = False) -> SignedInSession:
    """Both factors are proven: begin the session, note the sign-in, alert the customer about a new browser.

    `token` names the browser. `activated` when the sign-in ends an enrolment, which has its own message.
    """
    note_phone(user)
    is_known = devices.recognise(user, token)
    session = sessions.start(request, user)
    attempt = _note_attempt(request, user, Outcome.SIGNED_IN, is_new_device=not is_known)
    if activated:
        alerts.activated(user, attempt)
    elif not is_known:
        alerts.new_device(user, attempt)
    record("sign_in.done", actor=_actor(request, user), subject=f"session:{session.public_id}")
    return session


def note_phone(user: User) -> None:
    """Remember since when the branch's number is known: a fresh number is not trusted with everything."""
    phone = contacts.phone_of(user.customer) if user.customer else ""
    if contacts.international(user.known_phone) != phone:
        user.known_phone, user.known_phone_since = phone, clock.now()
        user.save(update_fields=["known_phone", "known_phone_since"])


def _count_try(request: HttpRequest, email: str) -> None:
    address = client_address(request)
    ratelimit.consume(LOGIN_NETWORK, neighbourhood(address))
    ratelimit.consume(LOGIN_ADDRESS, address or "unknown")
    try:
        ratelimit.consume(LOGIN_ACCOUNT, normalise_email(email))
    except TooMany:
        _note_block(request, user_by_email(email))
        raise


def _take_back_try(request: HttpRequest, email: str) -> None:
    address = client_address(request)
    ratelimit.give_back(LOGIN_NETWORK, neighbourhood(address))
    ratelimit.give_back(LOGIN_ADDRESS, address or "unknown")
    ratelimit.reset(LOGIN_ACCOUNT, normalise_email(email))


@transaction.atomic
def _note_refusal(request: HttpRequest, user: User | None, outcome: Outcome) -> None:
    if user is not None:
        _note_attempt(request, user, outcome)
    record("sign_in.refused", actor=_actor(request, user), data={"reason": outcome.value})


@transaction.atomic
def _note_block(request: HttpRequest, user: User | None) -> None:
    """Tell the customer once per closing, not once per try."""
    since = clock.now() - HALF_AN_HOUR
    if user is None or user.sign_in_attempts.filter(outcome=Outcome.BLOCKED, at__gt=since).exists():
        return
    attempt = _note_attempt(request, user, Outcome.BLOCKED)
    alerts.blocked(user, attempt)
    record("sign_in.blocked", actor=_actor(request, user))


def _note_attempt(request: HttpRequest, user: User, outcome: Outcome, *, is_new_device: bool = False) -> SignInAttempt:
    return SignInAttempt.objects.create(
        user=user,
        at=clock.now(),
        outcome=outcome,
        ip=client_address(request),
        user_agent=sessions.user_agent(request),
        is_new_device=is_new_device,
    )


def _actor(request: HttpRequest, user: User | None) -> Actor:
    actor = actor_from(request)
    if user is None:
        return actor
    return Actor(actor.kind, str(user.pk), user.customer_id, actor.request_id, actor.ip)
