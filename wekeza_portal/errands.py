"""What a request leaves for the worker, so that doing it neither slows the answer down nor shows in its timing."""

import json
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from wekeza_portal import clock, crypto
from wekeza_portal.models import Errand


def leave(kind: str, what: dict[str, str]) -> Errand:
    """Leave one errand, encrypted, in the caller's transaction if there is one."""
    return Errand.objects.create(kind=kind, data=crypto.encrypt(json.dumps(what)), created_at=clock.now())


def run(kind: str, do: Callable[[dict[str, str]], None], *, limit: int = 100) -> int:
    """Do the oldest errands of this kind, each once and in a transaction of its own; how many.

    Two workers at the same time share them by the lock of the row. What `do` raises leaves its errand where it is.
    """
    done = 0
    while done < limit and _run_one(kind, do):
        done += 1
    return done


def forget_old(before: datetime) -> int:
    """Delete errands left before `before`, which nobody could do; how many."""
    return Errand.objects.filter(created_at__lt=before).delete()[0]


@transaction.atomic
def _run_one(kind: str, do: Callable[[dict[str, str]], None]) -> bool:
    errand = Errand.objects.select_for_update().filter(kind=kind).order_by("pk").first()
    if errand is None:
        return False
    do(json.loads(crypto.decrypt(errand.data)))
    errand.delete()
    return True
