"""The authenticator app of a customer: begun by an act that another factor confirmed, proven by one code, then used."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from accounts.identity import trusted
from accounts.identity.factors import telling
from accounts.identity.factors.errors import AppThere, FactorGone, TookTooLong, WrongAppCode
from accounts.models import AuthenticatorApp, User, Way
from wekeza_portal import clock, crypto, oath, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.ratelimit import Policy

TIME_TO_PROVE = timedelta(minutes=10)
SETUP_TRIES = Policy("app-setup", 10, timedelta(minutes=30))


def is_there(user: User) -> bool:
    """Whether this user has one that counts."""
    return AuthenticatorApp.objects.filter(user=user, is_proven=True).exists()


def refuse_a_second(user: User) -> None:
    """Raises AppThere for who has one that counts."""
    if is_there(user):
        raise AppThere()


def refuse_without(user: User) -> None:
    """Raises FactorGone for who has none that counts."""
    if not is_there(user):
        raise FactorGone()


def begin(user: User, instruction_id: uuid.UUID) -> AuthenticatorApp:
    """A new key, which counts for nothing yet; one that was never proven is void. Raises AppThere."""
    refuse_a_second(user)
    AuthenticatorApp.objects.filter(user=user, is_proven=False).delete()
    return AuthenticatorApp.objects.create(
        user=user, instruction_id=instruction_id, encrypted_key=crypto.encrypt(oath.new_key()), created_at=clock.now()
    )


def waiting(user: User, instruction_id: uuid.UUID) -> AuthenticatorApp | None:
    """The app that this act began, while it can still be proven."""
    since = clock.now() - TIME_TO_PROVE
    rows = AuthenticatorApp.objects.filter(user=user, instruction_id=instruction_id, is_proven=False)
    return rows.filter(created_at__gt=since).first()


def prove(user: User, instruction_id: uuid.UUID, code: str, actor: Actor) -> None:
    """One right code: from now on the app counts. The customer is told everywhere.

    Raises TooMany, TookTooLong or WrongAppCode. Must be called outside a transaction: the try is counted first.
    """
    ratelimit.consume(SETUP_TRIES, str(user.pk))
    with transaction.atomic():
        row = AuthenticatorApp.objects.select_for_update().filter(user=user, instruction_id=instruction_id).first()
        if row is None or row.is_proven or row.created_at <= clock.now() - TIME_TO_PROVE:
            raise TookTooLong()
        _take(row, code)
        row.is_proven = True
        row.save(update_fields=["is_proven"])
        record("factor.added", actor=actor, subject=f"app:{row.pk}")
        telling.added(user, Way.APP, f"app:{row.instruction_id}")
    ratelimit.reset(SETUP_TRIES, str(user.pk))


def use(user: User, code: str) -> None:
    """Use a code up. Raises WrongAppCode when it is wrong, old or used before.

    Under a row lock, so that of many parallel tries with one code exactly one succeeds; a code also voids those of
    earlier steps. Whoever calls has counted the try.
    """
    with transaction.atomic():
        row = AuthenticatorApp.objects.select_for_update().filter(user=user, is_proven=True).first()
        if row is None:
            raise WrongAppCode()
        _take(row, code)


def _take(row: AuthenticatorApp, code: str) -> None:
    step = oath.step_of(key_of(row), code, row.last_step)
    if step is None:
        raise WrongAppCode()
    row.last_step, row.used_at = step, clock.now()
    row.save(update_fields=["last_step", "used_at"])


def remove(user: User, actor: Actor) -> None:
    """The app opens nothing from now on. Raises FactorGone when there is none."""
    row = AuthenticatorApp.objects.select_for_update().filter(user=user, is_proven=True).first()
    if row is None:
        raise FactorGone()
    record("factor.removed", actor=actor, subject=f"app:{row.pk}")
    telling.removed(user, Way.APP, f"app:{row.instruction_id}")
    row.delete()
    trusted.forget(user)


def forget_unproven(before: datetime) -> int:
    """Delete keys begun before `before` that never counted; how many."""
    return AuthenticatorApp.objects.filter(is_proven=False, created_at__lt=before).delete()[0]


def key_of(row: AuthenticatorApp) -> str:
    """The key in hex. cryptography.fernet.InvalidToken when FIELD_KEYS no longer holds what it was stored under."""
    return crypto.decrypt(row.encrypted_key)
