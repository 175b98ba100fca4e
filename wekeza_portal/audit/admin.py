"""The trail as staff see it."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff import kept, roles
from wekeza_portal.staff.models import KeptCheck
from wekeza_portal.staff.site import ReadOnlyAdmin, portal_admin

LATE = timedelta(minutes=10)
"""A worker that has not looked for so long does not run."""
A_ROUND = timedelta(hours=26)
"""Every link is proved anew once a day; later than this the round did not come to its end."""


class AuditEventAdmin(ReadOnlyAdmin):
    """Newest first: by customer, subject or what happened."""

    list_display = ("at", "verb", "actor_kind", "actor_id", "customer_id", "subject")
    fields = ("at", "verb", "actor_kind", "actor_id", "customer_id", "subject", "data", "request_id", "ip")
    text_search = ("subject", "verb")
    number_search = ("customer_id",)

    def customer_id_of(self, row: AuditEvent) -> int | None:
        """Looking at a look is not looked at again, or the list would grow by being read."""
        return None if row.verb == "staff.viewed" else row.customer_id


def chain_lines() -> list[tuple[Any, Any, bool]]:
    """Whether the chain is whole, as the worker and `verifyaudit` last found it, or the first number that is not.

    The newest link is proved within a minute, every link once a day: two lines, for one may stand where the other fell.
    """
    row = kept.latest(kept.AUDIT_CHAIN)
    if row is None:
        return [(_("Not checked yet"), _("The worker checks it within a minute."), True)]
    proof = kept.latest(kept.AUDIT_PROOF)
    if not row.faults and proof is not None and proof.faults:
        newest = _broken(_("Audit chain"), proof)
    elif row.faults:
        newest = _broken(_("Audit chain"), row)
    else:
        words = _("newest link proved: #%(number)s (checked %(at)s)") % _values(row)
        newest = (_("Audit chain"), words, clock.now() - row.ran_at > LATE)
    return [newest, _every_link(row, proof), *([_run(proof)] if proof else [])]


def _every_link(row: KeptCheck, proof: KeptCheck | None) -> tuple[Any, Any, bool]:
    """The worker's last whole round, or a later run of `verifyaudit` that found every link in order."""
    number, at = row.state.get("whole", [0, ""])
    when = datetime.fromisoformat(at) if at else None
    if proof is not None and not proof.faults and (when is None or proof.ran_at > when):
        number, when = proof.reached, proof.ran_at
    if when is None:
        return _("Every link"), _("The round over all of them is not done yet."), False
    words = _("all up to #%(number)s proved at %(at)s") % {"number": number, "at": _moment(when)}
    return _("Every link"), words, clock.now() - when > A_ROUND


def _run(proof: KeptCheck) -> tuple[Any, Any, bool]:
    title = _("Last run of verifyaudit")
    if proof.faults:
        return _broken(title, proof)
    return title, _("intact to #%(number)s (checked %(at)s)") % _values(proof), False


def _broken(title: str, row: KeptCheck) -> tuple[Any, Any, bool]:
    return title, _("broken after #%(number)s: %(fault)s (checked %(at)s)") % _values(row), True


def _values(row: KeptCheck) -> dict[str, Any]:
    return {"number": row.reached, "at": _moment(row.ran_at), "fault": row.words}


def _moment(at: datetime) -> str:
    return f"{at.astimezone(clock.NAIROBI):%d/%m/%Y %H:%M}"


portal_admin.add_panel(4, gettext_lazy("Audit trail"), "staff.view_health", chain_lines)
portal_admin.register(AuditEvent, AuditEventAdmin)
roles.grant(roles.AUDIT, "audit.view_auditevent")
roles.grant(roles.RISK, "audit.view_auditevent")
