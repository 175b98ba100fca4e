"""What each role may do. The bank's four roles are Django groups; the code is the truth and fills them at `migrate`.

Apps say in their admin.py what a role may do with their tables: `grant("support", "accounts.view_account")`.
"""

from collections import defaultdict
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext_lazy as _

SUPPORT, RISK, OPERATIONS, AUDIT = "support", "risk", "operations", "audit"
ROLES: dict[str, Any] = {
    SUPPORT: _("Support"),
    RISK: _("Risk"),
    OPERATIONS: _("Operations"),
    AUDIT: _("Audit"),
}

_granted: dict[str, set[str]] = defaultdict(set)


def grant(role: str, *permissions: str) -> None:
    """Let a role do something; permissions as "app.codename". LookupError for a role the bank doesn't have."""
    if role not in ROLES:
        raise LookupError(f"no role {role!r}")
    _granted[role].update(permissions)


def grant_all(*permissions: str) -> None:
    """Let every role do something."""
    for role in ROLES:
        grant(role, *permissions)


def install(app_label: str, *, using: str = "default") -> None:
    """Make the groups hold exactly what was granted of one app's permissions. Safe to repeat."""
    wanted = {role: {p.partition(".")[2] for p in _granted[role] if p.startswith(f"{app_label}.")} for role in ROLES}
    permissions = Permission.objects.using(using).filter(content_type__app_label=app_label)
    by_codename = {permission.codename: permission for permission in permissions}
    missing = set().union(*wanted.values()) - set(by_codename)
    if missing and by_codename:
        raise LookupError(f"roles are granted permissions that {app_label} doesn't have: {sorted(missing)}")
    for role, codenames in wanted.items():
        group, _created = Group.objects.using(using).get_or_create(name=role)
        held = set(group.permissions.filter(content_type__app_label=app_label).values_list("codename", flat=True))
        group.permissions.add(*(by_codename[codename] for codename in codenames - held if codename in by_codename))
        group.permissions.remove(*(by_codename[codename] for codename in held - codenames))


def matrix() -> list[tuple[Permission, list[bool]]]:
    """Every permission that some role holds, and for each role whether it does: read from the tables, as they are."""
    held = {role: set(Permission.objects.filter(group__name=role).values_list("pk", flat=True)) for role in ROLES}
    some = set().union(*held.values())
    rows = Permission.objects.filter(pk__in=some).select_related("content_type")
    ordered = rows.order_by("content_type__app_label", "content_type__model", "codename")
    return [(permission, [permission.pk in held[role] for role in ROLES]) for permission in ordered]
