"""Signing in: prove the password, then the code, then begin the session."""

from dataclasses import replace

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.identity import alerts, codes, devices, guard, knowncontacts, sessions, tries, trusted
from accounts.identity.actors import actor_from
from accounts.identity.backends import proves, user_by_email
from accounts.identity.factors import passkeys, proving
from accounts.identity.factors.proving import Question
from accounts.identity.factors.ways import ways_of
from accounts.identity.guard import Standing
from accounts.identity.sessions import HalfLogin
from accounts.models import OneTimeCode, SignedInSession, SignInAttempt, User, Way
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.models import Channel
from wekeza_portal.ratelimit import client_address

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


def give_password(request: HttpRequest, email: str, password: str, next_url: str) -> HalfLogin:
    """The first step: the right password begins a half-login and sends its code.

    No code is sent to a browser that needs none. The try is forgotten only once the code is out: a right password that
    leads nowhere is work too, and counts.
    Raises TooMany, WrongCredentials, and to the right password only AccessReset or AccessClosed.
    """
    counted = tries.count(request, email)
    user = _prove_password(request, email, password)
    half = sessions.begin_half_login(request, user, next_url)
    if trusted.is_trusted(user, devices.token_of(request)):
        half = replace(half, needs_no_code=True)
    else:
        _ask(user, half)
    tries.take_back(counted)
    return half


def _ask(user: User, half: HalfLogin) -> None:
    """Send the code, or ask for the passkey, where that is what comes first."""
    assert user.customer is not None
    first = ways_of(user, user.customer).first
    if first.is_sent:
        send_code(user, half, Channel(first.value))
    elif first == Way.PASSKEY:
        passkeys.ask(user, half.binding)


def _prove_password(request: HttpRequest, email: str, password: str) -> User:
    user = user_by_email(email)
    if not proves(user, password) or user is None:
        _note_refusal(request, user, Outcome.WRONG_PASSWORD)
        raise WrongCredentials()
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


def prove_code(request: HttpRequest, user: User, half: HalfLogin, code: str, way: Way = Way.SMS) -> None:
    """Use up what was given for this half-login. Raises WrongCode, CodeUsedUp, TooMany, AccessReset, AccessClosed."""
    assert user.customer is not None
    question = Question(OneTimeCode.Purpose.SIGN_IN, user.customer, half.binding)
    try:
        proving.prove(question, way, code)
    except codes.WrongCode:
        _note_refusal(request, user, Outcome.WRONG_CODE)
        raise
    refuse_unless_good(user)


@transaction.atomic
def begin(
    request: HttpRequest,
    user: User,
    token: str,
    *,
    way: Way | None = Way.SMS,
    activated: bool = False,
    is_to_be_trusted: bool = False,
) -> SignedInSession:
    """Both factors are proven: begin the session, note the sign-in, alert the customer about a new browser.

    `way` is None where the browser itself was trusted; `is_to_be_trusted` where it shall be from now on.
    `token` names the browser. `activated` when the sign-in ends an enrolment, which has its own message.
    """
    knowncontacts.note(user)
    is_known = devices.recognise(user, token, ip=client_address(request), user_agent=sessions.user_agent(request))
    session = sessions.start(request, user)
    attempt = _note_attempt(request, user, Outcome.SIGNED_IN, is_new_device=not is_known)
    if activated:
        alerts.activated(user, attempt)
    elif not is_known:
        alerts.new_device(user, attempt)
    about = {"way": "TRUSTED_DEVICE" if way is None else str(way)}
    record("sign_in.done", actor=_actor(request, user), subject=f"session:{session.public_id}", data=about)
    if is_to_be_trusted and way is not None:
        trusted.trust(user, token, _actor(request, user))
    return session


@transaction.atomic
def _note_refusal(request: HttpRequest, user: User | None, outcome: Outcome) -> None:
    if user is not None:
        _note_attempt(request, user, outcome)
    record("sign_in.refused", actor=_actor(request, user), data={"reason": outcome.value})


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
