"""What the pages of services have in common."""

from wekeza_portal.staff import switches


def off_notice() -> str:
    """What the bank says while services are switched off; empty while they are on."""
    row = switches.off_row(switches.SERVICES)
    return switches.notice_of(row) if row is not None else ""
