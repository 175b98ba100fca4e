"""Events to seal, and an intruder who may write every table but has no key."""

from typing import Any

from django.db import connection

from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.audit.sealing import seal_waiting
from wekeza_portal.audit.services import record

ACTOR = system("test")


def happen(count: int = 1, **data: Any) -> list[AuditEvent]:
    """So many events, each with its number in the data."""
    return [record("test.happened", actor=ACTOR, data={"n": n, **data}) for n in range(1, count + 1)]


def sealed(count: int) -> list[AuditEvent]:
    """So many events, sealed as numbers 1 to `count` of an empty chain."""
    events = happen(count)
    seal_waiting()
    return events


def intrude(sql: str, *params: object) -> None:
    """Change the tables behind the portal's back, as the owner of the database would."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
