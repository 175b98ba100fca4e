"""Accept, list, remove, hand in, open: the one door to what customers upload."""

import hashlib
import secrets
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.http import Http404

from wekeza_portal import clock, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.ratelimit import Policy
from wekeza_portal.uploads import cleaning, errors, names, scanning
from wekeza_portal.uploads.cleaning import Clean
from wekeza_portal.uploads.models import Upload, UploadTurn

LARGEST = 5 * 1024 * 1024
MOST_FILES = 10
QUOTA = 20 * 1024 * 1024
"""Bytes of one customer's that are not handed in yet, or were received today: nobody is locked out by what was kept."""
UPLOADING = Policy("upload", 60, timedelta(hours=1))
"""Files examined for one customer: each costs the machine up to seconds."""
MAGIC = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "PDF": b"%PDF-"}

State = Upload.State


def accept(
    customer_id: int,
    file: "UploadedFile[Any]",
    purpose: str,
    *,
    about: uuid.UUID,
    keep_until: datetime,
    actor: Actor,
    still_wanted: Callable[[], None] = lambda: None,
) -> Upload:
    """Check, clean and keep one file of a customer's for the thing `about`, up to ten for each thing.

    The cheap checks come first. It stays OPEN, and is deleted after `keep_until`, unless handed in. `still_wanted` is
    called in the transaction that stores it and may refuse. Raises errors.UploadRefused with words for the customer,
    or TooMany; then nothing is kept. RuntimeError inside a transaction.
    """
    content, kind = _read_as(file)
    _refuse_full(customer_id, purpose, about, 0)
    ratelimit.consume(UPLOADING, str(customer_id))
    scanning.scan(content)
    clean = cleaning.clean(kind, content, str(customer_id))
    upload = _described(clean, kind, names.cleaned(file.name or "", kind))
    upload.customer_id, upload.purpose, upload.about, upload.keep_until = customer_id, purpose, about, keep_until
    _take_a_number(customer_id)
    _store(upload, clean, actor, still_wanted)
    return upload


def _described(clean: Clean, kind: str, name: str) -> Upload:
    """The row of these bytes, not saved yet and nobody's."""
    return Upload(
        name=name,
        kind=kind,
        size=len(clean.content),
        sha256=hashlib.sha256(clean.content).hexdigest(),
        width=clean.width,
        height=clean.height,
        pages=clean.pages,
        file_name=f"uploads/{secrets.token_hex(20)}",
    )


def _read_as(file: "UploadedFile[Any]") -> tuple[bytes, str]:
    """The bytes, and their kind, on which extension and content agree."""
    kind = names.kind_of(file.name or "")
    if kind is None:
        raise errors.NotTaken()
    if not file.size:
        raise errors.Empty()
    if file.size > LARGEST:
        raise errors.TooLarge()
    content: bytes = file.read()
    if not content.startswith(MAGIC[kind]):
        raise errors.NotWhatItSays()
    return content, kind


def _refuse_full(customer_id: int, purpose: str, about: uuid.UUID, size: int) -> None:
    own = Upload.objects.filter(customer_id=customer_id)
    if own.filter(purpose=purpose, about=about).count() >= MOST_FILES:
        raise errors.TooManyFiles()
    counted = own.filter(Q(state=State.OPEN) | Q(received_at__gt=clock.now() - timedelta(days=1)))
    if sum(counted.values_list("size", flat=True)) + size > QUOTA:
        raise errors.NoRoom()


def _take_a_number(customer_id: int) -> None:
    """Outside the storing transaction: a failed insert inside it would keep a lock that deadlocks."""
    UploadTurn.objects.bulk_create([UploadTurn(customer_id=customer_id)], ignore_conflicts=True)


def _wait_for_the_turn(customer_id: int) -> None:
    UploadTurn.objects.select_for_update().get(customer_id=customer_id)


@transaction.atomic
def _store(upload: Upload, clean: Clean, actor: Actor, still_wanted: Callable[[], None]) -> None:
    _wait_for_the_turn(upload.customer_id)
    still_wanted()
    _refuse_full(upload.customer_id, upload.purpose, upload.about, upload.size)
    upload.received_at = clock.now()
    upload.save(force_insert=True)
    default_storage.save(upload.file_name, ContentFile(clean.content))
    _record("upload.received", upload, actor, kind=upload.kind, size=upload.size)


