"""Passkeys (WebAuthn level 2): begun by an act that another factor confirmed, kept once signed, then used.

The arithmetic is py_webauthn's, the rows are ours: a challenge belongs to one binding, lives five minutes and is used
up under a row lock before anything is looked at; the counter of the passkey moves under one too. django-otp-webauthn
keeps one challenge in the session, knows no binding, lock or budget of tries, and signs in past the half-login.
"""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from django.conf import settings
from django.db import IntegrityError, transaction
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.identity import trusted
from accounts.identity.factors import telling
from accounts.identity.factors.errors import (
    FactorGone,
    PasskeyNotTaken,
    TookTooLong,
    TooManyPasskeys,
    WrongPasskey,
)
from accounts.models import Passkey, PasskeyChallenge, User, Way
from wekeza_portal import clock, crypto, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.ratelimit import Policy
from wekeza_portal.staff import switches

LIFE = timedelta(minutes=5)
TIME_TO_ADD = timedelta(minutes=10)
MOST = 10
ASKS = Policy("passkey-asks", 20, timedelta(minutes=10))
# What the library lets through of a message that is none.
MALFORMED = (WebAuthnException, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError)


def refuse_too_many(user: User) -> None:
    """Raises TooManyPasskeys."""
    if Passkey.objects.filter(user=user).count() >= MOST:
        raise TooManyPasskeys(most=MOST)


def mine(user: User, public_id: str) -> Passkey:
    """The customer's own passkey; FactorGone alike for somebody else's and for none."""
    try:
        row = Passkey.objects.filter(user=user, public_id=uuid.UUID(public_id)).first()
    except ValueError:
        row = None
    if row is None:
        raise FactorGone()
    return row


# --- Asking -----------------------------------------------------------------------------------------------------------


def ask(user: User, binding: str) -> PasskeyChallenge:
    """A new challenge for `binding`; the one before is void. Raises SwitchedOff, TooMany. Outside any transaction."""
    switches.require_on(switches.PASSKEYS)
    ratelimit.consume(ASKS, str(user.pk))
    with transaction.atomic():
        PasskeyChallenge.objects.filter(user=user, binding=binding).delete()
        return _challenge(user, binding, LIFE)


def asked(user: User, binding: str) -> PasskeyChallenge | None:
    """The challenge that is out for `binding` and can still be signed."""
    rows = PasskeyChallenge.objects.filter(user=user, binding=binding, used_at=None, expires_at__gt=clock.now())
    return rows.order_by("-pk").first()


