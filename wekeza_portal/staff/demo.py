"""Demo staff: two for each role, so that one can make and the other check. Never outside the demo bank."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.staff import people, roles, totp
from wekeza_portal.staff.models import StaffTotp

PASSWORD = "Nairobi-2026-demo"  # noqa: S105 - refused outside the demo: these staff exist nowhere else


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """Who to sign in as at /admin/."""

    code: str
    role: str


STAFF = tuple(
    DemoStaff(f"{prefix}{number:03}", role)
    for role, prefix in (
        (roles.SUPPORT, "SUPPORT"),
        (roles.RISK, "RISK"),
        (roles.OPERATIONS, "OPS"),
        (roles.AUDIT, "AUDIT"),
    )
    for number in (1, 2)
)


def seed(bank: Any) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    for person in STAFF:
        people.set_up(person.code, PASSWORD, [person.role], actor=system("demobank"))


def codes() -> list[dict[str, str]]:
    """The current code of each demo member of staff, as the demo phone shows it. Empty outside the demo."""
    if not settings.DEMO:
        return []
    names = [person.code for person in STAFF]
    devices = StaffTotp.objects.filter(user__username__in=names).select_related("user").order_by("user__username")
    return [
        {
            "to": device.user.get_username(),
            "channel": "APP",
            "body": totp.current_code(device) or "...",
            "sent_at": device.created_at.astimezone(clock.NAIROBI).isoformat(),
        }
        for device in devices
    ]
