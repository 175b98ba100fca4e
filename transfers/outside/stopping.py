"""A rail that says that nothing will go through before people have looked: it is switched off, and staff see why.

A wrong password or a locked initiator refuses every payment. What was refused goes back as ever; what customers would
send next is stopped before it leaves their account. Only people switch it on again.
"""

import logging

from django.db import transaction

from transfers.outside.rails import TITLES
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.audit.services import record
from wekeza_portal.rails.base import Outcome
from wekeza_portal.staff import switches
from wekeza_portal.staff.models import PortalSwitch

logger = logging.getLogger(__name__)

NOTICE_EN = "%(rail)s is not available at the moment. We are working on it."
NOTICE_SW = "%(rail)s haipatikani kwa sasa. Tunalishughulikia."
NAMES_SW = {"BILLS": "Huduma ya kulipa bili", "CDSC": "Huduma ya malipo kwa madalali"}
NAMES_EN = {"BILLS": "Bill payment", "CDSC": "Payment to brokers"}


def stop(rail: str, outcome: Outcome) -> bool:
    """Switch the rail off, once. False when it is off already, or nobody knows a switch for it."""
    if rail not in TITLES or not switches.is_on(rail):
        return False
    with transaction.atomic():
        row, _made = PortalSwitch.objects.select_for_update().get_or_create(
            code=rail, defaults={"is_on": True, "since": clock.today(), "changed_at": clock.now()}
        )
        if not row.is_on:
            return False
        row.is_on, row.since, row.changed_at = False, clock.today(), clock.now()
        row.notice_en = NOTICE_EN % {"rail": NAMES_EN.get(rail, TITLES[rail])}
        row.notice_sw = NOTICE_SW % {"rail": NAMES_SW.get(rail, TITLES[rail])}
        row.save(update_fields=["is_on", "since", "changed_at", "notice_en", "notice_sw"])
        said = {"code": outcome.code, "reason": outcome.reason}
        record("rail.stopped", actor=system("rails"), subject=f"rail:{rail}", data=said)
    logger.critical("%s is switched off: it says %s %s", rail, outcome.code, outcome.reason)
    return True