def options(challenge: PasskeyChallenge) -> str:
    """What the browser is asked to do, as JSON for its script."""
    made = webauthn.generate_authentication_options(
        rp_id=_host(),
        challenge=webauthn.base64url_to_bytes(challenge.challenge),
        allow_credentials=_descriptors(challenge.user),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(made)


def use(user: User, binding: str, answer: str) -> None:
    """Use up the challenge of `binding` and what a passkey signed. Raises WrongPasskey.

    The challenge is spent whatever comes of it. Whoever calls has counted the try.
    """
    challenge = _spend(user, binding)
    try:
        given = parse_authentication_credential_json(answer)
    except MALFORMED:
        raise WrongPasskey() from None
    with transaction.atomic():
        row = Passkey.objects.select_for_update().filter(user=user, credential_digest=_digest(given.id)).first()
        if row is None:
            raise WrongPasskey()
        row.sign_count = _counter(given, challenge, row)
        row.used_at = clock.now()
        row.save(update_fields=["sign_count", "used_at"])


def _counter(given: Any, challenge: PasskeyChallenge, row: Passkey) -> int:
    """The counter of a good signature: made here, for this challenge, by this key, with a PIN or finger."""
    try:
        done = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=webauthn.base64url_to_bytes(challenge.challenge),
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=webauthn.base64url_to_bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except MALFORMED:
        raise WrongPasskey() from None
    return done.new_sign_count


# --- Adding and removing ----------------------------------------------------------------------------------------------


def begin(user: User, instruction_id: uuid.UUID) -> PasskeyChallenge:
    """The challenge of a new passkey: ten minutes to sign it on the act's page. Raises TooManyPasskeys."""
    refuse_too_many(user)
    return _challenge(user, _new(instruction_id), TIME_TO_ADD)


def beginning(user: User, instruction_id: uuid.UUID) -> PasskeyChallenge | None:
    """The challenge that this act began, while it can still be signed."""
    return asked(user, _new(instruction_id))


def options_of_new(challenge: PasskeyChallenge) -> str:
    """What the browser is asked to do to make a passkey, as JSON for its script."""
    user = challenge.user
    assert user.customer is not None
    made = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=settings.PORTAL_NAME,
        user_name=user.customer.email,
        user_display_name=user.customer.full_name,
        user_id=bytes.fromhex(crypto.keyed_digest("passkey-user", str(user.pk))),
        challenge=webauthn.base64url_to_bytes(challenge.challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(user),
    )
    return webauthn.options_to_json(made)


def add(user: User, instruction_id: uuid.UUID, answer: str, name: str, actor: Actor) -> Passkey:
    """Keep a new passkey; the customer is told everywhere.

    Raises SwitchedOff, TooManyPasskeys, TookTooLong, PasskeyNotTaken.
    """
    switches.require_on(switches.PASSKEYS)
    refuse_too_many(user)
    try:
        challenge = _spend(user, _new(instruction_id))
    except WrongPasskey:
        raise TookTooLong() from None
    row = _made(challenge, answer)
    row.user, row.instruction_id, row.name, row.made_at = user, instruction_id, name, clock.now()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            record("factor.added", actor=actor, subject=f"passkey:{row.public_id}")
            telling.added(user, Way.PASSKEY, f"passkey:{row.public_id}")
    except IntegrityError:  # known already, of whoever
        raise PasskeyNotTaken() from None
    return row


def _made(challenge: PasskeyChallenge, answer: str) -> Passkey:
    """The passkey in a good answer: made here, for this challenge, with a PIN or finger."""
    try:
        done = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=webauthn.base64url_to_bytes(challenge.challenge),
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except MALFORMED:
        raise PasskeyNotTaken() from None
    credential_id = bytes_to_base64url(done.credential_id)
    return Passkey(
        credential_id=credential_id,
        credential_digest=_digest(credential_id),
        public_key=bytes_to_base64url(done.credential_public_key),
        sign_count=done.sign_count,
        is_synced=done.credential_backed_up,
    )


def remove(user: User, public_id: str, actor: Actor) -> None:
    """This passkey opens nothing from now on. Raises FactorGone."""
    row = mine(user, public_id)
    record("factor.removed", actor=actor, subject=f"passkey:{row.public_id}")
    telling.removed(user, Way.PASSKEY, f"passkey:{row.public_id}")
    row.delete()
    trusted.forget(user)


def forget_old(before: datetime) -> int:
    """Delete challenges that ran out before `before`; how many."""
    return PasskeyChallenge.objects.filter(expires_at__lt=before).delete()[0]


# --- The same for both ------------------------------------------------------------------------------------------------


def _challenge(user: User, binding: str, life: timedelta) -> PasskeyChallenge:
    challenge = bytes_to_base64url(webauthn.helpers.generate_challenge())
    return PasskeyChallenge.objects.create(
        user=user, binding=binding, challenge=challenge, expires_at=clock.now() + life
    )


def _spend(user: User, binding: str) -> PasskeyChallenge:
    """Use the challenge up, committed whatever comes next. Raises WrongPasskey when none is out."""
    with transaction.atomic():
        rows = PasskeyChallenge.objects.select_for_update().filter(user=user, binding=binding, used_at=None)
        row = rows.order_by("-pk").first()
        if row is None or row.expires_at <= clock.now():
            raise WrongPasskey()
        _mark_spent(row)
    return row


def _mark_spent(row: PasskeyChallenge) -> None:
    row.used_at = clock.now()
    row.save(update_fields=["used_at"])


def _descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    ids = Passkey.objects.filter(user=user).order_by("pk").values_list("credential_id", flat=True)
    return [PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(one)) for one in ids]


def _new(instruction_id: uuid.UUID) -> str:
    return f"new:{instruction_id}"


def _digest(credential_id: str) -> str:
    return hashlib.sha256(credential_id.encode()).hexdigest()


def _origin() -> str:
    """Where a passkey must have been asked: our own public address, never what a request calls itself."""
    parts = urlsplit(settings.PUBLIC_URL)
    return f"{parts.scheme}://{parts.netloc}"


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or ""
