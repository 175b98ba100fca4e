"""`record()`: the only way an audit event comes into being."""

from typing import Any

from wekeza_portal import clock, sql
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent


def record(
    verb: str,
    *,
    actor: Actor,
    customer_id: int | None = None,
    subject: str = "",
    data: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write one event in the caller's transaction.

    `data` is JSON with amounts as strings, and never holds a password, code, full ID number or session key.
    """
    event: dict[str, Any] = {
        "at": clock.now(),
        "verb": verb,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "customer_id": customer_id if customer_id is not None else actor.customer_id,
        "subject": subject,
        "data": data or {},
        "request_id": actor.request_id,
        "ip": actor.ip,
    }
    return AuditEvent(id=sql.insert(AuditEvent, [event]), **event)