def of(customer_id: int, purpose: str, about: uuid.UUID) -> list[Upload]:
    """What a customer added to one thing, in the order it came."""
    return list(Upload.objects.filter(customer_id=customer_id, purpose=purpose, about=about).order_by("pk"))


def get(customer_id: int, upload_id: uuid.UUID) -> Upload:
    """The customer's own paper; Http404 otherwise."""
    found = Upload.objects.filter(customer_id=customer_id, uuid=upload_id).first()
    if found is None:
        raise Http404
    return found


def read(upload: Upload) -> bytes:
    """The stored bytes. OSError when they are gone or are not those that were stored."""
    content: bytes = default_storage.open(upload.file_name).read()
    if hashlib.sha256(content).hexdigest() != upload.sha256:
        raise OSError(f"the bytes of {upload} were changed")
    return content


def remove(customer_id: int, upload_id: uuid.UUID, *, actor: Actor) -> None:
    """Delete row and bytes of what was not handed in yet. Http404 for another's, TooLate for what was."""
    with transaction.atomic():
        upload = Upload.objects.select_for_update().filter(customer_id=customer_id, uuid=upload_id).first()
        if upload is None:
            raise Http404
        if upload.state != State.OPEN:
            raise errors.TooLate()
        _forget(upload, "upload.removed", actor)


def hand_in(customer_id: int, purpose: str, about: uuid.UUID) -> int:
    """What was added to a thing can't be taken back from now on, and staff may open it; how many.

    Called in the transaction that sends the thing. Kept for UPLOAD_RETENTION_DAYS.
    """
    open_ones = Upload.objects.filter(customer_id=customer_id, purpose=purpose, about=about, state=State.OPEN)
    keep_until = clock.now() + timedelta(days=settings.UPLOAD_RETENTION_DAYS)
    return open_ones.update(state=State.HANDED_IN, keep_until=keep_until)


@transaction.atomic
def move(customer_id: int, purpose: str, about: uuid.UUID, *, to: uuid.UUID, keep_until: datetime, actor: Actor) -> int:
    """Let what was added to one thing belong to another that takes its place; how many."""
    open_ones = Upload.objects.select_for_update().filter(purpose=purpose, about=about, state=State.OPEN)
    moved = list(open_ones.filter(customer_id=customer_id))
    for upload in moved:
        upload.about, upload.keep_until = to, keep_until
        upload.save(update_fields=["about", "keep_until"])
        _record("upload.moved", upload, actor)
    return len(moved)


@transaction.atomic
def give_up(customer_id: int, purpose: str, about: uuid.UUID, *, actor: Actor) -> int:
    """Delete what was added to a thing that will not be sent; how many. Part of the transaction that gives it up."""
    open_ones = Upload.objects.select_for_update().filter(purpose=purpose, about=about, state=State.OPEN)
    return sum(_forget(upload, "upload.removed", actor) for upload in list(open_ones.filter(customer_id=customer_id)))


def forget_old(now: datetime, *, actor: Actor, limit: int = 100) -> int:
    """Delete rows and bytes past their `keep_until`, each in a transaction of its own; how many."""
    due = list(Upload.objects.filter(keep_until__lt=now).order_by("keep_until").values_list("pk", flat=True)[:limit])
    return sum(_forget_if_due(pk, now, actor) for pk in due)


@transaction.atomic
def _forget_if_due(pk: int, now: datetime, actor: Actor) -> bool:
    upload = Upload.objects.select_for_update().filter(pk=pk, keep_until__lt=now).first()
    return upload is not None and _forget(upload, "upload.expired", actor)


def _forget(upload: Upload, verb: str, actor: Actor) -> bool:
    default_storage.delete(upload.file_name)
    _record(verb, upload, actor)
    upload.delete()
    return True


def note_looked_at(upload: Upload, staff_code: str) -> None:
    """Note on the paper that staff opened it; the customer sees that the bank did."""
    upload.looked_at, upload.looked_by = clock.now(), staff_code[:50]
    upload.save(update_fields=["looked_at", "looked_by"])


def _record(verb: str, upload: Upload, actor: Actor, **facts: object) -> None:
    data = {"purpose": upload.purpose, "about": str(upload.about), **facts}
    record(verb, actor=actor, customer_id=upload.customer_id, subject=f"upload:{upload.uuid}", data=data)
