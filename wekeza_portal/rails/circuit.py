"""A company that does not answer is left alone for a while: closed, open after five failures in a row, then a probe.

The state is a row, so that every process knows; pages ask `is_open` and say so before anybody types an amount.
"""

from datetime import timedelta

from django.db import transaction

from wekeza_portal import clock
from wekeza_portal.rails.models import RailCircuit

FAILURES = 5
REST = timedelta(seconds=30)


def is_open(rail: str) -> bool:
    """Whether pages should not offer this rail now. One query. False once a probe is due: who tries next is it."""
    return RailCircuit.objects.filter(rail=rail, opened_at__gt=clock.now() - REST).exists()


def may_call(rail: str) -> bool:
    """Whether a call may be tried. While open: one probe each 30 s, and the caller is it when this is True."""
    row = RailCircuit.objects.filter(rail=rail).first()
    if row is None or row.opened_at is None:
        return True
    with transaction.atomic():
        row = RailCircuit.objects.select_for_update().get(rail=rail)
        if row.opened_at is None:
            return True
        if clock.now() < row.opened_at + REST:
            return False
        row.opened_at = clock.now()
        row.save(update_fields=["opened_at"])
        return True


def answered(rail: str) -> None:
    """They answered, whatever they said: closed, and no failure counts any more. Writes only if there is a change."""
    RailCircuit.objects.filter(rail=rail, failures__gt=0).update(failures=0, opened_at=None)


def failed(rail: str) -> None:
    """No answer, or one that says they are broken."""
    RailCircuit.objects.bulk_create([RailCircuit(rail=rail)], ignore_conflicts=True)
    with transaction.atomic():
        row = RailCircuit.objects.select_for_update().get(rail=rail)
        row.failures += 1
        if row.failures >= FAILURES:
            row.opened_at = clock.now()
        row.save(update_fields=["failures", "opened_at"])
