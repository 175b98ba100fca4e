"""Ten backup codes for the day when the phone is gone: 80 bits each, shown once, each used once, stored as digests.

The codes follow from a seed that only the browser holds and from a key of ours: the same press twice (a double click, a
connection that broke) shows the same ten, and nothing that is stored leads back to them.
"""

import re
import uuid
from datetime import timedelta

from django.db import transaction

from accounts.identity.factors import telling
from accounts.identity.factors.errors import CodesShown, TookTooLong, WrongBackupCode
from accounts.models import BackupCode, Instruction, User
from wekeza_portal import clock, crypto
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.staff import switches

HOW_MANY = 10
LOW = 3
"""So many left are few: the customer is told to make new ones."""
TIME_TO_SHOW = timedelta(minutes=10)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# What people write for a letter that Crockford's alphabet left out on purpose.
_MISREAD = str.maketrans("OIL", "011")
_CODE = re.compile(rf"[{ALPHABET}]{{16}}", re.ASCII)


def normal(text: str) -> str:
    """A code as typed, in its one form (7K3M-9QTX-2B4D-H8WZ); "" when it cannot be one."""
    letters = re.sub(r"[\s-]+", "", text).upper().translate(_MISREAD)
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4)) if _CODE.fullmatch(letters) else ""


def left(user: User) -> int:
    """How many unused ones there are."""
    return BackupCode.objects.filter(user=user, used_at=None).count()


def refuse_unless_fresh(user: User, act: Instruction) -> None:
    """Raises CodesShown when this act has made its codes, TookTooLong ten minutes after it was confirmed."""
    if BackupCode.objects.filter(user=user, instruction_id=act.id).exists():
        raise CodesShown()
    _refuse_when_late(act)


def make(user: User, act: Instruction, seed: str, actor: Actor) -> list[str]:
    """The ten codes of this act; those before are void. The same seed gives the same ten again while it is fresh.

    Raises SwitchedOff, CodesShown for another seed, TookTooLong.
    """
    switches.require_on(switches.BACKUP_CODES)
    _refuse_when_late(act)
    codes = [_code(user, act.id, seed, number) for number in range(HOW_MANY)]
    digests = {_digest(user, code) for code in codes}
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # one set at a time
        known = set(BackupCode.objects.filter(user=user, instruction_id=act.id).values_list("digest", flat=True))
        if known and known != digests:
            raise CodesShown()
        if not known:
            _store(user, act.id, digests, actor)
    return codes


def _store(user: User, act_id: uuid.UUID, digests: set[str], actor: Actor) -> None:
    BackupCode.objects.filter(user=user).delete()
    rows = [BackupCode(user=user, instruction_id=act_id, digest=digest, made_at=clock.now()) for digest in digests]
    BackupCode.objects.bulk_create(rows)
    record("factor.backup_codes_made", actor=actor, subject=f"instruction:{act_id}")
    telling.codes_made(user, str(act_id))


def use(user: User, code: str) -> None:
    """Use one up, in its normal form. Raises WrongBackupCode for one that is wrong, void or used.

    Under a row lock, so that of many parallel tries with one code exactly one succeeds. The customer is told of each
    use, and when few are left. Whoever calls has counted the try.
    """
    with transaction.atomic():
        rows = BackupCode.objects.select_for_update().filter(user=user, digest=_digest(user, code))
        row = rows.first()
        if row is None or row.used_at is not None:
            raise WrongBackupCode()
        _mark_used(row)
        remaining = left(user)
        telling.code_used(user, str(row.pk), remaining, remaining <= LOW)


def _mark_used(row: BackupCode) -> None:
    row.used_at = clock.now()
    row.save(update_fields=["used_at"])


def _refuse_when_late(act: Instruction) -> None:
    if act.posted_at is None or clock.now() - act.posted_at >= TIME_TO_SHOW:
        raise TookTooLong()


def _code(user: User, act_id: uuid.UUID, seed: str, number: int) -> str:
    bits = int(crypto.keyed_digest("backup-code-from-seed", f"{user.pk}|{act_id}|{seed}|{number}"), 16)
    letters = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(16))
    return normal(letters)


def _digest(user: User, code: str) -> str:
    return crypto.keyed_digest("backup-code", f"{user.pk}|{code}")
